//! `jdk.internal.misc.Unsafe`: offsets, classes, exceptions, parking, load average; and the `registerNatives`
//! of classes whose natives the VM has in its own tables.

use crate::internal::{Args, ClassTable, Row, bool_slot, int_slot, long_slot, ref_slot};
use crate::thread;
use caturra_heap::ObjRef;
use caturra_kernel::linking::init;
use caturra_kernel::loading::define::{self, DefineRequest};
use caturra_kernel::loading::{loader, mirrors};
use caturra_kernel::oops::array::elements_offset;
use caturra_kernel::oops::class::InitState;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, strings};
use caturra_kernel::{ClassRef, Thread};

pub(crate) const INTERNAL: &[ClassTable] = &[
    ("jdk/internal/misc/Unsafe", ROWS),
    ("java/lang/invoke/MethodHandleNatives", NO_REGISTRATION),
    ("jdk/internal/misc/ScopedMemoryAccess", NO_REGISTRATION),
    ("jdk/internal/perf/Perf", NO_REGISTRATION),
    ("jdk/internal/invoke/NativeEntryPoint", NO_REGISTRATION),
    ("jdk/internal/vm/vector/VectorSupport", &[("registerNatives", "()I", nothing)]),
];

const NO_REGISTRATION: &[Row] = &[("registerNatives", "()V", nothing)];

const ROWS: &[Row] = &[
    ("registerNatives", "()V", nothing),
    ("allocateInstance", "(Ljava/lang/Class;)Ljava/lang/Object;", allocate_instance),
    ("objectFieldOffset0", "(Ljava/lang/reflect/Field;)J", object_field_offset),
    ("objectFieldOffset1", "(Ljava/lang/Class;Ljava/lang/String;)J", named_field_offset),
    ("staticFieldOffset0", "(Ljava/lang/reflect/Field;)J", static_field_offset),
    ("staticFieldBase0", "(Ljava/lang/reflect/Field;)Ljava/lang/Object;", static_field_base),
    ("shouldBeInitialized0", "(Ljava/lang/Class;)Z", should_be_initialized),
    ("ensureClassInitialized0", "(Ljava/lang/Class;)V", ensure_class_initialized),
    ("arrayBaseOffset0", "(Ljava/lang/Class;)I", array_base_offset),
    ("arrayIndexScale0", "(Ljava/lang/Class;)I", array_index_scale),
    (
        "defineClass0",
        "(Ljava/lang/String;[BIILjava/lang/ClassLoader;Ljava/security/ProtectionDomain;)Ljava/lang/Class;",
        define_class,
    ),
    ("throwException", "(Ljava/lang/Throwable;)V", throw_exception),
    ("park", "(ZJ)V", park),
    ("unpark", "(Ljava/lang/Object;)V", unpark),
    ("getLoadAverage0", "([DI)I", load_average),
];

/// # Safety
/// Called as an internal native.
unsafe fn nothing(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(0)
}

/// The class of the mirror in slot `index`; `NullPointerException` for null.
fn class_argument(t: &Thread, args: Args, index: usize) -> JResult<ClassRef> {
    let mirror = args.obj(index);
    if mirror.is_null() {
        return Err(exceptions::npe(t));
    }
    Ok(mirrors::class_of(mirror))
}

/// # Safety
/// Called as an internal native.
unsafe fn allocate_instance(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let class = class_argument(t, unsafe { Args::new(slots) }, 1)?;
    if class.is_primitive() {
        return Err(exceptions::throw_bare(t, "java/lang/InstantiationException"));
    }
    if class.is_array() || class.is_interface() || class.is_abstract() {
        return Err(exceptions::throw(t, "java/lang/InstantiationException", &class.external_name()));
    }
    if class == t.vm().wk.class() {
        return Err(exceptions::throw(t, "java/lang/IllegalAccessException", &class.external_name()));
    }
    init::initialize(t, class)?;
    Ok(ref_slot(alloc::instance(t, class)?))
}

/// The declaring class and offset of a `java.lang.reflect.Field`.
///
/// # Safety
/// `field` is a live `java.lang.reflect.Field`, not null (the Java side checks).
unsafe fn reflected_field(t: &Thread, field: ObjRef, is_static: Option<bool>) -> JResult<(ClassRef, u32)> {
    let off = &t.vm().off;
    // SAFETY: the caller's promise.
    let (mirror, slot) = unsafe {
        (
            field.load_ref(off.reflect_field_clazz() as usize),
            field.load::<i32>(off.reflect_field_slot() as usize),
        )
    };
    let class = mirrors::class_of(mirror);
    let field = class.fields[slot as usize];
    if is_static.is_some_and(|s| s != field.is_static()) {
        return Err(exceptions::throw_bare(t, "java/lang/IllegalArgumentException"));
    }
    Ok((class, field.offset))
}

/// # Safety
/// Called as an internal native.
unsafe fn object_field_offset(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let (_, offset) = unsafe { reflected_field(t, Args::new(slots).obj(1), Some(false)) }?;
    Ok(long_slot(i64::from(offset)))
}

/// # Safety
/// Called as an internal native.
unsafe fn static_field_offset(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let (_, offset) = unsafe { reflected_field(t, Args::new(slots).obj(1), Some(true)) }?;
    Ok(long_slot(i64::from(offset)))
}

/// Static fields lie in the class mirror.
///
/// # Safety
/// Called as an internal native.
unsafe fn static_field_base(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let (class, _) = unsafe { reflected_field(t, Args::new(slots).obj(1), Some(true)) }?;
    Ok(ref_slot(class.mirror()))
}

/// Offset of the field of that name which the class declares.
///
/// # Safety
/// Called as an internal native; the arguments are not null (the Java side checks).
unsafe fn named_field_offset(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    let class = class_argument(t, args, 1)?;
    let name = strings::to_mutf8(args.obj(2));
    match class.fields.iter().find(|f| !f.is_injected() && f.name.bytes() == name) {
        Some(field) => Ok(long_slot(i64::from(field.offset))),
        None => Err(exceptions::throw_bare(t, "java/lang/InternalError")),
    }
}

/// # Safety
/// Called as an internal native.
unsafe fn should_be_initialized(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let class = class_argument(t, unsafe { Args::new(slots) }, 1)?;
    Ok(bool_slot(needs_initialization(class)))
}

fn needs_initialization(class: ClassRef) -> bool {
    class.is_instance_class() && class.state() != InitState::Initialized
}

/// # Safety
/// Called as an internal native.
unsafe fn ensure_class_initialized(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let class = class_argument(t, unsafe { Args::new(slots) }, 1)?;
    if needs_initialization(class) {
        init::initialize(t, class)?;
    }
    Ok(0)
}

/// log2 of an array class's element size.
fn element_shift(t: &Thread, args: Args) -> JResult<u8> {
    let class = class_argument(t, args, 1)?;
    if class.is_array() {
        Ok(class.prefix.elem_shift)
    } else {
        Err(exceptions::throw_bare(t, "java/io/InvalidClassException"))
    }
}

/// # Safety
/// Called as an internal native.
unsafe fn array_base_offset(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let shift = element_shift(t, unsafe { Args::new(slots) })?;
    Ok(int_slot(elements_offset(shift) as i32))
}

/// # Safety
/// Called as an internal native.
unsafe fn array_index_scale(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let shift = element_shift(t, unsafe { Args::new(slots) })?;
    Ok(int_slot(1 << shift))
}

/// Defines a class without looking at the caller (`Unsafe.defineClass`).
///
/// # Safety
/// Called as an internal native; array and length are checked by the Java side.
unsafe fn define_class(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    let (name, array, start, length) = (args.obj(1), args.obj(2), args.int(3), args.int(4));
    // A copy: Java code may change the array while the class is parsed.
    // SAFETY: the caller's promise, and `array` stays in a local.
    let bytes = unsafe {
        let (elements, len) = alloc::bytes_of(array);
        match usize::try_from(start).ok().zip(usize::try_from(length).ok()) {
            Some((start, length)) if start + length <= len => {
                std::slice::from_raw_parts(elements.add(start), length).to_vec()
            }
            _ => return Err(exceptions::throw_bare(t, "java/lang/ArrayIndexOutOfBoundsException")),
        }
    };
    let class = define::define_class(
        t,
        &DefineRequest {
            loader: loader::loader_of(t, args.obj(5)),
            name: (!name.is_null()).then(|| strings::class_name_symbol(t, name)),
            bytes: &bytes,
            protection_domain: args.obj(6),
            source: None,
            hidden: None,
        },
    )?;
    Ok(ref_slot(class.mirror()))
}

/// # Safety
/// Called as an internal native.
unsafe fn throw_exception(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let throwable = unsafe { Args::new(slots) }.obj(1);
    Err(if throwable.is_null() { exceptions::npe(t) } else { exceptions::throw_object(t, throwable) })
}

/// # Safety
/// Called as an internal native.
unsafe fn park(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    let args = unsafe { Args::new(slots) };
    thread::park(t, args.boolean(1), args.long(2));
    Ok(0)
}

/// # Safety
/// Called as an internal native with a `java.lang.Thread` or null.
unsafe fn unpark(t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    thread::unpark(t, unsafe { Args::new(slots) }.obj(1));
    Ok(0)
}

/// Load averages of the last 1, 5 and 15 minutes; the number of samples, -1 when there are none.
///
/// # Safety
/// Called as an internal native; the array has room for the 1 to 3 samples (the Java side checks).
unsafe fn load_average(_t: &Thread, slots: *mut u64) -> JResult<u64> {
    // SAFETY: the caller's promise.
    unsafe {
        let args = Args::new(slots);
        let mut samples = [0f64; 3];
        let n = libc::getloadavg(samples.as_mut_ptr(), args.int(2).clamp(0, 3));
        let (elements, _) = alloc::bytes_of(args.obj(1));
        for (i, sample) in samples.iter().enumerate().take(n.max(0) as usize) {
            elements.cast::<f64>().add(i).write(*sample);
        }
        Ok(int_slot(n))
    }
}
