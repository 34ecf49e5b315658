//! What passes do to functions: values take others' places.

use crate::ir::{Function, State, Terminator, Value};
use crate::state::Slot;
use hashbrown::HashMap;

/// Which values stand for others.
#[derive(Debug)]
pub struct Replacements(Vec<Value>);

impl Replacements {
    /// None yet.
    pub fn new(f: &Function) -> Replacements {
        Replacements((0..f.values.len() as u32).map(Value).collect())
    }

    /// What stands for `v`.
    pub fn find(&self, mut v: Value) -> Value {
        while let Some(&next) = self.0.get(v.index()) {
            if next == v {
                break;
            }
            v = next;
        }
        v
    }

    /// Puts `new` in the place of `old`.
    pub fn replace(&mut self, old: Value, new: Value) {
        let new = self.find(new);
        if self.0.len() <= old.index() {
            self.0.extend((self.0.len() as u32..=old.0).map(Value));
        }
        if new != old {
            self.0[old.index()] = new;
        }
    }

    /// Whether another value stands for `v`.
    pub fn is_replaced(&self, v: Value) -> bool {
        self.0.get(v.index()).is_some_and(|n| *n != v)
    }

    /// Whether nothing has been replaced.
    pub fn is_empty(&self) -> bool {
        self.0.iter().enumerate().all(|(n, v)| v.index() == n)
    }

    /// Carries the replacements out.
    pub fn apply(&self, f: &mut Function) {
        for inst in &mut f.insts {
            for v in &mut inst.args {
                *v = self.find(*v);
            }
        }
        for block in &mut f.blocks {
            block.end.for_each_value_mut(|v| *v = self.find(*v));
        }
        for state in &mut f.states {
            state.for_each_slot_mut(|slot| {
                if let Slot::Value(v) = slot {
                    *v = self.find(*v);
                }
            });
        }
    }
}

/// What stands for a part's values in a copy of it.
#[derive(Debug, Default)]
pub struct Renaming {
    /// The copies' values by the originals'.
    pub map: HashMap<Value, Value>,
    states: HashMap<State, State>,
}

impl Renaming {
    /// What stands for `v`.
    pub fn value(&self, v: Value) -> Value {
        self.map.get(&v).copied().unwrap_or(v)
    }

    /// The state with the copies' values.
    pub fn state(&mut self, f: &mut Function, state: State) -> State {
        if let Some(&copy) = self.states.get(&state) {
            return copy;
        }
        let mut new = f.state(state).clone();
        new.for_each_slot_mut(|slot| {
            if let Slot::Value(v) = slot {
                *v = self.value(*v);
            }
        });
        new.caller = new.caller.map(|caller| self.state(f, caller));
        let copy = if new == *f.state(state) { state } else { f.add_state(new) };
        self.states.insert(state, copy);
        copy
    }

    /// Forgets the states that have been copied, whose values may have got other copies since.
    pub fn forget_states(&mut self) {
        self.states.clear();
    }
}

/// How often each value is used by instructions and terminators of blocks (frame states included).
pub fn count_uses(f: &Function) -> Vec<u32> {
    let mut uses = vec![0; f.values.len()];
    for block in &f.blocks {
        for &inst in &block.insts {
            let data = f.inst(inst);
            data.args.iter().for_each(|v| uses[v.index()] += 1);
            if let Some(state) = data.state {
                f.for_each_state_value(state, |v| uses[v.index()] += 1);
            }
        }
        block.end.for_each_value(|v| uses[v.index()] += 1);
        if let Some(state) = block.end.state() {
            f.for_each_state_value(state, |v| uses[v.index()] += 1);
        }
    }
    uses
}

/// The state with other values.
pub fn with_values(f: &mut Function, state: State, value: &impl Fn(Value) -> Value) -> State {
    let mut new = f.state(state).clone();
    new.for_each_slot_mut(|slot| {
        if let Slot::Value(v) = slot {
            *v = value(*v);
        }
    });
    new.caller = new.caller.map(|caller| with_values(f, caller, value));
    if new == *f.state(state) { state } else { f.add_state(new) }
}

/// Empties a block that is not reachable.
pub fn clear(f: &mut Function, block: usize) {
    let data = &mut f.blocks[block];
    data.params.clear();
    data.insts.clear();
    data.end = Terminator::None;
}
