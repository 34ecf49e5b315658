//! Profiles: what tier 1 code counts for tier 2. One a method, in the arena of its loader, made when the method is
//! compiled; its cells are at fixed addresses, which the code has as immediates.

use caturra_bytecode::{Instructions, Opcode};
use caturra_kernel::{ClassRef, MethodRef};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is counted at a bytecode.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum SiteKind {
    /// A conditional branch: not taken, taken.
    Branch,
    /// An invoke: how often. `Types` of the same bytecode follow (see `x86_64::count_class`).
    Call,
    /// Classes of receivers, and of what casts and type tests look at: see [`TYPE_ROWS`].
    Types,
    /// An exception handler: how often it was entered.
    Handler,
}

/// Classes that a site of kind `Types` tells apart. Its cells are pairs of class id and count, then the count of all
/// others, then whether null was seen.
pub const TYPE_ROWS: usize = 2;
const CELLS: usize = 2 * TYPE_ROWS + 2;
/// Index of the count of classes without a row.
pub const OTHERS: usize = 2 * TYPE_ROWS;
/// Index of the mark for null.
pub const NULL_SEEN: usize = OTHERS + 1;

/// The counters of one bytecode.
#[repr(C)]
pub struct Site {
    pub bci: u16,
    pub kind: SiteKind,
    pub cells: [AtomicU32; CELLS],
}

/// The profile of a method.
#[repr(C)]
pub struct Profile {
    /// Calls of tier 1 code.
    pub entries: AtomicU32,
    /// Loop iterations in tier 1 code.
    pub loops: AtomicU32,
    /// `entries` when the policy looked at a loop last.
    pub entries_seen: AtomicU32,
    /// Sorted by bytecode index and kind.
    pub sites: &'static [Site],
}

/// Classes of the objects met at a place.
pub struct TypesSeen {
    /// Class ids with counts.
    pub rows: Vec<(u32, u32)>,
    /// Objects of other classes.
    pub others: u32,
    pub null: bool,
}

impl Profile {
    /// The profile of a bytecode method, if it has one.
    pub fn of(method: MethodRef) -> Option<&'static Profile> {
        if method.bytecode.is_empty() {
            return None;
        }
        // SAFETY: null, or made by `ensure`; the arena lives as long as the method.
        unsafe { method.profile.load(Ordering::Acquire).cast::<Profile>().as_ref() }
    }

    /// The profile, made if there is none; `None` when metaspace is full.
    pub fn ensure(method: MethodRef) -> Option<&'static Profile> {
        if let Some(p) = Profile::of(method) {
            return Some(p);
        }
        let arena = method.holder.loader.arena();
        let places = places(method);
        let sites: &'static [Site] = arena
            .alloc_slice(places.len(), |i| Site {
                bci: places[i].0,
                kind: places[i].1,
                cells: [const { AtomicU32::new(0) }; CELLS],
            })
            .ok()?;
        let profile = arena
            .alloc(Profile {
                entries: AtomicU32::new(0),
                loops: AtomicU32::new(0),
                entries_seen: AtomicU32::new(0),
                sites,
            })
            .ok()?;
        let raw = profile.as_ptr().cast::<u8>();
        // Another compile thread may have been first.
        let _ = method.profile.compare_exchange(null_mut(), raw, Ordering::AcqRel, Ordering::Acquire);
        Profile::of(method)
    }

    /// The counters of a kind at a bytecode.
    pub fn site(&self, bci: u32, kind: SiteKind) -> Option<&'static Site> {
        let key = (u16::try_from(bci).ok()?, kind);
        let i = self.sites.binary_search_by(|s| (s.bci, s.kind).cmp(&key)).ok()?;
        Some(&self.sites[i])
    }

    /// (taken, not taken) of a branch.
    pub fn branch(&self, bci: u32) -> Option<(u32, u32)> {
        let site = self.site(bci, SiteKind::Branch)?;
        Some((site.get(1), site.get(0)))
    }

    /// How often a call or handler was executed.
    pub fn count(&self, bci: u32, kind: SiteKind) -> Option<u32> {
        Some(self.site(bci, kind)?.get(0))
    }

    /// What a site of kind `Types` has seen; `None` where that is nothing.
    pub fn types(&self, bci: u32) -> Option<TypesSeen> {
        let site = self.site(bci, SiteKind::Types)?;
        let rows: Vec<(u32, u32)> = (0..TYPE_ROWS)
            .map(|i| (site.get(2 * i), site.get(2 * i + 1)))
            .filter(|r| r.0 != 0 && r.1 != 0)
            .collect();
        let (others, null) = (site.get(OTHERS), site.get(NULL_SEEN) != 0);
        (!rows.is_empty() || others != 0 || null).then_some(TypesSeen { rows, others, null })
    }

    /// Forgets classes that are being unloaded.
    pub fn purge(&self, is_dead: &dyn Fn(ClassRef) -> bool) {
        for site in self.sites.iter().filter(|s| s.kind == SiteKind::Types) {
            for i in 0..TYPE_ROWS {
                let id = site.get(2 * i);
                // SAFETY: the metadata of dead classes is still there, and ids of others are of loaded ones.
                if id != 0 && is_dead(unsafe { ClassRef::from_raw(u64::from(id)) }) {
                    site.cells[2 * i].store(0, Ordering::Relaxed);
                    site.cells[2 * i + 1].store(0, Ordering::Relaxed);
                }
            }
        }
    }
}

impl Site {
    fn get(&self, i: usize) -> u32 {
        self.cells[i].load(Ordering::Relaxed)
    }

    /// Counts a class that is in none of the rows: takes a free row, or counts it among the others.
    pub fn count_class(cells: &[AtomicU32; CELLS], class: u32) {
        for i in 0..TYPE_ROWS {
            let row = &cells[2 * i];
            match row.compare_exchange(0, class, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => {
                    cells[2 * i + 1].store(1, Ordering::Relaxed);
                    return;
                }
                Err(known) if known == class => {
                    cells[2 * i + 1].fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(_) => {}
            }
        }
        cells[OTHERS].fetch_add(1, Ordering::Relaxed);
    }
}

/// Where a method counts what, sorted.
fn places(method: MethodRef) -> Vec<(u16, SiteKind)> {
    use Opcode::*;
    let mut places = Vec::new();
    for i in Instructions::new(method.bytecode).map_while(Result::ok) {
        let bci = i.pc as u16;
        match i.opcode {
            Ifeq | Ifne | Iflt | Ifge | Ifgt | Ifle | IfIcmpeq | IfIcmpne | IfIcmplt | IfIcmpge
            | IfIcmpgt | IfIcmple | IfAcmpeq | IfAcmpne | Ifnull | Ifnonnull => {
                places.push((bci, SiteKind::Branch))
            }
            Invokestatic | Invokespecial | Invokedynamic => places.push((bci, SiteKind::Call)),
            Invokevirtual | Invokeinterface => places.extend([(bci, SiteKind::Call), (bci, SiteKind::Types)]),
            Checkcast | Instanceof => places.push((bci, SiteKind::Types)),
            _ => {}
        }
    }
    places.extend(method.exception_table.iter().map(|r| (r.handler, SiteKind::Handler)));
    places.sort_unstable();
    places.dedup();
    places
}
