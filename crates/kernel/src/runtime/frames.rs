//! Interpreter frames on a thread's Java stack, and the stack walker.
//!
//! The Java stack grows upward in 8-byte slots:
//! ```text
//!   locals (arguments first) | Frame | operand stack (max_stack) |
//! ```
//! A callee's arguments are its caller's top operands, so its locals overlap the caller's operand stack and no
//! argument is copied. A slot holds an `int`, `float` or narrow reference in its low half (high half
//! zero), or a whole `long` or `double` in the first slot of its pair; the second is undefined.
//!
//! A native method has a frame too (no operand stack). A call from Rust or C into Java pushes an *entry frame*
//! (`method` null) that ends the interpreter's unwinding.

use crate::oops::class::ClassRef;
use crate::oops::constant_pool::CpSlot;
use crate::oops::method::{MethodFlags, MethodRef};
use crate::runtime::thread::Thread;
use crate::runtime::vm::Vm;
use caturra_heap::ObjRef;
use std::cell::Cell;
use std::marker::PhantomData;

/// A frame's fixed part. Written by its own thread; read by others only at a safepoint.
#[repr(C)]
pub struct Frame {
    /// The caller's frame; null at the bottom of the stack.
    pub prev: *mut Frame,
    /// Raw [`MethodRef`], 0 for an entry frame.
    pub method: u64,
    /// Address of the current instruction in the method's private code; null in native and entry frames.
    /// Kept exact at every point where the VM may look (calls, allocation, exceptions, safepoints).
    pub pc: *const u8,
    /// First local variable.
    pub locals: *mut u64,
    /// Link to the run-time constant pool (dynamic linking, JVMS §2.6.3).
    pub cp: *const CpSlot,
    /// The object locked by a synchronized method, null otherwise. Conservatively scanned like all slots.
    pub lock: ObjRef,
    /// Marks, see the `FRAME_*` constants.
    pub flags: u32,
}

/// Size of [`Frame`] in slots.
pub const FRAME_SLOTS: usize = size_of::<Frame>() / 8;

/// `flags`: the frame was reached from an entry frame, i.e. returning leaves the interpreter loop.
pub const FRAME_ENTRY: u32 = 1;
/// `flags`: deoptimised or stepping; the engine looks closer at return.
pub const FRAME_SLOW_RETURN: u32 = 2;
/// `flags`: `lock` is held, and is left when the frame is popped.
pub const FRAME_LOCKED: u32 = 4;
/// `flags`: the thread's `frame_monitors` has what the activation has locked by `monitorenter`.
pub const FRAME_RECORDS_LOCKS: u32 = 8;
/// `flags`: the anchor of compiled frames. It lies on the native stack; `pc` is the return address into the youngest
/// compiled frame, `locals` that frame's frame pointer, `method` 0. The frames end at code that is no method's.
///
/// An anchor whose `cp` is not null was made by a compiled frame that interpreter frames have taken the place of: `cp` is
/// the return address into it, and `pc` and `locals` already are its caller's.
pub const FRAME_COMPILED: u32 = 16;
/// `flags` of an anchor: the floating-point registers are saved [`SAVED_FLOATS`] bytes behind its beginning. They hold no
/// references of compiled code, but what `memmove` has left in them may look like many.
pub const FRAME_FLOATS: u32 = 32;
/// See [`FRAME_FLOATS`]: from, to.
pub const SAVED_FLOATS: (usize, usize) = (128, 384);

impl Frame {
    /// The method, `None` for an entry frame.
    pub fn method(&self) -> Option<MethodRef> {
        // SAFETY: a frame keeps its method's class alive; 0 marks an entry frame.
        (self.method != 0).then(|| unsafe { MethodRef::from_raw(self.method) })
    }
    /// First slot of the operand stack.
    pub fn stack_base(frame: *mut Frame) -> *mut u64 {
        frame.cast::<u64>().wrapping_add(FRAME_SLOTS)
    }
    /// One past the last slot this frame may use.
    ///
    /// # Safety
    /// `frame` is a live frame of the current thread, or of one that is stopped.
    pub unsafe fn end(frame: *mut Frame) -> *mut u64 {
        let mut frame = frame;
        // SAFETY: promised by the caller. Below an anchor there is a frame on the Java stack, from which the
        // compiled code was called.
        let method = unsafe {
            while (*frame).flags & FRAME_COMPILED != 0 {
                frame = (*frame).prev;
            }
            (*frame).method()
        };
        let max_stack = method.map_or(0, |m| if m.is_native() { 0 } else { m.max_stack as usize });
        Frame::stack_base(frame).wrapping_add(max_stack)
    }
    /// Bytecode index of the current instruction; -1 for native and entry frames.
    pub fn bci(&self) -> i32 {
        match self.method() {
            Some(m) if !self.pc.is_null() => {
                let code = m.code.load(std::sync::atomic::Ordering::Acquire);
                (self.pc as usize).wrapping_sub(code as usize) as i32
            }
            _ => -1,
        }
    }
}

/// An interpreter frame to be made for a compiled activation that is given up.
#[derive(Clone, Copy)]
pub struct FrameImage<'a> {
    pub method: MethodRef,
    /// Of the current instruction: of the call for all but the youngest frame.
    pub bci: u32,
    pub locals: &'a [u64],
    /// Operand stack; without the arguments of the call that a frame waits for.
    pub stack: &'a [u64],
    /// The monitor of a synchronized method, which is held; null otherwise.
    pub lock: ObjRef,
}

/// How the youngest of the frames made from [`FrameImage`]s goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// Executes the instruction at its bytecode index.
    Execute,
    /// Executes the instruction behind, with this slot value as the result of one that has a result: a call or an
    /// allocation.
    After(u64),
    /// An exception is pending, thrown by the instruction.
    Throw,
}

/// A method activation as a walker sees it, whichever engine runs it.
#[derive(Clone, Copy)]
pub struct Activation<'t> {
    /// Null for a compiled activation.
    pub frame: *mut Frame,
    pub method: MethodRef,
    /// -1 in a native method.
    pub bci: i32,
    /// Where a compiled activation is.
    compiled: Option<CompiledCursor>,
    thread: PhantomData<&'t Thread>,
}

impl Activation<'_> {
    pub fn class(&self) -> ClassRef {
        self.method.holder
    }
    /// Calls `visit` with the objects that a compiled activation has locked, and with others: who owns an object's
    /// monitor tells which are locked.
    ///
    /// # Safety
    /// Within [`caturra_heap::Heap::with_world_stopped`].
    pub unsafe fn visit_compiled_locks(&self, vm: &Vm, visit: &mut dyn FnMut(ObjRef)) {
        let (Some(place), Some(compiler)) = (self.compiled, vm.compiler.get()) else { return };
        (compiler.locks)(vm, place.pc, place.fp, place.depth, &mut |candidate| {
            let at = candidate.addr();
            // SAFETY: the caller's promise.
            if !candidate.is_null() && vm.heap.contains(at) && unsafe { vm.heap.is_object_start(at) } {
                visit(candidate);
            }
        });
    }
    /// Left out of stack traces: lambda forms and other `@Hidden` methods.
    pub fn is_hidden(&self) -> bool {
        self.method.has(MethodFlags::HIDDEN)
    }
}

/// The stack walker: activations from the youngest to the oldest, entry frames skipped.
pub struct Walker<'t> {
    next: *mut Frame,
    /// Compiled frames to visit before `next`.
    compiled: Option<CompiledCursor>,
    vm: &'static Vm,
    thread: PhantomData<&'t Thread>,
}

/// A place in compiled code: return address and frame pointer of the physical frame, and which of the
/// activations inlined into it comes next.
#[derive(Clone, Copy)]
struct CompiledCursor {
    pc: usize,
    fp: usize,
    depth: u32,
}

/// Calls `visit` with an address in the code of each compiled frame of `thread`, replaced ones included, which is the
/// current one or stopped.
pub fn visit_compiled_frames(thread: &Thread, visit: &mut dyn FnMut(usize)) {
    let compiler = thread.vm().compiler.get();
    let mut next = thread.frame.get();
    while !next.is_null() {
        // SAFETY: frames of a live or stopped thread form a list that ends in null; compiled code keeps frame pointers.
        unsafe {
            let f = &*next;
            next = f.prev;
            if f.flags & FRAME_COMPILED == 0 {
                continue;
            }
            if !f.cp.is_null() {
                visit(f.cp as usize);
            }
            let (mut pc, mut fp) = (f.pc as usize, f.locals as *const usize);
            while compiler.is_some_and(|c| (c.locate)(thread.vm(), pc, 0).is_some()) {
                visit(pc);
                (pc, fp) = (*fp.add(1), *fp as *const usize);
            }
        }
    }
}

/// Walks the Java frames of `thread`, which is the current one or stopped at a safepoint.
pub fn walk(thread: &Thread) -> Walker<'_> {
    Walker { next: thread.frame.get(), compiled: None, vm: thread.vm(), thread: PhantomData }
}

impl<'t> Iterator for Walker<'t> {
    type Item = Activation<'t>;
    fn next(&mut self) -> Option<Activation<'t>> {
        loop {
            if let Some(at) = self.compiled {
                let site = self.vm.compiler.get().and_then(|c| (c.locate)(self.vm, at.pc, at.depth));
                let Some(site) = site else {
                    self.compiled = None;
                    continue;
                };
                self.compiled = Some(if site.outermost {
                    // SAFETY: compiled code keeps frame pointers: saved one, then return address.
                    unsafe {
                        let fp = at.fp as *const usize;
                        CompiledCursor { pc: *fp.add(1), fp: *fp, depth: 0 }
                    }
                } else {
                    CompiledCursor { depth: at.depth + 1, ..at }
                });
                if site.replaced {
                    continue;
                }
                let (method, bci) = (site.method, site.bci);
                return Some(Activation {
                    frame: std::ptr::null_mut(),
                    method,
                    bci,
                    compiled: Some(at),
                    thread: PhantomData,
                });
            }
            if self.next.is_null() {
                return None;
            }
            let frame = self.next;
            // SAFETY: frames of a live or stopped thread form a list that ends in null.
            let f = unsafe { &*frame };
            self.next = f.prev;
            if f.flags & FRAME_COMPILED != 0 {
                self.compiled = Some(CompiledCursor { pc: f.pc as usize, fp: f.locals as usize, depth: 0 });
                continue;
            }
            if let Some(method) = f.method() {
                let bci = f.bci();
                return Some(Activation { frame, method, bci, compiled: None, thread: PhantomData });
            }
        }
    }
}

/// A thread's Java stack: a reserved range, touched as it grows, with the youngest frame kept in the thread.
pub struct JavaStack {
    base: *mut u64,
    bytes: usize,
    /// Frames may not extend past this; moved to the end of the mapping while an overflow is being thrown.
    pub limit: Cell<*mut u64>,
    /// As large as the stack; null until it is asked for.
    shadow: Cell<*mut u64>,
}

/// Slots kept free for Java code that runs while a `StackOverflowError` is thrown.
pub const STACK_RESERVE_SLOTS: usize = 4 * 1024;

impl JavaStack {
    /// Reserves `bytes` (rounded to pages) plus the reserve.
    ///
    /// # Errors
    /// When the address space or memory limit does not allow it.
    pub fn new(bytes: usize) -> std::io::Result<JavaStack> {
        let bytes = bytes.next_multiple_of(4096) + STACK_RESERVE_SLOTS * 8;
        // SAFETY: a fresh anonymous mapping.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        let base = base.cast::<u64>();
        // SAFETY: inside the mapping.
        let limit = unsafe { base.add(bytes / 8 - STACK_RESERVE_SLOTS) };
        Ok(JavaStack { base, bytes, limit: Cell::new(limit), shadow: Cell::new(std::ptr::null_mut()) })
    }
    /// Memory in which an engine keeps something for every slot, at the same place as in the stack.
    ///
    /// # Panics
    /// When there is no address space for it.
    pub fn shadow(&self) -> *mut u64 {
        if self.shadow.get().is_null() {
            // SAFETY: a fresh anonymous mapping.
            let shadow = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    self.bytes,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                )
            };
            assert!(shadow != libc::MAP_FAILED, "no address space for the shadow of a stack");
            self.shadow.set(shadow.cast());
        }
        self.shadow.get()
    }
    pub fn base(&self) -> *mut u64 {
        self.base
    }
    /// End of the mapping, reserve included.
    pub fn end(&self) -> *mut u64 {
        self.base.wrapping_add(self.bytes / 8)
    }
    /// Opens (`true`) or closes the reserve for the code that handles an overflow.
    pub fn open_reserve(&self, open: bool) {
        let end = self.end();
        self.limit.set(if open { end } else { end.wrapping_sub(STACK_RESERVE_SLOTS) });
    }
}

impl Drop for JavaStack {
    fn drop(&mut self) {
        // SAFETY: the thread has ended; nothing refers to its stack.
        unsafe {
            libc::munmap(self.base.cast(), self.bytes);
            if !self.shadow.get().is_null() {
                libc::munmap(self.shadow.get().cast(), self.bytes);
            }
        }
    }
}
