//! Changes of attributes, members, flags, hierarchy and version.

use crate::model::{Attribute, Body, CLASS, Member, Model, UTF8};
use crate::mutators::{change_byte, rearrange};
use crate::random::Random;

/// One of the attribute lists of a class file, those of code included.
fn lists(model: &mut Model) -> Vec<&mut Vec<Attribute>> {
    let mut lists = vec![&mut model.attributes];
    for member in model.fields.iter_mut().chain(&mut model.methods) {
        // A method's list with its code cannot be lent together with that of the code.
        let code = member.attributes.iter().position(|attribute| matches!(attribute.body, Body::Code(_)));
        match code {
            Some(at) if member.attributes.len() == 1 => {
                if let Body::Code(code) = &mut member.attributes[at].body {
                    lists.push(&mut code.attributes);
                }
            }
            _ => lists.push(&mut member.attributes),
        }
    }
    lists.retain(|list| !list.is_empty());
    lists
}

fn pick<'m>(model: &'m mut Model, random: &mut Random) -> Option<&'m mut Vec<Attribute>> {
    let mut lists = lists(model);
    // Those of the class itself are the most interesting.
    let at = if random.chance(35) { 0 } else { random.index(&lists)? };
    (at < lists.len()).then(|| lists.swap_remove(at))
}

/// A byte of an attribute, one less or one more.
pub fn attribute_byte(model: &mut Model, random: &mut Random) -> bool {
    let Some(list) = pick(model, random) else { return false };
    let Some(at) = random.index(list) else { return false };
    let Body::Raw(bytes) = &mut list[at].body else { return false };
    match random.below(10) {
        0 => bytes.push(random.below(3) as u8),
        1 => return bytes.pop().is_some(),
        _ => return change_byte(bytes, random),
    }
    true
}

/// An attribute left out, doubled, exchanged, or moved to where it does not belong.
pub fn attributes(model: &mut Model, random: &mut Random) -> bool {
    if random.chance(25) {
        let Some(moved) = pick(model, random).and_then(|list| random.pick(list).cloned()) else {
            return false;
        };
        let target: &mut Vec<Attribute> = match random.below(3) {
            0 => &mut model.attributes,
            1 => match random.index(&model.fields) {
                Some(at) => &mut model.fields[at].attributes,
                None => return false,
            },
            _ => match random.index(&model.methods) {
                Some(at) => &mut model.methods[at].attributes,
                None => return false,
            },
        };
        target.push(moved);
        return true;
    }
    pick(model, random).is_some_and(|list| rearrange(list, random))
}

/// Another name for an attribute.
pub fn attribute_name(model: &mut Model, random: &mut Random) -> bool {
    let names: Vec<u16> = model
        .indexes(UTF8)
        .into_iter()
        .filter(|&index| model.text(index).first().is_some_and(u8::is_ascii_uppercase))
        .collect();
    let new = if random.chance(80) {
        random.pick(&names).copied().unwrap_or(1)
    } else {
        random.below(model.pool.len()) as u16
    };
    let Some(list) = pick(model, random) else { return false };
    let Some(at) = random.index(list) else { return false };
    let changed = list[at].name != new;
    list[at].name = new;
    changed
}

/// A flag of the class.
pub fn class_flags(model: &mut Model, random: &mut Random) -> bool {
    model.flags ^= 1 << random.below(16);
    true
}

fn pick_member<'m>(model: &'m mut Model, random: &mut Random) -> Option<&'m mut Member> {
    let members = if random.chance(70) { &mut model.methods } else { &mut model.fields };
    let at = random.index(members)?;
    members.get_mut(at)
}

/// A flag of a field or method, or its accessibility.
pub fn member_flags(model: &mut Model, random: &mut Random) -> bool {
    let Some(member) = pick_member(model, random) else { return false };
    if random.chance(30) {
        member.flags = member.flags & !7 | [0, 1, 2, 4, 3][random.below(5)];
    } else {
        member.flags ^= 1 << random.below(13);
    }
    true
}

/// A field or method left out, doubled, or exchanged with another.
pub fn members(model: &mut Model, random: &mut Random) -> bool {
    if random.chance(70) {
        rearrange(&mut model.methods, random)
    } else {
        rearrange(&mut model.fields, random)
    }
}

/// The name or descriptor of another, or any text.
pub fn member_names(model: &mut Model, random: &mut Random) -> bool {
    let all = model.indexes(UTF8);
    let others: Vec<(u16, u16)> =
        model.fields.iter().chain(&model.methods).map(|member| (member.name, member.descriptor)).collect();
    let Some(&other) = random.pick(&others) else { return false };
    let any = random.pick(&all).copied().unwrap_or(1);
    let Some(member) = pick_member(model, random) else { return false };
    let old = (member.name, member.descriptor);
    match random.below(4) {
        0 => member.name = other.0,
        1 => member.descriptor = other.1,
        2 => member.name = any,
        _ => member.descriptor = any,
    }
    old != (member.name, member.descriptor)
}

/// A class of the pool, or one whose place in the hierarchy is special.
fn some_class(model: &mut Model, random: &mut Random) -> u16 {
    const SPECIAL: &[&[u8]] = &[
        b"java/lang/Object",
        b"java/lang/String",
        b"java/lang/Enum",
        b"java/lang/Record",
        b"java/lang/Runnable",
        b"java/lang/Cloneable",
        b"java/util/List",
        b"java/lang/Thread",
        b"java/lang/Throwable",
        b"no/Such",
        b"[I",
        b"[Ljava/lang/Object;",
        b"sun/misc/Unsafe",
        b"jdk/internal/misc/Unsafe",
        b"java/lang/ref/Reference",
        b"java/lang/invoke/MethodHandle",
        b"jdk/internal/reflect/MagicAccessorImpl",
        b"java/util/AbstractList",
    ];
    if random.chance(60) {
        return random.pick(&model.indexes(CLASS)).copied().unwrap_or(0);
    }
    let Some(name) = random.pick(SPECIAL) else { return 0 };
    let text = model.add(UTF8, name.to_vec());
    model.add(CLASS, text.to_be_bytes().to_vec())
}

/// Another superclass, or none.
pub fn super_class(model: &mut Model, random: &mut Random) -> bool {
    let old = model.super_class;
    model.super_class = match random.below(12) {
        0 => 0,
        1 => model.this,
        2 => random.below(model.pool.len()) as u16,
        _ => some_class(model, random),
    };
    old != model.super_class
}

/// An interface more, less, or of another kind.
pub fn interfaces(model: &mut Model, random: &mut Random) -> bool {
    if random.chance(60) {
        let new = some_class(model, random);
        model.interfaces.push(new);
        return true;
    }
    rearrange(&mut model.interfaces, random)
}

/// Another name for the class.
pub fn this(model: &mut Model, random: &mut Random) -> bool {
    let old = model.this;
    model.this =
        if random.chance(70) { some_class(model, random) } else { random.below(model.pool.len()) as u16 };
    old != model.this
}

/// Another version: other rules hold before 50 and 51, and nothing is known beyond the newest.
pub fn version(model: &mut Model, random: &mut Random) -> bool {
    let old = (model.major, model.minor);
    model.major = match random.below(8) {
        0 => 44 + random.below(2) as u16,
        1 => 61 + random.below(3) as u16,
        2 | 3 => 50,
        _ => 45 + random.below(17) as u16,
    };
    if random.chance(10) {
        model.minor = [1, 3, u16::MAX][random.below(3)];
    }
    old != (model.major, model.minor)
}
