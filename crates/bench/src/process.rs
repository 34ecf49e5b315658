//! Runs one VM and takes its figures.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A VM with options, as a column of a table.
#[derive(Clone)]
pub struct Machine {
    pub name: String,
    /// A JDK's directory.
    pub home: PathBuf,
    pub options: Vec<String>,
}

/// What one process printed and cost.
pub struct Run {
    pub stdout: String,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_kib: u64,
}

/// Runs `home/bin/tool` with the machine's options before `arguments`, in `directory`.
pub fn run(
    machine: &Machine,
    tool: &str,
    arguments: &[String],
    directory: &Path,
    limit: Duration,
) -> Result<Run> {
    // Tools other than `java` hand options to their VM with -J.
    let prefix = if tool == "java" { "" } else { "-J" };
    let mut command = Command::new(machine.home.join("bin").join(tool));
    command.args(machine.options.iter().map(|o| format!("{prefix}{o}"))).args(arguments);
    run_command(command, directory, limit)
}

/// Runs a command in `directory`, with what it starts and waits for, and takes its figures.
pub fn run_command(mut command: Command, directory: &Path, limit: Duration) -> Result<Run> {
    fs::create_dir_all(directory)?;
    let stdout = directory.join("stdout.txt");
    let stderr = directory.join("stderr.txt");
    command
        .current_dir(directory)
        .env_remove("JAVA_TOOL_OPTIONS")
        .env_remove("_JAVA_OPTIONS")
        .env_remove("JDK_JAVA_OPTIONS")
        .env_remove("CLASSPATH")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?);
    let begin = Instant::now();
    let child =
        command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let pid = child.id() as libc::pid_t;
    let (status, usage, late) = reap(pid, begin, limit)?;
    let wall = begin.elapsed();
    let failure = if late {
        Some(format!("ran longer than {} s", limit.as_secs()))
    } else if libc::WIFSIGNALED(status) {
        Some(format!("signal {}", libc::WTERMSIG(status)))
    } else if libc::WEXITSTATUS(status) != 0 {
        let text = String::from_utf8_lossy(&fs::read(&stderr)?).into_owned();
        let line = text
            .lines()
            .find(|l| !l.trim_matches(['#', ' ']).is_empty() && !l.contains("warning:"))
            .unwrap_or("");
        Some(format!("exit code {}: {line}", libc::WEXITSTATUS(status)))
    } else {
        None
    };
    Ok(Run {
        stdout: String::from_utf8_lossy(&fs::read(&stdout)?).into_owned(),
        failure,
        wall,
        cpu: duration(usage.ru_utime) + duration(usage.ru_stime),
        peak_kib: usage.ru_maxrss as u64,
    })
}

/// Waits for the process; kills it at its limit.
fn reap(pid: libc::pid_t, begin: Instant, limit: Duration) -> Result<(i32, libc::rusage, bool)> {
    let watched = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let done = std::sync::Arc::new((std::sync::Mutex::new(false), std::sync::Condvar::new()));
    // A thread of its own watches the clock, so that the wait is a blocking one and its end is seen at once.
    let watch = std::thread::spawn({
        let (watched, done) = (watched.clone(), done.clone());
        move || {
            let (lock, signal) = &*done;
            let guard = lock.lock().expect("no holder panics");
            let left = limit.saturating_sub(begin.elapsed());
            let (guard, timeout) =
                signal.wait_timeout_while(guard, left, |ended| !*ended).expect("no holder panics");
            if timeout.timed_out() && !*guard {
                watched.store(true, std::sync::atomic::Ordering::Relaxed);
                // SAFETY: kill has no memory effects; the child is reaped only after this thread was told so.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
        }
    });
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value of that plain C struct.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // Seen but not reaped, the process keeps its id until the watch has ended.
    // SAFETY: an all-zero siginfo_t is valid, and the pointer is to a live local.
    let seen = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        loop {
            let result =
                libc::waitid(libc::P_PID, pid as libc::id_t, &mut info, libc::WEXITED | libc::WNOWAIT);
            if result == 0 || std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
                break result;
            }
        }
    };
    *done.0.lock().expect("no holder panics") = true;
    done.1.notify_all();
    let _ = watch.join();
    if seen != 0 {
        return Err(std::io::Error::last_os_error()).context("waitid");
    }
    // SAFETY: both pointers are to live locals of the right types.
    if unsafe { libc::wait4(pid, &mut status, 0, &mut usage) } != pid {
        return Err(std::io::Error::last_os_error()).context("wait4");
    }
    Ok((status, usage, watched.load(std::sync::atomic::Ordering::Relaxed)))
}

fn duration(t: libc::timeval) -> Duration {
    Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
}
