//! `run`: a program from begin to end, on the engine or instruction by instruction.

use super::console::{Console, complain};
use super::source::Given;
use super::{EngineChoice, Failure, LimitArgs, Outcome, ProgramArgs, write_file};
use crate::asm::show;
use crate::engine::Engine;
use crate::machine::{End, Fault, FaultKind, Limits, Machine};
use crate::translate::{class_name_for, translate};
use crate::verify::Verified;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct RunArgs {
    #[command(flatten)]
    program: ProgramArgs,
    /// What executes the program
    #[arg(long, value_enum, default_value_t = EngineChoice::Auto)]
    engine: EngineChoice,
    /// Print every instruction, with operand stack and local variables before and after it
    #[arg(long)]
    trace: bool,
    /// Also write the program as a Java class, for any JVM: FILE is NAME.class
    #[arg(long, value_name = "FILE")]
    emit_class: Option<PathBuf>,
    /// Print times, and what was compiled, to standard error
    #[arg(long)]
    stats: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// Where something happened, in words.
fn place(program: &Verified, offset: u32) -> String {
    let mut text = format!(" at offset {offset}");
    let Some(index) = program.index_of(offset) else { return text };
    let instruction = &program.instructions()[index];
    let operands: Vec<i32> = instruction.operands().map(|(_, value)| value).collect();
    if let Some(op) = instruction.op {
        text.push_str(&format!(", {}", show(program.program(), op, &operands)));
    }
    if let Some(f) = program.owner(index).filter(|f| *f != 0) {
        text.push_str(&format!(" in function {}", program.functions()[f].name));
    }
    if let Some(line) = program.program().line_at(offset).filter(|_| !program.program().source.is_empty()) {
        text.push_str(&format!(" ({}:{line})", program.program().source));
    }
    text
}

/// What is said about a fault.
pub fn describe_fault(program: &Verified, fault: &Fault, limits: Limits) -> String {
    let limit = match fault.kind {
        FaultKind::DivisionByZero | FaultKind::TimedOut => String::new(),
        FaultKind::CallStackOverflow => format!(" (at most {} calls, --max-calls)", limits.calls),
        FaultKind::StackOverflow => format!(" (at most {} words, --max-stack)", limits.stack),
        FaultKind::OutOfFuel => {
            format!(" ({} instructions, --fuel)", limits.fuel.unwrap_or_default())
        }
    };
    let place = fault.offset.map_or_else(String::new, |offset| place(program, offset));
    format!("{}{limit}{place}", fault.kind)
}

fn finish(given: &Given, program: &Verified, end: &End, limits: Limits, console: &Console) -> Outcome {
    match end {
        End::Halted(result) => {
            if let Some(value) = result {
                console.number(*value);
            }
            console.flush();
            Ok(ExitCode::SUCCESS)
        }
        End::Fault(fault) => {
            console.flush();
            Err(format!("{}: {}", given.name, describe_fault(program, fault, limits)).into())
        }
    }
}

/// Writes the class of a program; its name is that of the file.
fn emit_class(program: &Verified, path: &Path, limits: Limits) -> Result<(), Failure> {
    let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
    let is_class = path.extension().is_some_and(|e| e == "class");
    if !is_class || stem.is_empty() || class_name_for(stem) != stem {
        return Err(format!(
            "{}: a JVM finds a class by the name of its file: letters, digits and underscores, then .class",
            path.display()
        )
        .into());
    }
    write_file(path, &translate(program, stem, limits)?.class_file)
}

pub fn run(args: &RunArgs) -> Outcome {
    let given = args.program.load()?;
    let inputs = given.inputs()?;
    let program = given.verified()?;
    let limits = args.limits.limits();
    if let Some(path) = &args.emit_class {
        emit_class(&program, path, limits)?;
    }
    let console = Console::new();
    let time = args.limits.time_limit;
    let started = Instant::now();
    let mode = if args.trace { None } else { args.engine.mode() };
    let Some(mode) = mode else {
        let (end, steps) = interpret(&program, &inputs, limits, time, args.trace, &console);
        let outcome = finish(&given, &program, &end, limits, &console);
        if args.stats {
            let took = started.elapsed();
            complain(&format!("{steps} instructions, {:.3} ms\n", took.as_secs_f64() * 1e3));
        }
        return outcome;
    };
    let engine = Engine::boot(mode)?;
    let sink = console.clone();
    engine.set_output(move |value| sink.number(value));
    let loaded = engine.load(&program, &class_name_for(&given.stem()), limits)?;
    let booted = started.elapsed();
    let started = Instant::now();
    let end = engine.run(&loaded, &inputs, time);
    let took = started.elapsed();
    let outcome = match end {
        Ok(end) => finish(&given, &program, &end, limits, &console),
        Err(e) => {
            console.flush();
            Err(e.into())
        }
    };
    if args.stats {
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        let compiled = match engine.compiled() {
            Some(c) if c.methods > 0 => format!(
                ", {} compiled to {} bytes in {:.3} ms",
                if c.methods == 1 { "1 method".into() } else { format!("{} methods", c.methods) },
                c.code_bytes,
                ms(c.time)
            ),
            _ => String::new(),
        };
        complain(&format!("engine ready in {:.3} ms, ran {:.3} ms{compiled}\n", ms(booted), ms(took)));
    }
    outcome
}

/// Runs on the reference machine, perhaps telling all.
fn interpret(
    program: &Verified,
    inputs: &[i32],
    limits: Limits,
    time: Option<Duration>,
    trace: bool,
    console: &Console,
) -> (End, u64) {
    /// Instructions between looks at the clock.
    const SLICE: u64 = 1 << 16;
    let deadline = time.map(|time| Instant::now() + time);
    let mut machine = match Machine::new(program, inputs, limits) {
        Ok(machine) => machine,
        Err(fault) => return (End::Fault(fault), 0),
    };
    let mut tracer = trace.then(|| Tracer::new(program, console));
    loop {
        let end = match &mut tracer {
            Some(tracer) => tracer.step(&mut machine),
            None => machine.run(SLICE),
        };
        if !trace {
            machine.output.drain(..).for_each(|value| console.number(value));
        }
        if let Some(end) = end {
            return (end, machine.state.steps);
        }
        if deadline.is_some_and(|d| Instant::now() >= d) {
            let fault = Fault { kind: FaultKind::TimedOut, offset: Some(machine.offset()) };
            return (End::Fault(fault), machine.state.steps);
        }
    }
}

/// Prints instructions as they are executed.
struct Tracer<'c> {
    console: &'c Console,
    /// Width of the instructions, of the names of functions (0: only the main program).
    instruction: usize,
    function: usize,
    has_locals: bool,
}

/// The stack bottom first, the last values of a long one.
fn values(list: &[i32]) -> String {
    const SHOWN: usize = 12;
    let skipped = list.len().saturating_sub(SHOWN);
    let mut text = String::from(if skipped > 0 { "[.. " } else { "[" });
    let shown: Vec<String> = list[skipped..].iter().map(ToString::to_string).collect();
    text.push_str(&shown.join(" "));
    text.push(']');
    text
}

impl<'c> Tracer<'c> {
    fn new(program: &Verified, console: &'c Console) -> Tracer<'c> {
        let shown = |i: &crate::program::Instruction| text_of(program, i).len();
        let functions = program.functions();
        Tracer {
            console,
            instruction: program.instructions().iter().map(shown).max().unwrap_or(0),
            function: if functions.len() > 1 {
                functions.iter().map(|f| f.name.len()).max().unwrap_or(0)
            } else {
                0
            },
            has_locals: functions.iter().any(|f| f.locals > 0),
        }
    }

    fn step(&mut self, machine: &mut Machine<'_>) -> Option<End> {
        let program = machine.program();
        let index = machine.state.pc;
        let instruction = &program.instructions()[index];
        let function = machine.frame().function;
        let (stack, locals) = (values(machine.operands()), values(machine.locals()));
        let result = machine.step();
        let mut line = String::new();
        if self.function > 0 {
            let width = self.function;
            line.push_str(&format!("{:width$} ", program.functions()[function].name));
        }
        let width = self.instruction;
        line.push_str(&format!("{:>5}  {:width$}", instruction.offset, text_of(program, instruction)));
        line.push_str(&format!("  {:>12} -> {:12}", stack, values(machine.operands())));
        if self.has_locals {
            line.push_str(&format!("  locals {locals} -> {}", values(machine.locals())));
        }
        if result.is_err() {
            line = format!("{}  fault", line.trim_end());
        }
        self.console.text(&format!("{}\n", line.trim_end()));
        for value in machine.output.drain(..) {
            self.console.text(&format!("{value}\n"));
        }
        match result {
            Err(fault) => Some(End::Fault(fault)),
            Ok(()) if machine.state.halted => Some(End::Halted(machine.result())),
            Ok(()) => None,
        }
    }
}

/// An instruction with names for numbers where there are any.
pub fn text_of(program: &Verified, instruction: &crate::program::Instruction) -> String {
    let operands: Vec<i32> = instruction.operands().map(|(_, value)| value).collect();
    match instruction.op {
        Some(op) => show(program.program(), op, &operands),
        None => instruction.mnemonic().to_owned(),
    }
}
