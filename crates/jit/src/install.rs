//! Code to methods: installation, the entries of methods, and the end of code with its class.

use crate::code_cache::Block;
use crate::compiler::Code;
use crate::nmethod::{CallSite, NMethod, Parts, State};
use crate::profile::Profile;
use crate::sweep;
use crate::x86_64::{DIRECT_ENTRY_SIZE, direct_entry};
use crate::{Jit, Rejected};
use caturra_kernel::{ClassRef, MethodRef, Vm};
use std::collections::{HashMap, HashSet};
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

/// Code that takes more than this part of the cache is not installed.
const LARGEST_CODE: usize = 8;

/// All compiled methods.
#[derive(Default)]
pub struct Installed {
    pub all: Vec<Owned>,
    /// Code entered at loop headers: (method, bytecode index).
    pub osr: HashMap<(u64, u32), TierCode>,
    /// Loops that optimised code cannot enter.
    refused_osr: HashSet<(u64, u32)>,
    /// Code entered at methods' starts, of those that have optimised code.
    pub whole: HashMap<u64, TierCode>,
    /// Starts of dormant code that was entered at methods' starts.
    pub dormant: HashMap<u64, usize>,
}

/// Addresses of a method's code, 0 where there is none.
#[derive(Clone, Copy, Default)]
pub struct TierCode {
    pub baseline: usize,
    pub optimised: usize,
    optimised_size: usize,
}

impl TierCode {
    fn set(&mut self, tier: u8, start: usize) {
        *(if tier >= OPTIMISED { &mut self.optimised } else { &mut self.baseline }) = start;
    }
    fn best(self) -> usize {
        if self.optimised != 0 { self.optimised } else { self.baseline }
    }
    /// Forgets the code at an address; whether there is any left.
    fn forget(&mut self, start: usize) -> bool {
        for code in [&mut self.baseline, &mut self.optimised] {
            if *code == start {
                *code = 0;
            }
        }
        self.best() != 0
    }
}

/// The tier whose code takes the place of the others', as HotSpot numbers it.
pub const OPTIMISED: u8 = 4;

/// A compiled method that the cache's table points to; freed with its class or its VM.
pub struct Owned(*mut NMethod);

// SAFETY: an `NMethod` is shared by all threads; the box behind the pointer belongs to this one.
unsafe impl Send for Owned {}

impl Owned {
    pub fn get(&self) -> &NMethod {
        // SAFETY: made by `Box::into_raw`, freed when this is dropped.
        unsafe { &*self.0 }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw`; it is taken off the list when nobody else can find it any more.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

impl Installed {
    /// Takes code out of the tables that lead to its entries.
    pub fn detach(&mut self, code: &NMethod) {
        let method = code.method.as_raw();
        match code.osr_bci {
            Some(bci) => {
                if self.osr.get_mut(&(method, bci)).is_some_and(|c| !c.forget(code.start)) {
                    self.osr.remove(&(method, bci));
                }
            }
            None => {
                if self.whole.get_mut(&method).is_some_and(|c| !c.forget(code.start)) {
                    self.whole.remove(&method);
                }
                if self.dormant.get(&method) == Some(&code.start) {
                    self.dormant.remove(&method);
                }
            }
        }
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
        let address = self.direct_entry(&mut entries, method)?;
        // A compilation that ends now stores its code, which must not be undone.
        let _ = cell.compare_exchange(null_mut(), address as *mut u8, Ordering::AcqRel, Ordering::Acquire);
        Ok(())
    }

    /// The piece of code that sends direct calls of a method to the interpreter.
    fn direct_entry(&self, entries: &mut DirectEntries, method: MethodRef) -> Result<usize, Rejected> {
        if let Some(&(block, at)) = entries.in_use.get(&method.as_raw()) {
            return Ok(self.cache.address(block) + at);
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
        Ok(address)
    }

    /// Copies code into the cache and makes its method use it. Gives its address.
    pub fn install(&self, code: &Code, parts: Parts) -> Result<usize, Rejected> {
        let method = parts.method;
        let osr_bci = parts.osr_bci;
        if code.bytes.len() > self.cache.size() / LARGEST_CODE {
            return Err(Rejected::CodeGenerator("too much code for the code cache".into()));
        }
        let from_slots = if osr_bci.is_none() { self.from_slots(method)? } else { 0 };
        // Where calls go when the code is not entered any more.
        self.direct_entry(&mut self.entries.lock(), method)?;
        let block = self.cache.allocate(code.bytes.len()).ok_or(Rejected::CacheFull)?;
        code.install(self, block);
        let start = self.cache.address(block);
        let parts = Parts {
            sites: code.sites.iter().map(|&(offset, place)| CallSite { offset, place }).collect(),
            ..parts
        };
        let nmethod = Owned(Box::into_raw(Box::new(NMethod::new(parts, block, start, code.bytes.len()))));
        self.cache.set_owner(block, nmethod.0);
        let published = self.publish(nmethod.get(), || {
            let tier = nmethod.get().tier;
            let mut installed = self.installed.lock();
            match osr_bci {
                Some(bci) => installed.osr.entry((method.as_raw(), bci)).or_default().set(tier, start),
                None => {
                    installed.dormant.remove(&method.as_raw());
                    // The stub before the code: whoever sees the code uses the stub.
                    method.from_slots.store(from_slots as *mut u8, Ordering::Release);
                    let before = method.compiled.load(Ordering::Acquire) as usize;
                    if tier >= OPTIMISED || installed.whole.contains_key(&method.as_raw()) {
                        let code = installed.whole.entry(method.as_raw()).or_default();
                        if tier >= OPTIMISED && before != code.optimised {
                            code.baseline = before;
                        }
                        code.set(tier, start);
                        if tier >= OPTIMISED {
                            code.optimised_size = nmethod.get().size;
                        }
                        set_entries(method, code.best());
                    } else {
                        set_entries(method, start);
                    }
                }
            }
        });
        if !published {
            self.cache.free(block);
            self.release_constants(nmethod.get());
            return Err(Rejected::AssumptionBroken);
        }
        self.installed.lock().all.push(nmethod);
        Ok(start)
    }

    /// Makes sure that code is not entered any more; activations go on.
    pub fn retire(&self, code: &NMethod) {
        let mut installed = self.installed.lock();
        if code.state() == State::NotEntrant {
            return;
        }
        code.set_state(State::NotEntrant);
        let method = code.method;
        match code.osr_bci {
            Some(bci) => {
                if let Some(codes) = installed.osr.get_mut(&(method.as_raw(), bci))
                    && codes.optimised == code.start
                {
                    codes.optimised = 0;
                }
            }
            None => {
                if installed.dormant.get(&method.as_raw()) == Some(&code.start) {
                    installed.dormant.remove(&method.as_raw());
                }
                if let Some(codes) = installed.whole.get_mut(&method.as_raw())
                    && codes.optimised == code.start
                {
                    codes.optimised = 0;
                    if codes.baseline != 0 {
                        set_entries(method, codes.baseline);
                    } else {
                        self.clear_entries(method);
                    }
                }
            }
        }
        drop(installed);
        self.sweeper.retired(code);
        self.printer.retired(code);
    }

    /// Sends all calls of a method that has been compiled to the interpreter.
    pub fn clear_entries(&self, method: MethodRef) {
        method.compiled.store(null_mut(), Ordering::Release);
        method.from_compiled.store(self.to_interpreter as *mut u8, Ordering::Release);
        let entries = self.entries.lock();
        let &(block, at) = entries.in_use.get(&method.as_raw()).expect("made when code is installed");
        let address = self.cache.address(block) + at;
        method.from_compiled_direct.store(address as *mut u8, Ordering::Release);
    }

    /// Code that goes on at a loop header, 0 when there is none.
    pub fn osr_code(&self, method: MethodRef, bci: u32) -> usize {
        self.awake(self.installed.lock().osr.get(&(method.as_raw(), bci)).map_or(0, |c| c.best()))
    }

    /// As [`Jit::osr_code`], optimised code only.
    pub fn optimised_osr_code(&self, method: MethodRef, bci: u32) -> usize {
        self.awake(self.installed.lock().osr.get(&(method.as_raw(), bci)).map_or(0, |c| c.optimised))
    }

    /// The address of code that is about to be entered at a loop, which need not have been current.
    fn awake(&self, start: usize) -> usize {
        if let Some(code) = self.cache.find(start)
            && code.state() == State::Dormant
        {
            code.set_state(State::InUse);
        }
        start
    }

    /// Whether a method's calls go to optimised code.
    pub fn is_optimised(&self, method: MethodRef) -> bool {
        self.installed.lock().whole.get(&method.as_raw()).is_some_and(|c| c.optimised != 0)
    }

    /// Bytes of the method's optimised code, 0 where it has none.
    pub fn optimised_size(&self, method: MethodRef) -> usize {
        let installed = self.installed.lock();
        installed.whole.get(&method.as_raw()).filter(|c| c.optimised != 0).map_or(0, |c| c.optimised_size)
    }

    /// A loop that cannot be entered by optimised code is not tried again.
    pub fn refuse_osr(&self, method: MethodRef, bci: Option<u32>) {
        self.installed.lock().refused_osr.extend(bci.map(|b| (method.as_raw(), b)));
    }

    /// Whether [`Jit::refuse_osr`] was told of the loop.
    pub fn refuses_osr(&self, method: MethodRef, bci: u32) -> bool {
        self.installed.lock().refused_osr.contains(&(method.as_raw(), bci))
    }

    /// Frees the handles of the constants of code that is freed.
    pub fn release_constants(&self, code: &NMethod) {
        for &handle in &code.speculation.constants {
            self.vm().globals.delete_weak(handle as *mut u8);
        }
    }

    /// Forgets which code is entered at a method's start and at its loops; calls go to the interpreter.
    pub fn forget_code(&self, method: MethodRef) {
        let mut installed = self.installed.lock();
        installed.osr.retain(|(m, _), _| *m != method.as_raw());
        installed.refused_osr.retain(|(m, _)| *m != method.as_raw());
        installed.whole.remove(&method.as_raw());
        installed.dormant.remove(&method.as_raw());
        drop(installed);
        method.from_slots.store(null_mut(), Ordering::Release);
        self.clear_entries(method);
    }

    /// Calls `visit` with every compiled method, to change what is known of it. The world is stopped and nothing is
    /// being compiled.
    pub fn for_each_method_mut(&self, mut visit: impl FnMut(&mut NMethod)) {
        for n in &self.installed.lock().all {
            // SAFETY: made by `Box::into_raw`, not freed; all readers are stopped.
            visit(unsafe { &mut *n.0 });
        }
    }

    /// Calls `visit` with every compiled method.
    pub fn for_each_method(&self, mut visit: impl FnMut(&NMethod)) {
        self.installed.lock().all.iter().for_each(|n| visit(n.get()));
    }
}

pub fn set_entries(method: MethodRef, start: usize) {
    method.compiled.store(start as *mut u8, Ordering::Release);
    method.from_compiled.store(start as *mut u8, Ordering::Release);
    method.from_compiled_direct.store(start as *mut u8, Ordering::Release);
}

/// Frees what belongs to classes that are being unloaded, and code that is not entrant any more and that no frame runs.
/// The world is stopped. No frame runs the code of a dead class, since frames keep their classes; code of others that
/// names a dead class gives itself up.
pub fn unloading(vm: &Vm, is_dead: &dyn Fn(ClassRef) -> bool) {
    let jit = Jit::of(vm);
    let _compilations = jit.metadata.write();
    jit.queue.purge(is_dead);
    jit.optimising_queue.purge(is_dead);
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
    let names_dead = |n: &NMethod| n.speculation.metadata.iter().any(|c| is_dead(*c));
    let mut broken = Vec::new();
    jit.for_each_method(|n| {
        if !is_dead(n.method.holder) && names_dead(n) {
            broken.push(std::ptr::from_ref(n));
        }
    });
    for n in broken {
        // SAFETY: on the list, from which only this function takes anything.
        let n = unsafe { &*n };
        if let Some(cell) = n.speculation.invalid {
            cell.store(1, Ordering::Release);
        }
        jit.retire(n);
    }
    jit.traps.purge(is_dead);
    jit.for_each_method(|n| {
        for scope in n.scopes.iter().filter(|s| !is_dead(s.method.holder)) {
            if let Some(profile) = Profile::of(scope.method) {
                profile.purge(is_dead);
            }
        }
    });
    let running = sweep::on_stacks(jit, vm);
    let mut installed = jit.installed.lock();
    installed.osr.retain(|(method, _), _| !dead_method(*method));
    installed.refused_osr.retain(|(method, _)| !dead_method(*method));
    installed.whole.retain(|method, _| !dead_method(*method));
    installed.dormant.retain(|method, _| !dead_method(*method));
    drop(installed);
    jit.free_code(|_, n| {
        let unused = n.state() == State::NotEntrant && !running.contains(&n.start);
        let free = unused || is_dead(n.method.holder);
        if !free {
            n.clear_inline_caches();
        }
        free
    });
}
