//! What the stepper shows, and what its keys do.

use crate::command::run::{describe_fault, text_of};
use crate::debugger::{Goal, Progress, Session};
use crate::machine::{End, Limits};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A line of the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    Blank,
    Function(String),
    /// A line of the source text.
    Source(String),
    /// The index of an instruction.
    Instruction(usize),
}

pub struct App<'p> {
    pub session: Session<'p>,
    pub title: String,
    pub rows: Vec<Row>,
    /// A row with an instruction.
    pub cursor: usize,
    pub message: String,
    pub help: bool,
    limits: Limits,
    running: Option<Goal>,
    done: bool,
}

/// The code with the functions' names, and the source lines where the text is at hand.
fn rows(session: &Session<'_>, text: Option<&str>) -> Vec<Row> {
    let program = session.program();
    let lines: Vec<&str> = text.map(|t| t.lines().collect()).unwrap_or_default();
    let mut rows = Vec::new();
    let mut shown = None;
    for (index, instruction) in program.instructions().iter().enumerate() {
        if let Some((i, f)) = program.functions().iter().enumerate().find(|(i, f)| *i > 0 && f.entry == index)
        {
            let _ = i;
            let s = if f.arguments == 1 { "" } else { "s" };
            rows.push(Row::Blank);
            rows.push(Row::Function(format!("{} ({} argument{s})", f.name, f.arguments)));
            shown = None;
        }
        let line = program.program().line_at(instruction.offset);
        if line != shown
            && let Some(n) = line
        {
            let text = lines.get(n as usize - 1).map_or("", |l| l.trim_end());
            rows.push(Row::Source(format!("{n:>4}  {text}").trim_end().to_owned()));
            shown = line;
        }
        rows.push(Row::Instruction(index));
    }
    rows
}

impl<'p> App<'p> {
    pub fn new(session: Session<'p>, title: &str, text: Option<&str>, limits: Limits) -> App<'p> {
        let rows = rows(&session, text);
        let mut app = App {
            session,
            title: title.to_owned(),
            rows,
            cursor: 0,
            message: "? shows the keys".to_owned(),
            help: false,
            limits,
            running: None,
            done: false,
        };
        app.follow();
        app
    }

    pub fn is_done(&self) -> bool {
        self.done
    }

    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// An instruction as text.
    pub fn text(&self, index: usize) -> String {
        let program = self.session.program();
        text_of(program, &program.instructions()[index])
    }

    /// The instruction under the cursor.
    pub fn selected(&self) -> usize {
        match self.rows.get(self.cursor) {
            Some(Row::Instruction(index)) => *index,
            _ => self.session.pc(),
        }
    }

    /// Puts the cursor on the current instruction.
    fn follow(&mut self) {
        let pc = self.session.pc();
        self.cursor = self.rows.iter().position(|r| *r == Row::Instruction(pc)).unwrap_or(0);
    }

    /// Moves the cursor by so many instructions.
    fn move_cursor(&mut self, by: isize) {
        let instructions: Vec<usize> =
            (0..self.rows.len()).filter(|i| matches!(self.rows[*i], Row::Instruction(_))).collect();
        let at = instructions.iter().position(|i| *i == self.cursor).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(instructions.len().saturating_sub(1));
        if let Some(row) = instructions.get(to) {
            self.cursor = *row;
        }
    }

    /// What is said where nothing else is.
    fn report(&mut self) {
        self.message = match self.session.end() {
            None => String::new(),
            Some(End::Halted(Some(value))) => format!("halted; the result is {value}"),
            Some(End::Halted(None)) => "halted, without a result".to_owned(),
            Some(End::Fault(fault)) => describe_fault(self.session.program(), &fault, self.limits),
        };
        self.follow();
    }

    fn start(&mut self, goal: Goal) {
        if self.session.end().is_some() {
            self.message = "the program has ended; p goes back, g to the beginning".to_owned();
            return;
        }
        self.running = Some(goal);
        self.message = "running; any key stops".to_owned();
    }

    /// Executes a part of what the user has asked for.
    pub fn work(&mut self, count: u64) {
        let Some(goal) = self.running else { return };
        let progress = self.session.advance(goal, count);
        if progress == Progress::Running {
            return;
        }
        self.running = None;
        self.report();
        if progress == Progress::Breakpoint {
            self.message = "breakpoint".to_owned();
        }
    }

    pub fn key(&mut self, key: KeyEvent) {
        let interrupt = key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
        if self.running.take().is_some() {
            self.report();
            self.message = "stopped".to_owned();
            self.done = interrupt;
            return;
        }
        if std::mem::take(&mut self.help) && key.code != KeyCode::Char('q') && !interrupt {
            return;
        }
        if interrupt {
            self.done = true;
            return;
        }
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => self.done = true,
            KeyCode::Char('?' | 'h') => self.help = true,
            KeyCode::Char('s' | ' ') | KeyCode::Enter | KeyCode::Right => {
                if self.session.end().is_some() {
                    self.start(Goal::Continue);
                } else {
                    self.session.step();
                    self.report();
                }
            }
            KeyCode::Char('p') | KeyCode::Left | KeyCode::Backspace => {
                let went = self.session.back();
                self.report();
                if !went {
                    self.message = "this is the beginning".to_owned();
                }
            }
            KeyCode::Char('n') => self.start(self.session.over()),
            KeyCode::Char('o') => self.start(self.session.out()),
            KeyCode::Char('c') => self.start(Goal::Continue),
            KeyCode::Char('r') => self.start(Goal::To { index: self.selected() }),
            KeyCode::Char('b') => {
                let index = self.selected();
                let set = self.session.toggle_breakpoint(index);
                let offset = self.session.program().instructions()[index].offset;
                let what = if set { "set" } else { "removed" };
                self.message = format!("breakpoint {what} at {offset}");
            }
            KeyCode::Char('g') => {
                self.session.restart();
                self.report();
                self.message = "at the beginning".to_owned();
            }
            KeyCode::Char('.') => self.follow(),
            KeyCode::Up | KeyCode::Char('k') => self.move_cursor(-1),
            KeyCode::Down | KeyCode::Char('j') => self.move_cursor(1),
            KeyCode::PageUp => self.move_cursor(-10),
            KeyCode::PageDown => self.move_cursor(10),
            KeyCode::Home => self.move_cursor(isize::MIN),
            KeyCode::End => self.move_cursor(isize::MAX),
            _ => self.message = "? shows the keys".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::view;
    use super::*;
    use crate::language::compile;
    use crate::verify::{Verified, verify};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    const TEXT: &str =
        "input n = 4;\nfn fact(n) {\n    if n < 2 { return 1; }\n    n * fact(n - 1)\n}\nprint n;\nfact(n)\n";

    fn program() -> Verified {
        verify(compile(TEXT, "fact.bean", None).unwrap()).unwrap()
    }

    fn app(program: &Verified) -> App<'_> {
        let session = Session::new(program, &[], Limits::default()).unwrap();
        App::new(session, "fact.bean", Some(TEXT), Limits::default())
    }

    fn press(app: &mut App<'_>, keys: &str) {
        for c in keys.chars() {
            let code = match c {
                '^' => KeyCode::Up,
                'v' => KeyCode::Down,
                '<' => KeyCode::Left,
                c => KeyCode::Char(c),
            };
            app.key(KeyEvent::from(code));
            while app.is_running() {
                app.work(1000);
            }
        }
    }

    fn screen(app: &App<'_>, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(frame, app)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn everything_is_on_the_screen() {
        let v = program();
        let mut a = app(&v);
        press(&mut a, "sss");
        let text = screen(&a, 100, 30);
        for part in [
            "fact.bean",
            "step 3",
            "CALL fact 1",
            "print n;",
            "Operands",
            "Locals",
            "Calls",
            "Output",
            "n = 4",
            "fact (1 argument)",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        press(&mut a, "?");
        assert!(screen(&a, 100, 30).contains("step back"));
        press(&mut a, "x");
        assert!(!screen(&a, 100, 30).contains("step back  "));
    }

    #[test]
    fn any_size_can_be_drawn() {
        let v = program();
        let mut a = app(&v);
        for (width, height) in [(1, 1), (5, 3), (20, 8), (80, 24), (300, 4)] {
            press(&mut a, "s?");
            screen(&a, width, height);
            press(&mut a, "x");
            screen(&a, width, height);
        }
    }

    #[test]
    fn keys() {
        let v = program();
        let mut a = app(&v);
        press(&mut a, "sss");
        assert_eq!(a.text(a.session.pc()), "CALL fact 1");
        press(&mut a, "n");
        assert_eq!((a.session.machine().operands(), a.text(a.session.pc()).as_str()), (&[24][..], "HALT"));
        press(&mut a, "p");
        assert_eq!(a.session.calls().count(), 2);
        press(&mut a, "o");
        assert_eq!(a.text(a.session.pc()), "HALT");
        press(&mut a, "s");
        assert_eq!(a.message, "halted; the result is 24");
        press(&mut a, "s");
        assert!(a.message.contains("has ended"));
        press(&mut a, "g");
        assert_eq!(a.session.steps(), 0);
        press(&mut a, "<");
        assert_eq!(a.message, "this is the beginning");
        // A breakpoint four instructions down, reached by running; the same place by running to the cursor.
        press(&mut a, "vvvvb");
        let place = a.selected();
        press(&mut a, "^c");
        assert_eq!((a.session.pc(), a.message.as_str()), (place, "breakpoint"));
        press(&mut a, "bgvvvvr");
        assert_eq!((a.session.pc(), a.message.as_str()), (place, ""));
        press(&mut a, "c");
        assert_eq!(a.message, "halted; the result is 24");
        press(&mut a, "q");
        assert!(a.is_done());
    }

    #[test]
    fn a_run_can_be_stopped() {
        let v = verify(compile("while 1 { }", "t.bean", None).unwrap()).unwrap();
        let mut a = app(&v);
        a.key(KeyEvent::from(KeyCode::Char('c')));
        a.work(1000);
        assert!(a.is_running());
        a.key(KeyEvent::from(KeyCode::Char('x')));
        assert!(!a.is_running() && !a.is_done() && a.session.steps() == 1000);
        a.key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert!(a.is_done());
    }
}
