//! The file that a long run keeps of what is done. A line is a range of seeds, `FIRST-LAST`; a line that begins with `#` is
//! what a reader may want to know.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};

struct State {
    file: File,
    done: HashSet<u64>,
}

/// See the module's documentation.
pub struct Record(Mutex<State>);

impl Record {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be read or written, or is no record.
    pub fn open(path: &Path) -> Result<Record> {
        let named = || path.display().to_string();
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).with_context(named)?;
        let mut text = String::new();
        file.read_to_string(&mut text).with_context(named)?;
        let done = parse(&text).with_context(named)?;
        Ok(Record(Mutex::new(State { file, done })))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("a worker panicked")
    }

    pub fn contains(&self, seed: u64) -> bool {
        self.state().done.contains(&seed)
    }

    /// How many programs are done.
    pub fn len(&self) -> usize {
        self.state().done.len()
    }

    /// Adds seeds in ascending order.
    pub fn add(&self, seeds: &[u64]) -> Result<()> {
        let mut state = self.state();
        let mut text = String::new();
        for range in seeds.chunk_by(|a, b| a + 1 == *b) {
            text.push_str(&format!("{}-{}\n", range[0], range[range.len() - 1]));
        }
        state.file.write_all(text.as_bytes())?;
        state.done.extend(seeds);
        Ok(())
    }

    /// Adds a remark.
    pub fn note(&self, text: &str) -> Result<()> {
        Ok(self.state().file.write_all(format!("# {}\n", text.replace('\n', " ")).as_bytes())?)
    }
}

fn parse(text: &str) -> Result<HashSet<u64>> {
    let mut done = HashSet::new();
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let (first, last) = line.split_once('-').with_context(|| format!("no range: {line}"))?;
        done.extend(first.parse::<u64>()?..=last.parse()?);
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_again() {
        let path = std::env::temp_dir().join(format!("javagen-record-{}", std::process::id()));
        let record = Record::open(&path).unwrap();
        record.add(&[1, 2, 3, 7, 9, 10]).unwrap();
        record.note("P7 int: time limit").unwrap();
        drop(record);
        let record = Record::open(&path).unwrap();
        assert_eq!(record.len(), 6);
        assert!(record.contains(3) && record.contains(7) && !record.contains(8));
        std::fs::remove_file(&path).unwrap();
        assert!(parse("12").is_err());
    }
}
