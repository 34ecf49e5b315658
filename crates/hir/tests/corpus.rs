//! Builds and optimises every method of a directory of class files, which must neither panic nor break the rules of the
//! representation. Without the variable `HIR_CORPUS` that directory is the one of the subject's classes.

mod support;

use caturra_hir::build::{Options, Rejected, build};
use caturra_hir::env::CompilerEnv;
use caturra_hir::passes::{Passes, optimise};
use caturra_hir::print::print;
use caturra_hir::validate::validate;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use support::classes::Classes;

#[test]
fn every_method() {
    let env = match std::env::var_os("HIR_CORPUS") {
        Some(directory) => Classes::read(Path::new(&directory)),
        None => Classes::compile(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Subject.java")),
    };
    let mut rejected: BTreeMap<String, usize> = BTreeMap::new();
    let mut times: BTreeMap<&str, Duration> = BTreeMap::new();
    let (mut methods, mut bytecodes, mut insts) = (0, 0, 0);
    for method in env.methods() {
        for inline in [false, true] {
            let start = Instant::now();
            let mut f = match build(&env, method, None, &Options { inline, ..Options::default() }) {
                Ok(f) => f,
                Err(why) => {
                    let expected = !matches!(why, Rejected::Malformed(_));
                    assert!(expected, "{}: {why:?}", env.method_name(method));
                    *rejected.entry(format!("{why:?}")).or_default() += 1;
                    continue;
                }
            };
            *times.entry("build").or_default() += start.elapsed();
            if let Err(e) = validate(&f) {
                panic!("{}: {e}\n{}", env.method_name(method), print(&f, Some(&env), true));
            }
            for timing in optimise(&mut f, &env, Passes::ALL, &mut |_, _| {}) {
                *times.entry(timing.name).or_default() += timing.time;
            }
            if start.elapsed() > Duration::from_secs(1) {
                println!("{:?} {inline} {}", start.elapsed(), env.method_name(method));
            }
            methods += 1;
            bytecodes += env.method(method).code.len();
            insts += f.blocks.iter().map(|b| b.insts.len()).sum::<usize>();
        }
    }
    println!("{methods} methods, {bytecodes} bytecodes, {insts} instructions after");
    println!("{rejected:?}\n{times:?}");
}
