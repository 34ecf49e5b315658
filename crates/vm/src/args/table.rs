//! All options other than `-XX` flags, one row each. Options of the `java` launcher that never reach the VM are not
//! among them.

use super::parser::Parser;
use super::{Argument, invalid};
use crate::CreateError;
use caturra_kernel::runtime::flags::FlagOrigin;
use caturra_kernel::runtime::log_config;
use caturra_kernel::runtime::options::{AssertionKind, AssertionSwitch};
use caturra_tooling::AgentKind;
use std::ffi::c_void;

type Outcome = Result<(), CreateError>;

/// What is known of the option that a row applies to.
pub(super) struct Given<'a> {
    pub argument: &'a Argument,
    /// What follows the row's text.
    pub rest: &'a str,
    pub origin: FlagOrigin,
}

pub(super) enum Form {
    /// The text is the whole option.
    Whole,
    /// Something may follow.
    Prefix,
}

pub(super) struct Row {
    pub text: &'static str,
    pub form: Form,
    pub apply: fn(&mut Parser, &Given<'_>) -> Outcome,
}

const fn whole(text: &'static str, apply: fn(&mut Parser, &Given<'_>) -> Outcome) -> Row {
    Row { text, form: Form::Whole, apply }
}

const fn prefix(text: &'static str, apply: fn(&mut Parser, &Given<'_>) -> Outcome) -> Row {
    Row { text, form: Form::Prefix, apply }
}

/// Accepted for old times' sake.
fn nothing(_: &mut Parser, _: &Given<'_>) -> Outcome {
    Ok(())
}

/// The first row that fits an option holds.
pub(super) static OPTIONS: &[Row] = &[
    // ---- system properties and modules
    prefix("-D", |p, g| p.property(g.rest)),
    prefix("--add-reads=", |p, g| p.numbered("jdk.module.addreads", g.rest)),
    prefix("--add-exports=", |p, g| p.numbered("jdk.module.addexports", g.rest)),
    prefix("--add-opens=", |p, g| p.numbered("jdk.module.addopens", g.rest)),
    prefix("--add-modules=", |p, g| p.numbered("jdk.module.addmods", g.rest)),
    prefix("--enable-native-access=", |p, g| p.numbered("jdk.module.enable.native.access", g.rest)),
    prefix("--patch-module=", |p, g| p.patch_module(g.rest)),
    prefix("--limit-modules=", |p, g| p.module_property("jdk.module.limitmods", g.rest)),
    prefix("--module-path=", |p, g| p.module_property("jdk.module.path", g.rest)),
    prefix("--upgrade-module-path=", |p, g| p.module_property("jdk.module.upgrade.path", g.rest)),
    prefix("--illegal-access=", |p, g| {
        p.removed(&g.argument.text, "17.0");
        Ok(())
    }),
    whole("--enable-preview", |p, _| {
        p.options.enable_preview = true;
        Ok(())
    }),
    prefix("-Xbootclasspath/a:", |p, g| {
        p.boot_append.extend(g.rest.split(':').filter(|s| !s.is_empty()).map(str::to_string));
        Ok(())
    }),
    prefix("-Xbootclasspath/p:", |_, _| no_longer("-Xbootclasspath/p")),
    prefix("-Xbootclasspath:", |_, _| no_longer("-Xbootclasspath")),
    // ---- memory
    prefix("-Xmx", |p, g| p.max_heap_size(g)),
    prefix("-XX:MaxHeapSize=", |p, g| p.max_heap_size(g)),
    prefix("-Xms", |p, g| p.initial_heap_size(g)),
    prefix("-Xmn", |p, g| p.young_size(g)),
    prefix("-Xss", |p, g| p.stack_size(g)),
    prefix("-Xmaxf", |_, g| free_ratio(g, "max")),
    prefix("-Xminf", |_, g| free_ratio(g, "min")),
    whole("-Xnoclassgc", |p, g| p.flag("ClassUnloading", false, g.origin)),
    // ---- how code runs
    whole("-Xint", |p, _| {
        p.options.interpret_only = true;
        Ok(())
    }),
    whole("-Xmixed", |p, _| {
        p.options.interpret_only = false;
        p.options.jit.compile_all = false;
        Ok(())
    }),
    whole("-Xcomp", |p, g| {
        p.options.interpret_only = false;
        p.options.jit.compile_all = true;
        p.flag("BackgroundCompilation", false, g.origin)
    }),
    whole("-Xbatch", |p, g| p.flag("BackgroundCompilation", false, g.origin)),
    prefix("-Xmaxjitcodesize", |p, g| p.code_cache_size(g)),
    whole("-Xrs", |p, g| p.flag("ReduceSignalUsage", true, g.origin)),
    prefix("-Xverify", verify),
    whole("-Xcheck:jni", |p, _| {
        p.options.check_jni = true;
        Ok(())
    }),
    prefix("-Xcheck", |p, g| p.unrecognized("check ", &g.argument.text)),
    prefix("-Xshare:", share),
    // ---- assertions
    whole("-esa", |p, _| system_assertions(p, true)),
    whole("-enablesystemassertions", |p, _| system_assertions(p, true)),
    whole("-dsa", |p, _| system_assertions(p, false)),
    whole("-disablesystemassertions", |p, _| system_assertions(p, false)),
    whole("-ea", |p, g| assertions(p, g, true)),
    prefix("-ea:", |p, g| assertions(p, g, true)),
    whole("-enableassertions", |p, g| assertions(p, g, true)),
    prefix("-enableassertions:", |p, g| assertions(p, g, true)),
    whole("-da", |p, g| assertions(p, g, false)),
    prefix("-da:", |p, g| assertions(p, g, false)),
    whole("-disableassertions", |p, g| assertions(p, g, false)),
    prefix("-disableassertions:", |p, g| assertions(p, g, false)),
    // ---- output
    prefix("-verbose", verbose),
    prefix("-Xloggc:", |p, g| {
        let text = format!("-Xloggc is deprecated. Will use -Xlog:gc:{} instead.", g.rest);
        p.options.log.write(log_config::Level::Warning, "gc", &text);
        p.gc_log_file = Some(g.rest.to_string());
        Ok(())
    }),
    prefix("-Xlog", log),
    whole("-Xinternalversion", |p, _| {
        p.print_internal_version = true;
        Ok(())
    }),
    // ---- agents
    prefix("-agentlib:", |p, g| p.agent(AgentKind::Library, g.rest)),
    prefix("-agentpath:", |p, g| p.agent(AgentKind::Path, g.rest)),
    prefix("-javaagent:", |p, g| p.java_agent(g.rest)),
    prefix("-Xrun", |p, g| p.agent(AgentKind::Run, g.rest)),
    whole("-Xdebug", nothing),
    whole("-Xnoagent", nothing),
    // ---- the host program's hooks (JNI, chapter 5, JNI_CreateJavaVM)
    whole("exit", |p, g| {
        // SAFETY: JNI defines the option's extra pointer as such a function.
        p.options.exit_hook = unsafe {
            std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn(i32)>>(g.argument.extra)
        };
        Ok(())
    }),
    whole("abort", |p, g| {
        // SAFETY: as above.
        p.options.abort_hook =
            unsafe { std::mem::transmute::<*mut c_void, Option<unsafe extern "C" fn()>>(g.argument.extra) };
        Ok(())
    }),
    whole("vfprintf", |p, g| {
        p.options.vfprintf_hook = Some(g.argument.extra.cast_const());
        Ok(())
    }),
    // ---- flags
    prefix("-XX:", |p, g| p.xx(g.rest, g.origin)),
    // ---- of old releases
    whole("-Xprof", |p, g| {
        p.removed(&g.argument.text, "10.0");
        Ok(())
    }),
    prefix("-Xoss", nothing),
    whole("-Xsqnopause", nothing),
    whole("-Xusealtsigs", nothing),
    whole("-Xconcurrentio", nothing),
];

fn no_longer(option: &str) -> Outcome {
    Err(CreateError::InvalidOptionsOnStdout(format!("{option} is no longer a supported option.")))
}

/// Free space to keep, which this VM's heap decides itself.
fn free_ratio(g: &Given<'_>, which: &str) -> Outcome {
    match g.rest.parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(()),
        _ => invalid(format!("Bad {which} heap free percentage size: {}", g.argument.text)),
    }
}

fn verify(p: &mut Parser, g: &Given<'_>) -> Outcome {
    let (local, remote) = match g.rest {
        "" | ":all" => (true, true),
        ":remote" => (false, true),
        ":none" => (false, false),
        _ => return p.unrecognized("verification ", &g.argument.text),
    };
    p.flag("BytecodeVerificationLocal", local, g.origin)?;
    p.flag("BytecodeVerificationRemote", remote, g.origin)?;
    if !remote {
        p.options.warning(
            "Options -Xverify:none and -noverify were deprecated in JDK 13 and will likely be removed in a future \
             release.",
        );
    }
    Ok(())
}

/// There is no archive of shared classes, so there is nothing to switch; only making one is asked too much.
fn share(p: &mut Parser, g: &Given<'_>) -> Outcome {
    match g.rest {
        "auto" | "on" | "off" => Ok(()),
        "dump" => invalid("Shared spaces are not supported in this VM"),
        _ => p.unrecognized("", &g.argument.text),
    }
}

fn system_assertions(p: &mut Parser, enabled: bool) -> Outcome {
    p.options.system_assertions = enabled;
    Ok(())
}

fn assertions(p: &mut Parser, g: &Given<'_>, enabled: bool) -> Outcome {
    let (name, kind) = if !g.argument.text.contains(':') {
        ("", AssertionKind::All)
    } else if let Some(package) = g.rest.strip_suffix("...") {
        (package, AssertionKind::Package)
    } else {
        (g.rest, AssertionKind::Class)
    };
    p.options.assertions.push(AssertionSwitch { name: name.replace('.', "/"), kind, enabled });
    Ok(())
}

fn verbose(p: &mut Parser, g: &Given<'_>) -> Outcome {
    let selections: &[&str] = match g.rest {
        "" | ":class" => &["class+load", "class+unload"],
        ":module" => &["module+load", "module+unload"],
        ":gc" => &["gc"],
        ":jni" => &["jni+resolve=debug"],
        // Other words have always been ignored.
        _ => &[],
    };
    p.options.verbose_class |= matches!(g.rest, "" | ":class");
    selections.iter().for_each(|s| p.options.log.select_on_stdout(s));
    Ok(())
}

fn log(p: &mut Parser, g: &Given<'_>) -> Outcome {
    let valid = match g.rest {
        ":help" => {
            print!("{}", log_config::help());
            return Err(CreateError::Exit(0));
        }
        ":disable" => {
            p.options.log.disable();
            true
        }
        // Lines are written as they come; there is no thread to leave them to.
        ":async" => true,
        "" => p.options.log.configure(""),
        rest => rest.strip_prefix(':').is_some_and(|option| p.options.log.configure(option)),
    };
    if valid {
        return Ok(());
    }
    invalid(format!("Invalid -Xlog option '-Xlog{}', see error log for details.", g.rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row that stands behind a shorter prefix would never be reached.
    #[test]
    fn no_row_hides_another() {
        for (i, row) in OPTIONS.iter().enumerate() {
            let hidden = OPTIONS[i + 1..].iter().find(|later| match row.form {
                Form::Whole => later.text == row.text,
                Form::Prefix => later.text.starts_with(row.text),
            });
            assert!(hidden.is_none(), "{} hides {}", row.text, hidden.map_or("", |h| h.text));
        }
    }
}
