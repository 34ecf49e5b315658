//! The reference: a JDK 17 that links class files and tells what its verifier says.
#![allow(dead_code, reason = "every test uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::image::REFERENCE_HOME;

/// The reference JDK; `None`, with a note, where there is none.
pub fn jdk() -> Option<PathBuf> {
    let home = PathBuf::from(REFERENCE_HOME);
    if home.join("bin/javac").exists() {
        return Some(home);
    }
    eprintln!("skipped: no JDK 17 at {}", home.display());
    None
}

/// An empty directory for a test, of which several run in one process.
pub fn work_dir(name: &str) -> PathBuf {
    static SERIAL: AtomicU32 = AtomicU32::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let dir = Path::new(option_env!("CARGO_TARGET_TMPDIR").unwrap_or("/tmp"))
        .join(format!("{name}-{}-{serial}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// Compiles the Java side into an empty directory.
pub fn compile(jdk: &Path, name: &str) -> PathBuf {
    let dir = work_dir(name);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
    run(Command::new(jdk.join("bin/javac")).args(["-g", "-nowarn", "-Xlint:none", "-d"]).arg(&dir).args([
        sources.join("Link.java"),
        sources.join("Subject.java"),
        sources.join("other/Base.java"),
    ]));
    // Without string concatenation by invokedynamic and without nest mates.
    let old = ["-g", "-nowarn", "-Xlint:none", "--release", "8", "-d"];
    run(Command::new(jdk.join("bin/javac"))
        .args(old)
        .arg(&dir)
        .arg("-cp")
        .arg(&dir)
        .arg(sources.join("Old.java")));
    dir
}

/// What HotSpot says to each of the class files, which come with their names in internal form.
pub fn link<'f>(
    jdk: &Path,
    dir: &Path,
    files: impl ExactSizeIterator<Item = (&'f str, &'f [u8])>,
) -> Vec<String> {
    let count = files.len();
    let mut stream = (count as u32).to_be_bytes().to_vec();
    for (name, file) in files {
        let name = name.replace('/', ".");
        stream.extend((name.len() as u16).to_be_bytes());
        stream.extend_from_slice(name.as_bytes());
        stream.extend((file.len() as u32).to_be_bytes());
        stream.extend_from_slice(file);
    }
    let (input, output) = (dir.join("files"), dir.join("answers"));
    fs::write(&input, stream).unwrap();
    let mut java = Command::new(jdk.join("bin/java"));
    run(java.args(["-XX:+UseSerialGC", "-Xmx512m", "-cp"]).arg(dir).arg("Link").args([dir, &input, &output]));
    let bytes = fs::read(&output).unwrap();
    let mut rest = bytes.as_slice();
    let mut answers = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (text, after) = after.split_at(u32::from_be_bytes(*length) as usize);
        answers.push(String::from_utf8(text.to_vec()).unwrap());
        rest = after;
    }
    assert_eq!(answers.len(), count);
    answers
}
