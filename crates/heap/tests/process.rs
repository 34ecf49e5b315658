//! What one process sees of heaps that come and go; alone in its test program.

mod common;

use caturra_heap::*;
use common::*;

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn a_heap_is_small_at_first_and_gone_at_last() {
    let before = resident();
    let mut vms: Vec<Vm> =
        (0..4).map(|_| Vm::new(HeapConfig { max: 2 << 30, ..HeapConfig::default() })).collect();
    let bases: Vec<usize> = vms.iter().map(|vm| vm.heap.range().0 as usize).collect();
    for vm in &vms {
        let t = vm.attach();
        let node = vm.classes.instance(2, 8);
        let a = vm.instance(&t, node);
        assert!(vm.heap.contains(a.addr()) && (a.addr() as u64) < objref::HEAP_LIMIT);
        vm.detach(t);
    }
    assert!(resident() < before + (3 << 20));
    vms.remove(2);
    assert_eq!(resident_at(bases[2]), 0);
    let again = Vm::new(HeapConfig { max: 2 << 30, ..HeapConfig::default() });
    assert_eq!(again.heap.range().0 as usize, bases[2], "the range is free again");
    assert!(Heap::new(HeapConfig { max: 64 << 30, ..HeapConfig::default() }).is_err());
}
