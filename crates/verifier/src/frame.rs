//! The type state before an instruction (JVMS §4.10.1.4): types of local variables and operand stack, and
//! `flagThisUninit`.

use std::ops::Range;

use crate::fault::{Checked, Context, Origin, Place, stop};
use crate::hierarchy::ClassHierarchy;
use crate::types::{Type, Types, same};

/// The current frame. It has cells for all local variables and the whole stack; local variables without a type
/// are `top`.
pub(crate) struct Frame {
    /// The instruction.
    pub(crate) pc: u32,
    pub(crate) locals: Vec<Type>,
    /// Local variables up to the last one that has a type, which is all that messages show.
    pub(crate) locals_size: usize,
    pub(crate) stack: Vec<Type>,
    pub(crate) stack_size: usize,
    /// The size of the stack before the instruction, which is what messages show. Types that were popped stay in
    /// their cells until others are pushed over them.
    stack_mark: usize,
    pub(crate) this_uninit: bool,
    /// Cells of `locals` that have changed since handlers were last compared with them.
    pub(crate) changed: Range<usize>,
}

/// A frame as a message shows it.
pub(crate) struct FrameCopy {
    pub(crate) pc: u32,
    pub(crate) this_uninit: bool,
    pub(crate) locals: Vec<Type>,
    pub(crate) stack: Vec<Type>,
}

impl Frame {
    pub(crate) fn new() -> Frame {
        Frame {
            pc: 0,
            locals: Vec::new(),
            locals_size: 0,
            stack: Vec::new(),
            stack_size: 0,
            stack_mark: 0,
            this_uninit: false,
            changed: 0..0,
        }
    }

    /// Makes the frame that of a method's start, its arguments still to be set.
    pub(crate) fn reset(&mut self, max_locals: usize, max_stack: usize) {
        self.pc = 0;
        self.locals.clear();
        self.locals.resize(max_locals, Type::TOP);
        self.locals_size = 0;
        self.stack.clear();
        self.stack.resize(max_stack, Type::TOP);
        self.stack_size = 0;
        self.stack_mark = 0;
        self.this_uninit = false;
        self.changed = 0..max_locals;
    }

    /// The next instruction begins.
    #[inline(always)]
    pub(crate) fn begin(&mut self, pc: u32) {
        self.pc = pc;
        self.stack_mark = self.stack_size;
    }

    fn touch(&mut self, index: usize) {
        if self.changed.is_empty() {
            self.changed = index..index + 1;
        } else {
            self.changed = self.changed.start.min(index)..self.changed.end.max(index + 1);
        }
    }

    #[inline]
    fn set_cell(&mut self, index: usize, to: Type) {
        if self.locals[index] != to {
            self.locals[index] = to;
            self.touch(index);
        }
    }

    /// Takes over a frame of the stack map.
    pub(crate) fn replace(&mut self, locals: &[Type], stack: &[Type], this_uninit: bool) {
        if !same(&self.locals[..locals.len()], locals) {
            for (index, &to) in locals.iter().enumerate() {
                self.set_cell(index, to);
            }
        }
        for index in locals.len()..self.locals_size {
            self.set_cell(index, Type::TOP);
        }
        self.locals_size = locals.len();
        self.stack[..stack.len()].copy_from_slice(stack);
        self.stack_size = stack.len();
        self.stack_mark = stack.len();
        self.this_uninit = this_uninit;
    }

    pub(crate) fn copy(&self) -> FrameCopy {
        FrameCopy {
            pc: self.pc,
            this_uninit: self.this_uninit,
            locals: self.locals[..self.locals_size].to_vec(),
            stack: self.stack[..self.stack_mark].to_vec(),
        }
    }

    /// The type that was popped last.
    pub(crate) fn popped(&self) -> Origin {
        let of = self.stack.get(self.stack_size).copied().unwrap_or(Type::TOP);
        Origin::in_frame(Place::Stack(self.stack_size), of, self.copy())
    }

    #[inline]
    pub(crate) fn push<H: ClassHierarchy>(&mut self, of: Type) -> Checked<(), H> {
        match self.stack.get_mut(self.stack_size) {
            Some(cell) => {
                *cell = of;
                self.stack_size += 1;
                Ok(())
            }
            None => Err(self.overflow()),
        }
    }

    /// Pushes both halves of a long or double.
    #[inline]
    pub(crate) fn push_pair<H: ClassHierarchy>(&mut self, first: Type, second: Type) -> Checked<(), H> {
        match self.stack.get_mut(self.stack_size..self.stack_size + 2) {
            Some(cells) => {
                cells[0] = first;
                cells[1] = second;
                self.stack_size += 2;
                Ok(())
            }
            None => Err(self.overflow()),
        }
    }

    /// Pushes types one after the other.
    #[inline]
    pub(crate) fn push_all<H: ClassHierarchy>(&mut self, types: &[Type]) -> Checked<(), H> {
        types.iter().try_for_each(|&of| self.push::<H>(of))
    }

    #[cold]
    fn overflow<E>(&self) -> crate::fault::Stop<E> {
        stop(Context::stack_overflow(self.pc, self.copy()), "Operand stack overflow")
    }

    #[cold]
    fn underflow<E>(&self) -> crate::fault::Stop<E> {
        stop(Context::stack_underflow(self.pc, self.copy()), "Operand stack underflow")
    }

    /// Pops whatever there is.
    #[inline]
    pub(crate) fn pop_any<H: ClassHierarchy>(&mut self) -> Checked<Type, H> {
        if self.stack_size == 0 {
            return Err(self.underflow());
        }
        self.stack_size -= 1;
        Ok(self.stack[self.stack_size])
    }

    /// Pops a type that may stand where `expected` does.
    #[inline]
    pub(crate) fn pop<H: ClassHierarchy>(
        &mut self,
        expected: Type,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<Type, H> {
        if self.stack_size == 0 {
            return Err(self.underflow());
        }
        let top = self.stack[self.stack_size - 1];
        let fits = types.is_assignable(top, expected, false)?;
        self.stack_size -= 1;
        if fits { Ok(top) } else { Err(self.bad_operand(expected)) }
    }

    #[cold]
    fn bad_operand<E>(&self, expected: Type) -> crate::fault::Stop<E> {
        let context = Context::type_mismatch(self.pc, self.popped(), Origin::implicit(expected));
        stop(context, "Bad type on operand stack")
    }

    /// Pops both halves of a long or double. Where they are not there, what is said is the trouble with the first
    /// half, as long as there is any with it.
    #[inline]
    pub(crate) fn pop_pair<H: ClassHierarchy>(&mut self, first: Type, second: Type) -> Checked<(), H> {
        if self.stack_size >= 2 && self.stack[self.stack_size - 2..self.stack_size] == [first, second] {
            self.stack_size -= 2;
            return Ok(());
        }
        let mut check = |expected: Type| {
            let top = self.pop_any::<H>()?;
            if top == expected { Ok(()) } else { Err(self.bad_operand(expected)) }
        };
        let of_second = check(second);
        check(first).and(of_second)
    }

    /// The type of a local variable, which must fit `expected`.
    #[inline]
    pub(crate) fn local<H: ClassHierarchy>(
        &mut self,
        index: u16,
        expected: Type,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<Type, H> {
        let Some(&of) = self.locals.get(index as usize) else {
            return Err(self.bad_local(index, "Local variable table overflow"));
        };
        if types.is_assignable(of, expected, false)? {
            Ok(of)
        } else {
            Err(self.bad_local_type(index as usize, expected))
        }
    }

    /// Checks that a local variable holds a long or double.
    pub(crate) fn local_pair<H: ClassHierarchy>(
        &mut self,
        index: u16,
        first: Type,
        second: Type,
    ) -> Checked<(), H> {
        let at = index as usize;
        if at + 1 >= self.locals_size {
            return Err(self.bad_local(index, "get long/double overflows locals"));
        }
        if self.locals[at] != first {
            return Err(self.bad_local_type(at, first));
        }
        if self.locals[at + 1] != second {
            return Err(self.bad_local_type(at + 1, second));
        }
        Ok(())
    }

    #[cold]
    fn bad_local<E>(&self, index: u16, message: &str) -> crate::fault::Stop<E> {
        stop(Context::bad_local_index(self.pc, index), message)
    }

    #[cold]
    fn bad_local_type<E>(&self, index: usize, expected: Type) -> crate::fault::Stop<E> {
        let actual = Origin::in_frame(Place::Local(index), self.locals[index], self.copy());
        stop(Context::type_mismatch(self.pc, actual, Origin::implicit(expected)), "Bad local variable type")
    }

    /// Takes away the other half of the long or double that one half is about to be overwritten of.
    #[inline]
    fn split(&mut self, index: usize) {
        let old = self.locals[index];
        if old.is_category_2() && index + 1 < self.locals.len() {
            self.set_cell(index + 1, Type::TOP);
        } else if old.is_second_half() && index > 0 {
            self.set_cell(index - 1, Type::TOP);
        }
    }

    #[inline]
    pub(crate) fn set_local<H: ClassHierarchy>(&mut self, index: u16, to: Type) -> Checked<(), H> {
        let at = index as usize;
        if at >= self.locals.len() {
            return Err(self.bad_local(index, "Local variable table overflow"));
        }
        self.split(at);
        self.set_cell(at, to);
        self.locals_size = self.locals_size.max(at + 1);
        Ok(())
    }

    pub(crate) fn set_local_pair<H: ClassHierarchy>(
        &mut self,
        index: u16,
        first: Type,
        second: Type,
    ) -> Checked<(), H> {
        let at = index as usize;
        if at + 1 >= self.locals.len() {
            return Err(self.bad_local(index, "Local variable table overflow"));
        }
        if self.locals[at + 1].is_category_2() {
            self.split(at + 1);
        }
        if self.locals[at].is_second_half() {
            self.split(at);
        }
        self.set_cell(at, first);
        self.set_cell(at + 1, second);
        self.locals_size = self.locals_size.max(at + 2);
        Ok(())
    }

    /// Every copy of `old`, an uninitialized object, becomes `new`.
    pub(crate) fn initialize(&mut self, old: Type, new: Type) {
        for index in 0..self.locals_size {
            if self.locals[index] == old {
                self.set_cell(index, new);
            }
        }
        for cell in &mut self.stack[..self.stack_size] {
            if *cell == old {
                *cell = new;
            }
        }
        if old == Type::UNINITIALIZED_THIS {
            self.this_uninit = false;
        }
    }
}
