//! A virtual machine over a batch. Where it dies or no longer moves, the case at which it did is told, and another
//! process goes on with the next.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// What the driver exits with after a case that had to be stopped.
const STUCK: i32 = 3;
/// A process that says nothing for so long has hung.
const SILENCE: Duration = Duration::from_secs(40);

/// A virtual machine.
pub struct Machine {
    pub home: PathBuf,
    pub options: Vec<String>,
    /// The driver's classes.
    pub driver: PathBuf,
    /// An empty directory to run in.
    pub work: PathBuf,
    /// Milliseconds for a case.
    pub limit: u32,
}

/// Runs all `count` cases of a batch; a line for each.
pub fn run(machine: &Machine, batch: &Path, count: usize, verbose: bool) -> Result<Vec<String>> {
    fs::create_dir_all(&machine.work)?;
    let output = machine.work.join("outcomes");
    let mut outcomes: Vec<String> = Vec::new();
    while outcomes.len() < count {
        fs::write(&output, "")?;
        let mut command = Command::new(machine.home.join("bin/java"));
        command.args(["-Xmx400m", "-Djava.security.manager=allow"]);
        command.arg(format!("-XX:ErrorFile={}/hs_err.log", machine.work.display()));
        command.args(&machine.options).arg("-cp").arg(&machine.driver).arg("Driver");
        command.args([batch, &output]).args([outcomes.len().to_string(), machine.limit.to_string()]);
        command.args(verbose.then_some("verbose"));
        command.current_dir(&machine.work).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(machine.work.join("stderr"))?);
        let child = command.spawn().with_context(|| machine.home.display().to_string())?;
        let end = wait(child, &output)?;
        let text = fs::read(&output)?;
        let text = String::from_utf8_lossy(&text);
        // A line that was cut off is none.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        for line in lines {
            let (id, outcome) = line.trim_end_matches('\n').split_once('\t').unwrap_or((line, ""));
            if id.parse() == Ok(outcomes.len()) {
                outcomes.push(outcome.to_owned());
            }
        }
        if outcomes.len() < count && end.and_then(|status| status.code()) != Some(STUCK) {
            let what = match end {
                None => "hang".to_owned(),
                Some(status) => match (status.code(), status.signal()) {
                    (_, Some(signal)) => format!("crash=signal {signal}"),
                    (code, None) => format!("crash=exit {}", code.unwrap_or(-1)),
                },
            };
            outcomes.push(what);
        }
    }
    Ok(outcomes)
}

/// Waits for the end, or for silence, which `None` stands for.
fn wait(mut child: Child, output: &Path) -> Result<Option<ExitStatus>> {
    let (mut size, mut since) = (0, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let now = fs::metadata(output)?.len();
        if now != size {
            (size, since) = (now, Instant::now());
        } else if since.elapsed() > SILENCE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
