//! Random object graphs against a shadow model.

mod common;

use caturra_heap::*;
use common::*;
use std::collections::HashMap;

const NONE: u32 = u32::MAX;

#[derive(Copy, Clone, PartialEq, Debug)]
enum Shape {
    /// Two references, an id, some data.
    Small,
    /// Nine references in two runs.
    Wide,
    Array(u32),
    Bytes(u32),
}

struct Shadow {
    shape: Shape,
    refs: Vec<u32>,
}

struct Model {
    vm: Vm,
    t: Box<Thread>,
    rng: Rng,
    small: u32,
    wide: u32,
    array: u32,
    bytes: u32,
    shadows: Vec<Shadow>,
    /// Shadow of each root.
    roots: Vec<u32>,
}

/// Offset of an object's id.
fn id_offset(shape: Shape) -> usize {
    match shape {
        Shape::Small => 16,
        Shape::Wide => 24,
        Shape::Array(_) => 0,
        Shape::Bytes(_) => 16,
    }
}

fn slot(shape: Shape, i: usize) -> usize {
    match shape {
        Shape::Small => 8 + i * 4,
        Shape::Wide if i < 4 => 8 + i * 4,
        Shape::Wide => 16 + i * 4,
        Shape::Array(_) => 12 + i * 4,
        Shape::Bytes(_) => unreachable!(),
    }
}

impl Model {
    fn new(config: HeapConfig, roots: usize, seed: u64) -> Model {
        let vm = Vm::new(config);
        let mut t = vm.attach();
        t.roots = vec![ObjRef::NULL; roots];
        let small = vm.classes.instance(2, 8);
        // Offsets 8..24 and 32..52 are references, 24 the id.
        let runs = Box::leak(Box::new([RefRun { offset: 8, count: 4 }, RefRun { offset: 32, count: 5 }]));
        let wide = vm.classes.add(ClassPrefix::instance(56, runs.as_ptr(), 2));
        let array = vm.classes.array(LayoutKind::ObjArray, 2);
        let bytes = vm.classes.array(LayoutKind::PrimArray, 0);
        let roots = vec![NONE; roots];
        Model { vm, t, rng: Rng(seed), small, wide, array, bytes, shadows: Vec::new(), roots }
    }

    fn shape(&mut self) -> Shape {
        match self.rng.below(1000) {
            0..600 => Shape::Small,
            600..850 => Shape::Wide,
            850..950 => Shape::Array(self.rng.below(40) as u32),
            950..988 => Shape::Bytes(8 + self.rng.below(600) as u32),
            988..994 => Shape::Array(self.rng.below(4000) as u32),
            994..998 => Shape::Bytes(8 + self.rng.below(17_000) as u32),
            998 => Shape::Array(self.rng.below(30_000) as u32),
            _ => Shape::Bytes(8 + self.rng.below(200_000) as u32),
        }
    }

    /// A new object in root `root`. Arrays of references have no id; their shape and edges identify them.
    fn create(&mut self, root: usize) {
        let shape = self.shape();
        let id = self.shadows.len() as u32;
        let (object, refs) = match shape {
            Shape::Small => (self.vm.instance(&self.t, self.small), 2),
            Shape::Wide => (self.vm.instance(&self.t, self.wide), 9),
            Shape::Array(n) => (self.vm.array(&self.t, self.array, n as i32), n as usize),
            Shape::Bytes(n) => (self.vm.array(&self.t, self.bytes, n as i32), 0),
        };
        let offset = id_offset(shape);
        if offset != 0 {
            // SAFETY: the field is part of the object.
            unsafe { object.store(offset, id) };
        }
        if let Shape::Bytes(n) = shape {
            // SAFETY: the last byte of the array.
            unsafe { object.store(12 + n as usize - 1, id as u8 | 1) };
        }
        self.t.roots[root] = object;
        self.roots[root] = id;
        self.shadows.push(Shadow { shape, refs: vec![NONE; refs] });
        // Some edges to what the roots hold.
        for i in 0..refs.min(12) {
            if self.rng.below(3) == 0 {
                let other = self.rng.below(self.roots.len());
                self.link(root, i, other);
            }
        }
    }

    fn link(&mut self, from: usize, i: usize, to: usize) {
        let shape = self.shadows[self.roots[from] as usize].shape;
        self.vm.set(self.t.roots[from], slot(shape, i), self.t.roots[to]);
        let to = self.roots[to];
        self.shadows[self.roots[from] as usize].refs[i] = to;
    }

    fn step(&mut self) {
        let root = self.rng.below(self.roots.len());
        match self.rng.below(16) {
            0..10 => self.create(root),
            10 => {
                self.t.roots[root] = ObjRef::NULL;
                self.roots[root] = NONE;
            }
            // Walk an edge: the root becomes what it refers to, so that old objects get written to.
            11..13 if self.roots[root] != NONE => {
                let shadow = &self.shadows[self.roots[root] as usize];
                if !shadow.refs.is_empty() {
                    let i = self.rng.below(shadow.refs.len());
                    let (shape, to) = (shadow.shape, shadow.refs[i]);
                    self.t.roots[root] = self.vm.get(self.t.roots[root], slot(shape, i));
                    self.roots[root] = to;
                    assert_eq!(self.t.roots[root].is_null(), to == NONE);
                }
            }
            _ if self.roots[root] != NONE => {
                let n = self.shadows[self.roots[root] as usize].refs.len();
                if n > 0 {
                    let i = self.rng.below(n);
                    let other = self.rng.below(self.roots.len());
                    self.link(root, i, other);
                }
            }
            _ => {}
        }
    }

    /// Walks both graphs from the roots; the number of objects reached.
    fn compare(&self) -> usize {
        let mut seen: HashMap<u32, ObjRef> = HashMap::new();
        let mut todo: Vec<(ObjRef, u32)> = Vec::new();
        for (root, &id) in self.t.roots.iter().zip(&self.roots) {
            todo.push((*root, id));
        }
        while let Some((object, id)) = todo.pop() {
            if id == NONE {
                assert!(object.is_null());
                continue;
            }
            if let Some(&known) = seen.get(&id) {
                assert_eq!(known, object, "one object at two places");
                continue;
            }
            seen.insert(id, object);
            let shadow = &self.shadows[id as usize];
            // SAFETY: if the heap is sound the object has this shape.
            unsafe {
                let class = match shadow.shape {
                    Shape::Small => self.small,
                    Shape::Wide => self.wide,
                    Shape::Array(_) => self.array,
                    Shape::Bytes(_) => self.bytes,
                };
                assert_eq!(object.class_word(), class);
                if let Shape::Array(n) | Shape::Bytes(n) = shadow.shape {
                    assert_eq!(object.array_length(), n as i32);
                    if let Shape::Bytes(_) = shadow.shape
                        && n > 9
                    {
                        assert_eq!(object.load::<u8>(12 + n as usize - 1), id as u8 | 1);
                    }
                }
                let offset = id_offset(shadow.shape);
                if offset != 0 && shadow.shape != Shape::Bytes(8) && shadow.shape != Shape::Bytes(9) {
                    let found = object.load::<u32>(offset);
                    match shadow.shape {
                        // The last byte may overlap the id.
                        Shape::Bytes(n) if n < 9 => {}
                        _ => assert_eq!(found, id),
                    }
                }
            }
            for (i, &to) in shadow.refs.iter().enumerate() {
                todo.push((self.vm.get(object, slot(shadow.shape, i)), to));
            }
        }
        seen.len()
    }

    fn run(&mut self, steps: usize, every: usize) {
        for i in 0..steps {
            self.step();
            if i % every == 0 {
                self.compare();
            }
        }
        let live = self.compare();
        let report = self.vm.heap.verify(&self.vm).unwrap();
        assert!(report.objects as usize >= live);
        self.vm.full();
        self.compare();
        self.vm.heap.verify(&self.vm).unwrap();
    }

    fn finish(self) {
        self.vm.detach(self.t);
    }
}

fn config(moving: bool) -> HeapConfig {
    HeapConfig {
        max: 256 << 20,
        young: Some(1 << 20),
        zap: true,
        verify: std::env::var_os("HEAP_VERIFY").is_some(),
        moving,
        ..HeapConfig::default()
    }
}

#[test]
fn small_graph_with_verification() {
    for moving in [true, false] {
        let mut model = Model::new(HeapConfig { verify: true, ..config(moving) }, 100, 42);
        model.run(200_000, 10_000);
        let stats = model.vm.heap.stats();
        assert!(stats.minor_count > 20, "{stats:?}");
        model.finish();
    }
}

#[test]
fn large_graph() {
    for (moving, seed) in [(true, 1), (true, 2), (false, 3)] {
        let mut model = Model::new(config(moving), 5_000, seed);
        model.run(1_500_000, 300_000);
        let stats = model.vm.heap.stats();
        assert!(stats.minor_count > 100 && stats.full_count > 0, "{stats:?}");
        model.finish();
    }
}

#[test]
fn collect_at_every_allocation() {
    for moving in [true, false] {
        let stress = HeapConfig { stress_interval: 1, verify: true, max: 64 << 20, ..config(moving) };
        let mut model = Model::new(stress, 40, 5);
        model.run(4_000, 100);
        assert!(model.vm.heap.stats().full_count > 500);
        model.finish();
    }
}

#[test]
fn collect_often() {
    let stress = HeapConfig { stress_interval: 37, max: 64 << 20, ..config(true) };
    let mut model = Model::new(stress, 300, 6);
    model.run(60_000, 1000);
    model.finish();
}

#[test]
fn overflowing_mark_stack() {
    for moving in [true, false] {
        let tiny = HeapConfig { mark_stack: 4096, verify: true, ..config(moving) };
        let mut model = Model::new(tiny, 500, 9);
        model.run(60_000, 10_000);
        model.finish();
    }
}

#[test]
fn roots_on_a_conservative_stack() {
    // The same graph, held by words that only look like references, half of them narrow.
    for moving in [true, false] {
        let mut model = Model::new(HeapConfig { verify: true, ..config(moving) }, 200, 11);
        for round in 0..40 {
            for _ in 0..4_000 {
                model.step();
            }
            model.t.stack = model
                .t
                .roots
                .iter()
                .enumerate()
                .map(|(i, r)| match (i + round) % 4 {
                    0 => r.addr() as u64,
                    1 => r.raw() as u64,
                    2 => (r.raw() as u64) << 32 | 0x1234,
                    // Into the object: every one has at least 12 bytes, or is an empty array.
                    _ if r.is_null() => 0,
                    _ => r.addr() as u64 + 7,
                })
                .collect();
            let roots = std::mem::take(&mut model.t.roots);
            match round % 3 {
                0 => model.vm.full(),
                _ => model.vm.minor(),
            }
            // Nothing that the words name has moved.
            model.t.roots = roots;
            model.t.stack.clear();
            model.compare();
        }
        model.finish();
    }
}

/// Minutes long: `cargo test --release -p caturra-heap --test graph -- --ignored`.
#[test]
#[ignore]
fn soak() {
    for seed in 100..140 {
        let mut rng = Rng(seed);
        let config = HeapConfig {
            max: (48 << 20) << rng.below(3),
            young: [None, Some(128 << 10), Some(1 << 20), Some(8 << 20)][rng.below(4)],
            zap: rng.below(2) == 0,
            verify: rng.below(8) == 0,
            moving: rng.below(4) != 0,
            mark_stack: [0, 0, 4096, 64 << 10][rng.below(4)],
            stress_interval: [0, 0, 0, 0, 1009][rng.below(5)],
            ..HeapConfig::default()
        };
        let roots = [50, 500, 3_000][rng.below(3)];
        println!("seed {seed}: {roots} roots, {config:?}");
        let mut model = Model::new(config, roots, seed * 7919);
        model.run(400_000, 50_000);
        model.finish();
    }
}
