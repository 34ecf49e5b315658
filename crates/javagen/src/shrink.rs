//! Makes a program that shows a difference smaller. It works on text: generated programs have one statement a
//! line and parentheses round every operator, so lines, blocks and groups are all the structure it needs, and it
//! takes hand-written programs of the same form too. What does not compile is not kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::java::{Compiler, Outcome, Vm, run};

/// Candidates that are compiled and run together.
const BATCH: usize = 24;

pub struct Shrinker<'a> {
    pub compiler: &'a mut Compiler,
    pub tools: &'a Path,
    pub reference: &'a Vm,
    pub tested: &'a Vm,
    /// Scratch directory.
    pub work: PathBuf,
    pub limit: Duration,
    pub deadline: Instant,
}

/// One way to make the program smaller.
#[derive(Clone)]
enum Edit {
    /// Drops lines `from..to`.
    Drop(usize, usize),
    /// Keeps only lines `keep` of lines `from..to`: a block without its header.
    Unwrap { from: usize, to: usize, keep: (usize, usize) },
    /// Puts `text` for the bytes `from..to` of a line.
    Replace { line: usize, from: usize, to: usize, text: String },
}

impl Edit {
    fn lines(&self) -> (usize, usize) {
        match *self {
            Edit::Drop(from, to) | Edit::Unwrap { from, to, .. } => (from, to),
            Edit::Replace { line, .. } => (line, line + 1),
        }
    }

    fn apply(&self, lines: &[String]) -> Vec<String> {
        let mut result = lines.to_vec();
        match self {
            Edit::Drop(from, to) => {
                result.drain(from..to);
            }
            Edit::Unwrap { from, to, keep } => {
                let kept: Vec<String> = lines[keep.0..keep.1].to_vec();
                result.splice(from..to, kept);
            }
            Edit::Replace { line, from, to, text } => result[*line].replace_range(from..to, text),
        }
        result
    }
}

impl Shrinker<'_> {
    /// The smallest program found before the deadline that differs in the same way. `None` where `source` itself
    /// does not differ (any more).
    pub fn shrink(&mut self, name: &str, source: &str) -> Result<Option<String>> {
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        let Some(kind) = self.differences(name, std::slice::from_ref(&lines))?.into_iter().next().flatten()
        else {
            return Ok(None);
        };
        loop {
            let before = lines.len() + lines.iter().map(String::len).sum::<usize>();
            lines = self.pass(name, lines, &kind, &structure_edits)?;
            lines = self.pass(name, lines, &kind, &expression_edits)?;
            let after = lines.len() + lines.iter().map(String::len).sum::<usize>();
            if after >= before || Instant::now() > self.deadline {
                return Ok(Some(lines.join("\n") + "\n"));
            }
        }
    }

    /// Tries the edits of one sort until none helps.
    fn pass(
        &mut self,
        name: &str,
        mut lines: Vec<String>,
        kind: &Outcome,
        edits: &dyn Fn(&[String]) -> Vec<Edit>,
    ) -> Result<Vec<String>> {
        loop {
            let all = edits(&lines);
            let mut changed = false;
            let mut next = 0;
            while next < all.len() && Instant::now() < self.deadline {
                let batch = &all[next..(next + BATCH).min(all.len())];
                next += batch.len();
                let candidates: Vec<Vec<String>> = batch.iter().map(|e| e.apply(&lines)).collect();
                let found = self.differences(name, &candidates)?;
                let good: Vec<usize> = (0..batch.len())
                    .filter(|&i| found[i].as_ref().is_some_and(|o| o.is_like(kind)))
                    .collect();
                let Some(&first) = good.first() else { continue };
                lines = match self.combined(name, &lines, batch, &good, kind)? {
                    Some(all) => all,
                    None => candidates[first].clone(),
                };
                changed = true;
                // Line numbers have moved: the edits are computed anew.
                break;
            }
            if !changed {
                return Ok(lines);
            }
        }
    }

    /// All good edits of a batch at once, as far as they do not overlap, if that works too.
    fn combined(
        &mut self,
        name: &str,
        lines: &[String],
        batch: &[Edit],
        good: &[usize],
        kind: &Outcome,
    ) -> Result<Option<Vec<String>>> {
        let mut chosen: Vec<&Edit> = Vec::new();
        for &i in good {
            let (from, to) = batch[i].lines();
            if chosen.iter().all(|e| e.lines().1 <= from || to <= e.lines().0) {
                chosen.push(&batch[i]);
            }
        }
        if chosen.len() < 2 {
            return Ok(None);
        }
        // From the end, so that the line numbers of the others stay true.
        chosen.sort_by_key(|e| std::cmp::Reverse(e.lines().0));
        let mut result = lines.to_vec();
        for edit in chosen {
            result = edit.apply(&result);
        }
        let found = self.differences(name, std::slice::from_ref(&result))?;
        Ok(found[0].as_ref().is_some_and(|o| o.is_like(kind)).then_some(result))
    }

    /// For each candidate, what the tested VM does where the reference VM does something else.
    fn differences(&mut self, name: &str, candidates: &[Vec<String>]) -> Result<Vec<Option<Outcome>>> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work)?;
        }
        let sources = self.work.join("src");
        let classes = self.work.join("classes");
        fs::create_dir_all(&sources)?;
        let mut files = Vec::new();
        let mut names = Vec::new();
        for (i, lines) in candidates.iter().enumerate() {
            let class = format!("S{i}");
            let file = sources.join(format!("{class}.java"));
            fs::write(&file, lines.join("\n").replace(name, &class))?;
            files.push(file);
            names.push(class);
        }
        let failed = self.compiler.compile(&files, &classes, true)?;
        let compiled: Vec<String> = names
            .iter()
            .zip(&files)
            .filter(|(_, f)| !failed.contains_key(*f))
            .map(|(n, _)| n.clone())
            .collect();
        let expected =
            run(self.reference, self.tools, &classes, &compiled, &self.work.join("reference"), self.limit)?;
        let sound: Vec<String> =
            compiled.into_iter().filter(|n| matches!(expected.get(n), Some(Outcome::Output(_)))).collect();
        let actual = run(self.tested, self.tools, &classes, &sound, &self.work.join("tested"), self.limit)?;
        names
            .iter()
            .map(|n| {
                if !sound.contains(n) {
                    return Ok(None);
                }
                let outcome = actual.get(n).context("a program has no outcome")?;
                Ok((Some(outcome) != expected.get(n)).then(|| outcome.clone()))
            })
            .collect()
    }
}

/// For each line that opens a block, the lines where its parts begin (`} else {` begins one) and the line after it.
fn blocks(lines: &[String]) -> Vec<(Vec<usize>, usize)> {
    let mut open: Vec<Vec<usize>> = Vec::new();
    let mut found = Vec::new();
    for (i, line) in lines.iter().enumerate() {
        let text = line.trim();
        let closes = text.starts_with('}');
        let opens = text.ends_with('{');
        match (closes, opens) {
            (true, true) => {
                if let Some(parts) = open.last_mut() {
                    parts.push(i);
                }
            }
            (true, false) => {
                if let Some(parts) = open.pop() {
                    found.push((parts, i + 1));
                }
            }
            (false, true) => open.push(vec![i]),
            (false, false) => {}
        }
    }
    found
}

/// Drops and unwraps, largest first.
fn structure_edits(lines: &[String]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (parts, end) in blocks(lines) {
        edits.push(Edit::Drop(parts[0], end));
        for (i, &start) in parts.iter().enumerate() {
            let stop = parts.get(i + 1).copied().unwrap_or(end - 1);
            edits.push(Edit::Unwrap { from: parts[0], to: end, keep: (start + 1, stop) });
            if i > 0 {
                edits.push(Edit::Drop(start, stop));
            }
        }
    }
    // Runs of lines, halves first: a run that crosses a block's end does not compile and costs little.
    let mut size = lines.len() / 4;
    while size >= 2 {
        for from in (0..lines.len().saturating_sub(size)).step_by(size) {
            if balanced(&lines[from..from + size]) {
                edits.push(Edit::Drop(from, from + size));
            }
        }
        size /= 2;
    }
    edits.sort_by_key(|e| std::cmp::Reverse(e.lines().1 - e.lines().0));
    for (i, line) in lines.iter().enumerate() {
        let text = line.trim();
        if !text.ends_with('{') && !text.starts_with('}') {
            edits.push(Edit::Drop(i, i + 1));
        }
    }
    edits
}

fn balanced(lines: &[String]) -> bool {
    let mut depth = 0i32;
    for line in lines {
        let text = line.trim();
        if text.starts_with('}') {
            depth -= 1;
        }
        if depth < 0 {
            return false;
        }
        if text.ends_with('{') {
            depth += 1;
        }
    }
    depth == 0
}

/// Groups replaced by a literal or by a group inside them.
fn expression_edits(lines: &[String]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (line, text) in lines.iter().enumerate() {
        let groups = groups(text);
        for &(from, to) in &groups {
            let whole = &text[from..to];
            for &(a, b) in groups.iter().filter(|&&(a, b)| from < a && b < to) {
                edits.push(Edit::Replace { line, from, to, text: text[a..b].to_owned() });
            }
            for literal in ["0", "1", "false", "true", "null", "\"\""] {
                if whole != literal && whole.len() > literal.len() {
                    edits.push(Edit::Replace { line, from, to, text: literal.to_owned() });
                }
            }
        }
        // Arguments: what stands between parentheses and commas.
        for (from, to) in arguments(text) {
            for literal in ["0", "1", "null", "false"] {
                if text[from..to].len() > literal.len() {
                    edits.push(Edit::Replace { line, from, to, text: literal.to_owned() });
                }
            }
        }
        // `final int x = CALL;` and `return CALL;`
        if let Some(equals) = text.find(" = ").map(|i| i + 3).or_else(|| text.find("return ").map(|i| i + 7))
            && text.ends_with(';')
            && !text.trim_start().starts_with("for")
        {
            for literal in ["0", "null", "false", "\"\""] {
                if text[equals..text.len() - 1].len() > literal.len() {
                    edits.push(Edit::Replace {
                        line,
                        from: equals,
                        to: text.len() - 1,
                        text: literal.to_owned(),
                    });
                }
            }
        }
    }
    edits.sort_by_key(|e| match e {
        Edit::Replace { from, to, text, .. } => std::cmp::Reverse(to - from - text.len()),
        _ => std::cmp::Reverse(0),
    });
    edits
}

/// Byte ranges of the groups in parentheses of a line.
fn groups(text: &str) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    scan(text, |i, c| match c {
        '(' => open.push(i),
        ')' => {
            if let Some(from) = open.pop() {
                found.push((from, i + 1));
            }
        }
        _ => {}
    });
    found
}

/// Byte ranges of the arguments of calls in a line.
fn arguments(text: &str) -> Vec<(usize, usize)> {
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    scan(text, |i, c| match c {
        '(' => open.push(i + 1),
        ',' => {
            if let Some(from) = open.last_mut() {
                found.push((*from, i));
                *from = i + 1;
            }
        }
        ')' => {
            if let Some(from) = open.pop() {
                found.push((from, i));
            }
        }
        _ => {}
    });
    found
}

/// Calls `f` for every character outside string and character literals.
fn scan(text: &str, mut f: impl FnMut(usize, char)) {
    let mut quote = None;
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) => {
                if escaped {
                    escaped = false;
                } else if c == '\\' {
                    escaped = true;
                } else if c == q {
                    quote = None;
                }
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            None => f(i, c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|l| (*l).to_owned()).collect()
    }

    #[test]
    fn blocks_have_parts() {
        let lines = text(&["if (a) {", "x;", "} else {", "y;", "}"]);
        assert_eq!(blocks(&lines), vec![(vec![0, 2], 5)]);
    }

    #[test]
    fn groups_skip_literals() {
        assert_eq!(groups("f(\")(\", (a))"), vec![(8, 11), (1, 12)]);
    }

    #[test]
    fn unwrapping_keeps_one_part() {
        let lines = text(&["if (a) {", "x;", "} else {", "y;", "}", "z;"]);
        let results: Vec<String> =
            structure_edits(&lines).iter().map(|e| e.apply(&lines).join(" ")).collect();
        assert!(results.contains(&"y; z;".to_owned()));
        assert!(results.contains(&"if (a) { x; } z;".to_owned()));
        assert!(results.contains(&"z;".to_owned()));
    }
}
