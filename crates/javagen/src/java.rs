//! Runs the reference JDK's compiler and the VMs, many programs to a process.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

const COMPILE_SERVER: &str = include_str!("../java/CompileServer.java");
const BATCH_RUNNER: &str = include_str!("../java/BatchRunner.java");

/// A VM with options.
#[derive(Clone)]
pub struct Vm {
    pub name: String,
    pub java: PathBuf,
    pub options: Vec<String>,
}

/// What became of one program on one VM.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Output(String),
    /// It ran past its time limit.
    Timeout,
    /// The VM ended; how, and the end of what it wrote to standard error.
    Crash(String),
}

impl Outcome {
    /// Whether both are the same kind of end: what shrinking preserves.
    pub fn is_like(&self, other: &Outcome) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Compiles the two Java programs that work for this one; returns their class directory.
pub fn prepare(java_home: &Path, target: &Path) -> Result<PathBuf> {
    let tools = target.join("tools");
    fs::create_dir_all(&tools)?;
    for (name, text) in [("CompileServer", COMPILE_SERVER), ("BatchRunner", BATCH_RUNNER)] {
        fs::write(tools.join(format!("{name}.java")), text)?;
    }
    let status = Command::new(java_home.join("bin/javac"))
        .args(["-d", ".", "CompileServer.java", "BatchRunner.java"])
        .current_dir(&tools)
        .status()
        .context("cannot start the reference JDK's javac")?;
    ensure!(status.success(), "the tool classes do not compile");
    Ok(tools)
}

/// A `javac` that stays: it starts once and its own code gets compiled.
pub struct Compiler {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    options: String,
}

impl Compiler {
    /// `options` are separated by single spaces.
    pub fn start(java_home: &Path, tools: &Path, options: &str) -> Result<Compiler> {
        let mut child = Command::new(java_home.join("bin/java"))
            .args(["-Xmx768m", "-XX:+UseSerialGC", "-cp"])
            .arg(tools)
            .arg("CompileServer")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the compile server")?;
        let requests = child.stdin.take().context("no standard input")?;
        let answers = BufReader::new(child.stdout.take().context("no standard output")?);
        Ok(Compiler { child, requests, answers, options: options.to_owned() })
    }

    /// Compiles `sources` into `classes`; returns the message for each that failed. With `each`, one bad source
    /// costs the others no second compilation.
    pub fn compile(
        &mut self,
        sources: &[PathBuf],
        classes: &Path,
        each: bool,
    ) -> Result<HashMap<PathBuf, String>> {
        fs::create_dir_all(classes)?;
        let mut line =
            format!("{}\t{}\t{}", if each { "each" } else { "together" }, classes.display(), self.options);
        for source in sources {
            line.push('\t');
            line.push_str(&source.to_string_lossy());
        }
        writeln!(self.requests, "{line}")?;
        self.requests.flush()?;
        let mut failed = HashMap::new();
        loop {
            let mut answer = String::new();
            ensure!(self.answers.read_line(&mut answer)? > 0, "the compile server ended");
            let words: Vec<&str> = answer.trim_end().splitn(3, '\t').collect();
            match words.as_slice() {
                ["done"] => return Ok(failed),
                ["ok", _] => {}
                ["fail", source, message] => {
                    failed.insert(PathBuf::from(source), (*message).to_owned());
                }
                _ => bail!("the compile server answered {answer:?}"),
            }
        }
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `names` in one VM, and in further ones after each crash or time-out. `work` is the current directory of
/// the VMs, where their crash reports stay.
pub fn run(
    vm: &Vm,
    tools: &Path,
    classes: &Path,
    names: &[String],
    work: &Path,
    limit: Duration,
) -> Result<HashMap<String, Outcome>> {
    fs::create_dir_all(work)?;
    let mut outcomes = HashMap::new();
    let mut rest = names;
    while !rest.is_empty() {
        let before = outcomes.len();
        run_once(vm, tools, classes, rest, work, limit, &mut outcomes)?;
        let done = outcomes.len() - before;
        ensure!(done > 0, "{} starts no program; see {}", vm.name, work.display());
        rest = &rest[done..];
    }
    Ok(outcomes)
}

fn run_once(
    vm: &Vm,
    tools: &Path,
    classes: &Path,
    names: &[String],
    work: &Path,
    limit: Duration,
    outcomes: &mut HashMap<String, Outcome>,
) -> Result<()> {
    let list = work.join("programs.txt");
    fs::write(&list, names.join("\n"))?;
    let stderr = work.join("stderr.txt");
    let mut child = Command::new(&vm.java)
        .args(&vm.options)
        .arg("-cp")
        .arg(format!("{}:{}", tools.display(), classes.display()))
        .arg("BatchRunner")
        .arg(&list)
        .arg(limit.as_millis().to_string())
        .current_dir(work)
        .env_remove("JAVA_TOOL_OPTIONS")
        .env_remove("_JAVA_OPTIONS")
        .env_remove("JDK_JAVA_OPTIONS")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&stderr)?)
        .spawn()
        .with_context(|| format!("cannot start {}", vm.java.display()))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let (sender, lines) = channel();
    let reader = std::thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        let mut line = Vec::new();
        while matches!(stdout.read_until(b'\n', &mut line), Ok(n) if n > 0) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
            line.clear();
        }
    });
    let mut current: Option<String> = None;
    let mut output = String::new();
    // The VM's own limit comes first; this one is for a VM that hangs as a whole.
    let patience = limit + Duration::from_secs(10);
    let mut silent = false;
    loop {
        match lines.recv_timeout(patience) {
            Ok(line) => {
                if let Some(name) = line.strip_prefix("@@begin ") {
                    current = Some(name.trim_end().to_owned());
                    output.clear();
                } else if line.starts_with("@@end ") {
                    if let Some(name) = current.take() {
                        outcomes.insert(name, Outcome::Output(std::mem::take(&mut output)));
                    }
                } else if line.starts_with("@@timeout ") {
                    if let Some(name) = current.take() {
                        outcomes.insert(name, Outcome::Timeout);
                    }
                } else if output.len() < 1 << 20 {
                    output.push_str(&line);
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                silent = true;
                child.kill()?;
                break;
            }
        }
    }
    let status = child.wait()?;
    let _ = reader.join();
    if let Some(name) = current {
        let outcome = if silent {
            Outcome::Timeout
        } else {
            let text = String::from_utf8_lossy(&fs::read(&stderr)?).into_owned();
            let head: Vec<&str> = text.lines().take(12).collect();
            let how = match status.signal() {
                Some(signal) => format!("signal {signal}"),
                None => format!("exit code {}", status.code().unwrap_or(-1)),
            };
            Outcome::Crash(format!("{how}\n{}", head.join("\n")))
        };
        outcomes.insert(name, outcome);
    }
    Ok(())
}
