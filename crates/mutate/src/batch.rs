//! Batches of class files as the driver reads them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The classes of a program.
#[derive(Clone)]
pub struct Group {
    /// Its main class, empty where there is none.
    pub main: String,
    /// Binary names and class files.
    pub classes: Vec<(String, Vec<u8>)>,
}

/// A class file that takes the place of a class of a group.
#[derive(Clone)]
pub struct Case {
    /// Index of the group.
    pub group: usize,
    /// Binary name.
    pub name: String,
    /// Whether its methods are called.
    pub calls: bool,
    pub bytes: Vec<u8>,
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text.as_bytes());
}

fn content(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    out.extend(bytes);
}

/// Writes a batch.
pub fn write(path: &Path, groups: &[Group], cases: &[Case]) -> Result<()> {
    let mut out = (groups.len() as u32).to_be_bytes().to_vec();
    for group in groups {
        text(&mut out, &group.main);
        out.extend((group.classes.len() as u32).to_be_bytes());
        for (name, bytes) in &group.classes {
            text(&mut out, name);
            content(&mut out, bytes);
        }
    }
    out.extend((cases.len() as u32).to_be_bytes());
    for case in cases {
        out.extend((case.group as u32).to_be_bytes());
        text(&mut out, &case.name);
        out.push(case.calls.into());
        content(&mut out, &case.bytes);
    }
    fs::write(path, out).with_context(|| path.display().to_string())
}

/// Writes a batch of one case, with its group alone.
pub fn write_single(path: &Path, groups: &[Group], case: &Case) -> Result<()> {
    let mut group = groups[case.group].clone();
    group.classes.retain(|(name, _)| *name != case.name);
    write(path, &[group], &[Case { group: 0, ..case.clone() }])
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        ensure!(length <= self.rest.len(), "the batch is cut off");
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Result<usize> {
        Ok(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
    }

    fn text(&mut self) -> Result<String> {
        let length = self.number(2)?;
        Ok(String::from_utf8(self.take(length)?.to_vec())?)
    }

    fn content(&mut self) -> Result<Vec<u8>> {
        let length = self.number(4)?;
        Ok(self.take(length)?.to_vec())
    }
}

/// Reads a batch.
pub fn read(path: &Path) -> Result<(Vec<Group>, Vec<Case>)> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let mut r = Reader { rest: &bytes };
    let (mut groups, mut cases) = (Vec::new(), Vec::new());
    for _ in 0..r.number(4)? {
        let main = r.text()?;
        let mut classes = Vec::new();
        for _ in 0..r.number(4)? {
            classes.push((r.text()?, r.content()?));
        }
        groups.push(Group { main, classes });
    }
    for _ in 0..r.number(4)? {
        let group = r.number(4)?;
        ensure!(group < groups.len(), "no such group");
        cases.push(Case { group, name: r.text()?, calls: r.number(1)? != 0, bytes: r.content()? });
    }
    Ok((groups, cases))
}
