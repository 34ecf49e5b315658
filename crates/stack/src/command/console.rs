//! Standard output and standard error. Where nobody reads any more (`| head`), a command ends at once.

use std::cell::RefCell;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Stdout, Write};
use std::rc::Rc;

/// Exit status of a program that was ended by a closed pipe, as a shell gives it.
const CLOSED_PIPE: i32 = 128 + 13;

/// Standard output: whole at the end, or line by line where someone looks on. Clones share one buffer.
#[derive(Clone)]
pub struct Console {
    out: Rc<RefCell<BufWriter<Stdout>>>,
    live: bool,
}

fn check(result: io::Result<()>) {
    if let Err(e) = result {
        if e.kind() != ErrorKind::BrokenPipe {
            complain(&format!("caturra stack: standard output: {e}\n"));
        }
        std::process::exit(if e.kind() == ErrorKind::BrokenPipe { CLOSED_PIPE } else { 1 });
    }
}

impl Console {
    pub fn new() -> Console {
        let out = io::stdout();
        let live = out.is_terminal();
        Console { out: Rc::new(RefCell::new(BufWriter::new(out))), live }
    }

    /// A number and a line feed.
    pub fn number(&self, value: i32) {
        let mut out = self.out.borrow_mut();
        check(writeln!(out, "{value}"));
        if self.live {
            check(out.flush());
        }
    }

    /// A text as it is.
    pub fn text(&self, text: &str) {
        check(self.out.borrow_mut().write_all(text.as_bytes()));
    }

    pub fn flush(&self) {
        check(self.out.borrow_mut().flush());
    }
}

/// Prints a text and ends it.
pub fn print(text: &str) {
    let console = Console::new();
    console.text(text);
    console.flush();
}

/// A text on standard error; when that is closed there is nobody to tell.
pub fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Whether messages may have colours.
pub fn color() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}
