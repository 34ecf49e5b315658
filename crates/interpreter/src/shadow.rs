//! The types of the slots of a Java stack, in a memory of the same shape beside it (see `checked`).

use caturra_bytecode::BasicType;
use caturra_kernel::Thread;
use caturra_kernel::runtime::frames::Frame;
use std::fmt;

/// The verification types, as far as a slot tells (JVMS §4.10.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tag {
    Unset,
    Int,
    Float,
    Long,
    LongSecond,
    Double,
    DoubleSecond,
    Reference,
    /// An object on which no constructor has been called.
    Uninitialized,
    ReturnAddress,
}

const TAGS: [Tag; 10] = [
    Tag::Unset,
    Tag::Int,
    Tag::Float,
    Tag::Long,
    Tag::LongSecond,
    Tag::Double,
    Tag::DoubleSecond,
    Tag::Reference,
    Tag::Uninitialized,
    Tag::ReturnAddress,
];

impl Tag {
    pub fn of(ty: BasicType) -> Tag {
        match ty {
            BasicType::Float => Tag::Float,
            BasicType::Long => Tag::Long,
            BasicType::Double => Tag::Double,
            BasicType::Reference => Tag::Reference,
            BasicType::Void => Tag::Unset,
            _ => Tag::Int,
        }
    }

    /// What the second slot of a value has.
    pub fn second(self) -> Option<Tag> {
        match self {
            Tag::Long => Some(Tag::LongSecond),
            Tag::Double => Some(Tag::DoubleSecond),
            _ => None,
        }
    }

    pub fn is_second(self) -> bool {
        matches!(self, Tag::LongSecond | Tag::DoubleSecond)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tag::Unset => "nothing",
            Tag::Int => "int",
            Tag::Float => "float",
            Tag::Long => "long",
            Tag::LongSecond => "second half of a long",
            Tag::Double => "double",
            Tag::DoubleSecond => "second half of a double",
            Tag::Reference => "reference",
            Tag::Uninitialized => "uninitialized object",
            Tag::ReturnAddress => "return address",
        })
    }
}

/// What the shadow holds of a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    pub tag: Tag,
    /// Of an uninitialized object: 0 for `this`, else the bytecode index of its `new`, plus one.
    pub origin: u32,
}

impl Cell {
    pub fn new(tag: Tag) -> Cell {
        Cell { tag, origin: 0 }
    }

    pub fn uninitialized(origin: u32) -> Cell {
        Cell { tag: Tag::Uninitialized, origin }
    }
}

/// What is known of an activation; kept in the shadow of its [`Frame`].
#[derive(Clone, Copy, Default)]
pub struct State {
    /// Bytecode index of the instruction that was checked last and whose results have no types yet.
    pub last: Option<u16>,
    /// Slots of the operand stack, before that instruction.
    pub depth: u32,
    /// Origin, plus one, of the object on which that instruction calls a constructor.
    pub origin: u32,
}

/// The shadow of a thread's Java stack.
#[derive(Clone, Copy)]
pub struct Shadow {
    /// Bytes from a slot to its shadow.
    distance: isize,
}

impl Shadow {
    pub fn of(t: &Thread) -> Shadow {
        let (stack, shadow) = (t.java_stack.base(), t.java_stack.shadow());
        Shadow { distance: (shadow as isize).wrapping_sub(stack as isize) }
    }

    fn place(self, slot: *const u64) -> *mut u64 {
        slot.cast_mut().wrapping_byte_offset(self.distance)
    }

    /// # Safety
    /// `slot` is on this thread's Java stack.
    pub unsafe fn get(self, slot: *const u64) -> Cell {
        // SAFETY: the shadow is as large as the stack.
        let raw = unsafe { *self.place(slot) };
        Cell { tag: TAGS[(raw & 0xff) as usize % TAGS.len()], origin: (raw >> 32) as u32 }
    }

    /// # Safety
    /// As [`get`](Self::get).
    pub unsafe fn put(self, slot: *mut u64, cell: Cell) {
        // SAFETY: as above.
        unsafe { *self.place(slot) = cell.tag as u64 | u64::from(cell.origin) << 32 };
    }

    /// Types a slot, or two.
    ///
    /// # Safety
    /// As [`get`](Self::get).
    pub unsafe fn put_type(self, slot: *mut u64, ty: BasicType) {
        let tag = Tag::of(ty);
        // SAFETY: the caller's promise.
        unsafe {
            self.put(slot, Cell::new(tag));
            if let Some(second) = tag.second() {
                self.put(slot.add(1), Cell::new(second));
            }
        }
    }

    /// # Safety
    /// `frame` is a frame on this thread's Java stack.
    pub unsafe fn state(self, frame: *mut Frame) -> State {
        let at = self.place(frame.cast());
        // SAFETY: a frame has more than two slots.
        let (first, second) = unsafe { (*at, *at.add(1)) };
        let last = (first >> 32 != 0).then_some(first as u16);
        State { last, depth: second as u32, origin: (second >> 32) as u32 }
    }

    /// # Safety
    /// As [`state`](Self::state).
    pub unsafe fn set_state(self, frame: *mut Frame, state: State) {
        let at = self.place(frame.cast());
        // SAFETY: as above.
        unsafe {
            *at = state.last.map_or(0, |last| 1 << 32 | u64::from(last));
            *at.add(1) = u64::from(state.depth) | u64::from(state.origin) << 32;
        }
    }
}
