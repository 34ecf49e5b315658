//! Field layout: offsets of instance fields in objects and of static fields in the mirror.
//!
//! At each free byte the largest field that is aligned there comes next, so superclass gaps are filled and no
//! padding is left while a smaller field remains. References are placed together among the 4-byte fields.

use caturra_bytecode::descriptor::BasicType;
use caturra_heap::RefRun;

/// A field to place.
#[derive(Clone, Copy)]
pub struct ToPlace {
    pub ty: BasicType,
    pub contended: bool,
    /// Left out of the reference map (`Reference.referent`, `Reference.discovered`).
    pub weak: bool,
}

/// The result for instance fields.
pub struct Placed {
    /// Offsets in the order of the input.
    pub offsets: Vec<u32>,
    /// First byte free for a subclass.
    pub end: u32,
    /// Size of an instance.
    pub size: u32,
    /// Runs of reference fields of this class, ascending.
    pub runs: Vec<RefRun>,
}

/// Bytes kept free on both sides of what is `@Contended`: two cache lines, since lines are fetched in pairs.
const CONTENDED_PADDING: u32 = 128;

/// Size in bytes of a field of that type.
pub fn size_of(ty: BasicType) -> u32 {
    match ty {
        BasicType::Boolean | BasicType::Byte => 1,
        BasicType::Char | BasicType::Short => 2,
        BasicType::Int | BasicType::Float | BasicType::Reference => 4,
        BasicType::Long | BasicType::Double => 8,
        BasicType::Void => 0,
    }
}

/// Places `fields` from byte `start` on.
pub fn place(start: u32, fields: &[ToPlace], class_contended: bool) -> Placed {
    let mut offsets = vec![0; fields.len()];
    let mut cursor = if class_contended { start + CONTENDED_PADDING } else { start };
    // Buckets by size; references after the other 4-byte fields so that they form one run.
    let mut buckets: [Vec<usize>; 5] = Default::default();
    for (i, f) in fields.iter().enumerate().filter(|(_, f)| !f.contended) {
        let b = match (size_of(f.ty), f.ty) {
            (8, _) => 0,
            (4, BasicType::Reference) => 2,
            (4, _) => 1,
            (2, _) => 3,
            _ => 4,
        };
        buckets[b].push(i);
    }
    buckets.iter_mut().for_each(|b| b.reverse());
    while buckets.iter().any(|b| !b.is_empty()) {
        let next =
            buckets.iter_mut().find(|b| b.last().is_some_and(|i| cursor % size_of(fields[*i].ty) == 0));
        match next.and_then(Vec::pop) {
            Some(i) => {
                offsets[i] = cursor;
                cursor += size_of(fields[i].ty);
            }
            None => cursor += 1,
        }
    }
    for (i, f) in fields.iter().enumerate().filter(|(_, f)| f.contended) {
        cursor = (cursor + CONTENDED_PADDING).next_multiple_of(8);
        offsets[i] = cursor;
        cursor += size_of(f.ty);
    }
    if class_contended || fields.iter().any(|f| f.contended) {
        cursor += CONTENDED_PADDING;
    }
    let mut refs: Vec<u32> = fields
        .iter()
        .zip(&offsets)
        .filter(|(f, _)| f.ty == BasicType::Reference && !f.weak)
        .map(|(_, o)| *o)
        .collect();
    refs.sort_unstable();
    let mut runs: Vec<RefRun> = Vec::new();
    for o in refs {
        match runs.last_mut() {
            Some(r) if r.offset + 4 * r.count == o => r.count += 1,
            _ => runs.push(RefRun { offset: o, count: 1 }),
        }
    }
    Placed { offsets, end: cursor, size: cursor.next_multiple_of(8), runs }
}

/// Places static fields in a mirror from byte `start` on: references first. Returns offsets and the end.
pub fn place_statics(start: u32, types: &[BasicType]) -> (Vec<u32>, u32) {
    let mut offsets = vec![0; types.len()];
    let mut cursor = start;
    let order = |ty: BasicType| match ty {
        BasicType::Reference => 0,
        BasicType::Long | BasicType::Double => 1,
        BasicType::Int | BasicType::Float => 2,
        BasicType::Char | BasicType::Short => 3,
        _ => 4,
    };
    for class in 0..5 {
        for (i, ty) in types.iter().enumerate().filter(|(_, ty)| order(**ty) == class) {
            cursor = cursor.next_multiple_of(size_of(*ty));
            offsets[i] = cursor;
            cursor += size_of(*ty);
        }
    }
    (offsets, cursor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use BasicType::*;

    fn plain(types: &[BasicType]) -> Vec<ToPlace> {
        types.iter().map(|ty| ToPlace { ty: *ty, contended: false, weak: false }).collect()
    }

    #[test]
    fn gaps_of_the_superclass_are_filled() {
        // A superclass that ends at 12: the int goes into the gap, the long after it.
        let p = place(12, &plain(&[Long, Int, Byte]), false);
        assert_eq!(p.offsets, [16, 12, 24]);
        assert_eq!((p.end, p.size), (25, 32));
        // And a byte fits at 25 in a subclass.
        assert_eq!(place(p.end, &plain(&[Byte]), false).offsets, [25]);
    }

    #[test]
    fn references_form_runs() {
        let p = place(8, &plain(&[Reference, Int, Reference, Long]), false);
        assert_eq!(p.offsets, [20, 16, 24, 8]);
        assert_eq!(p.runs.len(), 1);
        assert_eq!((p.runs[0].offset, p.runs[0].count), (20, 2));
    }

    #[test]
    fn statics_begin_with_references() {
        let (o, end) = place_statics(100, &[Int, Reference, Long, Reference, Boolean]);
        assert_eq!(o, [120, 100, 112, 104, 124]);
        assert_eq!(end, 125);
    }
}
