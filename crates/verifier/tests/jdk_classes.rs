//! Every class of the JDK is accepted.

mod common;

use std::time::Instant;

use caturra_classfile::{ClassFile, ParseOptions};
use common::{Info, MAX_MAJOR};

#[test]
fn all_classes_of_the_jdk() {
    let Some(files) = common::jdk_classes() else { return };
    let world = common::jdk_world(&files);
    let classes: Vec<ClassFile<'_>> = files
        .iter()
        .map(|(_, _, bytes)| ClassFile::parse(bytes, &ParseOptions::application(MAX_MAJOR)).unwrap())
        .collect();
    let (mut methods, mut code, mut loads) = (0, 0, 0);
    let start = Instant::now();
    for class in &classes {
        assert!(class.major_version >= 50);
        match world.verify(class) {
            Ok(loaded) => loads += loaded.len(),
            Err(failure) => panic!("{}: {failure}", String::from_utf8_lossy(class.name)),
        }
        for method in class.methods.iter().filter_map(|method| method.code.as_ref()) {
            methods += 1;
            code += method.bytes.len();
        }
    }
    let time = start.elapsed();
    println!(
        "{} classes, {methods} methods, {code} bytes of code, {loads} loads: {time:?}, {:.1} ns a byte",
        classes.len(),
        time.as_nanos() as f64 / code as f64
    );
    assert!(classes.len() > 5000);
}

/// No wrong byte of a class file makes the verifier panic, not even where the format went unchecked.
#[test]
fn broken_classes() {
    let Some(files) = common::jdk_classes() else { return };
    let mut world = common::jdk_world(&files);
    let small = |file: &&(String, String, Vec<u8>)| file.0 == "java.base" && file.2.len() < 1400;
    let (mut verified, mut rejected) = (0, 0);
    for (module, path, bytes) in files.iter().filter(small).step_by(60).take(10) {
        let mut broken = bytes.clone();
        for at in 10..bytes.len() {
            for value in [0, 7, 0xb7, bytes[at].wrapping_add(1)] {
                broken[at] = value;
                for options in [ParseOptions::application(MAX_MAJOR), ParseOptions::trusted(MAX_MAJOR)] {
                    let Ok(class) = ClassFile::parse(&broken, &options.expecting(path.as_bytes())) else {
                        continue;
                    };
                    let original = world.replace(path.as_bytes(), Info::of(&class, module));
                    verified += 1;
                    rejected += usize::from(world.verify(&class).is_err());
                    world.replace(path.as_bytes(), original);
                }
            }
            broken[at] = bytes[at];
        }
    }
    println!("{verified} verified, {rejected} rejected");
    assert!(rejected > 1000);
}
