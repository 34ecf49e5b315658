//! Deoptimisation: the activation of optimised code that cannot go on is done by the interpreter.
//!
//! The cold exit of a guard stores the live values of its frame state to a buffer in its own stack frame (where the
//! collector sees them) and calls [`deoptimise`] with the number of its [`DeoptSite`]. That makes the interpreter's frames
//! from the site's description, the objects that the code had done without included, and runs them until the oldest
//! returns. The result goes back to the compiled code, which returns it to its caller at once. So no native frame is ever
//! rewritten; meanwhile the stub's anchor hides the compiled activation from stack walkers.

use crate::Jit;
use crate::nmethod::NMethod;
use crate::profile::{Profile, SiteKind};
use caturra_bytecode::BasicType;
use caturra_hir::op::Reason;
use caturra_kernel::oops::array::elements_offset;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::frames::{FRAME_LOCKED, Frame, FrameImage, Resume};
use caturra_kernel::runtime::{alloc, monitor};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::ops::Range;
use std::sync::atomic::Ordering;

/// Where a slot of an interpreter frame, or a field, gets its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Not read again.
    Dead,
    /// A slot value.
    Constant(u64),
    /// The reference in a slot of the VM's.
    Reference(usize),
    /// A word of the buffer.
    Saved(u16),
    /// An object of [`DeoptSite::objects`].
    Object(u16),
}

/// An object that exists only when it is needed.
#[derive(Clone, Debug)]
pub struct Rematerialised {
    /// An instance or array class.
    pub class: ClassRef,
    /// Elements of an array.
    pub length: u32,
    /// Byte offset, type and value of what is not zero.
    pub fields: Box<[(u32, BasicType, Source)]>,
}

/// A monitor of a frame.
#[derive(Clone, Copy, Debug)]
pub struct HeldMonitor {
    pub object: Source,
    /// The compiled code has not entered it.
    pub elided: bool,
}

/// An interpreter frame to be made.
#[derive(Clone, Debug)]
pub struct FrameDescription {
    pub method: MethodRef,
    pub bci: u32,
    pub locals: Box<[Source]>,
    pub stack: Box<[Source]>,
    pub monitors: Box<[HeldMonitor]>,
}

/// How the youngest frame goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Continue {
    /// At its bytecode index.
    Before,
    /// Behind it, with the result there.
    After(Source),
    /// With the exception that is pending.
    Throw,
}

/// A place at which code may be given up.
#[derive(Clone, Debug)]
pub struct DeoptSite {
    /// Why; `None` where an assumption was broken or an exception has come, which blames nobody.
    pub reason: Option<Reason>,
    pub how: Continue,
    /// The oldest first.
    pub frames: Box<[FrameDescription]>,
    pub objects: Box<[Rematerialised]>,
}

/// Reads sources. Objects are null until they have been made.
struct Values {
    buffer: *const u64,
}

impl Values {
    fn get(&self, source: Source) -> u64 {
        match source {
            Source::Dead | Source::Object(_) => 0,
            Source::Constant(value) => value,
            // SAFETY: the slot of a constant of the code, which lives as long.
            Source::Reference(slot) => u64::from(unsafe { *(slot as *const ObjRef) }.raw()),
            // SAFETY: the exit has stored as many words as its site names.
            Source::Saved(n) => unsafe { *self.buffer.add(usize::from(n)) },
        }
    }
    fn all(&self, sources: &[Source]) -> Vec<u64> {
        sources.iter().map(|s| self.get(*s)).collect()
    }
}

/// The objects of a site, in handles of the thread.
struct Objects(Vec<*mut u8>);

impl Objects {
    fn get(&self, n: u16) -> ObjRef {
        // SAFETY: handles live until they are released, in `finish`.
        unsafe { *self.0[usize::from(n)].cast::<ObjRef>() }
    }
    fn value(&self, values: &Values, source: Source) -> u64 {
        match source {
            Source::Object(n) => u64::from(self.get(n).raw()),
            _ => values.get(source),
        }
    }
}

/// Does the rest of the calling activation in the interpreter. The result is a slot value; 0 with an exception pending.
pub unsafe extern "C" fn deoptimise(site: i32, buffer: *const u64, t: &Thread) -> u64 {
    // SAFETY: the stub has linked an anchor that holds the return address into the code.
    let pc = unsafe { (*t.frame.get()).cp } as usize;
    let jit = Jit::of(t.vm());
    let nmethod = jit.cache.find(pc).expect("only compiled code deoptimises");
    let site = &nmethod.speculation.deopt_sites[site as usize];
    jit.count_deoptimisation(nmethod, site);
    let fp = buffer as usize + nmethod.buffer as usize;
    // SAFETY: the site describes the activation.
    unsafe { replace(jit, t, site, &Values { buffer }, fp - nmethod.frame as usize..fp) }.unwrap_or(0)
}

/// The part of a frame next to the frame pointer that may hold the caller's registers: all that the calling convention
/// lets a callee save.
const SAVED_REGISTERS: usize = 48;

/// # Safety
/// `values` are those of an activation at `site`, whose anchor is the thread's youngest frame and whose native frame lies
/// at `native`.
unsafe fn replace(
    jit: &Jit,
    t: &Thread,
    site: &DeoptSite,
    values: &Values,
    native: Range<usize>,
) -> JResult<u64> {
    let mut slots: Vec<(Vec<u64>, Vec<u64>)> = Vec::with_capacity(site.frames.len());
    slots.extend(site.frames.iter().map(|f| (values.all(&f.locals), values.all(&f.stack))));
    let images: Vec<FrameImage<'_>> = site
        .frames
        .iter()
        .zip(&slots)
        .map(|(f, (locals, stack))| FrameImage {
            method: f.method,
            bci: f.bci,
            locals,
            stack,
            lock: method_lock(f, values),
        })
        .collect();
    let depth = images.last().map_or(0, |i| i.stack.len());
    let before = t.frame.get();
    let mut how = match site.how {
        Continue::Before => Resume::Execute,
        Continue::Throw => Resume::Throw,
        Continue::After(result) => Resume::After(values.get(result)),
    };
    // SAFETY: the site's frames are those of the compiled method and of what is inlined into it.
    let Some(youngest) = (unsafe { (jit.sites.push_frames)(t, &images) }) else {
        release_monitors(t, site, values);
        exceptions::take_pending(t);
        return Err(exceptions::stack_overflow(t));
    };
    if !site.objects.is_empty() || site.frames.iter().any(|f| f.monitors.iter().any(|m| m.elided)) {
        // SAFETY: the frames have just been made.
        if unsafe { finish(t, site, values, youngest) }.is_err() {
            how = Resume::Throw;
        }
    }
    // What the activation held must not keep objects alive while the interpreter does the rest.
    let held = native.end.saturating_sub(SAVED_REGISTERS).saturating_sub(native.start);
    // SAFETY: stack slots and spilled values of an activation that only returns; all of them have been read.
    unsafe { (native.start as *mut u8).write_bytes(0, held) };
    // SAFETY: as above.
    let result = unsafe { (jit.sites.resume)(t, youngest, depth, how) };
    t.frame.set(before);
    result
}

/// The monitor of a synchronized method, which leaves it when it ends.
fn method_lock(frame: &FrameDescription, values: &Values) -> ObjRef {
    match frame.monitors.first() {
        Some(m) if frame.method.is_synchronized() => ObjRef::from_raw(values.get(m.object) as u32),
        _ => ObjRef::NULL,
    }
}

/// Leaves the monitors of activations whose frames cannot be made.
fn release_monitors(t: &Thread, site: &DeoptSite, values: &Values) {
    let held = site.frames.iter().flat_map(|f| f.monitors.iter()).filter(|m| !m.elided);
    for m in held.rev() {
        let object = ObjRef::from_raw(values.get(m.object) as u32);
        if !object.is_null() && monitor::exit(t, object).is_err() {
            exceptions::take_pending(t);
        }
    }
}

/// Makes the site's objects, puts them into the frames, and enters the monitors that the code has left out.
///
/// # Safety
/// `youngest` is the youngest of the site's frames, just made.
///
/// # Errors
/// `OutOfMemoryError`; the frames are complete but for the objects.
unsafe fn finish(t: &Thread, site: &DeoptSite, values: &Values, youngest: *mut Frame) -> JResult<()> {
    let mark = t.handles.mark();
    let pending = t.handles.new(exceptions::take_pending(t));
    let made = make_objects(t, site, values);
    if let Ok(objects) = &made {
        // SAFETY: the caller's promise; the frames have the slots that the descriptions have.
        unsafe {
            fill_frames(t, site, objects, youngest);
        }
        enter_monitors(t, site, values, objects);
        // SAFETY: a handle of this thread, null when there was no exception.
        t.pending.set(if pending.is_null() { ObjRef::NULL } else { unsafe { *pending.cast::<ObjRef>() } });
    }
    t.handles.release(mark);
    made.map(|_| ())
}

fn make_objects(t: &Thread, site: &DeoptSite, values: &Values) -> JResult<Objects> {
    let mut objects = Objects(Vec::with_capacity(site.objects.len()));
    for o in &site.objects {
        let object = if o.class.is_array() {
            alloc::array(t, o.class, o.length as i32)?
        } else {
            alloc::instance(t, o.class)?
        };
        objects.0.push(t.handles.new(object));
    }
    for (n, o) in site.objects.iter().enumerate() {
        for &(offset, ty, source) in &o.fields {
            let value = objects.value(values, source);
            let (object, at) = (objects.get(n as u16), offset as usize);
            // SAFETY: a field of the new object's class, or an element of the array.
            unsafe {
                match ty {
                    BasicType::Boolean | BasicType::Byte => object.store(at, value as u8),
                    BasicType::Char | BasicType::Short => object.store(at, value as u16),
                    BasicType::Int | BasicType::Float => object.store(at, value as u32),
                    BasicType::Reference => {
                        t.vm().put_ref(object, at, ObjRef::from_raw(value as u32));
                    }
                    _ => object.store(at, value),
                }
            }
        }
    }
    Ok(objects)
}

/// # Safety
/// As [`finish`].
unsafe fn fill_frames(t: &Thread, site: &DeoptSite, objects: &Objects, youngest: *mut Frame) {
    debug_assert_eq!(t.frame.get(), youngest);
    let mut frame = youngest;
    for description in site.frames.iter().rev() {
        // SAFETY: the caller's promise.
        unsafe {
            let stack = Frame::stack_base(frame);
            for (base, sources) in [((*frame).locals, &description.locals), (stack, &description.stack)] {
                for (i, source) in sources.iter().enumerate() {
                    if let Source::Object(n) = source {
                        *base.add(i) = u64::from(objects.get(*n).raw());
                    }
                }
            }
            if let Some(HeldMonitor { object: Source::Object(n), .. }) = description.monitors.first()
                && description.method.is_synchronized()
            {
                (*frame).lock = objects.get(*n);
                (*frame).flags |= FRAME_LOCKED;
            }
            frame = (*frame).prev;
        }
    }
}

/// In the order in which the program has entered them.
fn enter_monitors(t: &Thread, site: &DeoptSite, values: &Values, objects: &Objects) {
    for m in site.frames.iter().flat_map(|f| f.monitors.iter()).filter(|m| m.elided) {
        monitor::enter(t, ObjRef::from_raw(objects.value(values, m.object) as u32));
    }
}

/// Byte offset of element `n` of an array of `ty`.
pub fn element_offset(ty: BasicType, n: usize) -> u32 {
    let shift = match ty {
        BasicType::Boolean | BasicType::Byte => 0,
        BasicType::Char | BasicType::Short => 1,
        BasicType::Long | BasicType::Double => 3,
        _ => 2,
    };
    elements_offset(shift) + ((n as u32) << shift)
}

impl DeoptSite {
    /// Whether it is left because of an exception.
    fn throws(&self) -> bool {
        self.how == Continue::Throw || self.reason.is_some_and(Reason::is_exception)
    }
}

/// Counts the handlers that an exception at the site may reach as executed: the interpreter, which runs them now, does not
/// count. Whether there are any.
fn note_handlers(site: &DeoptSite) -> bool {
    let mut any = false;
    for frame in &site.frames {
        for row in frame.method.exception_table.iter() {
            if !(u32::from(row.start)..u32::from(row.end)).contains(&frame.bci) {
                continue;
            }
            any = true;
            let profile = Profile::ensure(frame.method);
            if let Some(cells) = profile.and_then(|p| p.site(row.handler.into(), SiteKind::Handler)) {
                cells.cells[0].fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    any
}

impl Jit {
    /// Notes that an activation was given up, and takes code out of use whose guards fail too often.
    fn count_deoptimisation(&self, nmethod: &NMethod, site: &DeoptSite) {
        self.deoptimisations.fetch_add(1, Ordering::Relaxed);
        if site.throws() && note_handlers(site) {
            if let (Some(reason), Some(frame)) = (site.reason, site.frames.last()) {
                self.traps.count(frame.method, frame.bci, reason);
            }
            let throws = nmethod.throws.fetch_add(1, Ordering::Relaxed) + 1;
            if throws >= super::traps::THROWS_PER_CODE {
                self.retire(nmethod);
            }
            return;
        }
        let (Some(reason), Some(frame)) = (site.reason, site.frames.last()) else { return };
        let traps = nmethod.traps.fetch_add(1, Ordering::Relaxed) + 1;
        if self.traps.count(frame.method, frame.bci, reason) || traps >= super::traps::PER_CODE {
            self.retire(nmethod);
        }
    }
}
