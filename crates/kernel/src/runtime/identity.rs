//! Identity hashes (`System.identityHashCode`): where their numbers come from.
//!
//! The reference JDK starts with objects that it has archived at its build: the mirrors of the classes in
//! `lib/classlist`, modules, loaders. These have their hashes, and what its first thread hashes later gets the same
//! numbers in every run. Programs show that: a `HashMap` with enum constants as keys, whose hash is their identity,
//! is iterated in the same order each time. So the numbers of a thread's sequence are given out here for the same
//! objects in the same order: none for what is archived there, one for the mirror of each class that is linked.

use crate::loading::mirrors;
use crate::oops::class::{ClassKind, ClassRef};
use crate::runtime::lock_word::HASH_MASK;
use crate::runtime::monitor;
use crate::runtime::thread::Thread;
use crate::runtime::vm::{Phase, Vm};
use caturra_heap::ObjRef;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;

/// State of a sequence: Marsaglia's xorshift of 128 bits.
pub type Sequence = [u32; 4];

/// The sequence that belongs to a seed.
pub const fn sequence(seed: u32) -> Sequence {
    [seed, 842_502_087, 0x8767, 273_326_509]
}

/// The seed after `seed`, of the next thread: Park's and Miller's generator.
pub fn next_seed(seed: u32) -> u32 {
    (u64::from(seed) * 16_807 % 0x7fff_ffff) as u32
}

/// What comes before the first thread's seed.
pub const FIRST_SEED: u32 = 1_234_567;

type Names = HashSet<u64, BuildHasherDefault<DefaultHasher>>;

/// What a VM keeps for hashes.
pub struct IdentityHashes {
    /// The sequence of objects that the reference JDK has archived.
    archived: Mutex<Sequence>,
    /// Hashes of the names of archived classes.
    names: OnceLock<Names>,
}

impl Default for IdentityHashes {
    fn default() -> IdentityHashes {
        IdentityHashes { archived: Mutex::new(sequence(FIRST_SEED)), names: OnceLock::new() }
    }
}

impl IdentityHashes {
    fn has_archived(&self, vm: &Vm, name: &[u8]) -> bool {
        let names = self.names.get_or_init(|| {
            let mut names = Names::default();
            let list = std::fs::read(format!("{}/lib/classlist", vm.options.java_home)).unwrap_or_default();
            for line in list.split(|b| *b == b'\n').filter(|l| !l.starts_with(b"#")) {
                let words = if line.starts_with(LAMBDA_LINE) { 2 } else { 1 };
                let end = line.iter().enumerate().filter(|(_, b)| **b == b' ').nth(words - 1);
                names.insert(names.hasher().hash_one(&line[..end.map_or(line.len(), |(at, _)| at)]));
            }
            names
        });
        names.contains(&names.hasher().hash_one(name))
    }
}

/// Begins a line of the list for a lambda expression, before its class.
const LAMBDA_LINE: &[u8] = b"@lambda-proxy ";
/// Stands in the names of hidden classes that implement lambda expressions.
const LAMBDA: &[u8] = b"$$Lambda$";

fn advance(state: &mut Sequence) -> u32 {
    loop {
        let [x, y, z, w] = *state;
        let x = x ^ x << 11;
        let next = w ^ w >> 19 ^ x ^ x >> 8;
        *state = [y, z, w, next];
        let hash = next & HASH_MASK;
        if hash != 0 {
            return hash;
        }
    }
}

/// A hash for `object`, 1 to [`HASH_MASK`].
pub fn next(t: &Thread, object: ObjRef) -> u32 {
    if is_archived_object(t.vm(), object) {
        return advance(&mut t.vm().identity.archived.lock());
    }
    let mut state = t.hash_state.get();
    let hash = advance(&mut state);
    t.hash_state.set(state);
    hash
}

fn is_archived_object(vm: &Vm, object: ObjRef) -> bool {
    if vm.phase() == Phase::Start {
        return true;
    }
    // SAFETY: the caller holds the object.
    let class = unsafe { ClassRef::of(object) };
    if class == vm.wk.class() {
        boots_modules(vm) || is_archived(vm, mirrors::class_of_mirror(vm, object))
    } else {
        vm.phase() < Phase::Live && is_of_module_graph(vm, class)
    }
}

/// Whether `initPhase2` runs, which finds its result in the archive there.
fn boots_modules(vm: &Vm) -> bool {
    vm.phase() == Phase::Phase1
}

/// Whether what the boot makes of the class comes from the archive there: modules, their layers, and loaders.
fn is_of_module_graph(vm: &Vm, class: ClassRef) -> bool {
    class == vm.wk.module()
        || class.is_subclass_of(vm.wk.class_loader())
        || class.name == "java/lang/module/Configuration"
}

/// Whether the class is in the reference JDK's archive.
fn is_archived(vm: &Vm, class: ClassRef) -> bool {
    match class.kind {
        // Lambda expressions have lines of their own, which name the class that has them.
        ClassKind::Instance if class.is_hidden() => {
            let name = class.name.bytes();
            let end = name.windows(LAMBDA.len()).position(|w| w == LAMBDA);
            end.is_some_and(|end| vm.identity.has_archived(vm, &[LAMBDA_LINE, &name[..end]].concat()))
        }
        ClassKind::Instance => class.loader.is_boot() && vm.identity.has_archived(vm, class.name.bytes()),
        _ => class.component.is_none_or(|element| is_archived(vm, element)),
    }
}

/// Gives the mirror of a class that is about to be verified its hash, and its protection domain.
pub fn class_linked(t: &Thread, class: ClassRef) {
    let vm = t.vm();
    if vm.phase() == Phase::Start || boots_modules(vm) || is_archived(vm, class) {
        return;
    }
    let mirror = class.mirror();
    monitor::identity_hash(t, mirror);
    // SAFETY: a live mirror of this VM.
    let domain = unsafe { mirror.load_ref(vm.off.class_protection_domain() as usize) };
    if !domain.is_null() {
        monitor::identity_hash(t, domain);
    }
}
