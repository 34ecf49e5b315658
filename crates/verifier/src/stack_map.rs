//! `StackMapTable` (JVMS §4.7.4) as the frames that it stands for, and the comparison of the current frame with
//! them (JVMS §4.10.1.5).
//!
//! The attribute is read here and not through the decoder of the class-file reader, because what is wrong first
//! decides what is reported: indices and offsets have to be checked as they are read.

use std::ops::Range;

use crate::fault::{Checked, Context, Origin, Place, Stop, stop};
use crate::frame::{Frame, FrameCopy};
use crate::hierarchy::ClassHierarchy;
use crate::pool::Pool;
use crate::types::{Type, Types, same};
use crate::view::PoolView;

/// Most types that the frames of a method may take. A method of 64 KiB cannot sensibly have more than a small
/// part of it, but a crafted one could demand gigabytes.
const MOST_TYPES: usize = 32 << 20;

/// An instruction starts at this index of the code array.
pub(crate) const BOUNDARY: u8 = 1;
/// It is a `new`.
pub(crate) const NEW: u8 = 1 << 1;
/// The range of an exception handler starts there.
pub(crate) const HANDLER_START: u8 = 1 << 2;

/// A frame of the table. The types are in [`StackMaps`].
#[derive(Clone, Copy)]
struct MapFrame {
    pc: u32,
    locals_start: usize,
    locals_size: usize,
    stack_start: usize,
    stack_size: usize,
    this_uninit: bool,
}

/// The frames of a method.
#[derive(Default)]
pub(crate) struct StackMaps {
    frames: Vec<MapFrame>,
    /// Frames share the types that they have in common with the frame before.
    locals: Vec<Type>,
    stacks: Vec<Type>,
}

/// What the frames are checked against.
pub(crate) struct Limits<'m> {
    pub(crate) max_locals: usize,
    pub(crate) max_stack: usize,
    /// By index of the code array.
    pub(crate) marks: &'m [u8],
}

struct Reader<'a> {
    bytes: &'a [u8],
}

const TRUNCATED: &str = "access beyond the end of attribute";

impl Reader<'_> {
    fn u1<H: ClassHierarchy>(&mut self) -> Checked<u8, H> {
        let (&first, rest) = self.bytes.split_first().ok_or(Stop::Malformed(TRUNCATED))?;
        self.bytes = rest;
        Ok(first)
    }

    fn u2<H: ClassHierarchy>(&mut self) -> Checked<u16, H> {
        let (chunk, rest) = self.bytes.split_first_chunk().ok_or(Stop::Malformed(TRUNCATED))?;
        self.bytes = rest;
        Ok(u16::from_be_bytes(*chunk))
    }
}

fn format_error<E>(message: &str) -> Stop<E> {
    Stop::Format(Box::new(format!("StackMapTable format error: {message}")))
}

/// Reads the frames of one method.
struct FrameReader<'r, 'a, 'v, P, H: ClassHierarchy> {
    reader: Reader<'a>,
    maps: &'r mut StackMaps,
    pool: &'r mut Pool<'a, 'v, P>,
    types: &'r mut Types<'a, 'v, H>,
    limits: &'r Limits<'r>,
    /// An error in a type, reported when the types around it have been read.
    pending: Option<Stop<H::Error>>,
}

impl<'a, P: PoolView<'a>, H: ClassHierarchy> FrameReader<'_, 'a, '_, P, H> {
    fn verification_type(&mut self) -> Checked<Type, H> {
        Ok(match self.reader.u1::<H>()? {
            0 => Type::TOP,
            1 => Type::INT,
            2 => Type::FLOAT,
            3 => Type::DOUBLE,
            4 => Type::LONG,
            5 => Type::NULL,
            6 => Type::UNINITIALIZED_THIS,
            7 => {
                let index = self.reader.u2::<H>()?;
                if !self.pool.is_class(index) {
                    return Err(Stop::Malformed("bad class index"));
                }
                self.pool.class_type(index, self.types)
            }
            8 => {
                let pc = self.reader.u2::<H>()?;
                if self.limits.marks.get(pc as usize).is_none_or(|marks| marks & NEW == 0) {
                    self.pending = Some(format_error("bad offset for Uninitialized"));
                    return Ok(Type::TOP);
                }
                Type::uninitialized(pc)
            }
            _ => return Err(Stop::Malformed("bad verification type")),
        })
    }

    /// Reads a number of types and appends them; the slots that they take.
    fn read_types(
        &mut self,
        count: usize,
        limit: usize,
        target: fn(&mut StackMaps) -> &mut Vec<Type>,
        this_uninit: Option<&mut bool>,
    ) -> Checked<usize, H> {
        let before = target(self.maps).len();
        let mut found = false;
        for _ in 0..count {
            let of = self.verification_type()?;
            found |= of == Type::UNINITIALIZED_THIS;
            let out = target(self.maps);
            out.push(of);
            if of.is_category_2() {
                out.push(of.second_half());
            }
        }
        if let Some(flag) = this_uninit {
            *flag |= found;
        }
        let size = target(self.maps).len() - before;
        // Types that are there from earlier frames count too.
        self.check_size(Some(size), limit)?;
        if target(self.maps).len() > MOST_TYPES { Err(Stop::TooLarge) } else { Ok(size) }
    }

    /// Checks the size of a list of types, which wins over an error in one of them.
    fn check_size(&mut self, size: Option<usize>, limit: usize) -> Checked<(), H> {
        if size.is_none_or(|size| size > limit) {
            return Err(format_error("bad type array size"));
        }
        self.pending.take().map_or(Ok(()), Err)
    }

    fn one_stack_item(&mut self, frame: &mut MapFrame) -> Checked<(), H> {
        let of = self.verification_type()?;
        if let Some(pending) = self.pending.take() {
            return Err(pending);
        }
        frame.stack_start = self.maps.stacks.len();
        self.maps.stacks.push(of);
        if of.is_category_2() {
            self.maps.stacks.push(of.second_half());
        }
        frame.stack_size = self.maps.stacks.len() - frame.stack_start;
        self.check_size(Some(frame.stack_size), self.limits.max_stack)
    }

    fn chop(&mut self, frame: &mut MapFrame, count: u8) -> Checked<(), H> {
        let mut locals = self.maps.locals_of(frame);
        let mut enough = true;
        for _ in 0..count {
            locals = match locals {
                [rest @ .., _, second] if second.is_second_half() => rest,
                [rest @ .., _] => rest,
                [] => {
                    enough = false;
                    break;
                }
            };
        }
        frame.locals_size = locals.len();
        frame.this_uninit = locals.contains(&Type::UNINITIALIZED_THIS);
        self.check_size(enough.then_some(frame.locals_size), self.limits.max_locals)
    }

    fn append(&mut self, frame: &mut MapFrame, count: u8) -> Checked<(), H> {
        // The locals of the frame before are mostly the last there are; else they are copied.
        if frame.locals_start + frame.locals_size != self.maps.locals.len() {
            let start = self.maps.locals.len();
            if start + frame.locals_size > MOST_TYPES {
                return Err(Stop::TooLarge);
            }
            self.maps.locals.extend_from_within(frame.locals_start..frame.locals_start + frame.locals_size);
            frame.locals_start = start;
        }
        let room = self.limits.max_locals.saturating_sub(frame.locals_size);
        let locals: fn(&mut StackMaps) -> &mut Vec<Type> = |maps| &mut maps.locals;
        frame.locals_size += self.read_types(count.into(), room, locals, Some(&mut frame.this_uninit))?;
        Ok(())
    }

    fn full(&mut self, frame: &mut MapFrame) -> Checked<(), H> {
        frame.this_uninit = false;
        let count = self.reader.u2::<H>()?;
        frame.locals_start = self.maps.locals.len();
        let locals: fn(&mut StackMaps) -> &mut Vec<Type> = |maps| &mut maps.locals;
        frame.locals_size =
            self.read_types(count.into(), self.limits.max_locals, locals, Some(&mut frame.this_uninit))?;
        let count = self.reader.u2::<H>()?;
        frame.stack_start = self.maps.stacks.len();
        frame.stack_size =
            self.read_types(count.into(), self.limits.max_stack, |maps| &mut maps.stacks, None)?;
        Ok(())
    }

    /// Reads a frame, given the one before.
    fn frame(&mut self, before: &MapFrame, first: bool) -> Checked<MapFrame, H> {
        let frame_type = self.reader.u1::<H>()?;
        let mut frame = MapFrame { stack_start: 0, stack_size: 0, ..*before };
        let delta = match frame_type {
            0..=63 => frame_type.into(),
            64..=127 => u32::from(frame_type) - 64,
            _ => self.reader.u2::<H>()?.into(),
        };
        frame.pc = if first { delta } else { before.pc + delta + 1 };
        match frame_type {
            0..=63 | 251 => {}
            64..=127 | 247 => self.one_stack_item(&mut frame)?,
            128..=246 => return Err(Stop::Malformed("reserved frame type")),
            248..=250 => self.chop(&mut frame, 251 - frame_type)?,
            252..=254 => self.append(&mut frame, frame_type - 251)?,
            255 => self.full(&mut frame)?,
        }
        Ok(frame)
    }
}

impl StackMaps {
    /// Reads the frames of a method; `initial` is the frame at its start.
    pub(crate) fn read<'a, 'v, P: PoolView<'a>, H: ClassHierarchy>(
        &mut self,
        table: Option<&'a [u8]>,
        initial: &Frame,
        limits: &Limits<'_>,
        pool: &mut Pool<'a, 'v, P>,
        types: &mut Types<'a, 'v, H>,
    ) -> Checked<(), H> {
        self.frames.clear();
        self.locals.clear();
        self.stacks.clear();
        let Some(bytes) = table else { return Ok(()) };
        self.locals.extend_from_slice(&initial.locals[..initial.locals_size]);
        let mut before = MapFrame {
            pc: 0,
            locals_start: 0,
            locals_size: initial.locals_size,
            stack_start: 0,
            stack_size: 0,
            this_uninit: initial.this_uninit,
        };
        let mut frames =
            FrameReader { reader: Reader { bytes }, maps: self, pool, types, limits, pending: None };
        let count = frames.reader.u2::<H>()?;
        for index in 0..count {
            before = frames.frame(&before, index == 0)?;
            if limits.marks.get(before.pc as usize).is_none_or(|&marks| marks == 0) {
                let context = Context::bad_stack_map(frames.maps.copy(&before));
                return Err(stop(context, "StackMapTable error: bad offset"));
            }
            frames.maps.frames.push(before);
        }
        if frames.reader.bytes.is_empty() { Ok(()) } else { Err(Stop::Malformed("wrong attribute size")) }
    }

    fn locals_of(&self, frame: &MapFrame) -> &[Type] {
        &self.locals[frame.locals_start..frame.locals_start + frame.locals_size]
    }

    fn stack_of(&self, frame: &MapFrame) -> &[Type] {
        &self.stacks[frame.stack_start..frame.stack_start + frame.stack_size]
    }

    fn copy(&self, frame: &MapFrame) -> FrameCopy {
        FrameCopy {
            pc: frame.pc,
            this_uninit: frame.this_uninit,
            locals: self.locals_of(frame).to_vec(),
            stack: self.stack_of(frame).to_vec(),
        }
    }

    /// The code-array index of a frame by its number.
    #[inline(always)]
    pub(crate) fn pc(&self, number: usize) -> Option<u32> {
        self.frames.get(number).map(|frame| frame.pc)
    }

    /// The number of the frame for an instruction.
    pub(crate) fn find(&self, pc: i64) -> Option<usize> {
        self.frames.binary_search_by_key(&pc, |frame| frame.pc.into()).ok()
    }

    /// Makes a frame of the table the current one.
    pub(crate) fn enter(&self, number: usize, current: &mut Frame) {
        let frame = &self.frames[number];
        current.replace(self.locals_of(frame), self.stack_of(frame), frame.this_uninit);
    }

    /// Whether the current frame is assignable to a frame of the table; if not, what is wrong.
    pub(crate) fn compare<H: ClassHierarchy>(
        &self,
        current: &Frame,
        number: usize,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<Option<Context>, H> {
        let source = Source {
            current,
            stack: &current.stack[..current.stack_size],
            this_uninit: current.this_uninit,
            in_handler: false,
        };
        self.compare_source(&source, number, 0..usize::MAX, types)
    }

    /// As [`compare`](Self::compare), for the frame at the start of a handler that catches `caught`. Local
    /// variables outside `cells` are known to be assignable.
    pub(crate) fn compare_handler<H: ClassHierarchy>(
        &self,
        current: &Frame,
        caught: Type,
        this_uninit: bool,
        number: usize,
        cells: Range<usize>,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<Option<Context>, H> {
        let source = Source { current, stack: &[caught], this_uninit, in_handler: true };
        self.compare_source(&source, number, cells, types)
    }

    #[inline]
    fn compare_source<H: ClassHierarchy>(
        &self,
        source: &Source<'_>,
        number: usize,
        cells: Range<usize>,
        types: &mut Types<'_, '_, H>,
    ) -> Checked<Option<Context>, H> {
        let frame = &self.frames[number];
        let (locals, stack) = (self.locals_of(frame), self.stack_of(frame));
        if source.stack.len() != stack.len() {
            let context = Context::stack_size_mismatch(source.current.pc, source.copy(), self.copy(frame));
            return Ok(Some(context));
        }
        let end = cells.end.min(locals.len());
        let start = cells.start.min(end);
        // Mostly nothing has changed, and a large frame is compared fastest as a whole.
        if !same(&source.current.locals[start..end], &locals[start..end]) {
            for (index, &to) in locals.iter().enumerate().take(end).skip(start) {
                let from = source.current.locals[index];
                if from != to && !types.is_assignable(from, to, false)? {
                    let from = Origin::in_frame(Place::Local(index), from, source.copy());
                    let to = Origin::in_frame(Place::MapLocal(index), to, self.copy(frame));
                    return Ok(Some(Context::type_mismatch(frame.pc, from, to)));
                }
            }
        }
        for (index, (&from, &to)) in source.stack.iter().zip(stack).enumerate() {
            if from != to && !types.is_assignable(from, to, false)? {
                let from = Origin::in_frame(Place::Stack(index), from, source.copy());
                let to = Origin::in_frame(Place::MapStack(index), to, self.copy(frame));
                return Ok(Some(Context::type_mismatch(frame.pc, from, to)));
            }
        }
        if source.this_uninit && !frame.this_uninit {
            let context = Context::flags_mismatch(frame.pc, source.copy(), self.copy(frame));
            return Ok(Some(context));
        }
        Ok(None)
    }
}

/// The frame that is compared with one of the table.
struct Source<'f> {
    current: &'f Frame,
    stack: &'f [Type],
    this_uninit: bool,
    /// The stack is not that of the current frame.
    in_handler: bool,
}

impl Source<'_> {
    fn copy(&self) -> FrameCopy {
        let mut copy = self.current.copy();
        copy.this_uninit = self.this_uninit;
        if self.in_handler {
            copy.stack = self.stack.to_vec();
        }
        copy
    }
}
