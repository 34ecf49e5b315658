//! Runs one program to its end, its time limit or its output limit.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::program::Program;

/// A program that prints more than this is stopped.
const OUTPUT_LIMIT: u64 = 32 << 20;

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Exit status, or 128 + signal number as shells show it.
    Exit(i32),
    TimedOut,
    TooMuchOutput,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exit(code @ 129..=159) => write!(f, "exit code {code} (signal {})", code - 128),
            End::Exit(code) => write!(f, "exit code {code}"),
            End::TimedOut => f.write_str("killed at its time limit"),
            End::TooMuchOutput => write!(f, "killed after printing {} MiB", OUTPUT_LIMIT >> 20),
        }
    }
}

/// What a run printed and cost.
pub struct Outcome {
    pub end: End,
    pub stdout: String,
    pub stderr: String,
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_kib: u64,
}

/// A JDK, as far as running programs is concerned.
pub struct Jdk {
    pub home: PathBuf,
    /// Options put before those of the program.
    pub options: Vec<String>,
}

/// Limits and options that hold for every run.
pub struct Limits {
    pub timeout: Duration,
    pub scale: f64,
    /// `-Xmx` for programs that name none.
    pub heap: String,
}

/// The arguments of the whole command, program first.
pub fn command_line(program: &Program, jdk: &Jdk, limits: &Limits) -> Vec<OsString> {
    let d = &program.directives;
    let (tool, own): (&str, Vec<String>) = match &d.command {
        Some((tool, words)) => (tool, words.clone()),
        None => {
            let mut words = d.vm.clone();
            words.extend(["-cp".to_owned(), "classes".to_owned(), program.main_class.clone()]);
            words.extend(d.args.iter().cloned());
            ("java", words)
        }
    };
    let mut vm = jdk.options.clone();
    if !own.iter().any(|w| w.starts_with("-Xmx") || w.starts_with("-J-Xmx")) {
        vm.push(format!("-Xmx{}", limits.heap));
    }
    // The other tools of a JDK hand options to their VM with -J.
    let prefix = if tool == "java" { "" } else { "-J" };
    let mut line = vec![jdk.home.join("bin").join(tool).into_os_string()];
    line.extend(vm.iter().map(|o| OsString::from(format!("{prefix}{o}"))));
    line.extend(own.into_iter().map(OsString::from));
    line
}

/// Runs `program` in a fresh directory `work`, where `classes` and `source` lead to its class files and
/// sources. Its output stays there as `stdout.txt` and `stderr.txt`.
pub fn run(program: &Program, classes: &Path, jdk: &Jdk, limits: &Limits, work: &Path) -> Result<Outcome> {
    if work.exists() {
        fs::remove_dir_all(work)?;
    }
    fs::create_dir_all(work)?;
    std::os::unix::fs::symlink(classes, work.join("classes"))?;
    std::os::unix::fs::symlink(&program.source_dir, work.join("source"))?;
    // Outside `work`, so that a program that lists its directory sees the same everywhere.
    let stdout_path = work.with_extension("stdout");
    let stderr_path = work.with_extension("stderr");
    let stdin_path = work.with_extension("stdin");
    fs::write(&stdin_path, &program.directives.stdin)?;

    let line = command_line(program, jdk, limits);
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).current_dir(work).process_group(0);
    command.stdin(File::open(&stdin_path)?);
    let stdout = File::create(&stdout_path)?;
    command.stdout(match &program.directives.output {
        Some(path) => Stdio::from(File::options().write(true).open(path)?),
        None => Stdio::from(stdout),
    });
    command.stderr(Stdio::from(File::create(&stderr_path)?));
    for name in [
        "JAVA_TOOL_OPTIONS",
        "_JAVA_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "JDK_JAVAC_OPTIONS",
        "CLASSPATH",
        "JAVA_HOME",
    ] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("HOME", work);
    command.envs(program.directives.env.iter().cloned());

    let timeout =
        program.directives.timeout.map_or(limits.timeout, Duration::from_secs).mul_f64(limits.scale);
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("cannot start {}", line[0].display()))?;
    let pid = child.id() as libc::pid_t;
    let mut signal = program.directives.signal.as_ref();
    let mut pause = Duration::from_millis(1);
    let mut end = None;
    let (status, usage) = loop {
        if let Some(result) = wait(pid, libc::WNOHANG)? {
            break result;
        }
        if start.elapsed() > timeout {
            end = Some(End::TimedOut);
        } else if size(&stdout_path).max(size(&stderr_path)) > OUTPUT_LIMIT {
            end = Some(End::TooMuchOutput);
        } else if let Some(s) = signal
            && read_text(&stdout_path)?.lines().any(|l| l == s.after_line)
        {
            // SAFETY: kill has no memory effects; the child is not reaped yet, so the id is still its own.
            unsafe { libc::kill(pid, s.number) };
            signal = None;
        }
        if end.is_some() {
            if end == Some(End::TimedOut) {
                // A Java VM answers with a dump of its threads, which tells where it hangs.
                // SAFETY: as above.
                unsafe { libc::kill(pid, libc::SIGQUIT) };
                std::thread::sleep(Duration::from_millis(500));
            }
            // SAFETY: as above; the negative id names the process group made by `process_group(0)`.
            unsafe { libc::kill(-pid, libc::SIGKILL) };
            break wait(pid, 0)?.context("the killed process was not reaped")?;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    };
    let wall = start.elapsed();
    // Children that the program left behind would disturb the tests after it.
    // SAFETY: kill has no memory effects. An empty group answers ESRCH.
    unsafe { libc::kill(-pid, libc::SIGKILL) };
    let end = end.unwrap_or(End::Exit(if libc::WIFSIGNALED(status) {
        128 + libc::WTERMSIG(status)
    } else {
        libc::WEXITSTATUS(status)
    }));
    let outcome = Outcome {
        end,
        stdout: neutral(read_text(&stdout_path)?, work, jdk),
        stderr: neutral(read_text(&stderr_path)?, work, jdk),
        wall,
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        peak_kib: usage.ru_maxrss as u64,
    };
    Ok(outcome)
}

/// Where the two JDKs and their working directories differ by name, a name that is common to both.
fn neutral(text: String, work: &Path, jdk: &Jdk) -> String {
    text.replace(&*work.to_string_lossy(), "{work}").replace(&*jdk.home.to_string_lossy(), "{java.home}")
}

fn wait(pid: libc::pid_t, flags: i32) -> Result<Option<(i32, libc::rusage)>> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value of that plain C struct.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live locals of the right types.
        match unsafe { libc::wait4(pid, &mut status, flags, &mut usage) } {
            0 => return Ok(None),
            -1 => {
                let error = std::io::Error::last_os_error();
                if error.kind() != std::io::ErrorKind::Interrupted {
                    return Err(error).context("wait4");
                }
            }
            _ => return Ok(Some((status, usage))),
        }
    }
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |m| m.len())
}

fn read_text(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(OUTPUT_LIMIT).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn duration(t: libc::timeval) -> Duration {
    Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
}
