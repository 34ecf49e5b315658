//! `caturra jdk DIR`: a JDK directory whose virtual machine is Caturra.
//!
//! The launchers find `libjli.so` and the VM by their own real path, so these are copied; all else is linked.

use caturra_vm::java_home::{self, JavaHome};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: caturra jdk <directory> [--from <java home>] [--force]";

struct Request {
    directory: PathBuf,
    from: Option<PathBuf>,
    /// Replace a directory that `caturra jdk` has made before.
    force: bool,
}

fn parse(arguments: &[OsString]) -> Result<Request, String> {
    let (mut directory, mut from, mut force) = (None, None, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--from") => from = Some(PathBuf::from(rest.next().ok_or(USAGE)?)),
            Some("--force") => force = true,
            Some(option) if option.starts_with('-') => {
                return Err(format!("unknown option {option}\n{USAGE}"));
            }
            _ if directory.is_none() => directory = Some(PathBuf::from(argument)),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Request { directory: directory.ok_or(USAGE)?, from, force })
}

/// The subcommand.
pub fn run(arguments: &[OsString]) -> Result<ExitCode, String> {
    let request = parse(arguments)?;
    let home = match &request.from {
        Some(path) => java_home::check(path).map_err(|why| format!("{} is {why}", path.display()))?,
        None => java_home::find()?,
    };
    let vm = own_library()?;
    make(&request, &home, &vm)?;
    println!(
        "{}: JDK {} with Caturra {} as its virtual machine",
        request.directory.display(),
        home.runtime_version,
        env!("CARGO_PKG_VERSION")
    );
    Ok(ExitCode::SUCCESS)
}

/// The file that serves as `libjvm.so`: this program's own.
fn own_library() -> Result<PathBuf, String> {
    let executable = std::env::current_exe().map_err(|e| format!("cannot find this program's file: {e}"))?;
    if cfg!(executable_library) {
        return Ok(executable);
    }
    // Where the program is not a library too, the library is installed beside it.
    let beside = executable.with_file_name("libjvm.so");
    if beside.is_file() { Ok(beside) } else { Err(format!("{} is missing", beside.display())) }
}

/// Tells directories of our making from others.
const MARKER: &str = ".caturra-jdk";

fn make(request: &Request, home: &JavaHome, vm: &Path) -> Result<(), String> {
    let dir = &request.directory;
    let context = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let source = home.path.canonicalize().map_err(|e| context(&home.path, e))?;
    if source.join(MARKER).is_file() {
        return Err(format!("{} was made by caturra jdk itself; name the JDK with --from", source.display()));
    }
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        if !dir.join(MARKER).is_file() {
            return Err(format!("{} exists and is not empty", dir.display()));
        }
        if !request.force && fs::read_link(dir.join("lib/modules")).ok() != Some(source.join("lib/modules")) {
            return Err(format!("{} was made from another JDK; --force replaces it", dir.display()));
        }
    }
    let replace = |path: &Path| -> std::io::Result<()> {
        match fs::symlink_metadata(path) {
            Ok(m) if m.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(_) => Ok(()),
        }
    };
    let link = |name: &Path| -> Result<(), String> {
        let (from, to) = (source.join(name), dir.join(name));
        replace(&to).and_then(|()| symlink(&from, &to)).map_err(|e| context(&to, e))
    };
    // A running VM maps its file: a new one takes its place under the same name.
    let copy = |from: &Path, name: &Path| -> Result<(), String> {
        let to = dir.join(name);
        let part = to.with_extension("part");
        fs::copy(from, &part)
            .and_then(|_| fs::set_permissions(&part, fs::Permissions::from_mode(0o755)))
            .and_then(|()| fs::rename(&part, &to))
            .map_err(|e| context(&to, e))
    };
    let names = |name: &str| -> Result<Vec<OsString>, String> {
        let path = source.join(name);
        let entries = fs::read_dir(&path).map_err(|e| context(&path, e))?;
        Ok(entries.flatten().map(|e| e.file_name()).collect())
    };

    for name in ["bin", "lib/server"] {
        let path = dir.join(name);
        fs::create_dir_all(&path).map_err(|e| context(&path, e))?;
    }
    fs::write(dir.join(MARKER), format!("{}\n", source.display())).map_err(|e| context(dir, e))?;
    for name in names("")? {
        if name != "bin" && name != "lib" && name != MARKER {
            link(Path::new(&name))?;
        }
    }
    for name in names("bin")? {
        let name = Path::new("bin").join(name);
        copy(&source.join(&name), &name)?;
    }
    for name in names("lib")? {
        let name = Path::new("lib").join(name);
        match name.file_name().and_then(|n| n.to_str()) {
            Some("server") => {}
            Some("libjli.so") => copy(&source.join(&name), &name)?,
            _ => link(&name)?,
        }
    }
    copy(vm, Path::new("lib/server/libjvm.so"))
}
