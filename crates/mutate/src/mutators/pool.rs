//! Changes of the constant pool.

use crate::model::{Constant, DOUBLE, LONG, Model, UTF8};
use crate::mutators::change_byte;
use crate::random::Random;

/// Texts that mean something somewhere.
const TEXTS: &[&[u8]] = &[
    b"<init>",
    b"<clinit>",
    b"()V",
    b"(I)V",
    b"I",
    b"J",
    b"D",
    b"V",
    b"Ljava/lang/Object;",
    b"[I",
    b"[[J",
    b"[Ljava/lang/String;",
    b"java/lang/Object",
    b"java/lang/String",
    b"java/lang/Runnable",
    b"java/lang/Cloneable",
    b"java/lang/Enum",
    b"java/lang/Throwable",
    b"java/lang/invoke/MethodHandle",
    b"invokeExact",
    b"invoke",
    b"no/Such",
    b"a;b",
    b"a.b",
    b"a//b",
    b"",
    b"hashCode",
    b"()I",
    b"toString",
    b"()Ljava/lang/String;",
    b"clone",
    b"()Ljava/lang/Object;",
    b"finalize",
    b"\xc0\x80",
    b"a\x00",
    b"[[[[V",
    b"(",
    b"Q",
    b"L;",
    b"Code",
    b"StackMapTable",
    b"ConstantValue",
    b"BootstrapMethods",
    b"NestHost",
    b"NestMembers",
    b"PermittedSubclasses",
    b"Record",
    b"InnerClasses",
    b"Signature",
    b"Exceptions",
    b"Synthetic",
    b"LineNumberTable",
];

/// Indexes of the constants, but for those that are text.
fn structured(model: &Model) -> Vec<usize> {
    let is = |constant: &Option<Constant>| constant.as_ref().is_some_and(|c| c.tag != UTF8);
    (1..model.pool.len()).filter(|&index| is(&model.pool[index])).collect()
}

fn texts(model: &Model) -> Vec<u16> {
    model.indexes(UTF8)
}

/// Another tag, with data of another length where it has to be.
pub fn tag(model: &mut Model, random: &mut Random) -> bool {
    let Some(&at) = random.pick(&structured(model)) else { return false };
    let wide = |tag| matches!(tag, LONG | DOUBLE);
    let Some(constant) = model.pool[at].as_mut() else { return false };
    let same: &[u8] = match constant.data.len() {
        2 => &[7, 8, 16, 19, 20],
        4 => &[3, 4, 9, 10, 11, 12, 17, 18],
        8 => &[LONG, DOUBLE],
        _ => &[15],
    };
    let new = if random.chance(80) { *random.pick(same).unwrap_or(&7) } else { random.below(22) as u8 };
    if new == constant.tag || new == UTF8 || wide(new) != wide(constant.tag) {
        return false;
    }
    constant.tag = new;
    true
}

/// An index that one constant has to another.
pub fn index(model: &mut Model, random: &mut Random) -> bool {
    let refer: Vec<usize> = structured(model)
        .into_iter()
        .filter(|&at| !matches!(model.pool[at].as_ref().map(|c| c.tag), Some(3 | 4 | LONG | DOUBLE)))
        .collect();
    let Some(&at) = random.pick(&refer) else { return false };
    let any = random.below(model.pool.len() + 1) as u16;
    let old = model.pool[at].clone();
    let Some(mut constant) = old else { return false };
    if constant.tag == 15 && random.chance(50) {
        // The kind of a method handle.
        constant.data[0] = random.below(11) as u8;
    } else {
        let part = constant.data.len() - if constant.data.len() == 4 && random.chance(50) { 4 } else { 2 };
        let target = usize::from(u16::from_be_bytes([constant.data[part], constant.data[part + 1]]));
        let kind = model.pool.get(target).and_then(Option::as_ref).map_or(UTF8, |c| c.tag);
        let new =
            if random.chance(85) { random.pick(&model.indexes(kind)).copied().unwrap_or(any) } else { any };
        constant.data[part..part + 2].copy_from_slice(&new.to_be_bytes());
    }
    model.pool[at] = Some(constant);
    true
}

/// Bytes of a number.
pub fn number(model: &mut Model, random: &mut Random) -> bool {
    let numbers: Vec<u16> = [3, 4, LONG, DOUBLE].iter().flat_map(|&tag| model.indexes(tag)).collect();
    let Some(&at) = random.pick(&numbers) else { return false };
    model.pool[usize::from(at)].as_mut().is_some_and(|constant| change_byte(&mut constant.data, random))
}

/// A byte of a text, or one less or more.
pub fn text(model: &mut Model, random: &mut Random) -> bool {
    let Some(&at) = random.pick(&texts(model)) else { return false };
    let Some(Some(constant)) = model.pool.get_mut(usize::from(at)) else { return false };
    let data = &mut constant.data;
    let place = random.below(data.len() + 1);
    match random.below(5) {
        0 => data.insert(place, b"IJLV;[()/.<$a\x80\xc3"[random.below(15)]),
        1 if place < data.len() => drop(data.remove(place)),
        2 if place < data.len() => data[place] = b"IJDFZBCSLV;[()/.<"[random.below(17)],
        _ => return change_byte(data, random),
    }
    true
}

/// The text of another constant, or one with a meaning.
pub fn other_text(model: &mut Model, random: &mut Random) -> bool {
    let all = texts(model);
    let Some(&at) = random.pick(&all) else { return false };
    let new = if random.chance(50) {
        random.pick(&all).map(|&index| model.text(index).to_vec())
    } else {
        random.pick(TEXTS).map(|text| text.to_vec())
    };
    let (Some(new), Some(Some(constant))) = (new, model.pool.get_mut(usize::from(at))) else { return false };
    let changed = constant.data != new;
    constant.data = new;
    changed
}

/// Two constants of the same tag.
pub fn exchange(model: &mut Model, random: &mut Random) -> bool {
    let Some(&at) = random.pick(&structured(model)) else { return false };
    let Some(tag) = model.pool[at].as_ref().map(|c| c.tag) else { return false };
    let Some(&other) = random.pick(&model.indexes(tag)) else { return false };
    model.pool.swap(at, usize::from(other));
    at != usize::from(other)
}
