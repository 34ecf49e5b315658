//! What the verifier asks about other classes.

/// What a protected access is made to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Member<'a> {
    /// A field, looked up by JVMS §5.4.3.2 in the class, its superinterfaces and superclasses.
    Field {
        /// Its name.
        name: &'a [u8],
        /// Its descriptor.
        descriptor: &'a [u8],
    },
    /// A method, looked up in the class and its superclasses.
    Method {
        /// Its name, `<init>` included.
        name: &'a [u8],
        /// Its descriptor.
        descriptor: &'a [u8],
    },
}

/// The classes around the class that is verified (the *current class*). Only [`load`](Self::load) may load
/// classes; the verifier calls it where JVMS §4.10.1 needs the class itself, so most names in a class file never
/// lead to a load.
pub trait ClassHierarchy {
    /// A loaded class.
    type Class: Copy;
    /// Why a class cannot be loaded.
    type Error;

    /// Loads the class or interface of this name, never an array, with the defining loader of the current class.
    /// The name of a hidden current class means that class.
    ///
    /// # Errors
    /// The class cannot be loaded. Verification ends with this error, which is no `VerifyError`.
    fn load(&mut self, name: &[u8]) -> Result<Self::Class, Self::Error>;

    /// Resolves a `CONSTANT_Class` of the current class that names `java.lang.Throwable`, so that a handler finds
    /// it resolved when memory has run out.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    fn resolve_throwable(&mut self, index: u16) -> Result<(), Self::Error>;

    /// Whether it is an interface.
    fn is_interface(&self, class: Self::Class) -> bool;

    /// Whether it is the boot loader's `java.lang.Cloneable` or `java.io.Serializable`, which arrays implement.
    fn is_array_interface(&self, class: Self::Class) -> bool;

    /// Whether `class` is `ancestor` or has it among its superclasses; interfaces do not count.
    fn is_subclass(&self, class: Self::Class, ancestor: Self::Class) -> bool;

    /// Whether the current class is `ancestor` or has it among its superclasses.
    fn current_is_subclass_of(&self, ancestor: Self::Class) -> bool;

    /// Whether a superclass of the current class has this name.
    fn has_superclass_named(&self, name: &[u8]) -> bool;

    /// Whether look-up of the member in `class` finds a protected one that is declared in another run-time
    /// package (JVMS §5.3) than the current class.
    fn is_protected_elsewhere(&self, class: Self::Class, member: Member<'_>) -> bool;
}
