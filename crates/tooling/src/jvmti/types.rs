//! Numbers, names and structures of JVMTI (JVM Tool Interface, version 17).

#![allow(non_camel_case_types)]

use caturra_jni::types::{jboolean, jint, jlong, jmethodID, jobject};
use std::ffi::c_char;

/// `JVMTI_VERSION_…`: the interface's mark and the version of the release.
pub const VERSION_MARK: jint = 0x3000_0000;
pub const VERSION_MASK: jint = 0x7000_0000;
/// What `GetVersionNumber` answers: 17.0.0.
pub const VERSION: jint = VERSION_MARK + (17 << 16);

/// An error code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error(pub jint);

/// What a function of the interface answers.
pub type Answer<T = ()> = Result<T, Error>;

macro_rules! errors {
    ($($name:ident = $number:literal;)*) => {
        impl Error {
            $(pub const $name: Error = Error($number);)*
        }
        /// All errors with their names.
        pub const ERROR_NAMES: &[(&std::ffi::CStr, jint)] = &[
            (c"JVMTI_ERROR_NONE", 0),
            $((
                match std::ffi::CStr::from_bytes_with_nul(concat!("JVMTI_ERROR_", stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name without NUL"),
                },
                $number,
            ),)*
        ];
    };
}
errors! {
    INVALID_THREAD = 10;
    INVALID_THREAD_GROUP = 11;
    INVALID_PRIORITY = 12;
    THREAD_NOT_SUSPENDED = 13;
    THREAD_SUSPENDED = 14;
    THREAD_NOT_ALIVE = 15;
    INVALID_OBJECT = 20;
    INVALID_CLASS = 21;
    CLASS_NOT_PREPARED = 22;
    INVALID_METHODID = 23;
    INVALID_LOCATION = 24;
    INVALID_FIELDID = 25;
    INVALID_MODULE = 26;
    NO_MORE_FRAMES = 31;
    OPAQUE_FRAME = 32;
    TYPE_MISMATCH = 34;
    INVALID_SLOT = 35;
    DUPLICATE = 40;
    NOT_FOUND = 41;
    INVALID_MONITOR = 50;
    NOT_MONITOR_OWNER = 51;
    INTERRUPT = 52;
    INVALID_CLASS_FORMAT = 60;
    CIRCULAR_CLASS_DEFINITION = 61;
    FAILS_VERIFICATION = 62;
    UNSUPPORTED_REDEFINITION_METHOD_ADDED = 63;
    UNSUPPORTED_REDEFINITION_SCHEMA_CHANGED = 64;
    INVALID_TYPESTATE = 65;
    UNSUPPORTED_REDEFINITION_HIERARCHY_CHANGED = 66;
    UNSUPPORTED_REDEFINITION_METHOD_DELETED = 67;
    UNSUPPORTED_VERSION = 68;
    NAMES_DONT_MATCH = 69;
    UNSUPPORTED_REDEFINITION_CLASS_MODIFIERS_CHANGED = 70;
    UNSUPPORTED_REDEFINITION_METHOD_MODIFIERS_CHANGED = 71;
    UNSUPPORTED_REDEFINITION_CLASS_ATTRIBUTE_CHANGED = 72;
    UNMODIFIABLE_CLASS = 79;
    UNMODIFIABLE_MODULE = 80;
    NOT_AVAILABLE = 98;
    MUST_POSSESS_CAPABILITY = 99;
    NULL_POINTER = 100;
    ABSENT_INFORMATION = 101;
    INVALID_EVENT_TYPE = 102;
    ILLEGAL_ARGUMENT = 103;
    NATIVE_METHOD = 104;
    CLASS_LOADER_UNSUPPORTED = 106;
    OUT_OF_MEMORY = 110;
    ACCESS_DENIED = 111;
    WRONG_PHASE = 112;
    INTERNAL = 113;
    UNATTACHED_THREAD = 115;
    INVALID_ENVIRONMENT = 116;
}

/// Bits of `jvmtiCapabilities`, in the order of the structure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capabilities(pub u128);

impl Capabilities {
    pub const TAG_OBJECTS: Capabilities = Capabilities(1 << 0);
    pub const GENERATE_FIELD_MODIFICATION_EVENTS: Capabilities = Capabilities(1 << 1);
    pub const GENERATE_FIELD_ACCESS_EVENTS: Capabilities = Capabilities(1 << 2);
    pub const GET_BYTECODES: Capabilities = Capabilities(1 << 3);
    pub const GET_SYNTHETIC_ATTRIBUTE: Capabilities = Capabilities(1 << 4);
    pub const GET_OWNED_MONITOR_INFO: Capabilities = Capabilities(1 << 5);
    pub const GET_CURRENT_CONTENDED_MONITOR: Capabilities = Capabilities(1 << 6);
    pub const GET_MONITOR_INFO: Capabilities = Capabilities(1 << 7);
    pub const POP_FRAME: Capabilities = Capabilities(1 << 8);
    pub const REDEFINE_CLASSES: Capabilities = Capabilities(1 << 9);
    pub const SIGNAL_THREAD: Capabilities = Capabilities(1 << 10);
    pub const GET_SOURCE_FILE_NAME: Capabilities = Capabilities(1 << 11);
    pub const GET_LINE_NUMBERS: Capabilities = Capabilities(1 << 12);
    pub const GET_SOURCE_DEBUG_EXTENSION: Capabilities = Capabilities(1 << 13);
    pub const ACCESS_LOCAL_VARIABLES: Capabilities = Capabilities(1 << 14);
    pub const MAINTAIN_ORIGINAL_METHOD_ORDER: Capabilities = Capabilities(1 << 15);
    pub const GENERATE_SINGLE_STEP_EVENTS: Capabilities = Capabilities(1 << 16);
    pub const GENERATE_EXCEPTION_EVENTS: Capabilities = Capabilities(1 << 17);
    pub const GENERATE_FRAME_POP_EVENTS: Capabilities = Capabilities(1 << 18);
    pub const GENERATE_BREAKPOINT_EVENTS: Capabilities = Capabilities(1 << 19);
    pub const SUSPEND: Capabilities = Capabilities(1 << 20);
    pub const REDEFINE_ANY_CLASS: Capabilities = Capabilities(1 << 21);
    pub const GET_CURRENT_THREAD_CPU_TIME: Capabilities = Capabilities(1 << 22);
    pub const GET_THREAD_CPU_TIME: Capabilities = Capabilities(1 << 23);
    pub const GENERATE_METHOD_ENTRY_EVENTS: Capabilities = Capabilities(1 << 24);
    pub const GENERATE_METHOD_EXIT_EVENTS: Capabilities = Capabilities(1 << 25);
    pub const GENERATE_ALL_CLASS_HOOK_EVENTS: Capabilities = Capabilities(1 << 26);
    pub const GENERATE_COMPILED_METHOD_LOAD_EVENTS: Capabilities = Capabilities(1 << 27);
    pub const GENERATE_MONITOR_EVENTS: Capabilities = Capabilities(1 << 28);
    pub const GENERATE_VM_OBJECT_ALLOC_EVENTS: Capabilities = Capabilities(1 << 29);
    pub const GENERATE_NATIVE_METHOD_BIND_EVENTS: Capabilities = Capabilities(1 << 30);
    pub const GENERATE_GARBAGE_COLLECTION_EVENTS: Capabilities = Capabilities(1 << 31);
    pub const GENERATE_OBJECT_FREE_EVENTS: Capabilities = Capabilities(1 << 32);
    pub const FORCE_EARLY_RETURN: Capabilities = Capabilities(1 << 33);
    pub const GET_OWNED_MONITOR_STACK_DEPTH_INFO: Capabilities = Capabilities(1 << 34);
    pub const GET_CONSTANT_POOL: Capabilities = Capabilities(1 << 35);
    pub const SET_NATIVE_METHOD_PREFIX: Capabilities = Capabilities(1 << 36);
    pub const RETRANSFORM_CLASSES: Capabilities = Capabilities(1 << 37);
    pub const RETRANSFORM_ANY_CLASS: Capabilities = Capabilities(1 << 38);
    pub const GENERATE_RESOURCE_EXHAUSTION_HEAP_EVENTS: Capabilities = Capabilities(1 << 39);
    pub const GENERATE_RESOURCE_EXHAUSTION_THREADS_EVENTS: Capabilities = Capabilities(1 << 40);
    pub const GENERATE_EARLY_VMSTART: Capabilities = Capabilities(1 << 41);
    pub const GENERATE_EARLY_CLASS_HOOK_EVENTS: Capabilities = Capabilities(1 << 42);
    pub const GENERATE_SAMPLED_OBJECT_ALLOC_EVENTS: Capabilities = Capabilities(1 << 43);

    pub const fn or(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 | other.0)
    }
    pub const fn without(self, other: Capabilities) -> Capabilities {
        Capabilities(self.0 & !other.0)
    }
    pub const fn has(self, all: Capabilities) -> bool {
        self.0 & all.0 == all.0
    }
}

/// Events, by their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event(pub jint);

impl Event {
    pub const VM_INIT: Event = Event(50);
    pub const VM_DEATH: Event = Event(51);
    pub const THREAD_START: Event = Event(52);
    pub const THREAD_END: Event = Event(53);
    pub const CLASS_FILE_LOAD_HOOK: Event = Event(54);
    pub const CLASS_LOAD: Event = Event(55);
    pub const CLASS_PREPARE: Event = Event(56);
    pub const VM_START: Event = Event(57);
    pub const EXCEPTION: Event = Event(58);
    pub const EXCEPTION_CATCH: Event = Event(59);
    pub const SINGLE_STEP: Event = Event(60);
    pub const FRAME_POP: Event = Event(61);
    pub const BREAKPOINT: Event = Event(62);
    pub const FIELD_ACCESS: Event = Event(63);
    pub const FIELD_MODIFICATION: Event = Event(64);
    pub const METHOD_ENTRY: Event = Event(65);
    pub const METHOD_EXIT: Event = Event(66);
    pub const NATIVE_METHOD_BIND: Event = Event(67);
    pub const COMPILED_METHOD_LOAD: Event = Event(68);
    pub const COMPILED_METHOD_UNLOAD: Event = Event(69);
    pub const DYNAMIC_CODE_GENERATED: Event = Event(70);
    pub const DATA_DUMP_REQUEST: Event = Event(71);
    pub const MONITOR_WAIT: Event = Event(73);
    pub const MONITOR_WAITED: Event = Event(74);
    pub const MONITOR_CONTENDED_ENTER: Event = Event(75);
    pub const MONITOR_CONTENDED_ENTERED: Event = Event(76);
    pub const RESOURCE_EXHAUSTED: Event = Event(80);
    pub const GARBAGE_COLLECTION_START: Event = Event(81);
    pub const GARBAGE_COLLECTION_FINISH: Event = Event(82);
    pub const OBJECT_FREE: Event = Event(83);
    pub const VM_OBJECT_ALLOC: Event = Event(84);
    pub const SAMPLED_OBJECT_ALLOC: Event = Event(86);

    pub const FIRST: jint = 50;
    pub const LAST: jint = 86;

    /// Position in `jvmtiEventCallbacks`; `None` when there is no such event.
    pub fn index(self) -> Option<usize> {
        // 72, 77 to 79 and 85 are reserved.
        let known = (Event::FIRST..=Event::LAST).contains(&self.0) && !matches!(self.0, 72 | 77..=79 | 85);
        known.then(|| (self.0 - Event::FIRST) as usize)
    }
    pub fn bit(self) -> u64 {
        1 << (self.0 - Event::FIRST)
    }
}

/// `jvmtiPhase`.
pub const PHASE_ONLOAD: jint = 1;
pub const PHASE_PRIMORDIAL: jint = 2;
pub const PHASE_LIVE: jint = 4;
pub const PHASE_START: jint = 6;
pub const PHASE_DEAD: jint = 8;

/// `jvmtiEventMode`.
pub const ENABLE: jint = 1;
pub const DISABLE: jint = 0;

/// `jvmtiThreadInfo`.
#[repr(C)]
pub struct jvmtiThreadInfo {
    pub name: *mut c_char,
    pub priority: jint,
    pub is_daemon: jboolean,
    pub thread_group: jobject,
    pub context_class_loader: jobject,
}

/// `jvmtiThreadGroupInfo`.
#[repr(C)]
pub struct jvmtiThreadGroupInfo {
    pub parent: jobject,
    pub name: *mut c_char,
    pub max_priority: jint,
    pub is_daemon: jboolean,
}

/// `jvmtiFrameInfo`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jvmtiFrameInfo {
    pub method: jmethodID,
    pub location: jlong,
}

/// `jvmtiStackInfo`.
#[repr(C)]
pub struct jvmtiStackInfo {
    pub thread: jobject,
    pub state: jint,
    pub frame_buffer: *mut jvmtiFrameInfo,
    pub frame_count: jint,
}

/// `jvmtiLineNumberEntry`.
#[repr(C)]
pub struct jvmtiLineNumberEntry {
    pub start_location: jlong,
    pub line_number: jint,
}

/// `jvmtiLocalVariableEntry`.
#[repr(C)]
pub struct jvmtiLocalVariableEntry {
    pub start_location: jlong,
    pub length: jint,
    pub name: *mut c_char,
    pub signature: *mut c_char,
    pub generic_signature: *mut c_char,
    pub slot: jint,
}

/// `jvmtiTimerInfo`.
#[repr(C)]
pub struct jvmtiTimerInfo {
    pub max_value: jlong,
    pub may_skip_forward: jboolean,
    pub may_skip_backward: jboolean,
    pub kind: jint,
    pub reserved1: jlong,
    pub reserved2: jlong,
}

/// `jvmtiClassDefinition`.
#[repr(C)]
pub struct jvmtiClassDefinition {
    pub klass: jobject,
    pub class_byte_count: jint,
    pub class_bytes: *const u8,
}
