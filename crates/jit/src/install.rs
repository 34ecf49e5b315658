//! Code to methods: installation, the entries of methods, and the end of code with its class.

use crate::code_cache::Block;
use crate::compiler::Code;
use crate::nmethod::{CallSite, NMethod, Parts};
use crate::x86_64::{DIRECT_ENTRY_SIZE, direct_entry};
use crate::{Jit, Rejected};
use caturra_kernel::{ClassRef, MethodRef, Vm};
use std::collections::HashMap;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

/// Pieces of code that name a method and go to the interpreter, for calls of known methods.
#[derive(Default)]
pub struct DirectEntries {
    /// Places in the cache that can take an entry.
    free: Vec<(Block, usize)>,
    in_use: HashMap<u64, (Block, usize)>,
}

/// Direct entries are made room for by this many.
const ENTRIES_AT_ONCE: usize = 64;

/// All compiled methods.
#[derive(Default)]
pub struct Installed {
    all: Vec<Owned>,
    /// Code entered at loop headers: (method, bytecode index).
    osr: HashMap<(u64, u32), usize>,
}

/// A compiled method that the cache's table points to; freed with its class.
struct Owned(*mut NMethod);

// SAFETY: an `NMethod` is shared by all threads; the box behind the pointer belongs to this one.
unsafe impl Send for Owned {}

impl Owned {
    fn get(&self) -> &NMethod {
        // SAFETY: made by `Box::into_raw`, freed only when it is taken off the list.
        unsafe { &*self.0 }
    }
}

impl Jit {
    /// Makes sure that `from_compiled_direct` of a method leads somewhere.
    pub fn ensure_direct_entry(&self, method: MethodRef) -> Result<(), Rejected> {
        let cell = &method.from_compiled_direct;
        if !cell.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        let mut entries = self.entries.lock();
        if !cell.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        if entries.free.is_empty() {
            let block =
                self.cache.allocate(ENTRIES_AT_ONCE * DIRECT_ENTRY_SIZE).ok_or(Rejected::CacheFull)?;
            entries.free.extend((0..ENTRIES_AT_ONCE).rev().map(|i| (block, i * DIRECT_ENTRY_SIZE)));
        }
        let Some((block, at)) = entries.free.pop() else { return Err(Rejected::CacheFull) };
        let address = self.cache.address(block) + at;
        self.cache.write_at(block, at, &direct_entry(method.as_raw(), address, self.to_interpreter));
        entries.in_use.insert(method.as_raw(), (block, at));
        // A compilation that ends now stores its code, which must not be undone.
        let _ = cell.compare_exchange(null_mut(), address as *mut u8, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    /// Copies code into the cache and makes its method use it. Gives its address.
    pub fn install(&self, code: &Code, parts: Parts) -> Result<usize, Rejected> {
        let method = parts.method;
        let osr_bci = parts.osr_bci;
        let from_slots = if osr_bci.is_none() { self.from_slots(method)? } else { 0 };
        let block = self.cache.allocate(code.bytes.len()).ok_or(Rejected::CacheFull)?;
        code.install(self, block);
        let start = self.cache.address(block);
        let parts = Parts {
            sites: code.sites.iter().map(|&(offset, place)| CallSite { offset, place }).collect(),
            ..parts
        };
        let nmethod = Box::into_raw(Box::new(NMethod::new(parts, block, start, code.bytes.len())));
        self.cache.set_owner(block, nmethod);
        let mut installed = self.installed.lock();
        installed.all.push(Owned(nmethod));
        match osr_bci {
            Some(bci) => {
                installed.osr.insert((method.as_raw(), bci), start);
            }
            None => {
                // The stub before the code: whoever sees the code uses the stub.
                method.from_slots.store(from_slots as *mut u8, Ordering::Release);
                method.compiled.store(start as *mut u8, Ordering::Release);
                method.from_compiled.store(start as *mut u8, Ordering::Release);
                method.from_compiled_direct.store(start as *mut u8, Ordering::Release);
            }
        }
        Ok(start)
    }

    /// Code that goes on at a loop header, 0 when there is none.
    pub fn osr_code(&self, method: MethodRef, bci: u32) -> usize {
        self.installed.lock().osr.get(&(method.as_raw(), bci)).copied().unwrap_or(0)
    }

    /// Calls `visit` with every compiled method.
    pub fn for_each_method(&self, mut visit: impl FnMut(&NMethod)) {
        self.installed.lock().all.iter().for_each(|n| visit(n.get()));
    }
}

/// Frees what belongs to classes that are being unloaded. The world is stopped: no frame runs such code, since frames
/// keep their classes.
pub fn unloading(vm: &Vm, is_dead: &dyn Fn(ClassRef) -> bool) {
    let jit = Jit::of(vm);
    let _compilations = jit.metadata.write();
    jit.queue.purge(is_dead);
    // SAFETY: the metadata of dead classes is still there.
    let dead_method = |raw: u64| is_dead(unsafe { MethodRef::from_raw(raw) }.holder);
    let mut entries = jit.entries.lock();
    let gone: Vec<u64> = entries.in_use.keys().copied().filter(|m| dead_method(*m)).collect();
    for m in gone {
        if let Some(place) = entries.in_use.remove(&m) {
            entries.free.push(place);
        }
    }
    drop(entries);
    let mut installed = jit.installed.lock();
    installed.osr.retain(|(method, _), _| !dead_method(*method));
    installed.all.retain(|n| {
        if !is_dead(n.get().method.holder) {
            n.get().clear_inline_caches();
            return true;
        }
        jit.cache.free(n.get().block);
        // SAFETY: the last pointer to it; the cache's table has forgotten it.
        drop(unsafe { Box::from_raw(n.0) });
        false
    });
}
