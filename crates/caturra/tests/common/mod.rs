//! What the tests share: the installed JDK, and Java classes compiled with it.

// Each test program uses a part of it.
#![allow(dead_code)]

pub mod tmux;

use caturra_vm::java_home::{self, JavaHome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The JDK to test with. Without one there is nothing to run on, nor to compare with.
pub fn jdk() -> Option<JavaHome> {
    match java_home::find() {
        Ok(home) if home.path.join("bin/javac").is_file() => Some(home),
        Ok(home) => {
            println!("skipped: {} has no compiler", home.path.display());
            None
        }
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

/// A directory of this test process, removed when dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Scratch(dir)
    }

    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// Compiles a source file into this directory.
    pub fn compile(&self, jdk: &JavaHome, name: &str, source: &str) -> PathBuf {
        let file = self.write(name, source);
        let output = Command::new(jdk.path.join("bin/javac"))
            .args(["-J-XX:TieredStopAtLevel=1", "-nowarn", "-d"])
            .arg(&self.0)
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        file
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
