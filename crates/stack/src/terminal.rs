//! The terminal as a screen for a program of its own, given back in every case: at the end, on an error, a panic, and on
//! signals that end or stop the process.

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, Timespec};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Signals that end the process, or stop it.
const SIGNALS: [i32; 5] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP];
/// How long a signal may stay unnoticed.
const TICK: Duration = Duration::from_millis(50);

/// What came from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Happening {
    Event(Event),
    /// A signal that asks the process to end.
    Signal(i32),
    /// The terminal is back after the process was stopped: everything must be drawn again.
    Resumed,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// The terminal in raw mode, on its alternate screen; what was there comes back when this is dropped.
pub struct Screen {
    pub terminal: DefaultTerminal,
    /// The last signal, 0 for none.
    signal: Arc<AtomicUsize>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When standard input or output is none, or it cannot be set up.
    pub fn enter() -> io::Result<Screen> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(io::Error::other("standard input and output are no terminal"));
        }
        let signal = Arc::new(AtomicUsize::new(0));
        for number in SIGNALS {
            signal_hook::flag::register_usize(number, signal.clone(), number as usize)?;
        }
        let terminal = ratatui::try_init().inspect_err(|_| ratatui::restore())?;
        Ok(Screen { terminal, signal })
    }

    /// Waits for something to happen, at most for `time`.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn wait(&mut self, time: Duration) -> io::Result<Happening> {
        let mut left = time;
        loop {
            match self.signal.swap(0, Ordering::Relaxed) as i32 {
                0 => {}
                SIGTSTP => {
                    ratatui::try_restore()?;
                    // Stops here until someone lets the process go on.
                    signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
                    self.terminal = ratatui::try_init()?;
                    return Ok(Happening::Resumed);
                }
                number => return Ok(Happening::Signal(number)),
            }
            // Crossterm reads a terminal that is gone for ever, so it is only asked about one that is there.
            input_ready(Duration::ZERO)?;
            if event::poll(Duration::ZERO)? {
                return event::read().map(Happening::Event);
            }
            if left.is_zero() {
                return Ok(Happening::Nothing);
            }
            let tick = left.min(TICK);
            if !input_ready(tick)? {
                left -= tick;
            }
        }
    }

    /// Gives the terminal back and ends the process as the signal does by itself.
    pub fn die_of(self, signal: i32) -> io::Error {
        drop(self);
        match signal_hook::low_level::emulate_default_handler(signal) {
            Ok(()) => io::Error::other(format!("signal {signal}")),
            Err(e) => e,
        }
    }
}

/// Waits for input, at most for `time`; whether there is some.
fn input_ready(time: Duration) -> io::Result<bool> {
    let stdin = io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    let time = Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) };
    match rustix::event::poll(&mut fds, Some(&time)) {
        Ok(_) if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => {
            Err(io::Error::other("the terminal is gone"))
        }
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // In a panic the hook has done it, before the message; again would take the cursor back over that.
        if !std::thread::panicking() {
            ratatui::restore();
        }
    }
}
