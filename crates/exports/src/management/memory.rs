//! Memory pools, memory managers and garbage collectors.

use crate::boundary::{c, local, non_null, obj};
use crate::management::service;
use crate::management::state::{self, Handle, HeapView, MANAGERS, ManagerId, POOLS, PoolId, Usage};
use caturra_heap::ObjRef;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::runtime::{alloc, calls, handles, strings};
use caturra_kernel::{ClassRef, Thread};
use parking_lot::Mutex;
use std::ffi::{CStr, c_char};
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

/// A class of the boot loader (`java.management` and `jdk.management` are in its layer).
pub fn boot_class(t: &Thread, name: &str) -> JResult<ClassRef> {
    let vm = t.vm();
    loader::load_class(t, vm.loaders.boot(), vm.symbols.intern(name))
}

/// A `java.lang.management.MemoryUsage`.
pub fn usage_object(t: &Thread, usage: Usage) -> JResult<ObjRef> {
    let class = boot_class(t, "java/lang/management/MemoryUsage")?;
    let args = [usage.init as u64, 0, usage.used as u64, 0, usage.committed as u64, 0, usage.max as u64, 0];
    alloc::new_object(t, class, "(JJJJ)V", &args)
}

/// The object behind a handle slot, made by `make` at the first call. When two threads race, one object wins
/// and both see it.
fn singleton(t: &Thread, slot: &Mutex<Handle>, make: impl FnOnce() -> JResult<ObjRef>) -> JResult<ObjRef> {
    let resolve = |h: Handle| {
        // SAFETY: a strong global handle, never deleted, or null.
        unsafe { handles::resolve(h.0 as *mut u8) }
    };
    let existing = *slot.lock();
    if existing != Handle::default() {
        return Ok(resolve(existing));
    }
    let made = make()?;
    let handle = Handle(t.vm().globals.new_strong(made) as usize);
    let mut slot = slot.lock();
    if *slot == Handle::default() {
        *slot = handle;
    } else {
        t.vm().globals.delete_strong(handle.0 as *mut u8);
    }
    let winner = *slot;
    drop(slot);
    Ok(resolve(winner))
}

/// The `MemoryPoolMXBean` of a pool.
fn pool_object(t: &Thread, id: PoolId) -> JResult<ObjRef> {
    let state = state::of(t.vm());
    singleton(t, &state.pool(id).object, || {
        let factory = boot_class(t, "sun/management/ManagementFactoryHelper")?;
        let name = strings::new_string(t, id.name())?;
        // Thresholds of -1 are not supported by the pool; collections happen in the heap only.
        let usage_threshold: i64 = if id.has_usage_threshold() { 0 } else { -1 };
        let collection_threshold: i64 = if id.is_heap() { 0 } else { -1 };
        let pool = calls::call_static(
            t,
            factory,
            "createMemoryPool",
            "(Ljava/lang/String;ZJJ)Ljava/lang/management/MemoryPoolMXBean;",
            &[
                u64::from(name.raw()),
                u64::from(id.is_heap()),
                usage_threshold as u64,
                0,
                collection_threshold as u64,
                0,
            ],
        )?;
        Ok(ObjRef::from_raw(pool as u32))
    })
}

/// The `MemoryManagerMXBean` of a manager, for collectors a `GarbageCollectorMXBean`: that of the
/// `jdk.management` module where the module is present.
pub fn manager_object(t: &Thread, id: ManagerId) -> JResult<ObjRef> {
    let state = state::of(t.vm());
    singleton(t, &state.manager(id).object, || {
        let name = strings::new_string(t, id.name())?;
        let made = if id.is_collector() {
            let factory = match boot_class(t, "com/sun/management/internal/GarbageCollectorExtImpl") {
                Ok(class) => class,
                Err(_) => {
                    exceptions::take_pending(t);
                    boot_class(t, "sun/management/ManagementFactoryHelper")?
                }
            };
            calls::call_static(
                t,
                factory,
                "createGarbageCollector",
                "(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/management/GarbageCollectorMXBean;",
                &[u64::from(name.raw()), 0],
            )?
        } else {
            calls::call_static(
                t,
                boot_class(t, "sun/management/ManagementFactoryHelper")?,
                "createMemoryManager",
                "(Ljava/lang/String;)Ljava/lang/management/MemoryManagerMXBean;",
                &[u64::from(name.raw())],
            )?
        };
        Ok(ObjRef::from_raw(made as u32))
    })
}

/// The pool whose bean `handle` is.
///
/// # Safety
/// `handle` is a valid handle.
unsafe fn pool_of(t: &Thread, handle: c::jobject) -> JResult<Option<PoolId>> {
    // SAFETY: the caller's promise.
    let object = unsafe { non_null(t, handle) }?;
    let state = state::of(t.vm());
    Ok(POOLS.into_iter().find(|id| {
        let h = *state.pool(*id).object.lock();
        // SAFETY: a global handle or null.
        unsafe { handles::resolve(h.0 as *mut u8) == object }
    }))
}

/// The manager whose bean `handle` is.
///
/// # Safety
/// `handle` is a valid handle.
pub unsafe fn manager_of(t: &Thread, handle: c::jobject) -> JResult<Option<ManagerId>> {
    // SAFETY: the caller's promise.
    let object = unsafe { non_null(t, handle) }?;
    let state = state::of(t.vm());
    Ok(MANAGERS.into_iter().find(|id| {
        let h = *state.manager(*id).object.lock();
        // SAFETY: a global handle or null.
        unsafe { handles::resolve(h.0 as *mut u8) == object }
    }))
}

/// The collector whose bean `handle` is; `IllegalArgumentException` when it is none.
///
/// # Safety
/// `handle` is a valid handle.
pub unsafe fn collector_of(t: &Thread, handle: c::jobject) -> JResult<ManagerId> {
    // SAFETY: the caller's promise.
    match unsafe { manager_of(t, handle) }? {
        Some(id) if id.is_collector() => Ok(id),
        _ => Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "Invalid GC memory manager")),
    }
}

/// An array of `class` filled by calling `item`.
fn array_of<T: Copy>(
    t: &Thread,
    class: &str,
    ids: &[T],
    item: impl Fn(&Thread, T) -> JResult<ObjRef>,
) -> JResult<c::jobjectArray> {
    let array = alloc::ref_array(t, boot_class(t, class)?, ids.len() as i32)?;
    for (i, id) in ids.iter().enumerate() {
        let object = item(t, *id)?;
        // SAFETY: a live array with more than `i` elements.
        unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, object) };
    }
    Ok(local(t, array))
}

const HIGH: c::jint = 901;
const LOW: c::jint = 902;
const COLLECTION_HIGH: c::jint = 903;
const COLLECTION_LOW: c::jint = 904;

/// `jmmGCStat`.
#[repr(C)]
pub struct GcStat {
    index: c::jlong,
    start_time: c::jlong,
    end_time: c::jlong,
    usage_before: c::jobjectArray,
    usage_after: c::jobjectArray,
    ext_values_size: c::jint,
    ext_values: *mut c::jvalue,
    ext_count: c::jint,
}

/// `jmmExtAttributeInfo`.
#[repr(C)]
pub struct ExtAttributeInfo {
    name: *const c_char,
    kind: c_char,
    description: *const c_char,
}

/// Threads that take part in a collection, the one extended attribute of our collectors.
const GC_THREAD_COUNT: (&CStr, &CStr) = (c"GcThreadCount", c"Number of GC threads");

jmm_entry! {
    fn get_memory_pools(t; manager: c::jobject) -> c::jobjectArray {
        const CLASS: &str = "java/lang/management/MemoryPoolMXBean";
        if manager.is_null() {
            return array_of(t, CLASS, &POOLS, pool_object);
        }
        // SAFETY: a valid handle.
        match unsafe { manager_of(t, manager) }? {
            Some(id) => array_of(t, CLASS, id.pools(), pool_object),
            None => Ok(null_mut()),
        }
    }

    fn get_memory_managers(t; pool: c::jobject) -> c::jobjectArray {
        const CLASS: &str = "java/lang/management/MemoryManagerMXBean";
        if pool.is_null() {
            return array_of(t, CLASS, &MANAGERS, manager_object);
        }
        // SAFETY: a valid handle.
        match unsafe { pool_of(t, pool) }? {
            Some(id) => array_of(t, CLASS, id.managers(), manager_object),
            None => Ok(null_mut()),
        }
    }

    fn get_memory_pool_usage(t; pool: c::jobject) -> c::jobject {
        // SAFETY: a valid handle.
        let Some(id) = unsafe { pool_of(t, pool) }? else { return Ok(null_mut()) };
        let usage = state::of(t.vm()).look_at(t.vm(), id);
        Ok(local(t, usage_object(t, usage)?))
    }

    fn get_peak_memory_pool_usage(t; pool: c::jobject) -> c::jobject {
        // SAFETY: a valid handle.
        let Some(id) = unsafe { pool_of(t, pool) }? else { return Ok(null_mut()) };
        let state = state::of(t.vm());
        state.look_at(t.vm(), id);
        let peak = *state.pool(id).peak.lock();
        Ok(local(t, usage_object(t, peak)?))
    }

    fn get_pool_collection_usage(t; pool: c::jobject) -> c::jobject {
        // SAFETY: a valid handle.
        let id = match unsafe { pool_of(t, pool) }? {
            Some(id) if id.is_heap() => id,
            _ => return Ok(null_mut()),
        };
        let recorded = *state::of(t.vm()).pool(id).after_collection.lock();
        // Nothing is known of collections before the first question.
        let usage = recorded.unwrap_or_else(|| {
            let s = t.vm().heap.stats();
            HeapView { used: s.used_after_gc, young: 0, ..HeapView::now(t.vm()) }.part(id)
        });
        Ok(local(t, usage_object(t, usage)?))
    }

    fn set_pool_sensor(t; pool: c::jobject, kind: c::jint, sensor: c::jobject) {
        // SAFETY: valid handles.
        let (pool, sensor) = unsafe { (pool_of(t, pool)?, non_null(t, sensor)?) };
        // SAFETY: a live object.
        let class = unsafe { ClassRef::of(sensor) };
        if !class.is_subclass_of(boot_class(t, "sun/management/Sensor")?) {
            return Err(exceptions::throw(
                t,
                "java/lang/IllegalArgumentException",
                "Sensor is not an instance of sun.management.Sensor class",
            ));
        }
        let Some(id) = pool else { return Ok(()) };
        let state = state::of(t.vm());
        let threshold = match kind {
            HIGH | LOW => &state.pool(id).usage_threshold,
            _ => &state.pool(id).collection_threshold,
        };
        let handle = Handle(t.vm().globals.new_strong(sensor) as usize);
        let old = std::mem::replace(&mut *threshold.sensor.lock(), handle);
        if old != Handle::default() {
            t.vm().globals.delete_strong(old.0 as *mut u8);
        }
        state.service.start(t)
    }

    /// The previous threshold, -1 when the pool supports none of that kind.
    fn set_pool_threshold(t; pool: c::jobject, kind: c::jint, value: c::jlong) -> c::jlong {
        if value < 0 {
            return Err(exceptions::throw(t, "java/lang/IllegalArgumentException", "Invalid threshold value"));
        }
        // SAFETY: a valid handle.
        let Some(id) = unsafe { pool_of(t, pool) }? else { return Ok(-1) };
        let state = state::of(t.vm());
        let pool = state.pool(id);
        let old = match kind {
            HIGH if id.has_usage_threshold() => pool.usage_threshold.high.swap(value, Ordering::Relaxed),
            LOW if id.has_usage_threshold() => pool.usage_threshold.low.swap(value, Ordering::Relaxed),
            COLLECTION_HIGH if id.is_heap() => pool.collection_threshold.high.swap(value, Ordering::Relaxed),
            COLLECTION_LOW if id.is_heap() => pool.collection_threshold.low.swap(value, Ordering::Relaxed),
            _ => -1,
        };
        service::check_usage(&state, id, id.usage(t.vm()));
        Ok(old)
    }

    fn get_memory_usage(t; heap: c::jboolean) -> c::jobject {
        let state = state::of(t.vm());
        let usage = if heap != 0 {
            HeapView::now(t.vm()).total()
        } else {
            let mut sum = Usage::default();
            for id in POOLS.into_iter().filter(|id| !id.is_heap()) {
                let u = state.look_at(t.vm(), id);
                let add = |a: i64, b: i64| if a < 0 || b < 0 { -1 } else { a + b };
                sum = Usage {
                    init: add(sum.init, u.init),
                    used: sum.used + u.used,
                    committed: sum.committed + u.committed,
                    max: add(sum.max, u.max),
                };
            }
            sum
        };
        Ok(local(t, usage_object(t, usage)?))
    }

    fn get_gc_ext_attribute_info(t; _manager: c::jobject, info: *mut ExtAttributeInfo, count: c::jint) -> c::jint {
        if count == 0 {
            return Ok(0);
        }
        if info.is_null() {
            return Err(exceptions::npe(t));
        }
        // SAFETY: C code passes an array of `count >= 1` entries.
        unsafe {
            info.write(ExtAttributeInfo {
                name: GC_THREAD_COUNT.0.as_ptr(),
                kind: b'I' as c_char,
                description: GC_THREAD_COUNT.1.as_ptr(),
            });
        }
        Ok(1)
    }

    /// Statistics of a collector's last collection; index 0 when there was none.
    fn get_last_gc_stat(t; manager: c::jobject, stat: *mut GcStat) {
        // SAFETY: a valid handle, and a structure that the caller has prepared.
        let (id, stat) = unsafe { (collector_of(t, manager)?, &mut *stat) };
        if stat.ext_values_size > 0 && stat.ext_values.is_null() {
            return Err(exceptions::npe(t));
        }
        let state = state::of(t.vm());
        let last = *state.manager(id).last.lock();
        let Some(last) = last else {
            stat.index = 0;
            return Ok(());
        };
        stat.index = last.index;
        stat.start_time = last.start;
        stat.end_time = last.end;
        stat.ext_count = 0;
        for (array, heap) in [(stat.usage_before, last.before), (stat.usage_after, last.after)] {
            // SAFETY: a valid handle.
            let array = unsafe { non_null(t, array) }?;
            // SAFETY: a live array.
            if unsafe { array.array_length() } as usize != POOLS.len() {
                return Err(exceptions::throw(
                    t,
                    "java/lang/IllegalArgumentException",
                    "The length of the given MemoryUsage array does not match the number of memory pools.",
                ));
            }
            for (i, id) in POOLS.into_iter().enumerate() {
                let usage = if id.is_heap() { heap.part(id) } else { id.usage(t.vm()) };
                let object = usage_object(t, usage)?;
                // SAFETY: a live array with more than `i` elements.
                unsafe { t.vm().heap.store_ref(array, ARRAY_BASE + 4 * i, object) };
            }
        }
        if stat.ext_values_size > 0 {
            // SAFETY: room for one value at least.
            unsafe { stat.ext_values.write(c::jvalue { i: 1 }) };
        }
        Ok(())
    }

    fn set_gc_notification_enabled(t; manager: c::jobject, enabled: c::jboolean) {
        // SAFETY: a valid handle.
        let id = unsafe { collector_of(t, manager) }?;
        let state = state::of(t.vm());
        state.manager(id).notifies.store(enabled != 0, Ordering::Relaxed);
        if enabled != 0 { state.service.start(t) } else { Ok(()) }
    }

    fn dump_heap(t; file: c::jstring, _live: c::jboolean) -> c::jint {
        // SAFETY: a valid handle.
        if unsafe { obj(file) }.is_null() {
            return Err(exceptions::throw(t, "java/lang/NullPointerException", "Output file name cannot be null."));
        }
        Err(exceptions::throw(t, "java/io/IOException", "heap dumps are not supported by this VM"))
    }
}

/// Resets the peak usage of a pool; whether `handle` is one.
///
/// # Safety
/// `handle` is a valid handle.
pub unsafe fn reset_peak(t: &Thread, handle: c::jobject) -> JResult<bool> {
    // SAFETY: the caller's promise.
    let Some(id) = unsafe { pool_of(t, handle) }? else { return Ok(false) };
    let state = state::of(t.vm());
    *state.pool(id).peak.lock() = id.usage(t.vm());
    Ok(true)
}
