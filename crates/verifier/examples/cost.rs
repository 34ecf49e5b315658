//! What verification costs: verifies the classes of the JDK that a file names, one a line with dots, and prints
//! processor time for the first round and the best of the others. To compare with HotSpot:
//!
//! ```text
//! java -Xverify:all -Xshare:off -Xlog:class+init -m jdk.compiler/com.sun.tools.javac.Main Hello.java |
//!     sed -n 's/.*Start class verification for: //p' > classes
//! java -Xverify:all -Xshare:off -XX:+PerfDataSaveToFile -XX:PerfDataSaveFile=perf.data \
//!     -m jdk.compiler/com.sun.tools.javac.Main Hello.java
//! jstat -J-Djstat.showUnsupported=true -snap file:///$PWD/perf.data | grep Verify
//! cargo run --release -p caturra-verifier --example cost classes
//! ```

use std::collections::HashSet;
use std::time::Duration;

use caturra_classfile::{ClassFile, ParseOptions};

#[path = "../tests/common/mod.rs"]
mod common;

const ROUNDS: usize = 10;

/// Processor time of this thread.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanos.expect("scheduler statistics"))
}

fn main() {
    let path = std::env::args().nth(1).expect("a file with names of classes");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let names: HashSet<String> = text.lines().map(|line| line.replace('.', "/")).collect();
    let files = common::jdk_classes().expect("a JDK");
    let world = common::jdk_world(&files);
    let options = ParseOptions::application(common::MAX_MAJOR);
    let classes: Vec<ClassFile<'_>> = files
        .iter()
        .filter(|(_, name, _)| names.contains(name))
        .map(|(_, _, bytes)| ClassFile::parse(bytes, &options).expect("a class file"))
        .collect();
    let code: usize = classes
        .iter()
        .flat_map(|class| &class.methods)
        .filter_map(|method| method.code.as_ref())
        .map(|code| code.bytes.len())
        .sum();
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let start = cpu_time();
        for class in &classes {
            assert!(world.verify(class).is_ok());
        }
        times.push(cpu_time() - start);
    }
    let best = times.iter().min().expect("at least one round");
    println!("{} of {} classes, {code} bytes of code", classes.len(), names.len());
    println!(
        "first round {:?}, best {best:?}: {:?} a class, {:.1} ns a byte",
        times[0],
        *best / classes.len() as u32,
        best.as_nanos() as f64 / code as f64
    );
}
