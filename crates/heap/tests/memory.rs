//! Large objects, limits, giving memory back, threads, several heaps.

mod common;

use caturra_heap::layout::*;
use caturra_heap::*;
use common::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[inline(never)]
fn scrub() {
    let mut junk = [0u64; 4096];
    std::hint::black_box(&mut junk);
}

fn config(max: usize) -> HeapConfig {
    HeapConfig { max, zap: true, moving: true, ..HeapConfig::default() }
}

#[test]
fn missing_barrier_is_found() {
    for moving in [true, false] {
        let vm = Vm::new(HeapConfig { moving, ..config(64 << 20) });
        let mut t = vm.attach();
        let node = vm.classes.instance(2, 8);
        let array = vm.classes.array(LayoutKind::ObjArray, 2);
        let a = vm.instance(&t, node);
        let b = vm.array(&t, array, 1000);
        t.roots.extend([a, b]);
        vm.full();
        vm.heap.verify(&vm).unwrap();
        let young = vm.instance(&t, node);
        // SAFETY: live objects.
        unsafe { t.roots[0].store_ref(8, young) };
        let fault = vm.heap.verify(&vm).unwrap_err();
        assert_eq!((fault.object, fault.offset, fault.value), (t.roots[0], 8, young));
        assert!(fault.what.contains("barrier"));
        vm.set(t.roots[0], 8, young);
        vm.heap.verify(&vm).unwrap();
        // The header's card will do for an instance, not for an array.
        // SAFETY: live objects.
        unsafe {
            t.roots[1].store_ref(12 + 999 * 4, young);
            vm.heap.cards().mark(t.roots[1].addr());
        }
        assert!(vm.heap.verify(&vm).is_err());
        vm.set(t.roots[1], 12 + 999 * 4, young);
        vm.minor();
        let moved = vm.get(t.roots[0], 8);
        assert_eq!(vm.get(t.roots[1], 12 + 999 * 4), moved);
        vm.heap.verify(&vm).unwrap();
        vm.detach(t);
    }
}

#[test]
fn faults_are_found() {
    let vm = Vm::new(config(64 << 20));
    let t = vm.attach();
    let node = vm.classes.instance(2, 8);
    let a = vm.instance(&t, node);
    let b = vm.instance(&t, node);
    vm.set(a, 8, ObjRef::from_raw(b.raw() + 1));
    assert!(vm.heap.verify(&vm).unwrap_err().what.contains("point to an object"));
    vm.set(a, 8, b);
    vm.heap.verify(&vm).unwrap();
    // SAFETY: a live object.
    unsafe { a.set_class_word(8) };
    assert!(vm.heap.verify(&vm).unwrap_err().what.contains("no class"));
    // SAFETY: as above.
    unsafe { a.set_class_word(node) };
    vm.detach(t);
}

#[test]
fn card_marks_of_all_kinds_reach_young_objects() {
    for moving in [true, false] {
        let vm = Vm::new(HeapConfig { moving, verify: true, ..config(64 << 20) });
        let mut t = vm.attach();
        let node = vm.classes.instance(2, 8);
        let array = vm.classes.array(LayoutKind::ObjArray, 2);
        let lengths = [1, 100, 127, 128, 129, 3000, 5000, 100_000];
        for &n in &lengths {
            let a = vm.array(&t, array, n);
            t.roots.push(a);
        }
        let mut rng = Rng(1);
        for round in 0..60 {
            let mut expect = Vec::new();
            for (i, &n) in lengths.iter().enumerate() {
                for at in [0, n - 1, rng.below(n as usize) as i32] {
                    let o = vm.instance(&t, node);
                    // SAFETY: live objects, a data field.
                    unsafe { o.store(16, (round * 1000 + at) as u32) };
                    let slot = 12 + at as usize * 4;
                    if round % 2 == 0 {
                        vm.set(t.roots[i], slot, o);
                    } else {
                        // SAFETY: live objects.
                        unsafe {
                            t.roots[i].store_ref(slot, o);
                            vm.heap.cards().mark_range(t.roots[i].field_addr(slot), 4);
                        }
                    }
                    expect.push((i, slot, (round * 1000 + at) as u32));
                }
            }
            match round % 7 {
                6 => vm.full(),
                _ => vm.minor(),
            }
            for (i, slot, value) in expect {
                let o = vm.get(t.roots[i], slot);
                // SAFETY: live through the array.
                unsafe {
                    assert_eq!(o.class_word(), node);
                    // A later store of the round may have replaced it.
                    assert!(o.load::<u32>(16) == value || o.load::<u32>(16) / 1000 == value / 1000);
                }
            }
        }
        vm.detach(t);
    }
}

#[test]
fn large_objects_are_zero_kept_and_freed() {
    let vm = Vm::new(config(256 << 20));
    let mut t = vm.attach();
    let longs = vm.classes.array(LayoutKind::PrimArray, 3);
    let mut rng = Rng(3);
    for i in 0..3000 {
        let n = match i % 10 {
            0 => 1 + rng.below(400_000),
            _ => 1 + rng.below(20_000),
        };
        let a = vm.array(&t, longs, n as i32);
        // SAFETY: the array has n elements.
        unsafe {
            for at in [0, n / 2, n - 1] {
                assert_eq!(a.load::<u64>(16 + at * 8), 0);
                a.store(16 + at * 8, i as u64 + 1);
            }
            let end = a.field_addr(16 + n * 8 - 1);
            vm.heap.with_world_stopped(&vm, || {
                assert_eq!(vm.heap.find_object(end), Some(a));
                assert!(vm.heap.is_object_start(a.addr()) && !vm.heap.is_object_start(end));
            });
        }
        if t.roots.len() < 200 {
            t.roots.push(a);
        } else {
            let at = rng.below(200);
            t.roots[at] = a;
        }
    }
    vm.heap.verify(&vm).unwrap();
    for &a in &t.roots {
        // SAFETY: live arrays.
        unsafe {
            let n = a.array_length() as usize;
            assert_eq!(a.load::<u64>(16), a.load::<u64>(16 + (n - 1) * 8));
        }
    }
    t.roots.clear();
    scrub();
    vm.full();
    let stats = vm.heap.stats();
    assert!(stats.large_objects <= 3, "{stats:?}");
    vm.detach(t);
}

/// An array of 32 MB, whose address is left in no register.
#[inline(never)]
fn large_array(vm: &Vm, t: &Thread, longs: u32) -> u32 {
    vm.array(t, longs, 4_000_000).raw()
}

#[test]
fn numbers_on_a_stack_keep_no_large_array() {
    let vm = Vm::new(config(256 << 20));
    vm.scan_native.store(false, Ordering::Relaxed);
    let mut t = vm.attach();
    let longs = vm.classes.array(LayoutKind::PrimArray, 3);
    let mut kept_by = |words: fn(u64) -> [u64; 2]| {
        let raw = large_array(&vm, &t, longs);
        t.stack = words(raw.into()).to_vec();
        scrub();
        vm.full();
        let kept = vm.heap.stats().large_objects;
        t.stack.clear();
        scrub();
        vm.full();
        kept
    };
    // As halves of words these are no references: none begins there.
    assert_eq!(kept_by(|raw| [raw + 1000, (raw + 1000) << 32 | 1]), 0);
    assert_eq!(kept_by(|raw| [raw, 0]), 1);
    assert_eq!(kept_by(|raw| [0, raw << 32 | 1]), 1);
    // A whole word may be an address that compiled code has made of a reference.
    assert_eq!(kept_by(|raw| [(raw << 3) + 8000, 0]), 1);
    vm.detach(t);
}

#[test]
fn out_of_memory_and_recovery() {
    for moving in [true, false] {
        let vm = Vm::new(HeapConfig { moving, ..config(16 << 20) });
        // A dead slot of this very frame would keep a whole list.
        vm.scan_native.store(false, Ordering::Relaxed);
        let mut t = vm.attach();
        let node = vm.classes.instance(1, 4);
        let longs = vm.classes.array(LayoutKind::PrimArray, 3);
        assert_eq!(vm.try_array(&t, longs, i32::MAX), Err(OutOfMemory::ArraySize));
        for round in 0..3 {
            // A list of small objects until the heap is full.
            t.roots = vec![ObjRef::NULL];
            let mut n = 0;
            loop {
                match vm.try_instance(&t, node) {
                    Ok(o) => {
                        vm.set(o, 8, t.roots[0]);
                        t.roots[0] = o;
                        n += 1;
                    }
                    Err(e) => {
                        assert_eq!(e, OutOfMemory::HeapSpace);
                        break;
                    }
                }
            }
            // 16 bytes each; nearly the whole heap.
            assert!((900_000..=1_060_000).contains(&n), "round {round}: {n}");
            assert!(vm.try_array(&t, longs, 100_000).is_err());
            let mut length = 0;
            let mut at = t.roots[0];
            while !at.is_null() {
                length += 1;
                at = vm.get(at, 8);
            }
            assert_eq!(length, n);
            vm.heap.verify(&vm).unwrap();
            t.roots.clear();
            scrub();
            // Large ones until the heap is full.
            let mut n = 0;
            while let Ok(a) = vm.try_array(&t, longs, 100_000) {
                t.roots.push(a);
                n += 1;
            }
            assert!((17..=20).contains(&n), "round {round}: {n}");
            t.roots.clear();
            scrub();
        }
        assert!(vm.try_array(&t, longs, 1_500_000).is_ok());
        vm.detach(t);
    }
}

#[test]
fn overhead_limit_ends_a_hopeless_program() {
    let vm = Vm::new(HeapConfig { overhead_limit: true, ..config(16 << 20) });
    vm.scan_native.store(false, Ordering::Relaxed);
    let mut t = vm.attach();
    let node = vm.classes.instance(1, 4);
    t.roots = vec![ObjRef::NULL];
    let error = loop {
        match vm.try_instance(&t, node) {
            Ok(o) => {
                vm.set(o, 8, t.roots[0]);
                t.roots[0] = o;
            }
            Err(e) => break e,
        }
    };
    assert!(matches!(error, OutOfMemory::HeapSpace | OutOfMemory::GcOverhead));
    t.roots.clear();
    scrub();
    assert!(vm.try_instance(&t, node).is_ok());
    vm.detach(t);
}

#[test]
fn survives_fragmentation() {
    // One small object in a hundred lives; then medium and large ones must find room.
    for moving in [true, false] {
        let vm = Vm::new(HeapConfig { moving, ..config(32 << 20) });
        let mut t = vm.attach();
        let node = vm.classes.instance(1, 20);
        let bytes = vm.classes.array(LayoutKind::PrimArray, 0);
        for i in 0..2_000_000 {
            let o = vm.instance(&t, node);
            if i % 100 == 0 {
                t.roots.push(o);
            }
        }
        vm.full();
        for _ in 0..if moving { 1500 } else { 300 } {
            let a = vm.array(&t, bytes, 16_000);
            t.roots.push(a);
        }
        if moving {
            t.roots.truncate(20_000);
            for _ in 0..20 {
                let a = vm.array(&t, bytes, 1 << 20);
                t.roots.push(a);
            }
        }
        vm.heap.verify(&vm).unwrap();
        vm.detach(t);
    }
}

#[test]
fn memory_is_given_back() {
    let vm = Vm::new(HeapConfig { zap: false, ..config(512 << 20) });
    let base = vm.heap.range().0 as usize;
    assert_eq!(resident_at(base), 0);
    let mut t = vm.attach();
    let node = vm.classes.instance(2, 40);
    for _ in 0..1_500_000 {
        let o = vm.instance(&t, node);
        t.roots.push(o);
    }
    let full = resident_at(base);
    assert!(full > 80 << 20, "{full}");
    t.roots.clear();
    scrub();
    vm.full();
    let after = resident_at(base);
    assert!(after < full / 2, "{after} of {full}");
    vm.heap.give_back_free_memory();
    let after = resident_at(base);
    assert!(after < 1 << 20, "{after}");
    // And it works on.
    for _ in 0..100_000 {
        vm.instance(&t, node);
    }
    vm.heap.verify(&vm).unwrap();
    vm.detach(t);
}

#[test]
fn walking_sees_every_object() {
    let vm = Vm::new(config(64 << 20));
    let mut t = vm.attach();
    let node = vm.classes.instance(2, 8);
    let bytes = vm.classes.array(LayoutKind::PrimArray, 0);
    for i in 0..1000 {
        let o = if i % 10 == 0 { vm.array(&t, bytes, i * 50) } else { vm.instance(&t, node) };
        t.roots.push(o);
    }
    assert_eq!(vm.count_objects(), 1000);
    vm.full();
    assert_eq!(vm.count_objects(), 1000);
    for _ in 0..500 {
        vm.instance(&t, node);
    }
    assert_eq!(vm.count_objects(), 1500);
    let mut bytes = 0;
    // SAFETY: the walk presents objects.
    vm.heap.for_each_object(&vm, &mut |o| bytes += unsafe { vm.heap.object_size(o) } as u64);
    assert_eq!(bytes, t.tlab.allocated_bytes());
    assert_eq!(vm.heap.verify(&vm).unwrap().objects, 1500);
    vm.detach(t);
}

#[test]
fn retired_buffers_are_used_again() {
    let vm = Vm::new(config(64 << 20));
    let node = vm.classes.instance(2, 8);
    let mut objects = 0;
    for _ in 0..200 {
        let mut t = vm.attach();
        for _ in 0..20 {
            let o = vm.instance(&t, node);
            t.roots.push(o);
            objects += 1;
        }
        vm.detach(t);
        assert_eq!(vm.count_objects(), objects);
    }
    // 200 threads with half a KiB each did not take a block each.
    assert!(vm.heap.stats().blocks < 20, "{:?}", vm.heap.stats());
    vm.heap.verify(&vm).unwrap();
}

#[test]
fn events_tell_of_collections() {
    let vm = Vm::new(HeapConfig { young: Some(4 << 20), ..config(64 << 20) });
    let pauses = Arc::new(AtomicU64::new(0));
    let seen = pauses.clone();
    vm.heap.set_event_callback(Box::new(move |e| {
        assert!(e.used_after <= e.used_before && e.cause.name().len() > 3);
        seen.fetch_add(1, Ordering::Relaxed);
    }));
    let t = vm.attach();
    let node = vm.classes.instance(2, 8);
    for _ in 0..2_000_000 {
        vm.instance(&t, node);
    }
    vm.full();
    let stats = vm.heap.stats();
    assert_eq!(pauses.load(Ordering::Relaxed), stats.minor_count + stats.full_count);
    assert!(stats.minor_count > 3 && stats.full_count == 1);
    assert!((48_000_000..60_000_000).contains(&stats.allocated_bytes), "{stats:?}");
    vm.detach(t);
}

#[test]
fn many_threads() {
    for (moving, stress) in [(true, 0), (false, 0), (true, 500)] {
        let vm = Arc::new(Vm::new(HeapConfig {
            moving,
            stress_interval: stress,
            young: Some(1 << 20),
            verify: stress == 0,
            ..config(64 << 20)
        }));
        let node = vm.classes.instance(2, 8);
        let array = vm.classes.array(LayoutKind::ObjArray, 2);
        let workers: Vec<_> = (0..4)
            .map(|w| {
                let vm = vm.clone();
                std::thread::spawn(move || {
                    for round in 0..4 {
                        work(&vm, node, array, w, if stress == 0 { 150_000 } else { 4_000 } + round);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap();
        }
        assert!(vm.heap.stats().minor_count > 10);
        vm.heap.verify(&*vm).unwrap();
    }
}

fn work(vm: &Vm, node: u32, array: u32, worker: u32, steps: usize) {
    let mut t = vm.attach();
    let table = vm.array(&t, array, 500);
    t.roots.push(table);
    let mut rng = Rng(worker as u64 * 77 + steps as u64);
    for i in 0..steps {
        vm.safepoint();
        let o = vm.instance(&t, node);
        let at = rng.below(500);
        let slot = 12 + at * 4;
        // SAFETY: live objects; the data word says where the object belongs.
        unsafe {
            o.store(16, worker * 1000 + at as u32);
            let old = vm.get(t.roots[0], slot);
            if !old.is_null() {
                assert_eq!(old.load::<u32>(16), worker * 1000 + at as u32);
                if i % 3 == 0 {
                    vm.set(o, 8, vm.get(old, 8));
                }
            }
        }
        vm.set(t.roots[0], slot, o);
        if i % 5000 == 0 {
            let filler = vm.array(&t, array, rng.below(20_000) as i32);
            vm.set(filler, 12, o);
        }
    }
    vm.detach(t);
}
