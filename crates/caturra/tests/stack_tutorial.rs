//! The tutorial of the stack machine is true: its commands are run, and their outputs compared.
//!
//! Commands stand in `console` blocks behind `$ `, in the folder `examples/stack`. A comment before a block says what
//! is special about it: `<!-- varies: a b -->`, the output holds these words, here and there; `<!-- needs a JDK -->`;
//! `<!-- screen 90x24: command: keys -->`, the screen of a terminal after these keys.
//!
//! With `CATURRA_BLESS=1` the outputs are written into the texts; `CATURRA_TUTORIAL_BINARY` names another command to
//! make them with.

mod common;

use common::Scratch;
use common::tmux::Tmux;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TEXTS: [&str; 2] = ["docs/stack-machine.md", "docs/stack-machine.zh-CN.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn binary() -> PathBuf {
    std::env::var_os("CATURRA_TUTORIAL_BINARY")
        .map_or_else(|| env!("CARGO_BIN_EXE_caturra").into(), Into::into)
}

/// What a comment says about the block behind it.
#[derive(Clone, Debug, Default)]
struct Note {
    varies: Option<Vec<String>>,
    needs_jdk: bool,
    /// Width, height, command, keys.
    screen: Option<(u16, u16, String, Vec<String>)>,
}

fn note(line: &str) -> Note {
    let text = line.trim_start_matches("<!--").trim_end_matches("-->").trim();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let mut note = Note { needs_jdk: text.contains("needs a JDK"), ..Note::default() };
    if let Some(rest) = text.split("varies:").nth(1) {
        note.varies = Some(words(rest));
    }
    if let Some(rest) = text.strip_prefix("screen ") {
        let mut parts = rest.splitn(3, ": ");
        let (width, height) = parts.next().unwrap().split_once('x').unwrap();
        let command = parts.next().unwrap().to_owned();
        let keys = words(parts.next().unwrap_or_default());
        note.screen = Some((width.parse().unwrap(), height.parse().unwrap(), command, keys));
    }
    note
}

struct Shell {
    scratch: Scratch,
    path: String,
}

impl Shell {
    /// A copy of the examples, with the command on the path.
    fn new(name: &str) -> Shell {
        let scratch = Scratch::new(name);
        for entry in fs::read_dir(root().join("examples/stack")).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, scratch.0.join(path.file_name().unwrap())).unwrap();
        }
        let bin = scratch.0.join(".bin");
        fs::create_dir(&bin).unwrap();
        symlink(binary(), bin.join("caturra")).unwrap();
        let mut path = bin.display().to_string();
        if let Some(jdk) = common::jdk() {
            write!(path, ":{}/bin", jdk.path.display()).unwrap();
        }
        write!(path, ":{}", std::env::var("PATH").unwrap_or_default()).unwrap();
        Shell { scratch, path }
    }

    fn run(&self, command: &str) -> String {
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(&self.scratch.0)
            .env("PATH", &self.path)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The screen after a command and some keys; `None` without tmux.
    fn screen(&self, (width, height, command, keys): &(u16, u16, String, Vec<String>)) -> Option<String> {
        let tmux = Tmux::start("tutorial", *width, *height, &self.scratch.0)?;
        tmux.line(&format!("PATH={}; clear; {command}", self.path));
        tmux.wait_for("step 0");
        for (i, key) in keys.iter().enumerate() {
            tmux.keys(&[key]);
            if key == "s" && keys[..i].iter().all(|k| k == "s") {
                tmux.wait_for(&format!("step {}", i + 1));
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        Some(tmux.screen())
    }
}

/// Goes through a text; gives it back with the outputs as they are now, the commands, and what is not as it was.
fn check(shell: &Shell, text: &str) -> (String, Vec<String>, Vec<String>) {
    let (mut now, mut commands, mut wrong) = (String::new(), Vec::new(), Vec::new());
    let mut lines = text.lines().peekable();
    let mut special = Note::default();
    while let Some(line) = lines.next() {
        writeln!(now, "{line}").unwrap();
        if line.starts_with("<!--") {
            special = note(line);
            continue;
        }
        if !line.starts_with("```") {
            continue;
        }
        let about = std::mem::take(&mut special);
        let mut block: Vec<&str> = Vec::new();
        for line in lines.by_ref() {
            if line.starts_with("```") {
                break;
            }
            block.push(line);
        }
        let mut found = String::new();
        if let Some(screen) = &about.screen {
            commands.push(screen.2.clone());
            match shell.screen(screen) {
                Some(screen) => found = screen,
                None => block.iter().for_each(|l| writeln!(found, "{l}").unwrap()),
            }
        } else if line == "```console" && !(about.needs_jdk && common::jdk().is_none()) {
            for line in block.iter().filter(|l| l.starts_with("$ ")) {
                commands.push(line[2..].to_owned());
                writeln!(found, "{line}").unwrap();
                let output = shell.run(&line[2..]);
                found.push_str(&output);
                if !output.is_empty() && !output.ends_with('\n') {
                    found.push('\n');
                }
            }
        } else {
            block.iter().for_each(|l| writeln!(found, "{l}").unwrap());
        }
        let written: String = block.iter().map(|l| format!("{l}\n")).collect();
        match &about.varies {
            Some(words) => {
                for word in words {
                    if !found.contains(word) || !written.contains(word) {
                        wrong.push(format!("{word} is missing in\n{written}or in\n{found}"));
                    }
                }
            }
            None if found != written => wrong.push(format!("written:\n{written}found:\n{found}")),
            None => {}
        }
        now.push_str(&found);
        now.push_str("```\n");
    }
    (now, commands, wrong)
}

#[test]
fn every_command_of_the_tutorial() {
    let bless = std::env::var_os("CATURRA_BLESS").is_some();
    let mut all_commands = Vec::new();
    for name in TEXTS {
        let path = root().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let shell = Shell::new(&format!("tutorial-{}", all_commands.len()));
        let (now, commands, wrong) = check(&shell, &text);
        if bless {
            fs::write(&path, now).unwrap();
        } else {
            assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
        }
        all_commands.push(commands);
    }
    assert!(all_commands[0].len() > 20);
    assert_eq!(all_commands[0], all_commands[1], "both languages show the same");
}
