//! The diagnostic commands: what `jcmd` and `DiagnosticCommandMBean` can ask a running VM.
//!
//! Names, arguments and layouts are those that the JDK's tools and their users know.

use crate::management::flags;
use crate::properties::{self, serialized_properties};
use caturra_heap::GcCause;
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::flags::{Flag, FlagValue};
use caturra_kernel::runtime::tools::AgentRequest;
use caturra_kernel::runtime::{calls, thread_dump};
use caturra_kernel::{ClassRef, Thread};
use std::collections::HashMap;
use std::ffi::CStr;
use std::fmt::Write;
use std::sync::atomic::{AtomicPtr, Ordering};

/// An argument of a command.
pub struct Parameter {
    pub name: &'static CStr,
    pub description: &'static CStr,
    pub kind: Kind,
    pub default: &'static CStr,
    /// Given as `name` or `name=value` anywhere; others are given in order.
    pub option: bool,
    pub mandatory: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    Text,
}

impl Kind {
    pub fn name(self) -> &'static CStr {
        match self {
            Kind::Boolean => c"BOOLEAN",
            Kind::Text => c"STRING",
        }
    }
}

/// Class, name and action of the permission that a command asks for through the management bean.
pub type Permission = (&'static CStr, &'static CStr, Option<&'static CStr>);

const MONITOR: Option<Permission> = Some((c"java.lang.management.ManagementPermission", c"monitor", None));
const CONTROL: Option<Permission> = Some((c"java.lang.management.ManagementPermission", c"control", None));

/// A diagnostic command.
pub struct Command {
    pub name: &'static CStr,
    pub description: &'static CStr,
    pub impact: &'static CStr,
    pub permission: Option<Permission>,
    pub parameters: &'static [Parameter],
    run: fn(&Thread, &Given) -> JResult<String>,
}

impl Command {
    pub fn name(&self) -> &'static str {
        self.name.to_str().unwrap_or_default()
    }
}

/// The arguments of a call.
pub struct Given(Vec<(&'static CStr, String)>);

impl Given {
    fn text(&self, name: &CStr) -> Option<&str> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }
    fn is(&self, name: &CStr) -> bool {
        self.text(name) == Some("true")
    }
}

const fn switch(name: &'static CStr, description: &'static CStr) -> Parameter {
    Parameter { name, description, kind: Kind::Boolean, default: c"false", option: true, mandatory: false }
}

/// All commands, by name.
pub const COMMANDS: &[Command] = &[
    Command {
        name: c"GC.class_histogram",
        description: c"Provide statistics about the Java heap usage.",
        impact: c"High: Depends on Java heap size and content.",
        permission: MONITOR,
        parameters: &[switch(c"-all", c"Inspect all objects, including unreachable objects")],
        run: |t, given| Ok(class_histogram(t, !given.is(c"-all"))),
    },
    Command {
        name: c"GC.heap_info",
        description: c"Provide generic Java heap information.",
        impact: c"Medium",
        permission: MONITOR,
        parameters: &[],
        run: heap_info,
    },
    Command {
        name: c"GC.run",
        description: c"Call java.lang.System.gc().",
        impact: c"Medium: Depends on Java heap size and content.",
        permission: None,
        parameters: &[],
        run: |t, _| {
            if !t.vm().options.disable_explicit_gc {
                t.vm().heap.collect(t.vm(), GcCause::SystemGc, false);
            }
            Ok(String::new())
        },
    },
    Command {
        name: c"GC.run_finalization",
        description: c"Call java.lang.System.runFinalization().",
        impact: c"Medium: Depends on Java content.",
        permission: None,
        parameters: &[],
        run: |t, _| {
            let vm = t.vm();
            let system = loader::load_class(t, vm.loaders.boot(), vm.symbols.intern("java/lang/System"))?;
            calls::call_static(t, system, "runFinalization", "()V", &[])?;
            Ok(String::new())
        },
    },
    Command {
        name: c"JVMTI.agent_load",
        description: c"Load JVMTI native agent.",
        impact: c"Low",
        permission: CONTROL,
        parameters: &[
            Parameter {
                name: c"library path",
                description: c"Absolute path of the JVMTI agent to load.",
                kind: Kind::Text,
                default: c"",
                option: false,
                mandatory: true,
            },
            Parameter {
                name: c"agent option",
                description: c"Option string to pass the agent.",
                kind: Kind::Text,
                default: c"",
                option: false,
                mandatory: false,
            },
        ],
        run: load_agent,
    },
    Command {
        name: c"JVMTI.data_dump",
        description: c"Signal the JVM to do a data dump request for JVMTI.",
        impact: c"High",
        permission: MONITOR,
        parameters: &[],
        run: |t, _| {
            if let Some(hooks) = t.vm().tools.hooks() {
                (hooks.data_dump)(t);
            }
            Ok(String::new())
        },
    },
    Command {
        name: c"Thread.print",
        description: c"Print all threads with stacktraces.",
        impact: c"Medium: Depends on the number of threads.",
        permission: MONITOR,
        parameters: &[
            switch(c"-l", c"print java.util.concurrent locks"),
            switch(c"-e", c"print extended thread information"),
        ],
        run: |t, _| Ok(thread_dump::full_dump(t)),
    },
    Command {
        name: c"VM.command_line",
        description: c"Print the command line used to start this VM instance.",
        impact: c"Low",
        permission: MONITOR,
        parameters: &[],
        run: command_line,
    },
    Command {
        name: c"VM.flags",
        description: c"Print VM flag options and their current values.",
        impact: c"Low",
        permission: MONITOR,
        parameters: &[switch(c"-all", c"Print all flags supported by the VM.")],
        run: |t, given| Ok(flags::print(t.vm(), given.is(c"-all"))),
    },
    Command {
        name: c"VM.print_touched_methods",
        description: c"Print all methods that have ever been touched during the lifetime of this JVM.",
        impact: c"Medium: Depends on Java content.",
        permission: MONITOR,
        parameters: &[],
        run: touched_methods,
    },
    Command {
        name: c"VM.system_properties",
        description: c"Print system properties.",
        impact: c"Low",
        permission: Some((c"java.util.PropertyPermission", c"*", Some(c"read"))),
        parameters: &[],
        run: |t, _| Ok(latin1(&serialized_properties(t, "serializePropertiesToByteArray")?)),
    },
    Command {
        name: c"VM.uptime",
        description: c"Print VM uptime.",
        impact: c"Low",
        permission: None,
        parameters: &[switch(c"-date", c"Add a prefix with current date")],
        run: |t, given| {
            let date = if given.is(c"-date") { format!("{}: ", thread_dump::timestamp()) } else { String::new() };
            Ok(format!("{date}{:.3} s\n", t.vm().started.elapsed().as_secs_f64()))
        },
    },
    Command {
        name: c"VM.version",
        description: c"Print JVM version information.",
        impact: c"Low",
        permission: Some((c"java.util.PropertyPermission", c"java.vm.version", Some(c"read"))),
        parameters: &[],
        run: |t, _| {
            // The number alone: "17.0.15+6-Debian" is JDK 17.0.15.
            let number = t.vm().options.runtime_version.split(['+', '-']).next().unwrap_or_default();
            Ok(format!("{} version {}\nJDK {number}\n", properties::VM_NAME, properties::VM_VERSION))
        },
    },
    Command {
        name: c"help",
        description: c"For more information about a specific command use 'help <command>'. With no argument this will show a list of available commands. 'help all' will show help for all commands.",
        impact: c"Low",
        permission: None,
        parameters: &[
            switch(c"-all", c"Show help for all commands"),
            Parameter {
                name: c"command name",
                description: c"The name of the command for which we want help",
                kind: Kind::Text,
                default: c"",
                option: false,
                mandatory: false,
            },
        ],
        run: |_, given| Ok(help(given.text(c"command name"), given.is(c"-all"))),
    },
];

/// The command of that name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name() == name)
}

/// The error of a command that does not exist.
pub fn unknown(t: &Thread) -> Thrown {
    exceptions::throw(t, "java/lang/IllegalArgumentException", "Unknown diagnostic command")
}

/// Runs one command with its arguments and gives what it prints.
///
/// # Errors
/// `IllegalArgumentException` for an unknown command or bad arguments.
pub fn execute(t: &Thread, line: &str) -> JResult<String> {
    let line = line.trim();
    let (name, arguments) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let Some(command) = find(name) else { return Err(unknown(t)) };
    let given = parse(command, arguments)
        .map_err(|why| exceptions::throw(t, "java/lang/IllegalArgumentException", &why))?;
    (command.run)(t, &given)
}

/// Runs the commands of a script, one a line, up to a line `stop`; what they print goes to `out`.
///
/// # Errors
/// As [`execute`]; the commands before the bad one have run.
pub fn execute_script(t: &Thread, script: &str, out: &mut String) -> JResult<()> {
    for line in script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if line == "stop" {
            break;
        }
        out.push_str(&execute(t, line)?);
    }
    Ok(())
}

/// Words of an argument line: separated by spaces, `key=value` or a value; quotes hold spaces together.
fn words(line: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let mut words = Vec::new();
    let mut rest = line.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(words);
        }
        let mut parts = [String::new(), String::new()];
        let mut at = 0;
        while let Some(c) = rest.next_if(|c| !c.is_whitespace()) {
            match c {
                '=' if at == 0 => at = 1,
                '"' | '\'' => loop {
                    match rest.next() {
                        Some(q) if q == c => break,
                        Some(other) => parts[at].push(other),
                        None => return Err("Format error in diagnostic command arguments".into()),
                    }
                },
                c => parts[at].push(c),
            }
        }
        let [key, value] = parts;
        words.push((key, (at == 1).then_some(value)));
    }
}

fn parse(command: &Command, line: &str) -> Result<Given, String> {
    let mut given = Vec::new();
    let mut positions = command.parameters.iter().filter(|p| !p.option);
    for (key, value) in words(line)? {
        let named = command.parameters.iter().find(|p| p.option && p.name.to_bytes() == key.as_bytes());
        let (parameter, text) = match named {
            Some(p) => (p, value.unwrap_or_default()),
            None => {
                let Some(p) = positions.next() else {
                    return Err(format!("Unknown argument '{key}' in diagnostic command."));
                };
                (p, value.map_or(key.clone(), |v| format!("{key}={v}")))
            }
        };
        let text = match (parameter.kind, text.as_str()) {
            (Kind::Boolean, "" | "true") => "true".into(),
            (Kind::Boolean, "false") => "false".into(),
            (Kind::Boolean, _) => {
                return Err(format!(
                    "Boolean parsing error in command argument '{}'. Could not parse: {text}.",
                    parameter.name.to_string_lossy()
                ));
            }
            _ => text,
        };
        given.push((parameter.name, text));
    }
    let missing = command.parameters.iter().find(|p| p.mandatory && !given.iter().any(|(n, _)| *n == p.name));
    match missing {
        Some(p) => Err(format!("The argument '{}' is mandatory.", p.name.to_string_lossy())),
        None => Ok(Given(given)),
    }
}

fn help(name: Option<&str>, all: bool) -> String {
    let mut out = String::new();
    if all {
        for c in COMMANDS {
            let _infallible = writeln!(out, "{}\n\t{}\n", c.name(), c.description.to_string_lossy());
        }
        return out;
    }
    match name.map(|n| (n, find(n))) {
        None => {
            out.push_str("The following commands are available:\n");
            for c in COMMANDS {
                let _infallible = writeln!(out, "{}", c.name());
            }
            out.push_str("\nFor more information about a specific command use 'help <command>'.\n");
        }
        Some((name, None)) => {
            let _infallible = writeln!(out, "Help unavailable : '{name}' : No such command");
        }
        Some((_, Some(c))) => describe(&mut out, c),
    }
    out
}

fn describe(out: &mut String, c: &Command) {
    let text = |s: &CStr| s.to_string_lossy().into_owned();
    let _infallible = writeln!(out, "{}\n{}\n\nImpact: {}", c.name(), text(c.description), text(c.impact));
    if let Some((class, name, action)) = c.permission {
        let action = action.map_or_else(String::new, |a| format!(", {}", text(a)));
        let _infallible = writeln!(out, "\nPermission: {}({}{action})", text(class), text(name));
    }
    let (options, arguments): (Vec<_>, Vec<_>) = c.parameters.iter().partition(|p| p.option);
    let _infallible =
        write!(out, "\nSyntax : {} {}", c.name(), if options.is_empty() { "" } else { "[options]" });
    for a in &arguments {
        let (open, close) = if a.mandatory { ("<", ">") } else { ("[<", ">]") };
        let _infallible = write!(out, " {open}{}{close}", text(a.name));
    }
    out.push('\n');
    let heads = [
        (&arguments, "\nArguments:\n"),
        (&options, "\nOptions: (options must be specified using the <key> or <key>=<value> syntax)\n"),
    ];
    for (list, head) in heads {
        if list.is_empty() {
            continue;
        }
        out.push_str(head);
        for p in list.iter() {
            let optional = if p.mandatory { "" } else { "[optional]" };
            let default = if p.default.is_empty() { "no default value".into() } else { text(p.default) };
            let _infallible = writeln!(
                out,
                "\t{} : {optional} {} ({}, {default})",
                text(p.name),
                text(p.description),
                text(p.kind.name())
            );
        }
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

fn load_agent(t: &Thread, given: &Given) -> JResult<String> {
    let library = given.text(c"library path").unwrap_or_default();
    let options = given.text(c"agent option").unwrap_or_default();
    // A Java agent is a jar; the library that runs it takes its path as an option.
    let jar = library.ends_with(".jar");
    let joined = if options.is_empty() { library.to_owned() } else { format!("{library}={options}") };
    let request = AgentRequest {
        library: if jar { "instrument" } else { library },
        absolute: !jar,
        options: if jar { &joined } else { options },
    };
    Ok(t.vm().tools.hooks().map_or_else(String::new, |hooks| (hooks.load_agent)(t, &request).1))
}

fn heap_info(t: &Thread, _: &Given) -> JResult<String> {
    let s = t.vm().heap.stats();
    Ok(format!(
        " heap            total {}K, used {}K, max {}K\n large objects   {}, {}K\n collections     {} minor, {} full\n Metaspace       used {}K\n",
        s.committed >> 10,
        s.used >> 10,
        s.max >> 10,
        s.large_objects,
        s.large_bytes >> 10,
        s.minor_count,
        s.full_count,
        t.vm().metaspace.used() >> 10,
    ))
}

fn command_line(t: &Thread, _: &Given) -> JResult<String> {
    let options = &t.vm().options;
    let property = |key: &str, otherwise: &str| {
        let all = options.system_properties.lock();
        all.iter().rev().find(|(k, _)| k == key).map_or_else(|| otherwise.to_owned(), |(_, v)| v.clone())
    };
    let mut out = String::from("VM Arguments:\n");
    if !options.vm_arguments.is_empty() {
        let _infallible = writeln!(out, "jvm_args: {} ", options.vm_arguments.join(" "));
    }
    let _infallible = writeln!(out, "java_command: {}", property("sun.java.command", "<unknown>"));
    let _infallible =
        writeln!(out, "java_class_path (initial): {}", property("java.class.path", "<not set>"));
    let launcher = if options.is_launcher() { "SUN_STANDARD" } else { "generic" };
    let _infallible = writeln!(out, "Launcher Type: {launcher}");
    Ok(out)
}

/// Methods that have been called: what a method needs to run is made at its first call.
fn touched_methods(t: &Thread, _: &Given) -> JResult<String> {
    let wanted = Flag::find("LogTouchedMethods").map(|f| f.value(&t.vm().options));
    if wanted != Some(FlagValue::Bool(true)) {
        return Ok("VM.print_touched_methods command requires -XX:+LogTouchedMethods\n".to_owned());
    }
    let mut out = String::from("# Method::print_touched_methods version 1\n");
    for class in t.vm().loaders.all_classes().into_iter().filter(|c| c.is_instance_class()) {
        for m in class.methods {
            let ready = |p: &AtomicPtr<u8>| !p.load(Ordering::Acquire).is_null();
            if ready(&m.code) || ready(&m.compiled) || ready(&m.native_fn) {
                let _infallible = writeln!(out, "{}.{}:{}", class.name, m.name, m.signature.symbol);
            }
        }
    }
    Ok(out)
}

/// Instances and bytes by class, largest first, as `jmap -histo` prints them. With `live`, dead objects are collected
/// before.
pub fn class_histogram(t: &Thread, live: bool) -> String {
    let vm = t.vm();
    if live {
        vm.heap.collect(vm, GcCause::HeapInspection, false);
    }
    let mut by_class: HashMap<u32, (u64, u64)> = HashMap::new();
    vm.heap.for_each_object(vm, &mut |object| {
        // SAFETY: the heap presents live objects.
        let (class, size) = unsafe { (object.class_word(), vm.heap.object_size(object)) };
        let entry = by_class.entry(class).or_default();
        entry.0 += 1;
        entry.1 += size as u64;
    });
    // This thread has not reached a safepoint since: the classes are all loaded still.
    let mut rows: Vec<(u64, u64, String)> = by_class
        .into_iter()
        .map(|(class, (count, bytes))| {
            // SAFETY: the class word of an object is its class's address.
            let class = unsafe { ClassRef::from_raw(u64::from(class)) };
            // The module is that of the element type for an array.
            let module = class.bottom.unwrap_or(class).module();
            let mut name = class.external_name();
            if let Some(m) = module.name {
                let _infallible = write!(name, " ({m}");
                if let Some(version) = *module.version.read() {
                    let _infallible = write!(name, "@{version}");
                }
                name.push(')');
            }
            (bytes, count, name)
        })
        .collect();
    rows.sort_by(|a, b| b.cmp(a));
    let mut out = String::from(
        " num     #instances         #bytes  class name (module)\n-------------------------------------------------------\n",
    );
    let (mut count, mut bytes) = (0, 0);
    for (i, row) in rows.iter().enumerate() {
        let _infallible = writeln!(out, "{:4}: {:13} {:14}  {}", i + 1, row.1, row.0, row.2);
        count += row.1;
        bytes += row.0;
    }
    let _infallible = writeln!(out, "Total {count:13} {bytes:14}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_sorted_and_found() {
        assert!(COMMANDS.is_sorted_by_key(|c| c.name()));
        assert!(find("VM.version").is_some() && find("VM.versions").is_none());
    }

    #[test]
    fn arguments_are_matched_by_name_and_position() {
        let given = parse(find("JVMTI.agent_load").unwrap(), "'/a b.so' x=1").ok().unwrap();
        assert_eq!(given.text(c"library path"), Some("/a b.so"));
        assert_eq!(given.text(c"agent option"), Some("x=1"));
        let print = find("Thread.print").unwrap();
        assert!(parse(print, "-l -e=false").ok().unwrap().is(c"-l"));
        assert_eq!(parse(print, "zz").err().unwrap(), "Unknown argument 'zz' in diagnostic command.");
        assert_eq!(
            parse(print, "-l=z").err().unwrap(),
            "Boolean parsing error in command argument '-l'. Could not parse: z."
        );
        let missing = parse(find("JVMTI.agent_load").unwrap(), "").err().unwrap();
        assert_eq!(missing, "The argument 'library path' is mandatory.");
    }

    #[test]
    fn help_shows_syntax() {
        let text = help(Some("VM.uptime"), false);
        assert!(text.contains("\nSyntax : VM.uptime [options]\n"), "{text}");
        assert!(text.contains("\t-date : [optional] Add a prefix with current date (BOOLEAN, false)\n"));
    }
}
