//! A program in a real terminal: `tmux` types into it and reads its screen.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

pub struct Tmux {
    socket: String,
}

impl Tmux {
    /// A shell in a terminal of that size; `None` where `tmux` is not installed (`scripts/setup.sh` installs it).
    pub fn start(name: &str, width: u16, height: u16, directory: &Path) -> Option<Tmux> {
        if Command::new("tmux").arg("-V").output().is_err() {
            println!("skipped: tmux is not installed");
            return None;
        }
        let tmux = Tmux { socket: format!("caturra-{name}-{}", std::process::id()) };
        let output = tmux
            .command(&["-u", "-f", "/dev/null", "new-session", "-d", "-x", &width.to_string(), "-y"])
            .arg(height.to_string())
            .arg("-c")
            .arg(directory)
            .args(["env", "LC_ALL=C.UTF-8", "PS1=% ", "bash", "--norc", "--noprofile"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        tmux.wait_for("%");
        Some(tmux)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.socket]).args(arguments).env_remove("TMUX");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Presses keys, by tmux's names.
    pub fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys", "-t", ":0"], keys].concat());
    }

    /// Types a line.
    pub fn line(&self, text: &str) {
        self.run(&["send-keys", "-t", ":0", "-l", text]);
        self.keys(&["Enter"]);
    }

    /// What is on the screen, without blanks at the ends of lines.
    pub fn screen(&self) -> String {
        let output = self.run(&["capture-pane", "-p", "-t", ":0"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().map(|l| format!("{}\n", l.trim_end())).collect()
    }

    /// The screen, as soon as it shows that.
    pub fn wait_for(&self, text: &str) -> String {
        let started = Instant::now();
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "no {text:?} on the screen:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether a program has the screen for itself.
    pub fn is_alternate(&self) -> bool {
        let output = self.run(&["display-message", "-p", "-t", ":0", "#{alternate_on}"]);
        output.stdout.starts_with(b"1")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}
