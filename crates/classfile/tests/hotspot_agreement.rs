//! The reader accepts what HotSpot accepts when it defines a class, and rejects the rest with the same error and
//! message: compared over byte mutations of compiled classes. Skipped, with a note, where there is no JDK 17.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use caturra_bytecode::Opcode;
use caturra_bytecode::access::*;
use caturra_classfile::writer::{ClassWriter, CodeBuilder};
use caturra_classfile::{ClassFile, ParseOptions, RawAttributes};

/// The newest version that the reference knows.
const MAX_MAJOR: u16 = 61;

fn jdk() -> Option<PathBuf> {
    let home = PathBuf::from("/usr/lib/jvm/java-17-openjdk-amd64");
    if home.join("bin/javac").exists() {
        return Some(home);
    }
    eprintln!("skipped: no JDK 17 at {}", home.display());
    None
}

/// An empty directory for this test process.
fn work_dir(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What HotSpot says to each of the class files.
fn hotspot(jdk: &Path, dir: &Path, files: &[Vec<u8>]) -> Vec<String> {
    let mut stream = u32::to_be_bytes(files.len() as u32).to_vec();
    for file in files {
        stream.extend((file.len() as u32).to_be_bytes());
        stream.extend_from_slice(file);
    }
    let path = dir.join("files");
    fs::write(&path, stream).unwrap();
    let mut java = Command::new(jdk.join("bin/java"));
    let text = run(java.args(["-XX:+UseSerialGC", "-Xmx256m", "-cp"]).arg(dir).arg("Define").arg(&path));
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), files.len());
    lines
}

/// What the reader says, in the same form.
fn ours(file: &[u8]) -> String {
    match ClassFile::parse(file, &ParseOptions::application(MAX_MAJOR)) {
        Ok(_) => "accepted".into(),
        Err(problem) => problem.to_string().replace(['\n', '\r'], "?"),
    }
}

/// Whether the two agree. What HotSpot rejects for other reasons than the format (a superclass that is not
/// found, a final one, a prohibited package) the reader accepts, and the VM finds later. HotSpot loads the
/// superinterfaces before it reads the members.
fn agree(ours: &str, theirs: &str) -> bool {
    let loading = ["java.lang.IncompatibleClassChangeError", "java.lang.ClassCircularityError"];
    if loading.iter().any(|error| theirs.starts_with(error)) {
        return true;
    }
    let is_format = |line: &str| {
        ["java.lang.ClassFormatError", "java.lang.UnsupportedClassVersionError"]
            .iter()
            .any(|error| line.starts_with(error))
            || line.contains("ACC_MODULE")
    };
    if is_format(theirs) || is_format(ours) {
        return ours == theirs;
    }
    true
}

/// A generator of the same numbers in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

#[test]
fn mutations() {
    let Some(jdk) = jdk() else { return };
    let dir = compile(&jdk, "mutations");
    let rounds: usize = std::env::var("CATURRA_FUZZ_ROUNDS").map_or(8, |rounds| rounds.parse().unwrap());
    let seed = std::env::var("CATURRA_FUZZ_SEED").map_or(0x5eed, |seed| seed.parse().unwrap());
    let mut random = Random(seed);
    let mut files = Vec::new();
    for path in sample_classes(&dir) {
        let original = fs::read(path).unwrap();
        files.push(original.clone());
        // Every byte in turn, a few values each.
        for at in 0..original.len() {
            for round in 0..rounds {
                let mut file = original.clone();
                file[at] = match round {
                    0 => file[at].wrapping_add(1),
                    1 => file[at].wrapping_sub(1),
                    2 => file[at] ^ 1 << random.below(8),
                    // A likely index or tag.
                    3 => random.below(24) as u8,
                    _ => random.below(256) as u8,
                };
                // A likely u2.
                if round == 5 && at + 1 < file.len() {
                    file[at..at + 2].copy_from_slice(&(random.below(300) as u16).to_be_bytes());
                }
                // Some with an older version, whose rules differ.
                if round % 2 == 1 {
                    file[7] = 45 + random.below(17) as u8;
                }
                files.push(file);
            }
        }
    }
    compare(&jdk, &dir, &files);
    fs::remove_dir_all(&dir).unwrap();
}

/// Compiles the Java side into an empty directory.
fn compile(jdk: &Path, name: &str) -> PathBuf {
    let dir = work_dir(name);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
    run(Command::new(jdk.join("bin/javac"))
        .args(["-g", "-parameters", "-nowarn", "-Xlint:none", "-d"])
        .arg(&dir)
        .args([sources.join("Define.java"), sources.join("Sample.java")]));
    dir
}

/// Fails where the two do not agree on one of the class files.
fn compare(jdk: &Path, dir: &Path, files: &[Vec<u8>]) {
    let theirs = hotspot(jdk, dir, files);
    let mut disagreements = BTreeMap::new();
    let mut rejected = 0;
    for (file, theirs) in files.iter().zip(&theirs) {
        let ours = ours(file);
        rejected += usize::from(ours != "accepted");
        if !agree(&ours, theirs) {
            // Of disagreements that differ in names and numbers alone one is shown.
            let kind = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
            let entry = disagreements.entry((kind(&ours), kind(theirs)));
            entry.or_insert((0, format!("ours:   {ours}\ntheirs: {theirs}"))).0 += 1;
        }
    }
    println!(
        "{} class files, {rejected} rejected, {} kinds of disagreement",
        files.len(),
        disagreements.len()
    );
    let shown: Vec<_> =
        disagreements.values().map(|(count, text)| format!("{count} times\n{text}")).collect();
    assert!(disagreements.is_empty(), "{}", shown.join("\n"));
}

/// An attribute in a class file: where it is, where the count of its table is, and where the length of the
/// attribute around it is.
struct Site {
    count_at: usize,
    start: usize,
    end: usize,
    around: Option<usize>,
}

fn attribute_sites(file: &[u8]) -> Vec<Site> {
    let class = ClassFile::parse(file, &ParseOptions::application(MAX_MAJOR)).unwrap();
    let offset = |bytes: &[u8]| bytes.as_ptr().addr() - file.as_ptr().addr();
    let mut sites = Vec::new();
    let mut add = |attributes: RawAttributes<'_>, around: Option<usize>| {
        // Before the first attribute is the count, six bytes of its own before its content.
        let count_at = attributes.iter().next().map_or(0, |first| offset(first.info) - 8);
        for attribute in attributes.iter() {
            let info = offset(attribute.info);
            sites.push(Site { count_at, start: info - 6, end: info + attribute.info.len(), around });
        }
    };
    add(class.attributes.raw, None);
    class.fields.iter().for_each(|field| add(field.attributes, None));
    for method in &class.methods {
        add(method.attributes, None);
        if let Some(code) = &method.code {
            // Before the code array are two sizes and its length, before these the attribute's length.
            add(code.attributes, Some(offset(code.bytes) - 12));
        }
    }
    let record = class
        .attributes
        .raw
        .iter()
        .find(|attribute| class.constant_pool.utf8(attribute.name_index) == Some(b"Record"));
    for component in class.attributes.record.iter().flatten() {
        add(component.attributes, record.map(|record| offset(record.info) - 4));
    }
    sites
}

/// Attributes twice, swapped, lengthened, shortened, emptied, renamed.
#[test]
fn attributes() {
    let Some(jdk) = jdk() else { return };
    let dir = compile(&jdk, "attributes");
    let mut random = Random(11);
    let mut files = Vec::new();
    for path in sample_classes(&dir) {
        let original = fs::read(path).unwrap();
        let adjust_u2 = |file: &mut [u8], at: usize| {
            let count = u16::from_be_bytes([file[at], file[at + 1]]) + 1;
            file[at..at + 2].copy_from_slice(&count.to_be_bytes());
        };
        let adjust_u4 = |file: &mut [u8], at: usize, by: i32| {
            let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()).wrapping_add_signed(by);
            file[at..at + 4].copy_from_slice(&length.to_be_bytes());
        };
        let sites = attribute_sites(&original);
        let constants =
            ClassFile::parse(&original, &ParseOptions::application(MAX_MAJOR)).unwrap().constant_pool;
        for site in &sites {
            let mut variants = Vec::new();
            // Inserts a copy of another attribute of the file, or of this one.
            for copied in (0..6).map(|_| &sites[random.below(sites.len())]).chain([site]) {
                let mut file = original.clone();
                file.splice(site.start..site.start, original[copied.start..copied.end].iter().copied());
                adjust_u2(&mut file, site.count_at);
                if let Some(around) = site.around {
                    adjust_u4(&mut file, around, (copied.end - copied.start) as i32);
                }
                variants.push(file);
            }
            // Longer and shorter content, the length in step with it and not.
            for (by, in_step) in [(1, true), (2, true), (-1, true), (-2, true), (1, false), (-1, false)] {
                let size = (site.end - site.start - 6) as i32;
                if size + by < 0 {
                    continue;
                }
                let mut file = original.clone();
                if by > 0 {
                    file.splice(site.end..site.end, vec![0; by as usize]);
                } else {
                    file.drain(site.end - by.unsigned_abs() as usize..site.end);
                }
                if in_step {
                    adjust_u4(&mut file, site.start + 2, by);
                }
                if let Some(around) = site.around {
                    adjust_u4(&mut file, around, by);
                }
                variants.push(file);
            }
            // Another name, with this content.
            for _ in 0..6 {
                let other = &sites[random.below(sites.len())];
                let mut file = original.clone();
                file.copy_within(other.start..other.start + 2, site.start);
                variants.push(file);
            }
            // The first four u2 of the content: other constants, or counts.
            for at in
                (site.start + 6..site.end.min(site.start + 14)).step_by(2).filter(|at| at + 2 <= site.end)
            {
                for _ in 0..8 {
                    let mut file = original.clone();
                    let value = random.below(constants.len() + 2) as u16;
                    file[at..at + 2].copy_from_slice(&value.to_be_bytes());
                    variants.push(file);
                }
            }
            for mut file in variants {
                files.push(file.clone());
                file[7] = 45 + random.below(17) as u8;
                files.push(file);
            }
        }
    }
    compare(&jdk, &dir, &files);
    fs::remove_dir_all(&dir).unwrap();
}

fn sample_classes(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().contains("Sample"));
    paths.sort();
    paths
}

const VERSIONS: [u16; 4] = [45, 48, 49, 61];

/// Names and descriptors in every place where one is checked, in class files of every rule.
#[test]
fn names() {
    let Some(jdk) = jdk() else { return };
    let dir = compile(&jdk, "names");
    let names = [
        "",
        "a",
        "a/b",
        "a/b/C",
        "/a",
        "a/",
        "a//b",
        "a.b",
        "a;b",
        "a[b",
        "[a",
        "a]",
        "a<b",
        "a>b",
        "<a>",
        "<init>",
        "<clinit>",
        "1a",
        "a1",
        "a/1",
        "a b",
        "a-b",
        "\u{e9}",
        "a\u{e9}",
        "\u{1f600}",
        "a\u{300}",
        "\u{300}",
        "a\u{20ac}",
        "a/\u{300}",
        "a\u{2014}",
        "package-info",
        "$",
        "_",
        "a\0",
        "[I",
        "[[I",
        "[",
        "[V",
        "[La;",
        "[La",
        "La;",
        "I",
        "V",
        "J",
        "L;",
        "L/;",
        "La/;",
        "La//b;",
        "L/a;",
        "[L;",
        "[La.b;",
        "[[V",
        "a\u{1}",
        "\0",
        "a\u{9}",
        "La.b;",
        "La[b;",
        "L1;",
        "La b;",
        "La;I",
        "()V",
        "(",
        "()",
        "(V)V",
        "(I",
        "(I)",
        "(IJ)[D",
        "(La;)La;",
        "(La.b;)V",
        "(La-b;)V",
        "(L;)V",
        "()L;",
        "()I",
        "()VV",
        "(I)VI",
        "([V)V",
        "()[V",
        "(La;",
        "(La)V",
        "(L1;)V",
        "(I)V",
    ];
    let deep = |dimensions: usize| format!("{}I", "[".repeat(dimensions));
    let mut names: Vec<String> = names.map(str::to_owned).to_vec();
    names.extend([deep(255), deep(256), format!("({})V", deep(256)), format!("({})V", "J".repeat(127))]);
    names.extend([format!("({})V", "J".repeat(128)), format!("({}I)V", "J".repeat(127))]);
    let mut files = Vec::new();
    for major in VERSIONS {
        for (name, place) in names.iter().flat_map(|name| (0..14).map(move |place| (name, place))) {
            let mut class = ClassWriter::new(major, ACC_PUBLIC, "Test", Some("java/lang/Object"));
            let method = ACC_PUBLIC | ACC_ABSTRACT;
            match place {
                0 => {
                    class.pool.class(name);
                }
                1 => {
                    class.field(0, name, "I");
                }
                2 => {
                    class.field(0, "f", name);
                }
                3 => {
                    class.method(method, name, "()V");
                }
                4 => {
                    class.method(method, "m", name);
                }
                5 => {
                    class.method(ACC_STATIC | ACC_NATIVE, name, "(I)V");
                }
                6 => {
                    class.method(ACC_STATIC | ACC_NATIVE, "m", name);
                }
                7 => {
                    class.pool.name_and_type("n", name);
                }
                8 => {
                    class.pool.name_and_type(name, "I");
                }
                9 => {
                    class.pool.name_and_type(name, "()V");
                }
                10 => {
                    class.pool.field_ref("Test", "f", name);
                }
                11 => {
                    class.pool.method_ref("Test", name, "()V");
                }
                12 => {
                    class.pool.interface_method_ref("Test", "m", name);
                }
                _ => {
                    class.pool.method_type(name);
                }
            }
            files.push(class.finish().unwrap());
            let mut class = ClassWriter::new(major, ACC_PUBLIC, name, Some("java/lang/Object"));
            class.source_file(name);
            files.push(class.finish().unwrap());
        }
    }
    compare(&jdk, &dir, &files);
    fs::remove_dir_all(&dir).unwrap();
}

/// All flags of classes, inner classes, fields and methods.
#[test]
fn flags() {
    let Some(jdk) = jdk() else { return };
    let dir = compile(&jdk, "flags");
    let mut files = Vec::new();
    let object = Some("java/lang/Object");
    let mut random = Random(7);
    for major in [45, 48, 49, 50, 51, 52, 53, 60, 61] {
        for bit in 0..16 {
            let mut sets = vec![1 << bit];
            sets.extend((0..40).map(|_| (1 << bit | random.below(1 << 16) & random.below(1 << 16)) as u16));
            for flags in sets {
                files.push(ClassWriter::new(major, flags, "Test", object).finish().unwrap());
                for class_flags in [ACC_PUBLIC | ACC_ABSTRACT, ACC_PUBLIC | ACC_ABSTRACT | ACC_INTERFACE] {
                    let mut class = ClassWriter::new(major, class_flags, "Test", object);
                    let inner = class.pool.class("Test$Inner").to_be_bytes();
                    let [high, low] = flags.to_be_bytes();
                    class.attribute("InnerClasses", vec![0, 1, inner[0], inner[1], 0, 0, 0, 0, high, low]);
                    files.push(class.finish().unwrap());
                    let mut class = ClassWriter::new(major, class_flags, "Test", object);
                    class.field(flags, "f", "I");
                    files.push(class.finish().unwrap());
                    for name in ["m", "<init>", "<clinit>"] {
                        let mut class = ClassWriter::new(major, class_flags, "Test", object);
                        let mut method = class.method(flags, name, "()V");
                        if flags & (ACC_NATIVE | ACC_ABSTRACT) == 0 {
                            method.code(CodeBuilder::new(1, 1).op(Opcode::Return));
                        }
                        files.push(class.finish().unwrap());
                    }
                }
            }
        }
    }
    compare(&jdk, &dir, &files);
    fs::remove_dir_all(&dir).unwrap();
}
