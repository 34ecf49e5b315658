//! The printer shows code as the reference `javap -c` does. Skipped, with a note, where there is no JDK 17.

mod common;

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use caturra_bytecode::print;
use caturra_classfile::{ClassFile, ParseOptions};

/// Instructions of all methods in javap's output, a list of lines each.
fn javap(home: &Path, classes: &[String]) -> Vec<(String, Vec<Vec<String>>)> {
    let output = Command::new(home.join("bin/javap")).args(["-c", "-p"]).args(classes).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut result: Vec<(String, Vec<Vec<String>>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("Compiled from") {
            result.push((line.to_owned(), Vec::new()));
        } else if line == "    Code:" {
            result.last_mut().unwrap().1.push(Vec::new());
            inside = true;
        } else if !line.starts_with("    ") || line.trim() == "Exception table:" {
            inside = false;
        } else if inside {
            result.last_mut().unwrap().1.last_mut().unwrap().push(line.to_owned());
        }
    }
    result
}

/// Whether both lines end in the same float or double constant. Before JDK 19 `Double.toString` does not always
/// find the shortest digits.
fn same_number(ours: &str, theirs: &str) -> bool {
    let number = |line: &str| {
        let (_, comment) = line.split_once("// ")?;
        let (kind, digits) = comment.split_once(' ')?;
        let value: f64 = digits.get(..digits.len().checked_sub(1)?)?.parse().ok()?;
        match kind {
            "float" => Some((value as f32).into()),
            "double" => Some(value),
            _ => None,
        }
    };
    number(ours).is_some() && number(ours) == number(theirs)
}

#[test]
fn code_of_jdk_classes() {
    let Some(image) = common::Image::open_reference() else { return };
    let home = Path::new(common::REFERENCE_HOME);
    if !home.join("bin/javap").exists() {
        eprintln!("skipped: no javap in {}", home.display());
        return;
    }
    let wanted = [
        "java/lang/String",
        "java/lang/Math",
        "java/util/HashMap",
        "java/lang/invoke/MethodHandles$Lookup",
        "java/util/Formatter",
        "java/text/DecimalFormat",
        "java/util/regex/Pattern",
        "java/lang/Double",
        "java/math/BigInteger",
        "java/util/stream/Collectors",
        "java/lang/StrictMath",
        "java/lang/Float",
        "sun/security/ssl/SSLExtension",
        "java/time/LocalDate",
        "java/util/concurrent/ForkJoinPool",
    ];
    let mut ours = HashMap::new();
    image.for_each_class(|_, path, bytes| {
        if !wanted.contains(&path) {
            return;
        }
        let class = ClassFile::parse(bytes, &ParseOptions::application(61)).unwrap();
        let code = class.methods.iter().filter_map(|method| method.code.as_ref());
        let printed: Vec<Vec<String>> = code
            .map(|code| {
                let mut text = String::new();
                print::print_code(&mut text, code.bytes, |index| class.describe(index)).unwrap();
                text.lines().map(str::to_owned).collect()
            })
            .collect();
        ours.insert(path.to_owned(), printed);
    });
    let names: Vec<String> = wanted.iter().map(|path| path.replace('/', ".")).collect();
    let theirs = javap(home, &names);
    assert_eq!((theirs.len(), ours.len()), (wanted.len(), wanted.len()));
    let (mut lines, mut wrong) = (0, Vec::new());
    for (path, (_, methods)) in wanted.iter().zip(&theirs) {
        assert_eq!(ours[*path].len(), methods.len(), "{path}");
        for (ours, theirs) in ours[*path].iter().flatten().zip(methods.iter().flatten()) {
            lines += 1;
            if ours != theirs && !same_number(ours, theirs) {
                wrong.push(format!("ours:   {ours}\ntheirs: {theirs}"));
            }
        }
    }
    println!("{lines} lines, {} different", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(12)].join("\n"));
}
