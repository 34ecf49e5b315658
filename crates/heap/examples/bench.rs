//! Allocation and marking speed: `cargo run --release -p caturra-heap --example bench [scale [name [young-MiB [inplace]]]]`.

#[path = "../tests/common/mod.rs"]
mod common;

use caturra_heap::*;
use common::*;
use std::time::Instant;

fn cpu_ms() -> f64 {
    // SAFETY: fills a local.
    let usage = unsafe {
        let mut u = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut u);
        u
    };
    let ms = |t: libc::timeval| t.tv_sec as f64 * 1e3 + t.tv_usec as f64 / 1e3;
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

fn resident_mib() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|l| l.starts_with(name)).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    (field("VmRSS"), field("VmHWM"))
}

/// Resets the peak of the resident size.
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

fn report(name: &str, vm: &Vm, began: Instant, cpu: f64, bytes: u64) {
    let s = vm.heap.stats();
    let wall = began.elapsed().as_secs_f64() * 1e3;
    let (rss, peak) = resident_mib();
    println!(
        "{name:22} {wall:8.1} ms wall {:8.1} ms cpu  {:6.2} GB/s  minor {:4} {:7.1} ms  full {:3} {:7.1} ms  live {:6.1} MiB  held {:6.1}  rss {rss:6.1} peak {peak:6.1} budget {:.0}",
        cpu_ms() - cpu,
        bytes as f64 / wall / 1e6,
        s.minor_count,
        s.minor_time.as_secs_f64() * 1e3,
        s.full_count,
        s.full_time.as_secs_f64() * 1e3,
        s.used_after_gc as f64 / 1048576.0,
        (s.blocks * 32768 + s.large_bytes) as f64 / 1048576.0,
        s.young_budget as f64 / 1048576.0,
    );
}

#[inline(always)]
fn new(vm: &Vm, t: &Thread, class: u32, size: usize) -> ObjRef {
    let p = vm.heap.alloc(&t.tlab, size, vm).expect("memory");
    // SAFETY: new memory for such an object.
    unsafe {
        let o = ObjRef::from_addr(p);
        o.set_class_word(class);
        o
    }
}

/// Depth-first, like the Java program; nodes under construction are on the native stack.
fn tree(vm: &Vm, t: &Thread, class: u32, depth: u32) -> ObjRef {
    let node = new(vm, t, class, 16);
    if depth > 0 {
        let left = tree(vm, t, class, depth - 1);
        vm.set(node, 8, left);
        let right = tree(vm, t, class, depth - 1);
        vm.set(node, 12, right);
    }
    node
}

fn check(vm: &Vm, node: ObjRef) -> u32 {
    let left = vm.get(node, 8);
    if left.is_null() { 1 } else { 1 + check(vm, left) + check(vm, vm.get(node, 12)) }
}

fn binary_trees(n: u32, young: Option<usize>, moving: bool) {
    let vm = Vm::new(HeapConfig { max: 256 << 20, young, moving, ..HeapConfig::default() });
    let class = vm.classes.instance(2, 0);
    let t = vm.attach();
    reset_peak();
    let (began, cpu) = (Instant::now(), cpu_ms());
    let stretch = tree(&vm, &t, class, n + 1);
    assert_eq!(check(&vm, stretch), (1 << (n + 2)) - 1);
    let long = tree(&vm, &t, class, n);
    let mut depth = 4;
    while depth <= n {
        for _ in 0..1 << (n - depth + 4) {
            let tree = tree(&vm, &t, class, depth);
            assert_eq!(check(&vm, tree), (1 << (depth + 1)) - 1);
        }
        depth += 2;
    }
    assert_eq!(check(&vm, long), (1 << (n + 1)) - 1);
    let bytes = vm.heap.stats().allocated_bytes;
    report(&format!("binary-trees {n}"), &vm, began, cpu, bytes);
    vm.detach(t);
}

fn garbage(name: &str, size: usize, total: usize) {
    let vm = Vm::new(HeapConfig { max: 256 << 20, ..HeapConfig::default() });
    let class = vm.classes.instance(0, (size - 8) as u32);
    let t = vm.attach();
    reset_peak();
    let (began, cpu) = (Instant::now(), cpu_ms());
    for _ in 0..total / size {
        std::hint::black_box(new(&vm, &t, class, size));
    }
    report(name, &vm, began, cpu, total as u64);
    vm.detach(t);
}

fn arrays(name: &str, length: i32, total: usize) {
    let vm = Vm::new(HeapConfig { max: 256 << 20, ..HeapConfig::default() });
    let class = vm.classes.array(LayoutKind::PrimArray, 0);
    let t = vm.attach();
    reset_peak();
    let (began, cpu) = (Instant::now(), cpu_ms());
    for _ in 0..total / length as usize {
        std::hint::black_box(vm.array(&t, class, length));
    }
    report(name, &vm, began, cpu, total as u64);
    vm.detach(t);
}

/// A table whose entries are replaced at random: objects of all ages.
fn replace(name: &str, entries: usize, total: usize, max: usize, young: Option<usize>, moving: bool) {
    let vm = Vm::new(HeapConfig { max, young, moving, ..HeapConfig::default() });
    let class = vm.classes.instance(3, 12);
    let table_class = vm.classes.array(LayoutKind::ObjArray, 2);
    let t = vm.attach();
    let table = vm.array(&t, table_class, entries as i32);
    let mut rng = Rng(7);
    reset_peak();
    let (began, cpu) = (Instant::now(), cpu_ms());
    for i in 0..total / 32 {
        let o = new(&vm, &t, class, 32);
        if i % 4 == 0 {
            let at = rng.below(entries);
            vm.set(table, 12 + at * 4, o);
        }
    }
    report(name, &vm, began, cpu, total as u64);
    vm.detach(t);
}

fn mark_speed(nodes: usize) {
    let vm = Vm::new(HeapConfig { max: 2 << 30, young: Some(256 << 20), ..HeapConfig::default() });
    let class = vm.classes.instance(3, 4);
    let table_class = vm.classes.array(LayoutKind::ObjArray, 2);
    let t = vm.attach();
    let table = vm.array(&t, table_class, nodes as i32);
    let mut rng = Rng(3);
    for i in 0..nodes {
        let o = new(&vm, &t, class, 24);
        for field in 0..2 {
            let other = vm.get(table, 12 + rng.below(i + 1) * 4);
            vm.set(o, 8 + field * 4, other);
        }
        vm.set(table, 12 + i * 4, o);
    }
    for _ in 0..3 {
        let began = Instant::now();
        vm.full();
        let ms = began.elapsed().as_secs_f64() * 1e3;
        std::hint::black_box(table);
        println!(
            "full, random graph      {ms:8.1} ms for {nodes} objects, {:.1} ns each",
            ms * 1e6 / nodes as f64
        );
    }
    vm.detach(t);
}

fn main() {
    let mut args = std::env::args().skip(1);
    let scale: u32 = args.next().and_then(|a| a.parse().ok()).unwrap_or(18);
    if let Some(only) = args.next() {
        let young = args.next().and_then(|a| a.parse::<usize>().ok()).map(|mib| mib << 20);
        let moving = args.next().is_none_or(|a| a != "inplace");
        match only.as_str() {
            "trees" => binary_trees(scale, young, moving),
            "replace" => replace("replace 100k", 100_000, 2 << 30, 256 << 20, young, moving),
            "replace2m" => replace("replace 2M", 2_000_000, 2 << 30, 256 << 20, young, moving),
            "mark" => mark_speed(4_000_000),
            other => panic!("no benchmark {other}"),
        }
        return;
    }
    let began = Instant::now();
    let vm = Vm::new(HeapConfig { max: 6 << 30, ..HeapConfig::default() });
    let made = began.elapsed();
    println!("new heap of 6 GiB: {made:?}, rss {:.1} MiB", resident_mib().0);
    drop(vm);
    println!("drop: rss {:.1} MiB", resident_mib().0);
    garbage("garbage 24 B", 24, 4 << 30);
    garbage("garbage 64 B", 64, 4 << 30);
    arrays("byte[1000]", 1000, 4 << 30);
    arrays("byte[8192]", 8192, 4 << 30);
    arrays("byte[100000]", 100_000, 4 << 30);
    arrays("byte[3000000]", 3_000_000, 4 << 30);
    binary_trees(scale, None, true);
    binary_trees(scale, None, false);
    for mib in [2, 4, 8, 16, 32, 64] {
        println!("young {mib} MiB:");
        binary_trees(scale, Some(mib << 20), true);
        replace("replace 100k", 100_000, 2 << 30, 256 << 20, Some(mib << 20), true);
    }
    replace("replace 100k", 100_000, 2 << 30, 256 << 20, None, true);
    replace("  in place", 100_000, 2 << 30, 256 << 20, None, false);
    replace("replace 2M", 2_000_000, 2 << 30, 256 << 20, None, true);
    replace("  in place", 2_000_000, 2 << 30, 256 << 20, None, false);
    mark_speed(4_000_000);
}
