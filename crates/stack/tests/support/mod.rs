//! Random programs of the mini set that pass verification, and running them in various ways.

#![allow(dead_code, reason = "not every test that shares this file uses all of it")]

use caturra_stack::isa::{MiniOp, Op};
use caturra_stack::machine::{End, FaultKind, Limits};
use caturra_stack::program::{Code, Function, Program, encode};
use caturra_stack::verify::{Verified, verify};

/// SplitMix64: the same seeds give the same programs everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u32) -> u32 {
        (self.next() % u64::from(n)) as u32
    }

    pub fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    pub fn value(&mut self) -> i32 {
        match self.below(8) {
            0 => i32::MIN,
            1 => i32::MAX,
            2 => self.next() as i32,
            3 => self.below(70_000) as i32 - 35_000,
            _ => self.below(13) as i32 - 6,
        }
    }
}

/// Tight enough to be reached by some programs.
pub const LIMITS: Limits = Limits { fuel: Some(3_000), calls: 40, stack: 110 };

struct Plan {
    arguments: u32,
    locals: u32,
}

struct Generator<'r> {
    random: &'r mut Random,
    code: Code,
    plans: Vec<Plan>,
    /// Units that hold a function's entry.
    calls: Vec<(usize, usize)>,
    /// The function being made, 0 the main program.
    current: usize,
    /// Places in it, with the depth of the stack there.
    places: Vec<(i32, u32)>,
    /// Depth of nested blocks.
    nesting: u32,
}

/// A verified program.
pub fn random_program(seed: u64) -> Verified {
    let mut random = Random::new(seed);
    let functions = random.below(4);
    let plans = (0..=functions)
        .map(|i| {
            let arguments = if i == 0 { 0 } else { random.below(4) };
            let locals = arguments + random.below(4);
            Plan { arguments, locals }
        })
        .collect();
    let code = Code::Mini(Vec::new());
    let mut g =
        Generator { random: &mut random, code, plans, calls: vec![], current: 0, places: vec![], nesting: 0 };
    let mut entries = Vec::new();
    for i in 0..g.plans.len() {
        entries.push(g.code.len() as u32);
        g.function(i);
    }
    let Generator { mut code, plans, calls, .. } = g;
    if let Code::Mini(words) = &mut code {
        for (unit, function) in calls {
            words[unit] = entries[function] as i32;
        }
    }
    let functions = (1..plans.len())
        .map(|i| Function {
            // Names that the translation must change, too.
            name: ["run", "main", "f", "g"][i].into(),
            entry: entries[i],
            arguments: plans[i].arguments as u16,
            locals: plans[i].locals as u16,
        })
        .collect();
    let program = Program { functions, locals: plans[0].locals as u16, ..Program::empty(code) };
    verify(program).unwrap_or_else(|e| panic!("seed {seed}: {}", e[0]))
}

impl Generator<'_> {
    fn op(&mut self, op: MiniOp, operands: &[i32]) {
        encode(&mut self.code, Op::Mini(op), operands);
    }

    fn here(&self) -> i32 {
        self.code.len() as i32
    }

    /// A jump whose target is filled in by [`Generator::land`].
    fn jump(&mut self, op: MiniOp) -> usize {
        let unit = self.code.len() + 1;
        self.op(op, &[0]);
        unit
    }

    fn land(&mut self, unit: usize) {
        let here = self.here();
        if let Code::Mini(words) = &mut self.code {
            words[unit] = here;
        }
    }

    fn function(&mut self, index: usize) {
        self.current = index;
        self.places.clear();
        // Code before the entry is reached by a jump back to it.
        let n = 4 + self.random.below(14);
        let mut depth = self.sequence(0, n);
        if index == 0 {
            if self.random.one_in(6) {
                self.reach_depth(depth, 0);
            }
            self.op(MiniOp::Halt, &[]);
        } else {
            if depth == 0 {
                depth = self.push();
            }
            let _ = depth;
            self.op(MiniOp::Ret, &[]);
        }
    }

    fn push(&mut self) -> u32 {
        let value = self.random.value();
        self.op(MiniOp::Push, &[value]);
        1
    }

    fn reach_depth(&mut self, mut depth: u32, wanted: u32) {
        while depth > wanted {
            self.op(MiniOp::Pop, &[]);
            depth -= 1;
        }
        while depth < wanted {
            depth += self.push();
        }
    }

    /// About `n` instructions and constructs; the depth after them.
    fn sequence(&mut self, mut depth: u32, n: u32) -> u32 {
        for _ in 0..n {
            let here = self.here();
            self.places.push((here, depth));
            depth = self.step(depth);
        }
        depth
    }

    fn step(&mut self, depth: u32) -> u32 {
        let locals = self.plans[self.current].locals;
        if depth == 0 || depth < 3 && self.random.one_in(2) {
            if locals > 0 && self.random.one_in(2) {
                let n = self.random.below(locals) as i32;
                self.op(MiniOp::Load, &[n]);
                return depth + 1;
            }
            return depth + self.push();
        }
        match self.random.below(if depth > 12 { 12 } else { 20 }) {
            0..=4 if depth >= 2 => {
                const PLAIN: [MiniOp; 9] = [
                    MiniOp::Add,
                    MiniOp::Sub,
                    MiniOp::Mul,
                    MiniOp::Eq,
                    MiniOp::Ne,
                    MiniOp::Lt,
                    MiniOp::Le,
                    MiniOp::Gt,
                    MiniOp::Ge,
                ];
                let op = PLAIN[self.random.below(9) as usize];
                self.op(op, &[]);
                depth - 1
            }
            5 if depth >= 2 => {
                if !self.random.one_in(8) {
                    // Mostly a divisor that is not 0.
                    let divisor = self.random.value();
                    self.op(MiniOp::Push, &[if divisor == 0 { -1 } else { divisor }]);
                    self.op(if self.random.0 & 1 == 0 { MiniOp::Div } else { MiniOp::Rem }, &[]);
                    return depth;
                }
                self.op(MiniOp::Div, &[]);
                depth - 1
            }
            6 if locals > 0 => {
                let n = self.random.below(locals) as i32;
                self.op(MiniOp::Store, &[n]);
                depth - 1
            }
            7 if depth >= 2 => {
                self.op(MiniOp::Swap, &[]);
                depth
            }
            8 => {
                self.op(MiniOp::Pop, &[]);
                depth - 1
            }
            9 | 10 => {
                self.op(MiniOp::Print, &[]);
                depth - 1
            }
            11 => self.call(depth),
            12 => {
                self.op(MiniOp::Dup, &[]);
                depth + 1
            }
            13..=15 if self.nesting < 4 => self.branch(depth),
            16 if self.nesting < 4 && locals > 0 => self.counted_loop(depth),
            17 => self.jump_back(depth),
            _ => depth + self.push(),
        }
    }

    fn call(&mut self, depth: u32) -> u32 {
        if self.plans.len() == 1 {
            return depth + self.push();
        }
        let callee = 1 + self.random.below(self.plans.len() as u32 - 1) as usize;
        let arguments = self.plans[callee].arguments;
        let depth = if depth < arguments {
            self.reach_depth(depth, arguments);
            arguments
        } else {
            depth
        };
        self.calls.push((self.code.len() + 1, callee));
        self.op(MiniOp::Call, &[0, arguments as i32]);
        depth - arguments + 1
    }

    /// `if`, with either arm possibly ending the program or the function.
    fn branch(&mut self, depth: u32) -> u32 {
        self.nesting += 1;
        let to_else = self.jump(MiniOp::Jz);
        let depth = depth - 1;
        let n = self.random.below(6);
        let after = self.sequence(depth, n);
        let ends = self.random.one_in(8);
        if ends {
            if self.current != 0 && self.random.one_in(2) {
                if after == 0 {
                    self.push();
                }
                self.op(MiniOp::Ret, &[]);
            } else {
                self.op(MiniOp::Halt, &[]);
            }
            self.land(to_else);
            self.nesting -= 1;
            return depth;
        }
        let to_end = self.jump(MiniOp::Jmp);
        if self.random.one_in(4) {
            // Code that no path reaches.
            self.op(MiniOp::Print, &[]);
        }
        self.land(to_else);
        let n = self.random.below(6);
        let other = self.sequence(depth, n);
        self.reach_depth(other, after);
        self.land(to_end);
        self.nesting -= 1;
        after
    }

    /// A loop that counts a local variable down, with `depth` operands below it.
    fn counted_loop(&mut self, depth: u32) -> u32 {
        self.nesting += 1;
        let counter = self.random.below(self.plans[self.current].locals) as i32;
        let turns = self.random.below(20) as i32;
        self.op(MiniOp::Push, &[turns]);
        self.op(MiniOp::Store, &[counter]);
        let top = self.here();
        self.op(MiniOp::Load, &[counter]);
        let out = self.jump(MiniOp::Jz);
        let n = self.random.below(6);
        let after = self.sequence(depth, n);
        self.reach_depth(after, depth);
        self.op(MiniOp::Load, &[counter]);
        self.op(MiniOp::Push, &[1]);
        self.op(MiniOp::Sub, &[]);
        self.op(MiniOp::Store, &[counter]);
        self.op(MiniOp::Jmp, &[top]);
        self.land(out);
        self.nesting -= 1;
        depth
    }

    /// A jump to any earlier place of the same depth: loops of all shapes, endless ones among them.
    fn jump_back(&mut self, depth: u32) -> u32 {
        let wanted = depth - 1;
        let candidates: Vec<i32> = self.places.iter().filter(|p| p.1 == wanted).map(|p| p.0).collect();
        if candidates.is_empty() {
            return depth + self.push();
        }
        let target = candidates[self.random.below(candidates.len() as u32) as usize];
        self.op(MiniOp::Jz, &[target]);
        wanted
    }
}

/// How a run ended, in the words of the Java side of the comparison.
pub fn describe(end: &End, output: &[i32]) -> String {
    let end = match end {
        End::Halted(Some(value)) => format!("result {value}"),
        End::Halted(None) => "none".into(),
        End::Fault(fault) => match fault.kind {
            FaultKind::DivisionByZero => "division".into(),
            FaultKind::CallStackOverflow => "reason 1".into(),
            FaultKind::StackOverflow => "reason 2".into(),
            FaultKind::OutOfFuel => "reason 3".into(),
            FaultKind::TimedOut => "time".into(),
        },
    };
    let output: Vec<String> = output.iter().map(ToString::to_string).collect();
    format!("{end} [{}]", output.join(","))
}

/// How many random programs a test runs: `make stack-programs` sets it to 10,000.
pub fn count() -> u64 {
    std::env::var("CATURRA_STACK_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(500)
}
