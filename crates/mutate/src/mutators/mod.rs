//! The mutations, by the part of the class file that they change.

mod code;
mod pool;
mod stack_map;
mod structure;

use crate::model::Model;
use crate::random::Random;

/// A kind of mutation; `false` where it does not apply to a class.
type Mutator = fn(&mut Model, &mut Random) -> bool;

/// Kinds with their weights.
const MUTATORS: &[(&str, usize, Mutator)] = &[
    ("code: opcode", 6, code::opcode),
    ("code: opcode of the same shape", 10, code::same_shape),
    ("code: operand", 7, code::operand),
    ("code: constant", 8, code::constant),
    ("code: instruction copied", 4, code::copy),
    ("code: instruction left out", 3, code::leave_out),
    ("code: raw byte", 3, code::byte),
    ("code: sizes", 4, code::sizes),
    ("code: handlers", 5, code::handlers),
    ("code: cut or grown", 2, code::length),
    ("code: of another method", 2, code::exchange),
    ("frames: byte", 8, stack_map::byte),
    ("frames: left out or doubled", 3, stack_map::frames),
    ("frames: attribute", 3, stack_map::attribute),
    ("pool: tag", 4, pool::tag),
    ("pool: index", 7, pool::index),
    ("pool: number", 3, pool::number),
    ("pool: text", 6, pool::text),
    ("pool: text of another", 5, pool::other_text),
    ("pool: exchanged", 2, pool::exchange),
    ("attribute: byte", 6, structure::attribute_byte),
    ("attribute: left out, doubled or moved", 6, structure::attributes),
    ("attribute: renamed", 3, structure::attribute_name),
    ("flags of the class", 4, structure::class_flags),
    ("flags of a member", 8, structure::member_flags),
    ("member: left out or doubled", 4, structure::members),
    ("member: name or descriptor", 5, structure::member_names),
    ("hierarchy: superclass", 5, structure::super_class),
    ("hierarchy: interfaces", 5, structure::interfaces),
    ("hierarchy: this", 1, structure::this),
    ("version", 5, structure::version),
];

/// Changes one or two things; the kinds that were chosen.
pub fn mutate(model: &mut Model, random: &mut Random) -> Vec<&'static str> {
    let total: usize = MUTATORS.iter().map(|(_, weight, _)| weight).sum();
    let wanted = if random.chance(25) { 2 } else { 1 };
    let mut names = Vec::new();
    for _ in 0..20 {
        let mut at = random.below(total);
        let chosen = MUTATORS.iter().find(|(_, weight, _)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        });
        if let Some((name, _, mutator)) = chosen
            && mutator(model, random)
        {
            names.push(*name);
            if names.len() == wanted {
                break;
            }
        }
    }
    names
}

/// Changes the bytes of a class file: their number, or any of them.
pub fn mutate_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(6) {
        0 => bytes.truncate(random.below(bytes.len())),
        1 => bytes.extend((0..=random.below(4)).map(|n| n as u8)),
        _ => {
            for _ in 0..1 + random.below(3) {
                let at = random.below(bytes.len());
                bytes[at] = random.below(256) as u8;
            }
        }
    }
}

/// Changes a byte; `false` where there is none.
fn change_byte(bytes: &mut [u8], random: &mut Random) -> bool {
    let Some(at) = random.index(bytes) else { return false };
    bytes[at] = match random.below(4) {
        0 => random.below(12) as u8,
        1 => random.below(256) as u8,
        2 => bytes[at].wrapping_add(1),
        _ => bytes[at].wrapping_sub(1),
    };
    true
}

/// Leaves an item out, doubles one, or exchanges two.
fn rearrange<T: Clone>(items: &mut Vec<T>, random: &mut Random) -> bool {
    let Some(at) = random.index(items) else { return false };
    match random.below(3) {
        0 => drop(items.remove(at)),
        1 => items.insert(at, items[at].clone()),
        _ => {
            let other = random.below(items.len());
            items.swap(at, other);
        }
    }
    true
}
