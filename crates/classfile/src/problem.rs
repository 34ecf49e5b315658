//! Why a class file is rejected.

use std::fmt;

/// The Java error to throw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ProblemKind {
    /// `java.lang.ClassFormatError`
    ClassFormatError,
    /// `java.lang.UnsupportedClassVersionError`
    UnsupportedClassVersionError,
    /// `java.lang.NoClassDefFoundError`: another class than the expected one, or a module descriptor.
    NoClassDefFoundError,
}

impl ProblemKind {
    /// The error's class name in internal form.
    pub fn class_name(self) -> &'static str {
        match self {
            ProblemKind::ClassFormatError => "java/lang/ClassFormatError",
            ProblemKind::UnsupportedClassVersionError => "java/lang/UnsupportedClassVersionError",
            ProblemKind::NoClassDefFoundError => "java/lang/NoClassDefFoundError",
        }
    }
}

/// A rejected class file: the Java error and its detail message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassFormatProblem(Box<Content>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Content {
    kind: ProblemKind,
    message: String,
    interfaces: Vec<Vec<u8>>,
}

/// HotSpot formats into a buffer of 1024 bytes, the terminating zero included.
const MAX_MESSAGE: usize = 1023;

impl ClassFormatProblem {
    #[cold]
    pub(crate) fn new(kind: ProblemKind, mut message: String) -> Self {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        ClassFormatProblem(Box::new(Content { kind, message, interfaces: Vec::new() }))
    }

    /// The same, met behind these superinterfaces.
    pub(crate) fn behind<'n>(mut self, interfaces: impl Iterator<Item = &'n [u8]>) -> Self {
        self.0.interfaces = interfaces.map(<[u8]>::to_vec).collect();
        self
    }

    /// Names of the superinterfaces that stand before the problem in the class file. HotSpot loads them while it
    /// parses, so an error from that comes first.
    pub fn interfaces_before(&self) -> impl Iterator<Item = &[u8]> {
        self.0.interfaces.iter().map(Vec::as_slice)
    }

    /// The Java error to throw.
    pub fn kind(&self) -> ProblemKind {
        self.0.kind
    }

    /// The error's detail message.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for ClassFormatProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind().class_name().replace('/', "."), self.message())
    }
}

impl std::error::Error for ClassFormatProblem {}

pub(crate) type Parsed<T> = Result<T, ClassFormatProblem>;
