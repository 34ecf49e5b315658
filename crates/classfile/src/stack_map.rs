//! The decoder of `StackMapTable` (JVMS §4.7.4).

use std::fmt;

/// A verification type as it stands in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum VerificationTypeInfo {
    /// `top`
    Top,
    /// `int`
    Integer,
    /// `float`
    Float,
    /// `double`, with its second slot implied.
    Double,
    /// `long`, with its second slot implied.
    Long,
    /// `null`
    Null,
    /// `uninitializedThis`
    UninitializedThis,
    /// A class, by the index of its `CONSTANT_Class`.
    Object(u16),
    /// `uninitialized`, by the index of the `new` in the code array.
    Uninitialized(u16),
}

impl VerificationTypeInfo {
    /// The tag (JVMS §4.7.4).
    pub fn tag(self) -> u8 {
        match self {
            VerificationTypeInfo::Top => 0,
            VerificationTypeInfo::Integer => 1,
            VerificationTypeInfo::Float => 2,
            VerificationTypeInfo::Double => 3,
            VerificationTypeInfo::Long => 4,
            VerificationTypeInfo::Null => 5,
            VerificationTypeInfo::UninitializedThis => 6,
            VerificationTypeInfo::Object(_) => 7,
            VerificationTypeInfo::Uninitialized(_) => 8,
        }
    }

    /// Local-variable or operand-stack slots.
    #[inline]
    pub fn slots(self) -> usize {
        match self {
            VerificationTypeInfo::Double | VerificationTypeInfo::Long => 2,
            _ => 1,
        }
    }

    /// Appends the encoded type.
    pub fn encode(self, out: &mut Vec<u8>) {
        out.push(self.tag());
        if let VerificationTypeInfo::Object(operand) | VerificationTypeInfo::Uninitialized(operand) = self {
            out.extend(operand.to_be_bytes());
        }
    }
}

/// Why a `StackMapTable` cannot be decoded. The text is what HotSpot's `ClassFormatError` says after
/// "StackMapTable format error: ".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StackMapError {
    /// The attribute ends inside a frame.
    Truncated,
    /// A frame type from 128 to 246.
    ReservedFrameType,
    /// An unknown tag of a verification type.
    BadVerificationType,
    /// Bytes after the last frame.
    WrongSize,
}

impl fmt::Display for StackMapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StackMapError::Truncated => "access beyond the end of attribute",
            StackMapError::ReservedFrameType => "reserved frame type",
            StackMapError::BadVerificationType => "bad verification type",
            StackMapError::WrongSize => "wrong attribute size",
        })
    }
}

impl std::error::Error for StackMapError {}

/// A run of encoded verification types, decoded without errors before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VerificationTypes<'a> {
    bytes: &'a [u8],
    count: u16,
}

impl<'a> VerificationTypes<'a> {
    /// The number of types (a long or double is one).
    #[inline]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The types in order.
    pub fn iter(&self) -> impl Iterator<Item = VerificationTypeInfo> + Clone + 'a {
        let mut cursor = Cursor { bytes: self.bytes };
        std::iter::from_fn(move || cursor.verification_type().ok())
    }
}

/// What a frame says of locals and stack, mostly relative to the frame before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind<'a> {
    /// The locals of the previous frame, an empty stack.
    Same,
    /// The locals of the previous frame, one type on the stack.
    SameLocals1StackItem(VerificationTypeInfo),
    /// The locals of the previous frame without the last one to three, an empty stack.
    Chop(u8),
    /// The locals of the previous frame and one to three more, an empty stack.
    Append(VerificationTypes<'a>),
    /// Everything.
    Full {
        /// The locals.
        locals: VerificationTypes<'a>,
        /// The stack, bottom first.
        stack: VerificationTypes<'a>,
    },
}

/// A decoded frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackMapFrame<'a> {
    /// Index in the code array, from this frame's and the earlier frames' deltas; not checked against its length.
    pub pc: u32,
    /// The frame's own delta.
    pub offset_delta: u16,
    /// The frame type, as it is in the class file.
    pub frame_type: u8,
    /// Locals and stack.
    pub kind: FrameKind<'a>,
}

/// Iterator over the frames of a `StackMapTable`; ends after the first error. Bytes after the last frame are an
/// error too.
#[derive(Clone, Debug)]
pub struct StackMapFrames<'a> {
    cursor: Cursor<'a>,
    left: u16,
    /// The index of the next frame if its delta is 0.
    next_pc: u32,
    failed: bool,
}

/// Decodes the content of the attribute ([`Code::stack_map_table`](crate::Code::stack_map_table)).
pub fn decode(info: &[u8]) -> Result<StackMapFrames<'_>, StackMapError> {
    let mut cursor = Cursor { bytes: info };
    let left = cursor.u2()?;
    Ok(StackMapFrames { cursor, left, next_pc: 0, failed: false })
}

impl<'a> StackMapFrames<'a> {
    /// The number of frames still to come, according to the attribute.
    #[inline]
    pub fn frame_count(&self) -> usize {
        self.left as usize
    }

    fn frame(&mut self) -> Result<StackMapFrame<'a>, StackMapError> {
        let cursor = &mut self.cursor;
        let frame_type = cursor.u1()?;
        let (offset_delta, kind) = match frame_type {
            0..=63 => (frame_type.into(), FrameKind::Same),
            64..=127 => {
                let stack = cursor.verification_type()?;
                (u16::from(frame_type) - 64, FrameKind::SameLocals1StackItem(stack))
            }
            128..=246 => return Err(StackMapError::ReservedFrameType),
            247 => {
                let delta = cursor.u2()?;
                (delta, FrameKind::SameLocals1StackItem(cursor.verification_type()?))
            }
            248..=250 => (cursor.u2()?, FrameKind::Chop(251 - frame_type)),
            251 => (cursor.u2()?, FrameKind::Same),
            252..=254 => {
                let delta = cursor.u2()?;
                (delta, FrameKind::Append(cursor.verification_types(u16::from(frame_type) - 251)?))
            }
            255 => {
                let delta = cursor.u2()?;
                let count = cursor.u2()?;
                let locals = cursor.verification_types(count)?;
                let count = cursor.u2()?;
                (delta, FrameKind::Full { locals, stack: cursor.verification_types(count)? })
            }
        };
        let pc = self.next_pc + u32::from(offset_delta);
        self.next_pc = pc + 1;
        Ok(StackMapFrame { pc, offset_delta, frame_type, kind })
    }
}

impl<'a> Iterator for StackMapFrames<'a> {
    type Item = Result<StackMapFrame<'a>, StackMapError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = if self.left > 0 {
            self.left -= 1;
            self.frame()
        } else if self.cursor.bytes.is_empty() {
            return None;
        } else {
            Err(StackMapError::WrongSize)
        };
        self.failed = result.is_err();
        Some(result)
    }
}

#[derive(Clone, Debug)]
struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn u1(&mut self) -> Result<u8, StackMapError> {
        let (&first, rest) = self.bytes.split_first().ok_or(StackMapError::Truncated)?;
        self.bytes = rest;
        Ok(first)
    }

    fn u2(&mut self) -> Result<u16, StackMapError> {
        let (chunk, rest) = self.bytes.split_first_chunk().ok_or(StackMapError::Truncated)?;
        self.bytes = rest;
        Ok(u16::from_be_bytes(*chunk))
    }

    fn verification_type(&mut self) -> Result<VerificationTypeInfo, StackMapError> {
        Ok(match self.u1()? {
            0 => VerificationTypeInfo::Top,
            1 => VerificationTypeInfo::Integer,
            2 => VerificationTypeInfo::Float,
            3 => VerificationTypeInfo::Double,
            4 => VerificationTypeInfo::Long,
            5 => VerificationTypeInfo::Null,
            6 => VerificationTypeInfo::UninitializedThis,
            7 => VerificationTypeInfo::Object(self.u2()?),
            8 => VerificationTypeInfo::Uninitialized(self.u2()?),
            _ => return Err(StackMapError::BadVerificationType),
        })
    }

    fn verification_types(&mut self, count: u16) -> Result<VerificationTypes<'a>, StackMapError> {
        let start = self.bytes;
        for _ in 0..count {
            self.verification_type()?;
        }
        Ok(VerificationTypes { bytes: &start[..start.len() - self.bytes.len()], count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_type() {
        let info = [
            0, 8, // frames
            5, // same, 5
            64, 1, // same_locals_1_stack_item, 0: int
            247, 1, 0, 7, 0, 9, // extended: Object 9
            249, 0, 3, // chop 2
            251, 0, 4, // same_frame_extended
            253, 0, 0, 4, 8, 0, 7, // append long, Uninitialized 7
            255, 0, 1, 0, 1, 6, 0, 2, 0, 3,  // full
            63, // same
        ];
        let frames: Vec<_> = decode(&info).unwrap().map(Result::unwrap).collect();
        let pcs: Vec<u32> = frames.iter().map(|frame| frame.pc).collect();
        assert_eq!(pcs, [5, 6, 263, 267, 272, 273, 275, 339]);
        assert_eq!(frames[1].kind, FrameKind::SameLocals1StackItem(VerificationTypeInfo::Integer));
        assert_eq!(frames[2].kind, FrameKind::SameLocals1StackItem(VerificationTypeInfo::Object(9)));
        assert_eq!(frames[3].kind, FrameKind::Chop(2));
        let FrameKind::Append(types) = frames[5].kind else { panic!() };
        assert_eq!(
            types.iter().collect::<Vec<_>>(),
            [VerificationTypeInfo::Long, VerificationTypeInfo::Uninitialized(7)]
        );
        let FrameKind::Full { locals, stack } = frames[6].kind else { panic!() };
        assert_eq!((locals.len(), stack.len()), (1, 2));
        assert_eq!(
            stack.iter().collect::<Vec<_>>(),
            [VerificationTypeInfo::Top, VerificationTypeInfo::Double]
        );
    }

    #[test]
    fn errors() {
        let last = |info: &[u8]| decode(info).unwrap().last().unwrap().unwrap_err();
        assert_eq!(decode(&[0]).unwrap_err(), StackMapError::Truncated);
        assert_eq!(last(&[0, 1]), StackMapError::Truncated);
        assert_eq!(last(&[0, 1, 128]), StackMapError::ReservedFrameType);
        assert_eq!(last(&[0, 1, 64, 9]), StackMapError::BadVerificationType);
        assert_eq!(last(&[0, 1, 0, 0]), StackMapError::WrongSize);
        assert_eq!(last(&[0, 1, 255, 0, 0, 255, 255, 1]), StackMapError::Truncated);
    }
}
