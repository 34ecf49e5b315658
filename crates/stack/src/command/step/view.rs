//! How the stepper draws itself.

use super::app::{App, Row};
use crate::machine::Frame as Activation;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

/// The keys, as `--help` and the help window list them.
pub const KEYS_HELP: &str = "\
Keys:
  s  Enter  Right      step: the next instruction
  p  Left  Backspace   step back: undo the last instruction
  n                    over: the next instruction of this function, calls in one go
  o                    out: on in the caller
  c                    continue to a breakpoint or the end
  Up  Down  k  j       move the cursor; PageUp, PageDown, Home, End; . back to the current one
  r                    run to the cursor
  b                    set or remove a breakpoint at the cursor
  g                    go to the beginning
  ?  h                 these keys
  q  Esc  Ctrl-C       leave";

const CURRENT: Style = Style::new().fg(Color::Black).bg(Color::Green);
const DIM: Style = Style::new().fg(Color::DarkGray);
const NAME: Style = Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD);
const BREAKPOINT: Style = Style::new().fg(Color::Red);

pub fn draw(frame: &mut Frame<'_>, app: &App<'_>) {
    let [top, middle, message, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    let [code, data] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(middle);
    let [stack, locals, calls, output] = Layout::vertical([
        Constraint::Fill(3),
        Constraint::Fill(3),
        Constraint::Fill(3),
        Constraint::Fill(2),
    ])
    .areas(data);
    let title = format!(
        " {}   {} set   step {}",
        app.title,
        app.session.program().program().set(),
        app.session.steps()
    );
    frame.render_widget(Paragraph::new(title).style(Style::new().add_modifier(Modifier::REVERSED)), top);
    draw_code(frame, app, code);
    panel(frame, stack, "Operands, top first", operands(app), false);
    panel(frame, locals, "Locals", local_variables(app), false);
    panel(frame, calls, "Calls, innermost first", call_stack(app), false);
    let printed: Vec<Line<'_>> = app
        .session
        .machine()
        .output
        .iter()
        .rev()
        .take(200)
        .rev()
        .map(|v| Line::from(v.to_string()))
        .collect();
    panel(frame, output, "Output", printed, true);
    frame.render_widget(Paragraph::new(app.message.as_str()), message);
    let help =
        "s step  p back  n over  o out  c continue  r run to cursor  b breakpoint  g restart  ? keys  q quit";
    frame.render_widget(Paragraph::new(help).style(DIM), keys);
    if app.help {
        draw_help(frame);
    }
}

/// A box with lines: the first ones, or the last.
fn panel(frame: &mut Frame<'_>, area: Rect, title: &str, mut lines: Vec<Line<'_>>, last: bool) {
    let block = Block::bordered().title(title);
    let height = usize::from(block.inner(area).height);
    if last {
        lines.drain(..lines.len().saturating_sub(height));
    } else if lines.len() > height && height > 0 {
        let more = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(Line::styled(format!(".. {more} more"), DIM));
    }
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn draw_code(frame: &mut Frame<'_>, app: &App<'_>, area: Rect) {
    let block = Block::bordered().title("Code");
    let height = usize::from(block.inner(area).height);
    // The cursor's row in the middle, without empty space at either end.
    let most = app.rows.len().saturating_sub(height);
    let first = app.cursor.saturating_sub(height / 2).min(most);
    let lines: Vec<Line<'_>> =
        app.rows.iter().enumerate().skip(first).take(height).map(|(i, row)| code_line(app, i, row)).collect();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn code_line<'a>(app: &App<'_>, number: usize, row: &'a Row) -> Line<'a> {
    match row {
        Row::Blank => Line::default(),
        Row::Function(name) => Line::styled(format!("   {name}"), NAME),
        Row::Source(text) => Line::styled(format!("   {text}"), DIM),
        Row::Instruction(index) => {
            let is_current = *index == app.session.pc();
            let breakpoint = if app.session.is_breakpoint(*index) { "*" } else { " " };
            let arrow = if is_current { ">" } else { " " };
            let offset = app.session.program().instructions()[*index].offset;
            let text = format!("{offset:>6}  {:<24}", app.text(*index));
            let mut style = if is_current { CURRENT } else { Style::new() };
            if number == app.cursor {
                style = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
            }
            Line::from(vec![
                Span::styled(breakpoint, BREAKPOINT),
                Span::raw(arrow),
                Span::styled(text, style),
            ])
        }
    }
}

fn operands<'a>(app: &App<'_>) -> Vec<Line<'a>> {
    app.session.machine().operands().iter().rev().map(|v| Line::from(v.to_string())).collect()
}

fn local_variables<'a>(app: &App<'_>) -> Vec<Line<'a>> {
    let machine = app.session.machine();
    let program = app.session.program();
    let function = machine.frame().function;
    let arguments = program.functions()[function].arguments as usize;
    machine
        .locals()
        .iter()
        .enumerate()
        .map(|(i, value)| match program.program().inputs.get(i).filter(|_| function == 0) {
            Some(input) => Line::from(format!("{i:>3}  {} = {value}", input.name)),
            None if i < arguments => Line::from(format!("{i:>3}  {value}  (argument)")),
            None => Line::from(format!("{i:>3}  {value}")),
        })
        .collect()
}

fn call_stack<'a>(app: &App<'_>) -> Vec<Line<'a>> {
    let program = app.session.program();
    let name = |frame: &Activation| program.functions()[frame.function].name.clone();
    app.session
        .calls()
        .map(|(frame, at)| {
            let offset = program.instructions()[at].offset;
            let arguments = program.functions()[frame.function].arguments as usize;
            let values = &app.session.machine().state.values[frame.locals..][..arguments];
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            match frame.function {
                0 => Line::from(format!("{} at {offset}", name(frame))),
                _ => Line::from(format!("{}({}) at {offset}", name(frame), values.join(", "))),
            }
        })
        .collect()
}

fn draw_help(frame: &mut Frame<'_>) {
    let area = frame.area();
    let lines: Vec<&str> = KEYS_HELP.lines().skip(1).collect();
    let width = lines.iter().map(|l| l.len()).max().unwrap_or(0) as u16 + 4;
    let area = area.centered(Constraint::Max(width), Constraint::Max(lines.len() as u16 + 2));
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines.join("\n")).block(Block::bordered().title("Keys")), area);
}
