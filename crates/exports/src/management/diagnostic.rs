//! Diagnostic commands through `com.sun.management.DiagnosticCommandMBean`.

use crate::boundary::{c, local, obj};
use crate::management::commands::{self, COMMANDS};
use crate::management::state;
use crate::properties::string_array;
use caturra_heap::ObjRef;
use caturra_heap::layout::ARRAY_BASE;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions;
use caturra_kernel::runtime::strings;
use std::ffi::{c_char, c_int};
use std::ptr::null;
use std::sync::atomic::Ordering;

/// `dcmdInfo`.
#[repr(C)]
pub struct CommandInfo {
    name: *const c_char,
    description: *const c_char,
    impact: *const c_char,
    permission_class: *const c_char,
    permission_name: *const c_char,
    permission_action: *const c_char,
    num_arguments: c_int,
    enabled: c::jboolean,
}

/// `dcmdArgInfo`.
#[repr(C)]
pub struct ArgumentInfo {
    name: *const c_char,
    description: *const c_char,
    kind: *const c_char,
    default: *const c_char,
    mandatory: c::jboolean,
    option: c::jboolean,
    multiple: c::jboolean,
    /// Of those that are given in order; -1 for options.
    position: c_int,
}

fn missing(t: &Thread, what: &str) -> exceptions::Thrown {
    exceptions::throw(t, "java/lang/NullPointerException", what)
}

jmm_entry! {
    fn get_diagnostic_commands(t) -> c::jobjectArray {
        Ok(local(t, string_array(t, COMMANDS.iter().map(|c| c.name()))?))
    }

    fn get_diagnostic_command_info(t; commands: c::jobjectArray, infos: *mut CommandInfo) {
        // SAFETY: a valid handle.
        let commands = unsafe { obj(commands) };
        if commands.is_null() || infos.is_null() {
            return Err(exceptions::npe(t));
        }
        // SAFETY: a live array.
        for i in 0..unsafe { commands.array_length() } as usize {
            // SAFETY: a live array of strings with more than `i` elements.
            let name: ObjRef = unsafe { commands.load_ref(ARRAY_BASE + 4 * i) };
            if name.is_null() {
                return Err(missing(t, "Command name cannot be null."));
            }
            let Some(command) = commands::find(&strings::to_rust(name)) else {
                return Err(commands::unknown(t));
            };
            let permission = command.permission;
            // SAFETY: C code passes an array as long as `commands`.
            unsafe {
                infos.add(i).write(CommandInfo {
                    name: command.name.as_ptr(),
                    description: command.description.as_ptr(),
                    impact: command.impact.as_ptr(),
                    permission_class: permission.map_or(null(), |p| p.0.as_ptr()),
                    permission_name: permission.map_or(null(), |p| p.1.as_ptr()),
                    permission_action: permission.and_then(|p| p.2).map_or(null(), |a| a.as_ptr()),
                    num_arguments: command.parameters.len() as c_int,
                    enabled: 1,
                });
            }
        }
        Ok(())
    }

    fn get_diagnostic_command_arguments_info(t; command: c::jstring, infos: *mut ArgumentInfo, count: c::jint) {
        // SAFETY: a valid handle.
        let command = unsafe { obj(command) };
        if command.is_null() {
            return Err(missing(t, "Command line cannot be null."));
        }
        let Some(command) = commands::find(&strings::to_rust(command)) else { return Err(commands::unknown(t)) };
        if usize::try_from(count) != Ok(command.parameters.len()) {
            return Err(exceptions::throw(
                t,
                "java/lang/InternalError",
                "jmm_GetDiagnosticCommandArgumentsInfo count mismatch",
            ));
        }
        let mut position = 0;
        for (i, p) in command.parameters.iter().enumerate() {
            let at = if p.option { -1 } else { position };
            position += c_int::from(!p.option);
            // SAFETY: C code passes an array of `count` entries.
            unsafe {
                infos.add(i).write(ArgumentInfo {
                    name: p.name.as_ptr(),
                    description: p.description.as_ptr(),
                    kind: p.kind.name().as_ptr(),
                    default: if p.default.is_empty() { null() } else { p.default.as_ptr() },
                    mandatory: p.mandatory.into(),
                    option: p.option.into(),
                    multiple: 0,
                    position: at,
                });
            }
        }
        Ok(())
    }

    fn execute_diagnostic_command(t; line: c::jstring) -> c::jstring {
        // SAFETY: a valid handle.
        let line = unsafe { obj(line) };
        if line.is_null() {
            return Err(missing(t, "Command line cannot be null."));
        }
        let output = commands::execute(t, &strings::to_rust(line))?;
        Ok(local(t, strings::new_string(t, &output)?))
    }

    fn set_diagnostic_framework_notification_enabled(t; enabled: c::jboolean) {
        state::of(t.vm()).command_notifications.store(enabled != 0, Ordering::Relaxed);
        Ok(())
    }
}
