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
pub struct ClassFormatProblem(Box<(ProblemKind, String)>);

/// HotSpot formats into a buffer of 1024 bytes, the terminating zero included.
const MAX_MESSAGE: usize = 1023;

impl ClassFormatProblem {
    #[cold]
    pub(crate) fn new(kind: ProblemKind, mut message: String) -> Self {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        ClassFormatProblem(Box::new((kind, message)))
    }

    /// The Java error to throw.
    pub fn kind(&self) -> ProblemKind {
        self.0.0
    }

    /// The error's detail message.
    pub fn message(&self) -> &str {
        &self.0.1
    }
}

impl fmt::Display for ClassFormatProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind().class_name().replace('/', "."), self.message())
    }
}

impl std::error::Error for ClassFormatProblem {}

pub(crate) type Parsed<T> = Result<T, ClassFormatProblem>;
