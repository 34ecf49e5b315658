//! `step`: a program in the terminal, instruction by instruction, forwards and backwards.

mod app;
mod view;

use super::run::describe_fault;
use super::{Failure, LimitArgs, Outcome, ProgramArgs};
use crate::debugger::Session;
use crate::terminal::{Happening, Screen};
use app::App;
use clap::Args;
use ratatui::crossterm::event::{Event, KeyEventKind};
use std::process::ExitCode;
use std::time::Duration;

/// Instructions that are executed between looks at the keyboard.
const SLICE: u64 = 200_000;

#[derive(Args)]
#[command(after_help = view::KEYS_HELP)]
pub struct StepArgs {
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    limits: LimitArgs,
}

pub fn step(args: &StepArgs) -> Outcome {
    let given = args.program.load()?;
    let inputs = given.inputs()?;
    let program = given.verified()?;
    let limits = args.limits.limits();
    let session = Session::new(&program, &inputs, limits).map_err(|fault| {
        Failure::from(format!("{}: {}", given.name, describe_fault(&program, &fault, limits)))
    })?;
    let mut app = App::new(session, &given.name, given.text.as_deref(), limits);
    let mut screen = Screen::enter().map_err(|e| {
        format!("step needs a terminal: {e}; caturra stack run --trace prints the same, instruction by instruction")
    })?;
    match show(&mut screen, &mut app) {
        Ok(None) => Ok(ExitCode::SUCCESS),
        Ok(Some(signal)) => Err(screen.die_of(signal).into()),
        Err(e) => {
            drop(screen);
            Err(format!("the terminal: {e}").into())
        }
    }
}

/// Until the user leaves, or a signal comes.
fn show(screen: &mut Screen, app: &mut App<'_>) -> std::io::Result<Option<i32>> {
    while !app.is_done() {
        screen.terminal.draw(|frame| view::draw(frame, app))?;
        // While the program runs, only a look.
        let time = if app.is_running() { Duration::ZERO } else { Duration::from_secs(3600) };
        match screen.wait(time)? {
            Happening::Event(Event::Key(key)) if key.kind != KeyEventKind::Release => app.key(key),
            Happening::Event(_) | Happening::Resumed => {}
            Happening::Nothing => app.work(SLICE),
            Happening::Signal(signal) => return Ok(Some(signal)),
        }
    }
    Ok(None)
}
