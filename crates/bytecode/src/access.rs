//! Access and property flags (JVMS tables 4.1-B, 4.5-A, 4.6-A, 4.7.6-A, 4.7.24).

/// The flags that one context defines, in the order in which tools print them.
macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: u16 = $value;)*
    };
}

flags! {
    /// Class, field, method.
    ACC_PUBLIC = 0x0001;
    /// Inner class, field, method.
    ACC_PRIVATE = 0x0002;
    /// Inner class, field, method.
    ACC_PROTECTED = 0x0004;
    /// Inner class, field, method.
    ACC_STATIC = 0x0008;
    /// Class, field, method, parameter.
    ACC_FINAL = 0x0010;
    /// Class.
    ACC_SUPER = 0x0020;
    /// Method.
    ACC_SYNCHRONIZED = 0x0020;
    /// Module requirement.
    ACC_TRANSITIVE = 0x0020;
    /// Module.
    ACC_OPEN = 0x0020;
    /// Field.
    ACC_VOLATILE = 0x0040;
    /// Method.
    ACC_BRIDGE = 0x0040;
    /// Module requirement.
    ACC_STATIC_PHASE = 0x0040;
    /// Field.
    ACC_TRANSIENT = 0x0080;
    /// Method.
    ACC_VARARGS = 0x0080;
    /// Method.
    ACC_NATIVE = 0x0100;
    /// Class.
    ACC_INTERFACE = 0x0200;
    /// Class, method.
    ACC_ABSTRACT = 0x0400;
    /// Method, class files 46 to 60.
    ACC_STRICT = 0x0800;
    /// All.
    ACC_SYNTHETIC = 0x1000;
    /// Class.
    ACC_ANNOTATION = 0x2000;
    /// Class, field.
    ACC_ENUM = 0x4000;
    /// Class (module-info only).
    ACC_MODULE = 0x8000;
    /// Parameter, module directives.
    ACC_MANDATED = 0x8000;
}

/// The flags that count for a class (JVMS §4.1); `ACC_MODULE` is added from class-file version 53 on.
pub const RECOGNIZED_CLASS_FLAGS: u16 = ACC_PUBLIC
    | ACC_FINAL
    | ACC_SUPER
    | ACC_INTERFACE
    | ACC_ABSTRACT
    | ACC_ANNOTATION
    | ACC_ENUM
    | ACC_SYNTHETIC;

/// The flags that count in an entry of `InnerClasses` (JVMS §4.7.6).
pub const RECOGNIZED_INNER_CLASS_FLAGS: u16 =
    RECOGNIZED_CLASS_FLAGS | ACC_PRIVATE | ACC_PROTECTED | ACC_STATIC;

/// The flags that count for a field (JVMS §4.5).
pub const RECOGNIZED_FIELD_FLAGS: u16 = ACC_PUBLIC
    | ACC_PRIVATE
    | ACC_PROTECTED
    | ACC_STATIC
    | ACC_FINAL
    | ACC_VOLATILE
    | ACC_TRANSIENT
    | ACC_ENUM
    | ACC_SYNTHETIC;

/// The flags that count for a method (JVMS §4.6).
pub const RECOGNIZED_METHOD_FLAGS: u16 = ACC_PUBLIC
    | ACC_PRIVATE
    | ACC_PROTECTED
    | ACC_STATIC
    | ACC_FINAL
    | ACC_SYNCHRONIZED
    | ACC_BRIDGE
    | ACC_VARARGS
    | ACC_NATIVE
    | ACC_ABSTRACT
    | ACC_STRICT
    | ACC_SYNTHETIC;
