//! Verdicts, diffs, progress.

use std::fmt::Write as _;
use std::fs;
use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::sync::Mutex;

use similar::TextDiff;

use crate::expected::Expected;
use crate::process::{End, Outcome};
use crate::program::Program;

/// The differences between a run and what was expected, as a person wants to read them; `None` if equal.
pub fn difference(program: &Program, expected: &Expected, got: &Outcome, max_lines: usize) -> Option<String> {
    let mut text = String::new();
    if got.end != End::Exit(expected.exit) {
        let _ = writeln!(text, "ended: {} (expected exit code {})", got.end, expected.exit);
    }
    let d = &program.directives;
    for (stream, compare, want, have) in [
        ("stdout", &d.stdout_compare, &expected.stdout, &got.stdout),
        ("stderr", &d.stderr_compare, &expected.stderr, &got.stderr),
    ] {
        let (want, have) = (compare.apply(want), compare.apply(have));
        if want != have {
            text.push_str(&unified(stream, &want, &have, max_lines));
        }
    }
    (!text.is_empty()).then_some(text)
}

fn unified(stream: &str, want: &str, have: &str, max_lines: usize) -> String {
    let diff = TextDiff::configure().timeout(std::time::Duration::from_secs(2)).diff_lines(want, have);
    let full = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("{stream}, reference"), &format!("{stream}, under test"))
        .to_string();
    let total = full.lines().count();
    let mut text: String = full
        .lines()
        .take(max_lines)
        .map(|l| match l.char_indices().nth(400) {
            Some((cut, _)) => format!("{}…\n", &l[..cut]),
            None => format!("{l}\n"),
        })
        .collect();
    if total > max_lines {
        let _ = writeln!(text, "… {} more lines of diff", total - max_lines);
    }
    text
}

/// The head of a crash report that the VM left in its working directory.
pub fn crash_report(work: &Path) -> Option<String> {
    let log = fs::read_dir(work).ok()?.filter_map(Result::ok).map(|e| e.path()).find(|p| {
        p.file_name()
            .and_then(|n| n.to_str())
            .is_some_and(|n| n.starts_with("hs_err_pid") && n.ends_with(".log"))
    })?;
    let text = fs::read_to_string(&log).ok()?;
    let head: Vec<&str> = text.lines().take(25).collect();
    Some(format!("{}:\n{}\n", log.display(), head.join("\n")))
}

#[derive(Default)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    pub known: usize,
}

/// Prints results as they come: a status line on a terminal, a line at every tenth of the way elsewhere.
pub struct Progress {
    total: usize,
    terminal: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    failed: usize,
    running: Vec<String>,
}

impl Progress {
    pub fn new(total: usize) -> Self {
        Progress { total, terminal: std::io::stderr().is_terminal(), state: Mutex::default() }
    }

    pub fn started(&self, label: &str) {
        let mut state = self.state.lock().expect("progress lock");
        state.running.push(label.to_owned());
        self.draw(&state);
    }

    /// Notes the end of `label`; `message`, if any, goes to standard output whole.
    pub fn finished(&self, label: &str, failed: bool, message: Option<&str>) {
        let mut state = self.state.lock().expect("progress lock");
        state.running.retain(|r| r != label);
        state.done += 1;
        state.failed += usize::from(failed);
        if let Some(message) = message {
            if self.terminal {
                eprint!("\r\x1b[K");
            }
            println!("{message}");
        }
        let step = (self.total / 10).max(1);
        if !self.terminal && (state.done.is_multiple_of(step) || state.done == self.total) {
            eprintln!("[{}/{}] {} failed", state.done, self.total, state.failed);
        }
        self.draw(&state);
    }

    fn draw(&self, state: &State) {
        if self.terminal {
            let running = state.running.join(" ");
            let running: String = running.chars().take(80).collect();
            eprint!("\r\x1b[K[{}/{}] {} failed  {running}", state.done, self.total, state.failed);
            let _ = std::io::stderr().flush();
        }
    }

    pub fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
