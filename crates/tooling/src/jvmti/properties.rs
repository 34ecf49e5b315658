//! The environment itself, events, capabilities, memory, properties, time (JVMTI, "General", "Capability", "Event
//! Management", "Memory Management", "System Properties", "Timers").

use super::entry::{allocate, bytes_of, c_string, given, live_thread, put, put_array};
use super::env::{CALLBACKS, potential_capabilities};
use super::events;
use super::types::{
    Capabilities, DISABLE, ENABLE, ERROR_NAMES, Error, Event, PHASE_LIVE, PHASE_ONLOAD, PHASE_START, VERSION,
    jvmtiTimerInfo,
};
use caturra_exports::process;
use caturra_exports::properties::vm_properties;
use caturra_jni::types::{jint, jlong, jobject};
use caturra_kernel::Thread;
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::safepoint::JavaScope;
use caturra_kernel::runtime::thread_list;
use std::ffi::{c_char, c_void};
use std::sync::atomic::Ordering;

/// Size of `jvmtiCapabilities`.
const CAPABILITY_BYTES: usize = 16;

/// The capability that an event needs.
fn needed(event: Event) -> Capabilities {
    type C = Capabilities;
    match event {
        Event::EXCEPTION | Event::EXCEPTION_CATCH => C::GENERATE_EXCEPTION_EVENTS,
        Event::SINGLE_STEP => C::GENERATE_SINGLE_STEP_EVENTS,
        Event::FRAME_POP => C::GENERATE_FRAME_POP_EVENTS,
        Event::BREAKPOINT => C::GENERATE_BREAKPOINT_EVENTS,
        Event::FIELD_ACCESS => C::GENERATE_FIELD_ACCESS_EVENTS,
        Event::FIELD_MODIFICATION => C::GENERATE_FIELD_MODIFICATION_EVENTS,
        Event::METHOD_ENTRY => C::GENERATE_METHOD_ENTRY_EVENTS,
        Event::METHOD_EXIT => C::GENERATE_METHOD_EXIT_EVENTS,
        Event::NATIVE_METHOD_BIND => C::GENERATE_NATIVE_METHOD_BIND_EVENTS,
        Event::COMPILED_METHOD_LOAD | Event::COMPILED_METHOD_UNLOAD => {
            C::GENERATE_COMPILED_METHOD_LOAD_EVENTS
        }
        Event::MONITOR_WAIT
        | Event::MONITOR_WAITED
        | Event::MONITOR_CONTENDED_ENTER
        | Event::MONITOR_CONTENDED_ENTERED => C::GENERATE_MONITOR_EVENTS,
        Event::RESOURCE_EXHAUSTED => C::GENERATE_RESOURCE_EXHAUSTION_HEAP_EVENTS,
        Event::GARBAGE_COLLECTION_START | Event::GARBAGE_COLLECTION_FINISH => {
            C::GENERATE_GARBAGE_COLLECTION_EVENTS
        }
        Event::OBJECT_FREE => C::GENERATE_OBJECT_FREE_EVENTS,
        Event::VM_OBJECT_ALLOC => C::GENERATE_VM_OBJECT_ALLOC_EVENTS,
        Event::SAMPLED_OBJECT_ALLOC => C::GENERATE_SAMPLED_OBJECT_ALLOC_EVENTS,
        _ => Capabilities(0),
    }
}

/// Events of the VM's own life, which cannot be asked for on one thread alone.
fn is_global(event: Event) -> bool {
    matches!(
        event,
        Event::VM_INIT
            | Event::VM_START
            | Event::VM_DEATH
            | Event::THREAD_START
            | Event::COMPILED_METHOD_LOAD
            | Event::COMPILED_METHOD_UNLOAD
            | Event::DYNAMIC_CODE_GENERATED
            | Event::DATA_DUMP_REQUEST
    )
}

/// Reads a `jvmtiCapabilities`.
fn read_capabilities(p: *const [u8; CAPABILITY_BYTES]) -> Result<Capabilities, Error> {
    given(p)?;
    // SAFETY: the agent passes the structure.
    Ok(Capabilities(u128::from_le_bytes(unsafe { *p })))
}

/// The properties as they are now: those of the options, or after the start those that the VM had then.
fn find_property(vm: &caturra_kernel::Vm, key: &str) -> Option<String> {
    vm_properties(vm).into_iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

fn key_of(text: *const c_char) -> Result<String, Error> {
    Ok(String::from_utf8_lossy(bytes_of(text)?).into_owned())
}

fn nanos_timer() -> jvmtiTimerInfo {
    const ELAPSED: jint = 32;
    jvmtiTimerInfo {
        max_value: jlong::MAX,
        may_skip_forward: 0,
        may_skip_backward: 0,
        kind: ELAPSED,
        reserved1: 0,
        reserved2: 0,
    }
}

jvmti_functions! {
    /// `Allocate`.
    any fn Allocate(_env, size: jlong, memory: *mut *mut u8) {
        given(memory)?;
        let size = usize::try_from(size).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        put(memory, allocate(size)?)
    }

    /// `Deallocate`.
    any fn Deallocate(_env, memory: *mut u8) {
        // SAFETY: null, or allocated by this interface.
        unsafe { libc::free(memory.cast()) };
        Ok(())
    }

    /// `GetPhase`.
    any fn GetPhase(env, phase: *mut jint) {
        put(phase, super::phase(env.vm))
    }

    /// `GetVersionNumber`.
    any fn GetVersionNumber(_env, version: *mut jint) {
        put(version, VERSION)
    }

    /// `GetErrorName`.
    any fn GetErrorName(_env, error: jint, name: *mut *mut c_char) {
        given(name)?;
        let found = ERROR_NAMES.iter().find(|(_, number)| *number == error);
        put(name, c_string(found.ok_or(Error::ILLEGAL_ARGUMENT)?.0.to_bytes())?)
    }

    /// `GetJLocationFormat`: locations are bytecode indexes.
    any fn GetJLocationFormat(_env, format: *mut jint) {
        put(format, 1)
    }

    /// `SetVerboseFlag`: only switching off what is off, or on what is on, has no effect that is missing here.
    any fn SetVerboseFlag(env, flag: jint, on: u8) {
        let tags = match flag {
            0 => return Ok(()),
            1 => "gc",
            2 => "class,load",
            4 => "jni,resolve",
            _ => return Err(Error::ILLEGAL_ARGUMENT),
        };
        if env.vm.options.log.enabled(Level::Info, tags) == (on != 0) { Ok(()) } else { Err(Error::NOT_AVAILABLE) }
    }

    /// `GetEnvironmentLocalStorage`.
    any fn GetEnvironmentLocalStorage(env, data: *mut *mut c_void) {
        put(data, env.storage.load(Ordering::Acquire))
    }

    /// `SetEnvironmentLocalStorage`.
    any fn SetEnvironmentLocalStorage(env, data: *const c_void) {
        env.storage.store(data.cast_mut(), Ordering::Release);
        Ok(())
    }

    /// `DisposeEnvironment`.
    any fn DisposeEnvironment(env) {
        super::dispose(env);
        Ok(())
    }

    /// `GetPotentialCapabilities`.
    any fn GetPotentialCapabilities(env, out: *mut [u8; CAPABILITY_BYTES]) {
        let all = potential_capabilities(super::phase(env.vm)).or(env.capabilities());
        put(out, all.0.to_le_bytes())
    }

    /// `GetCapabilities`.
    any fn GetCapabilities(env, out: *mut [u8; CAPABILITY_BYTES]) {
        put(out, env.capabilities().0.to_le_bytes())
    }

    /// `AddCapabilities`: all or none.
    any fn AddCapabilities(env, wanted: *const [u8; CAPABILITY_BYTES]) {
        let wanted = read_capabilities(wanted)?;
        let had = env.capabilities();
        if !potential_capabilities(super::phase(env.vm)).or(had).has(wanted) {
            return Err(Error::NOT_AVAILABLE);
        }
        env.set_capabilities(had.or(wanted));
        Ok(())
    }

    /// `RelinquishCapabilities`.
    any fn RelinquishCapabilities(env, given_up: *const [u8; CAPABILITY_BYTES]) {
        env.set_capabilities(env.capabilities().without(read_capabilities(given_up)?));
        Ok(())
    }

    /// `SetEventCallbacks`: slots beyond the given size are empty.
    any fn SetEventCallbacks(env, callbacks: *const usize, size: jint) {
        let size = usize::try_from(size).map_err(|_| Error::ILLEGAL_ARGUMENT)?;
        let mut all = [0; CALLBACKS];
        if !callbacks.is_null() {
            for (i, slot) in all.iter_mut().enumerate().take(size / size_of::<usize>()) {
                // SAFETY: the agent passes a structure of that size.
                *slot = unsafe { *callbacks.add(i) };
            }
        }
        env.set_callbacks(all);
        Ok(())
    }

    /// `SetEventNotificationMode`.
    any fn SetEventNotificationMode(env, mode: jint, event: jint, thread: jobject) {
        if mode != ENABLE && mode != DISABLE {
            return Err(Error::ILLEGAL_ARGUMENT);
        }
        let event = Event(event);
        event.index().ok_or(Error::INVALID_EVENT_TYPE)?;
        let thread = if thread.is_null() {
            None
        } else {
            if is_global(event) {
                return Err(Error::ILLEGAL_ARGUMENT);
            }
            let t = Thread::current().ok_or(Error::UNATTACHED_THREAD)?;
            let _java = JavaScope::enter(t);
            let thread = live_thread(t, thread)?;
            Some(thread_list::thread_of(t, thread).ok_or(Error::THREAD_NOT_ALIVE)?.id)
        };
        if mode == ENABLE {
            env.require(needed(event))?;
        }
        env.enable(event, thread, mode == ENABLE);
        events::update_wanted(env.vm);
        Ok(())
    }

    /// `GenerateEvents`: there are no events of the compilers to repeat.
    live fn GenerateEvents((env, _t), event: jint) {
        match Event(event) {
            e @ Event::COMPILED_METHOD_LOAD => env.require(needed(e)),
            Event::DYNAMIC_CODE_GENERATED => Ok(()),
            _ => Err(Error::ILLEGAL_ARGUMENT),
        }
    }

    /// `GetExtensionFunctions`: there are none.
    any fn GetExtensionFunctions(_env, count: *mut jint, functions: *mut *mut c_void) {
        put_array::<*mut c_void>(count, functions.cast(), &[])
    }

    /// `GetExtensionEvents`: there are none.
    any fn GetExtensionEvents(_env, count: *mut jint, events: *mut *mut c_void) {
        put_array::<*mut c_void>(count, events.cast(), &[])
    }

    /// `SetExtensionEventCallback`.
    any fn SetExtensionEventCallback(_env, _event: jint, _callback: *const c_void) {
        Err(Error::ILLEGAL_ARGUMENT)
    }

    /// `GetSystemProperties`: the names.
    any fn GetSystemProperties(env, count: *mut jint, names: *mut *mut *mut c_char) {
        given(count)?;
        given(names)?;
        let mut all = Vec::new();
        for (key, _) in vm_properties(env.vm) {
            all.push(c_string(key.as_bytes())?);
        }
        put_array(count, names, &all)
    }

    /// `GetSystemProperty`.
    any fn GetSystemProperty(env, name: *const c_char, value: *mut *mut c_char) {
        given(value)?;
        let found = find_property(env.vm, &key_of(name)?).ok_or(Error::NOT_AVAILABLE)?;
        put(value, c_string(found.as_bytes())?)
    }

    /// `SetSystemProperty`, before Java has read them.
    any fn SetSystemProperty(env, name: *const c_char, value: *const c_char) {
        if super::phase(env.vm) != PHASE_ONLOAD {
            return Err(Error::WRONG_PHASE);
        }
        let (key, value) = (key_of(name)?, key_of(value)?);
        let mut all = env.vm.options.system_properties.lock();
        all.retain(|(k, _)| *k != key);
        all.push((key, value));
        Ok(())
    }

    /// `GetTimerInfo`.
    any fn GetTimerInfo(_env, info: *mut jvmtiTimerInfo) {
        put(info, nanos_timer())
    }

    /// `GetTime`.
    any fn GetTime(_env, nanos: *mut jlong) {
        put(nanos, process::nanos())
    }

    /// `GetAvailableProcessors`.
    any fn GetAvailableProcessors(env, count: *mut jint) {
        put(count, process::processor_count(env.vm))
    }

    /// `SetNativeMethodPrefix`.
    any fn SetNativeMethodPrefix(env, _prefix: *const c_char) {
        env.require(Capabilities::SET_NATIVE_METHOD_PREFIX)
    }

    /// `GetJNIFunctionTable`: a copy of the table.
    any fn GetJNIFunctionTable(env, table: *mut *mut *const u8) {
        if !matches!(super::phase(env.vm), PHASE_START | PHASE_LIVE) {
            return Err(Error::WRONG_PHASE);
        }
        given(table)?;
        put(table, super::entry::c_array(caturra_jni::function_table())?)
    }
}
