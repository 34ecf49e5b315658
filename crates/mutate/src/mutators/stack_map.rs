//! Changes of `StackMapTable` (JVMS §4.7.4).

use crate::model::{Attribute, Body, Model};
use crate::mutators::change_byte;
use crate::random::Random;

const NAME: &[u8] = b"StackMapTable";

/// The stack maps: method and attribute of its code.
fn pick<'m>(model: &'m mut Model, random: &mut Random) -> Option<&'m mut Vec<u8>> {
    let names: Vec<u16> = (0..model.pool.len() as u16).filter(|&index| model.text(index) == NAME).collect();
    let codes = model.codes();
    let mut maps: Vec<&mut Vec<u8>> = codes
        .into_iter()
        .flat_map(|code| &mut code.attributes)
        .filter(|attribute| names.contains(&attribute.name))
        .filter_map(|attribute| match &mut attribute.body {
            Body::Raw(bytes) => Some(bytes),
            Body::Code(_) => None,
        })
        .collect();
    let at = random.index(&maps)?;
    Some(maps.swap_remove(at))
}

/// Any byte of it.
pub fn byte(model: &mut Model, random: &mut Random) -> bool {
    pick(model, random).is_some_and(|map| change_byte(map, random))
}

fn type_end(map: &[u8], at: usize) -> Option<usize> {
    Some(at + if matches!(map.get(at)?, 7 | 8) { 3 } else { 1 })
}

/// Where the frames start, and the end of the last.
fn bounds(map: &[u8]) -> Option<Vec<usize>> {
    let word = |at: usize| Some(u16::from_be_bytes([*map.get(at)?, *map.get(at + 1)?]));
    let mut at = 2;
    let mut bounds = vec![at];
    for _ in 0..word(0)? {
        let kind = *map.get(at)?;
        at += 1;
        let types = |mut at: usize, count: u16| {
            for _ in 0..count {
                at = type_end(map, at)?;
            }
            Some(at)
        };
        at = match kind {
            0..=63 => at,
            64..=127 => type_end(map, at)?,
            247 => type_end(map, at + 2)?,
            248..=251 => at + 2,
            252..=254 => types(at + 2, u16::from(kind) - 251)?,
            255 => {
                let stack = types(at + 4, word(at + 2)?)?;
                types(stack + 2, word(stack)?)?
            }
            _ => return None,
        };
        bounds.push(at);
    }
    Some(bounds)
}

/// A frame left out or doubled.
pub fn frames(model: &mut Model, random: &mut Random) -> bool {
    let Some(map) = pick(model, random) else { return false };
    let Some(bounds) = bounds(map).filter(|bounds| bounds.len() > 1) else { return false };
    let at = random.below(bounds.len() - 1);
    let range = bounds[at]..bounds[at + 1].min(map.len());
    let count = bounds.len() as u16 - 1;
    let count = if random.chance(50) {
        map.drain(range);
        count - 1
    } else {
        let copied = map[range.clone()].to_vec();
        map.splice(range.start..range.start, copied);
        count + 1
    };
    map[..2].copy_from_slice(&count.to_be_bytes());
    true
}

/// The attribute left out, doubled, emptied, or put where there was none.
pub fn attribute(model: &mut Model, random: &mut Random) -> bool {
    let Some(name) = (0..model.pool.len() as u16).find(|&index| model.text(index) == NAME) else {
        return false;
    };
    let mut codes = model.codes();
    let Some(at) = random.index(&codes) else { return false };
    let attributes = &mut codes[at].attributes;
    let found = attributes.iter().position(|attribute| attribute.name == name);
    match (found, random.below(3)) {
        (Some(at), 0) => drop(attributes.remove(at)),
        (Some(at), 1) => attributes.push(attributes[at].clone()),
        (Some(at), _) => attributes[at].body = Body::Raw(Vec::new()),
        (None, kind) => {
            let body = Body::Raw([&[0, 0][..], &[0, 1, 0], &[0, 1, 64, 1]][kind].to_vec());
            attributes.push(Attribute { name, body });
        }
    }
    true
}
