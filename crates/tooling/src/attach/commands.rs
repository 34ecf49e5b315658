//! The commands of the attach mechanism.

use crate::agents;
use crate::attach::protocol::{Reply, Request};
use caturra_exports::management::commands as diagnostic;
use caturra_exports::properties::serialized_properties;
use caturra_kernel::Thread;
use caturra_kernel::runtime::flags::Flag;
use caturra_kernel::runtime::thread_dump;
use caturra_kernel::runtime::tools::AgentRequest;

type Command = fn(&Thread, &[String; 3]) -> Reply;

const COMMANDS: &[(&str, Command)] = &[
    ("agentProperties", |t, _| properties(t, "serializeAgentPropertiesToByteArray")),
    ("datadump", |t, _| {
        thread_dump::print(t);
        crate::jvmti::events::data_dump(t);
        Reply::good("")
    }),
    ("dumpheap", dump_heap),
    ("inspectheap", inspect_heap),
    ("jcmd", jcmd),
    ("load", load),
    ("printflag", print_flag),
    ("properties", |t, _| properties(t, "serializePropertiesToByteArray")),
    ("setflag", set_flag),
    ("threaddump", |t, _| Reply::good(thread_dump::full_dump(t))),
];

/// Runs a request on the calling thread, in state `InJava`.
pub fn run(t: &Thread, request: &Request) -> Reply {
    match COMMANDS.iter().find(|(name, _)| *name == request.command) {
        Some((_, command)) => command(t, &request.arguments),
        None => Reply::bad(format!("Operation {} not recognized!", request.command)),
    }
}

fn properties(t: &Thread, method: &str) -> Reply {
    match serialized_properties(t, method) {
        Ok(bytes) => Reply::good(bytes),
        Err(_) => Reply::bad(format!("{}\n", agents::describe(t))),
    }
}

fn jcmd(t: &Thread, arguments: &[String; 3]) -> Reply {
    let mut out = String::new();
    match diagnostic::execute_script(t, &arguments[0], &mut out) {
        Ok(()) => Reply::good(out),
        Err(_) => Reply::bad(format!("{out}{}\n", agents::describe(t))),
    }
}

fn load(t: &Thread, [library, absolute, options]: &[String; 3]) -> Reply {
    if !t.vm().options.dynamic_agents {
        return Reply::bad(
            "Dynamic agent loading is not enabled. Use -XX:+EnableDynamicAgentLoading to launch target VM.",
        );
    }
    let request = AgentRequest { library, absolute: absolute == "true", options };
    let (called, text) = agents::load_late(t, &request);
    if called { Reply::good(text) } else { Reply::bad(text) }
}

/// "-live" or "-all", by default the former.
fn live_only(operation: &str, argument: &str) -> Result<bool, Reply> {
    match argument {
        "" | "-live" => Ok(true),
        "-all" => Ok(false),
        other => Err(Reply::bad(format!("Invalid argument to {operation} operation: {other}\n"))),
    }
}

fn dump_heap(_: &Thread, [path, live, _]: &[String; 3]) -> Reply {
    if path.is_empty() {
        return Reply::good("No dump file specified\n");
    }
    match live_only("dumpheap", live) {
        Ok(_) => Reply::bad("heap dumps are not supported by this VM\n"),
        Err(reply) => reply,
    }
}

fn inspect_heap(t: &Thread, [live, path, _]: &[String; 3]) -> Reply {
    let live = match live_only("inspectheap", live) {
        Ok(live) => live,
        Err(reply) => return reply,
    };
    let text = diagnostic::class_histogram(t, live);
    if path.is_empty() {
        return Reply::good(text);
    }
    match std::fs::write(path, text) {
        Ok(()) => Reply::good(format!("Heap inspection file created: {path}\n")),
        Err(why) => Reply::bad(format!("Unable to create file {path}: {why}\n")),
    }
}

fn print_flag(t: &Thread, [name, ..]: &[String; 3]) -> Reply {
    match Flag::find(name) {
        _ if name.is_empty() => Reply::bad("flag name is missing\n"),
        Some(flag) => Reply::good(format!("{}\n", flag.setting(&t.vm().options))),
        None => Reply::good(format!("no such flag '{name}'\n")),
    }
}

/// All flags of a running VM are fixed.
fn set_flag(_: &Thread, [name, ..]: &[String; 3]) -> Reply {
    match Flag::find(name) {
        _ if name.is_empty() => Reply::bad("flag name is missing\n"),
        Some(_) => Reply::bad("only 'writeable' flags can be set\n"),
        None => Reply::bad(format!("flag {name} does not exist\n")),
    }
}
