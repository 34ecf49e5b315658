//! Finding the class library: the JDK whose VM this one takes the place of.

use std::path::{Path, PathBuf};

/// Feature releases whose class library this VM knows (tables of well-known classes, boot sequence).
pub const SUPPORTED_RELEASES: &[u32] = &[17];

/// What to tell a user who has no JDK.
pub const INSTALL_HINT: &str = "Install Debian's or Ubuntu's package openjdk-17-jdk-headless \
(openjdk-17-jre-headless runs programs but has no compiler; Fedora: java-17-openjdk-devel; \
Alpine and Arch: see their openjdk17 packages), or set JAVA_HOME to a JDK 17.";

/// An installed JDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaHome {
    pub path: PathBuf,
    /// Feature release: 17.
    pub release: u32,
    /// Full version: "17.0.15+6-Debian-1deb12u1".
    pub runtime_version: String,
}

/// Whether a directory holds a class library.
fn has_image(home: &Path) -> bool {
    home.join("lib/modules").is_file()
}

impl JavaHome {
    /// The JDK in `path`; `None` when there is no class library.
    pub fn read(path: &Path) -> Option<JavaHome> {
        if !has_image(path) {
            return None;
        }
        let text = std::fs::read_to_string(path.join("release")).unwrap_or_default();
        let value = |key: &str| {
            text.lines()
                .find_map(|l| l.strip_prefix(key)?.strip_prefix("=\""))
                .map(|v| v.trim_end_matches('"').to_string())
        };
        let version = value("JAVA_VERSION").unwrap_or_else(|| "17".into());
        let release = version.split(['.', '+', '-']).next().and_then(|f| f.parse().ok()).unwrap_or(17);
        let runtime_version = value("JAVA_RUNTIME_VERSION").unwrap_or(version);
        Some(JavaHome { path: path.to_path_buf(), release, runtime_version })
    }

    pub fn is_supported(&self) -> bool {
        SUPPORTED_RELEASES.contains(&self.release)
    }
}

/// The JDK that a library in `HOME/lib/server`, or a launcher in `HOME/bin`, belongs to.
pub fn of_process(library: Option<&Path>) -> Option<JavaHome> {
    let of_library = library.and_then(Path::parent).and_then(Path::parent);
    let executable = std::env::current_exe().ok();
    let of_launcher = executable.as_deref().and_then(Path::parent).and_then(Path::parent);
    of_library.into_iter().chain(of_launcher).find_map(JavaHome::read)
}

/// The JDK that the user means: `JAVA_HOME`, then the `java` on the path, then what package managers install.
///
/// # Errors
/// A text that says what was found unfit, or what to install.
pub fn find() -> Result<JavaHome, String> {
    if let Some(path) = std::env::var_os("JAVA_HOME").filter(|p| !p.is_empty()).map(PathBuf::from) {
        return check(&path).map_err(|why| format!("JAVA_HOME is {}, {why}", path.display()));
    }
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|paths| std::env::split_paths(&paths).map(|dir| dir.join("java")).collect::<Vec<_>>());
    let of_java = on_path
        .filter_map(|java| java.canonicalize().ok())
        .find_map(|java| JavaHome::read(java.parent()?.parent()?));
    if let Some(home) = of_java.filter(JavaHome::is_supported) {
        return Ok(home);
    }
    installed().ok_or_else(|| {
        let releases: Vec<String> = SUPPORTED_RELEASES.iter().map(u32::to_string).collect();
        format!("no JDK {} was found. {INSTALL_HINT}", releases.join(", "))
    })
}

/// The JDK in a directory that the user has named.
///
/// # Errors
/// Why it will not do, to follow the path in a sentence.
pub fn check(path: &Path) -> Result<JavaHome, String> {
    match JavaHome::read(path) {
        None => Err(format!("which holds no class library (lib/modules). {INSTALL_HINT}")),
        Some(home) if !home.is_supported() => {
            Err(format!("a JDK {}, which Caturra does not know yet. {INSTALL_HINT}", home.release))
        }
        Some(home) => Ok(home),
    }
}

/// Directories in which package managers and tools put JDKs, one in each subdirectory.
fn install_directories() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = ["/usr/lib/jvm", "/usr/lib64/jvm", "/usr/java", "/opt/java", "/opt"]
        .into_iter()
        .map(PathBuf::from)
        .collect();
    if let Some(user) = std::env::var_os("HOME").map(PathBuf::from) {
        dirs.extend([user.join(".sdkman/candidates/java"), user.join(".jdks")]);
    }
    dirs
}

/// The newest supported JDK among the installed ones.
fn installed() -> Option<JavaHome> {
    for dir in install_directories() {
        let Ok(entries) = std::fs::read_dir(dir) else { continue };
        let mut paths: Vec<PathBuf> =
            entries.flatten().filter_map(|e| e.path().canonicalize().ok()).collect();
        paths.sort();
        paths.dedup();
        let homes = paths.iter().filter_map(|p| JavaHome::read(p)).filter(JavaHome::is_supported);
        if let Some(home) = homes.max_by_key(|h| h.release) {
            return Some(home);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_file_tells_the_version() {
        let dir = std::env::temp_dir().join(format!("caturra-home-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("lib")).unwrap();
        assert_eq!(JavaHome::read(&dir), None);
        std::fs::write(dir.join("lib/modules"), "").unwrap();
        std::fs::write(dir.join("release"), "JAVA_RUNTIME_VERSION=\"11.0.2+9\"\nJAVA_VERSION=\"11.0.2\"\n")
            .unwrap();
        let home = JavaHome::read(&dir).unwrap();
        assert_eq!((home.release, home.runtime_version.as_str()), (11, "11.0.2+9"));
        assert!(check(&dir).unwrap_err().starts_with("a JDK 11,"));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
