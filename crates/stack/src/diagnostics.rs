//! Errors in text, shown with the line and a caret.

use ariadne::{CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};
use std::fmt;
use std::ops::Range;

/// An error in a source text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Bytes of the text.
    pub span: Range<usize>,
    pub message: String,
    /// What is said at the caret.
    pub label: String,
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn new(span: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Diagnostic {
        Diagnostic { span, message: message.into(), label: label.into(), help: None }
    }

    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Line and column of its begin, from 1; the column counts characters.
    pub fn position(&self, text: &str) -> (usize, usize) {
        let before = &text[..self.span.start.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The error as text: message, place, source line, caret.
    pub fn render(&self, name: &str, text: &str, color: bool) -> String {
        let config = Config::default()
            .with_color(color)
            .with_char_set(if color { CharSet::Unicode } else { CharSet::Ascii })
            .with_index_type(IndexType::Byte);
        let span = self.visible_span(text);
        let mut report = Report::build(ReportKind::Error, (name, span.clone()))
            .with_config(config)
            .with_message(&self.message)
            .with_label(Label::new((name, span)).with_message(&self.label).with_color(Color::Red));
        if let Some(help) = &self.help {
            report = report.with_help(help);
        }
        let mut out = Vec::new();
        match report.finish().write((name, Source::from(text)), &mut out) {
            Ok(()) => String::from_utf8_lossy(&out).lines().map(|l| format!("{}\n", l.trim_end())).collect(),
            Err(_) => self.to_string(),
        }
    }

    /// The span, on character boundaries and never behind the last visible character: an error at the end of the
    /// text is shown there.
    fn visible_span(&self, text: &str) -> Range<usize> {
        let end_of_text = text.trim_end().len();
        let mut start = self.span.start.min(end_of_text);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let mut end = self.span.end.clamp(start, text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        start..end.max(start)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.label)
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_line_and_caret() {
        let text = "let ä = 1;\nlet b = ;\n";
        let d = Diagnostic::new(20..21, "unexpected ;", "expected an expression").with_help("write one");
        assert_eq!(d.position(text), (2, 9));
        let shown = d.render("a.bean", text, false);
        for part in ["Error: unexpected ;", "a.bean:2:9", "let b = ;", "expected an expression", "write one"]
        {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains('\u{1b}'));
    }

    #[test]
    fn any_span_can_be_shown() {
        for text in ["", "\n\n", "é", "a\n"] {
            for start in 0..4 {
                for end in 0..5 {
                    Diagnostic::new(start..end, "m", "l").render("x", text, false);
                }
            }
        }
    }
}
