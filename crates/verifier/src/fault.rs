//! Why verification of a method stops: the message, and the details that HotSpot's messages add.

use crate::frame::FrameCopy;
use crate::hierarchy::ClassHierarchy;
use crate::types::Type;

/// The end of a method's verification before its time.
pub(crate) enum Stop<E> {
    /// A `VerifyError`.
    Fault(Box<Fault>),
    /// A `ClassFormatError` that names the method and has no details.
    #[expect(clippy::box_collection, reason = "keeps the result of every check small")]
    Format(Box<String>),
    /// A `ClassFormatError` for a `StackMapTable` that cannot be read.
    Malformed(&'static str),
    /// A class cannot be loaded.
    Hierarchy(E),
    /// The frames of a method need more memory than any sensible one.
    TooLarge,
}

pub(crate) type Checked<T, H> = Result<T, Stop<<H as ClassHierarchy>::Error>>;

/// A `VerifyError` in the making.
pub(crate) struct Fault {
    pub(crate) context: Context,
    pub(crate) message: Vec<u8>,
}

/// Shortest way to the error value.
#[cold]
pub(crate) fn stop<E>(context: Context, message: impl Into<Vec<u8>>) -> Stop<E> {
    Stop::Fault(Box::new(Fault { context, message: message.into() }))
}

/// The kind of fault, as the part "Reason" tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reason {
    InvalidBytecode,
    WrongType,
    FlagsMismatch,
    BadConstantIndex,
    BadLocalIndex,
    StackSizeMismatch,
    StackOverflow,
    StackUnderflow,
    MissingStackMap,
    BadStackMap,
}

/// Where a type of the explanation comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Local(usize),
    Stack(usize),
    MapLocal(usize),
    MapStack(usize),
    Constant(u16),
    Signature,
    Implicit,
    /// No type, but an index that is wrong.
    BadIndex(u16),
    /// No type, but a frame.
    FrameOnly,
}

/// A type of the explanation, with the frame that it was in.
pub(crate) struct Origin {
    pub(crate) place: Place,
    pub(crate) of: Type,
    pub(crate) frame: Option<FrameCopy>,
}

impl Origin {
    fn without_frame(place: Place, of: Type) -> Origin {
        Origin { place, of, frame: None }
    }

    /// A type of the current frame, or of the stack map's where the place says so.
    pub(crate) fn in_frame(place: Place, of: Type, frame: FrameCopy) -> Origin {
        Origin { place, of, frame: Some(frame) }
    }

    pub(crate) fn constant(index: u16, of: Type) -> Origin {
        Origin::without_frame(Place::Constant(index), of)
    }

    pub(crate) fn signature(of: Type) -> Origin {
        Origin::without_frame(Place::Signature, of)
    }

    pub(crate) fn implicit(of: Type) -> Origin {
        Origin::without_frame(Place::Implicit, of)
    }

    fn frame(frame: FrameCopy) -> Origin {
        Origin::in_frame(Place::FrameOnly, Type::TOP, frame)
    }
}

/// What the details say.
pub(crate) struct Context {
    pub(crate) pc: u32,
    pub(crate) reason: Reason,
    pub(crate) actual: Option<Origin>,
    pub(crate) expected: Option<Origin>,
}

impl Context {
    fn new(pc: u32, reason: Reason, actual: Option<Origin>, expected: Option<Origin>) -> Context {
        Context { pc, reason, actual, expected }
    }

    pub(crate) fn bad_code(pc: u32) -> Context {
        Context::new(pc, Reason::InvalidBytecode, None, None)
    }

    pub(crate) fn bad_type(pc: u32, actual: Origin) -> Context {
        Context::new(pc, Reason::WrongType, Some(actual), None)
    }

    pub(crate) fn type_mismatch(pc: u32, actual: Origin, expected: Origin) -> Context {
        Context::new(pc, Reason::WrongType, Some(actual), Some(expected))
    }

    pub(crate) fn flags_mismatch(pc: u32, current: FrameCopy, map: FrameCopy) -> Context {
        Context::new(pc, Reason::FlagsMismatch, Some(Origin::frame(current)), Some(Origin::frame(map)))
    }

    pub(crate) fn bad_constant_index(pc: u32, index: u16) -> Context {
        let index = Origin::without_frame(Place::BadIndex(index), Type::TOP);
        Context::new(pc, Reason::BadConstantIndex, Some(index), None)
    }

    pub(crate) fn bad_local_index(pc: u32, index: u16) -> Context {
        let index = Origin::without_frame(Place::BadIndex(index), Type::TOP);
        Context::new(pc, Reason::BadLocalIndex, Some(index), None)
    }

    pub(crate) fn stack_size_mismatch(pc: u32, current: FrameCopy, map: FrameCopy) -> Context {
        Context::new(pc, Reason::StackSizeMismatch, Some(Origin::frame(current)), Some(Origin::frame(map)))
    }

    pub(crate) fn stack_overflow(pc: u32, current: FrameCopy) -> Context {
        Context::new(pc, Reason::StackOverflow, Some(Origin::frame(current)), None)
    }

    pub(crate) fn stack_underflow(pc: u32, current: FrameCopy) -> Context {
        Context::new(pc, Reason::StackUnderflow, Some(Origin::frame(current)), None)
    }

    pub(crate) fn missing_stack_map(pc: u32) -> Context {
        Context::new(pc, Reason::MissingStackMap, None, None)
    }

    /// HotSpot always reports the start of the code here.
    pub(crate) fn bad_stack_map(frame: FrameCopy) -> Context {
        Context::new(0, Reason::BadStackMap, Some(Origin::frame(frame)), None)
    }
}
