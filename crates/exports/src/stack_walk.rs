//! Looking at the callers: `StackWalker`, `Reflection.getCallerClass`, the security manager's class context.

use crate::boundary::{c, local, non_null, obj};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, ref_slot};
use crate::live_frames;
use crate::objects::{class_array, is_platform_loader, put_ref_at, ref_at, set_ref};
use caturra_bytecode::access::RECOGNIZED_METHOD_FLAGS;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::oops::method::{MethodFlags, NONVIRTUAL};
use caturra_kernel::runtime::exceptions::{JResult, npe, throw};
use caturra_kernel::runtime::frames::{Activation, Walker, walk};
use caturra_kernel::runtime::{alloc, calls};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::cell::RefCell;

const INTERNAL_ERROR: &str = "java/lang/InternalError";

/// Bits of a walk's mode, as in `jvm.h` and `StackStreamFactory`.
mod mode {
    pub const CLASS_REFS_ONLY: i64 = 0x2;
    pub const GET_CALLER_CLASS: i64 = 0x4;
    pub const SHOW_HIDDEN_FRAMES: i64 = 0x20;
    pub const LIVE_STACK_FRAMES: i64 = 0x100;
}

/// A walk in progress. Its address is the anchor that Java code hands back for more frames.
struct Walk<'t> {
    walker: Walker<'t>,
    /// The frame to look at next; `None` at the end of the stack.
    current: Option<Activation<'t>>,
}

thread_local! {
    /// Anchors of the walks in progress on this thread, the innermost last.
    static WALKS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Keeps an anchor valid as long as its walk is in progress.
struct Anchored;

impl Anchored {
    fn new(walk: *mut Walk<'_>) -> Anchored {
        WALKS.with_borrow_mut(|walks| walks.push(walk as usize));
        Anchored
    }
}

impl Drop for Anchored {
    fn drop(&mut self) {
        WALKS.with_borrow_mut(|walks| walks.pop());
    }
}

impl<'t> Walk<'t> {
    fn new(t: &'t Thread) -> Walk<'t> {
        let mut walker = walk(t);
        let current = walker.next();
        Walk { walker, current }
    }

    fn advance(&mut self) {
        self.current = self.walker.next();
    }

    /// Fills `frames` from `start` on with at most `count` frames, the current one first; gives the end index.
    /// The last frame filled stays the current one.
    fn fill(&mut self, t: &Thread, mode: i64, frames: ObjRef, start: i32, count: i32) -> JResult<i32> {
        let skip_hidden = !t.vm().options.show_hidden_frames
            && (mode & mode::SHOW_HIDDEN_FRAMES == 0 || mode & mode::GET_CALLER_CLASS != 0);
        let classes_only = mode & mode::CLASS_REFS_ONLY != 0;
        let mut end = start;
        while let Some(frame) = self.current {
            if !(skip_hidden && frame.is_hidden()) {
                let method = frame.method;
                if classes_only
                    && mode & mode::GET_CALLER_CLASS != 0
                    && end == start
                    && method.has(MethodFlags::CALLER_SENSITIVE)
                {
                    let name = method.external_name();
                    let message =
                        format!("StackWalker::getCallerClass called from @CallerSensitive '{name}' method");
                    return Err(throw(t, "java/lang/UnsupportedOperationException", &message));
                }
                // SAFETY: the entry points check that `start + count` is within the array's bounds.
                unsafe {
                    if classes_only {
                        put_ref_at(t, frames, end as usize, frame.class().mirror());
                    } else if mode & mode::LIVE_STACK_FRAMES != 0 {
                        live_frames::fill(t, ref_at(frames, end as usize), &frame)?;
                    } else {
                        fill_stack_frame_info(t, ref_at(frames, end as usize), method, frame.bci)?;
                    }
                }
                end += 1;
                if end - start == count {
                    break;
                }
            }
            self.advance();
        }
        Ok(end)
    }
}

/// Flags of `MemberName` (`MethodHandleNatives.Constants`).
mod member_name {
    pub const IS_METHOD: i32 = 0x1_0000;
    pub const IS_CONSTRUCTOR: i32 = 0x2_0000;
    pub const CALLER_SENSITIVE: i32 = 0x10_0000;
    pub const REFERENCE_KIND_SHIFT: u32 = 24;
    pub const INVOKE_VIRTUAL: i32 = 5;
    pub const INVOKE_STATIC: i32 = 6;
    pub const INVOKE_SPECIAL: i32 = 7;
    pub const INVOKE_INTERFACE: i32 = 9;
}

/// Makes a blank `MemberName` a resolved one for `method`, name and type left for Java to ask.
fn resolve_member_name(t: &Thread, member: ObjRef, method: MethodRef) -> JResult<()> {
    use member_name::*;
    let (wk, off) = (&t.vm().wk, &t.vm().off);
    let index = method.vtable_index();
    let (kind, sort, vmindex) = if method.is_static() {
        (INVOKE_STATIC, IS_METHOD, NONVIRTUAL)
    } else if method.is_constructor() {
        (INVOKE_SPECIAL, IS_CONSTRUCTOR, NONVIRTUAL)
    } else if method.is_statically_bound() {
        (INVOKE_SPECIAL, IS_METHOD, NONVIRTUAL)
    } else if let Some(itable_index) = method.itable_index() {
        (INVOKE_INTERFACE, IS_METHOD, itable_index as i32)
    } else {
        (INVOKE_VIRTUAL, IS_METHOD, index)
    };
    let sensitive = if method.has(MethodFlags::CALLER_SENSITIVE) { CALLER_SENSITIVE } else { 0 };
    let access = i32::from(method.access & RECOGNIZED_METHOD_FLAGS);
    let resolved = alloc::instance(t, wk.resolved_method_name())?;
    // SAFETY: a live MemberName, a new ResolvedMethodName, and their fields.
    unsafe {
        set_ref(t, resolved, off.resolved_method_vmholder(), method.holder.mirror());
        resolved.store(off.resolved_method_vmtarget() as usize, method.as_raw());
        let flags = access | sort | sensitive | kind << REFERENCE_KIND_SHIFT;
        member.store(off.member_name_flags() as usize, flags);
        set_ref(t, member, off.member_name_method(), resolved);
        member.store(off.member_name_vmindex() as usize, i64::from(vmindex));
        set_ref(t, member, off.member_name_clazz(), method.holder.mirror());
    }
    Ok(())
}

/// Fills a `StackFrameInfo`, whose constructor made a blank `MemberName`.
///
/// # Safety
/// `info` is null or a live StackFrameInfo.
pub unsafe fn fill_stack_frame_info(t: &Thread, info: ObjRef, method: MethodRef, bci: i32) -> JResult<()> {
    if info.is_null() {
        return Err(npe(t));
    }
    let off = &t.vm().off;
    // SAFETY: the caller's promise.
    unsafe {
        let member = info.load_ref(off.stack_frame_info_member_name() as usize);
        resolve_member_name(t, member, method)?;
        // The index is never negative for Java code, which asks the method whether it is native.
        info.store(off.stack_frame_info_bci() as usize, bci.max(0));
    }
    Ok(())
}

/// The method behind a filled `StackFrameInfo`, and its bytecode index.
pub fn stack_frame_info_method(t: &Thread, info: ObjRef) -> JResult<(MethodRef, i32)> {
    let off = &t.vm().off;
    // SAFETY: a live StackFrameInfo; a resolved MemberName keeps its method's class alive.
    unsafe {
        let member = info.load_ref(off.stack_frame_info_member_name() as usize);
        let resolved =
            if member.is_null() { member } else { member.load_ref(off.member_name_method() as usize) };
        if resolved.is_null() {
            return Err(throw(t, INTERNAL_ERROR, "stack frame without a method"));
        }
        let raw = resolved.load::<u64>(off.resolved_method_vmtarget() as usize);
        Ok((MethodRef::from_raw(raw), info.load::<i32>(off.stack_frame_info_bci() as usize)))
    }
}

/// `StackWalker`'s own machinery, which a walk leaves out.
fn is_walker_class(t: &Thread, class: ClassRef) -> bool {
    let wk = &t.vm().wk;
    let base = wk.abstract_stack_walker();
    class == wk.stack_walker() || class == base || class.super_class == Some(base)
}

fn check_room(t: &Thread, frames: ObjRef, start: i32, count: i32) -> JResult<()> {
    // SAFETY: a live array.
    let length = i64::from(unsafe { frames.array_length() });
    if start < 0 || count < 0 || i64::from(start) + i64::from(count) > length {
        return Err(throw(t, "java/lang/IllegalArgumentException", "not enough space in buffers"));
    }
    Ok(())
}

/// What `AbstractStackWalker.callStackWalk` passes.
#[derive(Clone, Copy)]
struct FirstBatch {
    stream: ObjRef,
    mode: i64,
    skip: i32,
    count: i32,
    start: i32,
    frames: ObjRef,
}

/// Fetches the first batch of frames and calls `doStackWalk`, which may come back for more.
fn call_stack_walk(t: &Thread, b: FirstBatch) -> JResult<ObjRef> {
    check_room(t, b.frames, b.start, b.count)?;
    let mut walk = Walk::new(t);
    while walk.current.is_some_and(|frame| is_walker_class(t, frame.class())) {
        walk.advance();
    }
    for _ in 0..b.skip {
        walk.advance();
    }
    let mut end = b.start;
    if walk.current.is_some() && b.count > 0 {
        end = walk.fill(t, b.mode, b.frames, b.start, b.count)?;
        if end == b.start {
            return Err(throw(t, INTERNAL_ERROR, "stack walk: decode failed"));
        }
    }
    let walk = &raw mut walk;
    let _anchored = Anchored::new(walk);
    let int = |v: i32| u64::from(v as u32);
    // The anchor is a long: it takes two slots.
    let args = [b.stream.raw().into(), walk as u64, 0, int(b.skip), int(b.count), int(b.start), int(end)];
    let result = calls::invoke_virtual(t, t.vm().methods.stack_walker_do_stack_walk(), &args)?;
    Ok(ObjRef::from_raw(result as u32))
}

/// The next batch of the walk that `anchor` names.
fn more_stack_walk(
    t: &Thread,
    mode: i64,
    anchor: i64,
    count: i32,
    start: i32,
    frames: ObjRef,
) -> JResult<i32> {
    check_room(t, frames, start, count)?;
    if !WALKS.with_borrow(|walks| walks.contains(&(anchor as usize))) {
        return Err(throw(t, INTERNAL_ERROR, "doStackWalk: corrupted buffers"));
    }
    // SAFETY: the anchor of a walk in progress on this thread; `call_stack_walk` is suspended in its call and
    // does not touch the walk again.
    let walk = unsafe { &mut *(anchor as usize as *mut Walk<'_>) };
    if count == 0 || walk.current.is_none() {
        return Ok(start);
    }
    // The current frame was the last one of the batch before.
    walk.advance();
    if walk.current.is_none() {
        return Ok(start);
    }
    let end = walk.fill(t, mode, frames, start, count)?;
    if end == start {
        return Err(throw(t, INTERNAL_ERROR, "doStackWalk: later decode failed"));
    }
    Ok(end)
}

/// Frames that belong to reflection and method handles rather than to a caller: `Method.invoke`, generated
/// accessors, lambda forms.
pub fn is_ignored_by_security_walk(method: MethodRef) -> bool {
    let holder = method.holder;
    if method.name == "invoke" && holder.name == "java/lang/reflect/Method" {
        return true;
    }
    if holder.has(ClassFlags::REFLECTION_MAGIC)
        && is_accessor(holder, "jdk/internal/reflect/MethodAccessorImpl")
    {
        return true;
    }
    method.kind().is_method_handle_intrinsic()
        || method.has(MethodFlags::HIDDEN)
            && holder.loader.is_boot()
            && holder.package_name() == b"java/lang/invoke"
}

fn is_accessor(class: ClassRef, name: &str) -> bool {
    class.name == name || class.superclasses().any(|c| c.name == name)
}

/// `Reflection.getCallerClass`: the class that called the caller-sensitive method that asks.
fn caller_class(t: &Thread) -> JResult<ObjRef> {
    let mut frames = walk(t).peekable();
    // The native method itself has a frame or not, as the engine likes.
    let is_asking = |frame: &Activation<'_>| {
        frame.method.name == "getCallerClass" && frame.class().name == "jdk/internal/reflect/Reflection"
    };
    if frames.peek().is_some_and(is_asking) {
        frames.next();
    }
    match frames.next() {
        Some(frame) if !frame.method.has(MethodFlags::CALLER_SENSITIVE) => {
            return Err(throw(t, INTERNAL_ERROR, "CallerSensitive annotation expected at frame 1"));
        }
        _ => {}
    }
    let caller = frames.find(|frame| !is_ignored_by_security_walk(frame.method));
    Ok(caller.map_or(ObjRef::NULL, |frame| frame.class().mirror()))
}

/// `SecurityManager.getClassContext`: the classes of all frames, native ones left out.
fn class_context(t: &Thread) -> JResult<ObjRef> {
    let classes: Vec<ClassRef> = walk(t)
        .filter(|frame| !frame.method.is_native() && !is_ignored_by_security_walk(frame.method))
        .map(|frame| frame.class())
        .collect();
    class_array(t, &classes)
}

/// The first loader up the stack that is neither the boot nor the platform loader.
fn latest_user_defined_loader(t: &Thread) -> ObjRef {
    for frame in walk(t) {
        let class = frame.class();
        let loader = class.loader.object();
        if loader.is_null() || is_platform_loader(loader) {
            continue;
        }
        let generated = class.has(ClassFlags::REFLECTION_MAGIC)
            && (is_accessor(class, "jdk/internal/reflect/MethodAccessorImpl")
                || is_accessor(class, "jdk/internal/reflect/ConstructorAccessorImpl"));
        if !generated {
            return loader;
        }
    }
    ObjRef::NULL
}

jvm_entry! {
    /// `AbstractStackWalker.callStackWalk`.
    fn JVM_CallStackWalk(t; stack_stream: c::jobject, mode: c::jlong, skip_frames: c::jint, frame_count: c::jint, start_index: c::jint, frames: c::jobjectArray) -> c::jobject {
        // SAFETY: handles of the caller, as in every function of this file.
        let (stream, frames) = unsafe { (non_null(t, stack_stream)?, obj(frames)) };
        if frames.is_null() {
            return Err(throw(t, "java/lang/NullPointerException", "frames_array is NULL"));
        }
        let batch = FirstBatch { stream, mode, skip: skip_frames, count: frame_count, start: start_index, frames };
        Ok(local(t, call_stack_walk(t, batch)?))
    }
    /// `AbstractStackWalker.fetchStackFrames`.
    fn JVM_MoreStackWalk(t; _stack_stream: c::jobject, mode: c::jlong, anchor: c::jlong, frame_count: c::jint, start_index: c::jint, frames: c::jobjectArray) -> c::jint {
        // SAFETY: as above.
        let frames = unsafe { obj(frames) };
        if frames.is_null() {
            return Err(throw(t, "java/lang/NullPointerException", "frames_array is NULL"));
        }
        more_stack_walk(t, mode, anchor, frame_count, start_index, frames)
    }
    /// `Reflection.getCallerClass`.
    fn JVM_GetCallerClass(t) -> c::jclass {
        Ok(local(t, caller_class(t)?))
    }
    /// `SecurityManager.getClassContext`.
    fn JVM_GetClassContext(t) -> c::jobjectArray {
        Ok(local(t, class_context(t)?))
    }
    /// For object streams: whose classes to look in.
    fn JVM_LatestUserDefinedLoader(t) -> c::jobject {
        Ok(local(t, latest_user_defined_loader(t)))
    }
}

internal_natives! {
    fn caller_class_native(t, _a) {
        caller_class(t).map(ref_slot)
    }
}

/// `Reflection.getCallerClass`.
pub(crate) const INTERNAL: &[ClassTable] =
    &[("jdk/internal/reflect/Reflection", &[("getCallerClass", "()Ljava/lang/Class;", caller_class_native)])];
