//! Every class of the JDK is accepted.

mod common;

use std::time::Instant;

use caturra_classfile::{ClassFile, ParseOptions};
use common::MAX_MAJOR;

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
