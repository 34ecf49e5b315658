//! What the reference JDK printed, kept between runs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process::{End, Jdk, Limits, Outcome, run};
use crate::program::Program;

/// Bump when a run is done differently, so that old results do not count.
const FORMAT: u32 = 2;

/// The part of an [`Outcome`] that a run is compared with.
#[derive(Clone)]
pub struct Expected {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

pub struct Cache {
    pub dir: PathBuf,
    pub work: PathBuf,
    /// Names the reference JDK's build.
    pub jdk_id: String,
    pub refresh: bool,
}

impl Cache {
    /// The expected result of `program`, from the cache or from a run of the reference JDK.
    pub fn get(&self, program: &Program, classes: &Path, jdk: &Jdk, limits: &Limits) -> Result<Expected> {
        let dir = self.dir.join(&program.name);
        let key = format!("{FORMAT} {:016x} {} {}", program.hash, limits.heap, self.jdk_id);
        if !self.refresh
            && let Some(found) = load(&dir, &key)
        {
            return Ok(found);
        }
        let outcome = run(program, classes, jdk, limits, &self.work.join(&program.name))?;
        let Outcome { end: End::Exit(exit), stdout, stderr, .. } = outcome else {
            bail!("the reference JDK was {}", outcome.end);
        };
        let expected = Expected { exit, stdout, stderr };
        fs::create_dir_all(&dir)?;
        // The key goes in last: a run that is cut short leaves no entry.
        let _ = fs::remove_file(dir.join("key"));
        fs::write(dir.join("stdout"), &expected.stdout)?;
        fs::write(dir.join("stderr"), &expected.stderr)?;
        fs::write(dir.join("exit"), expected.exit.to_string())?;
        fs::write(dir.join("key"), key)?;
        Ok(expected)
    }
}

fn load(dir: &Path, key: &str) -> Option<Expected> {
    if fs::read_to_string(dir.join("key")).ok()? != key {
        return None;
    }
    Some(Expected {
        exit: fs::read_to_string(dir.join("exit")).ok()?.parse().ok()?,
        stdout: fs::read_to_string(dir.join("stdout")).ok()?,
        stderr: fs::read_to_string(dir.join("stderr")).ok()?,
    })
}
