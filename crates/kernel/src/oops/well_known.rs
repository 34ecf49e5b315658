//! Classes, fields and methods of the class library that the VM refers to: one table each.
//!
//! Rows that exist only in some releases are optional: their slot stays empty, and code that needs them asks.

use crate::oops::class::ClassRef;
use crate::oops::method::MethodRef;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

macro_rules! well_known_classes {
    ($($name:ident = $text:literal $(($opt:ident))?;)*) => {
        /// Classes loaded by the boot loader before any Java code runs, in loading order.
        #[allow(missing_docs)]
        #[derive(Default)]
        pub struct WellKnownClasses { $($name: AtomicU64,)* }
        impl WellKnownClasses {
            /// (internal name, optional, slot) of every row.
            pub fn rows(&self) -> Vec<(&'static str, bool, &AtomicU64)> {
                vec![$(($text, well_known_classes!(@opt $($opt)?), &self.$name)),*]
            }
            $(
                /// The class of this row; must not be asked before it is loaded.
                #[inline]
                pub fn $name(&self) -> ClassRef {
                    let raw = self.$name.load(Ordering::Acquire);
                    assert!(raw != 0, concat!("well-known class ", $text, " is not loaded"));
                    // SAFETY: non-zero rows hold boot classes, which are never unloaded.
                    unsafe { ClassRef::from_raw(raw) }
                }
            )*
        }
        /// Raw row access, 0 when not (yet) loaded.
        #[allow(missing_docs)]
        impl WellKnownClasses {
            /// Whether `class` is the loaded class of the row `slot`.
            pub fn is(&self, slot: fn(&WellKnownClasses) -> &AtomicU64, class: ClassRef) -> bool {
                slot(self).load(Ordering::Relaxed) == class.as_raw()
            }
        }
    };
    (@opt) => { false };
    (@opt optional) => { true };
}

well_known_classes! {
    object = "java/lang/Object";
    string = "java/lang/String";
    class = "java/lang/Class";
    cloneable = "java/lang/Cloneable";
    class_loader = "java/lang/ClassLoader";
    serializable = "java/io/Serializable";
    system = "java/lang/System";
    throwable = "java/lang/Throwable";
    error = "java/lang/Error";
    exception = "java/lang/Exception";
    runtime_exception = "java/lang/RuntimeException";
    linkage_error = "java/lang/LinkageError";
    out_of_memory_error = "java/lang/OutOfMemoryError";
    stack_overflow_error = "java/lang/StackOverflowError";
    class_not_found_exception = "java/lang/ClassNotFoundException";
    thread_death = "java/lang/ThreadDeath" (optional);
    reference = "java/lang/ref/Reference";
    soft_reference = "java/lang/ref/SoftReference";
    weak_reference = "java/lang/ref/WeakReference";
    final_reference = "java/lang/ref/FinalReference";
    phantom_reference = "java/lang/ref/PhantomReference";
    finalizer = "java/lang/ref/Finalizer";
    thread = "java/lang/Thread";
    thread_group = "java/lang/ThreadGroup";
    module = "java/lang/Module";
    access_control_context = "java/security/AccessControlContext";
    access_controller = "java/security/AccessController";
    protection_domain = "java/security/ProtectionDomain";
    reflect_accessible_object = "java/lang/reflect/AccessibleObject";
    reflect_field = "java/lang/reflect/Field";
    reflect_parameter = "java/lang/reflect/Parameter";
    reflect_method = "java/lang/reflect/Method";
    reflect_constructor = "java/lang/reflect/Constructor";
    reflect_magic_accessor = "jdk/internal/reflect/MagicAccessorImpl" (optional);
    reflect_delegating_class_loader = "jdk/internal/reflect/DelegatingClassLoader" (optional);
    reflect_constant_pool = "jdk/internal/reflect/ConstantPool";
    method_handle = "java/lang/invoke/MethodHandle";
    var_handle = "java/lang/invoke/VarHandle";
    member_name = "java/lang/invoke/MemberName";
    resolved_method_name = "java/lang/invoke/ResolvedMethodName";
    method_handle_natives = "java/lang/invoke/MethodHandleNatives";
    lambda_form = "java/lang/invoke/LambdaForm";
    method_type = "java/lang/invoke/MethodType";
    call_site = "java/lang/invoke/CallSite";
    call_site_context = "java/lang/invoke/MethodHandleNatives$CallSiteContext";
    stack_trace_element = "java/lang/StackTraceElement";
    stack_walker = "java/lang/StackWalker";
    abstract_stack_walker = "java/lang/StackStreamFactory$AbstractStackWalker";
    stack_frame_info = "java/lang/StackFrameInfo";
    assertion_status_directives = "java/lang/AssertionStatusDirectives";
    unsafe_constants = "jdk/internal/misc/UnsafeConstants";
    internal_unsafe = "jdk/internal/misc/Unsafe";
    boolean = "java/lang/Boolean";
    character = "java/lang/Character";
    float = "java/lang/Float";
    double = "java/lang/Double";
    byte = "java/lang/Byte";
    short = "java/lang/Short";
    integer = "java/lang/Integer";
    long = "java/lang/Long";
    void = "java/lang/Void";
    abstract_ownable_synchronizer = "java/util/concurrent/locks/AbstractOwnableSynchronizer";
    record_component = "java/lang/reflect/RecordComponent";
    module_layer = "java/lang/ModuleLayer";
}

macro_rules! well_known_fields {
    ($($name:ident = $class:literal . $field:literal : $sig:literal $(($opt:ident))?;)*) => {
        /// Byte offsets of fields that the VM reads or writes.
        #[allow(missing_docs)]
        #[derive(Default)]
        pub struct FieldOffsets { $($name: AtomicU32,)* }
        impl FieldOffsets {
            /// (class, field, signature, optional, slot) of every row.
            pub fn rows(&self) -> Vec<(&'static str, &'static str, &'static str, bool, &AtomicU32)> {
                vec![$(($class, $field, $sig, well_known_classes!(@opt $($opt)?), &self.$name)),*]
            }
            $(
                /// Byte offset of this row's field (in the mirror for a static field); 0 when absent.
                #[inline(always)]
                pub fn $name(&self) -> u32 {
                    self.$name.load(Ordering::Relaxed)
                }
            )*
        }
    };
}

well_known_fields! {
    string_value = "java/lang/String"."value": "[B";
    string_coder = "java/lang/String"."coder": "B";
    string_hash = "java/lang/String"."hash": "I";
    string_hash_is_zero = "java/lang/String"."hashIsZero": "Z";
    string_compact_strings = "java/lang/String"."COMPACT_STRINGS": "Z";
    class_name = "java/lang/Class"."name": "Ljava/lang/String;";
    class_module = "java/lang/Class"."module": "Ljava/lang/Module;";
    class_class_loader = "java/lang/Class"."classLoader": "Ljava/lang/ClassLoader;";
    class_component_type = "java/lang/Class"."componentType": "Ljava/lang/Class;";
    class_class_data = "java/lang/Class"."classData": "Ljava/lang/Object;";
    class_klass = "java/lang/Class"."klass": "I";
    class_oop_size = "java/lang/Class"."oopSize": "I";
    class_static_refs_start = "java/lang/Class"."staticRefsStart": "I";
    class_static_ref_count = "java/lang/Class"."staticRefCount": "I";
    class_protection_domain = "java/lang/Class"."protectionDomain": "Ljava/lang/Object;";
    class_signers = "java/lang/Class"."signers": "Ljava/lang/Object;";
    class_source_file = "java/lang/Class"."sourceFile": "Ljava/lang/Object;";
    class_loader_parent = "java/lang/ClassLoader"."parent": "Ljava/lang/ClassLoader;";
    class_loader_name = "java/lang/ClassLoader"."name": "Ljava/lang/String;";
    class_loader_name_and_id = "java/lang/ClassLoader"."nameAndId": "Ljava/lang/String;";
    class_loader_unnamed_module = "java/lang/ClassLoader"."unnamedModule": "Ljava/lang/Module;";
    class_loader_parallel_lock_map = "java/lang/ClassLoader"."parallelLockMap": "Ljava/util/concurrent/ConcurrentHashMap;";
    class_loader_data = "java/lang/ClassLoader"."loaderData": "J";
    throwable_backtrace = "java/lang/Throwable"."backtrace": "Ljava/lang/Object;";
    throwable_detail_message = "java/lang/Throwable"."detailMessage": "Ljava/lang/String;";
    throwable_cause = "java/lang/Throwable"."cause": "Ljava/lang/Throwable;";
    throwable_stack_trace = "java/lang/Throwable"."stackTrace": "[Ljava/lang/StackTraceElement;";
    throwable_depth = "java/lang/Throwable"."depth": "I";
    thread_name = "java/lang/Thread"."name": "Ljava/lang/String;";
    thread_priority = "java/lang/Thread"."priority": "I" (optional);
    thread_daemon = "java/lang/Thread"."daemon": "Z" (optional);
    thread_group_field = "java/lang/Thread"."group": "Ljava/lang/ThreadGroup;" (optional);
    thread_context_class_loader = "java/lang/Thread"."contextClassLoader": "Ljava/lang/ClassLoader;";
    thread_inherited_access_control_context = "java/lang/Thread"."inheritedAccessControlContext": "Ljava/security/AccessControlContext;";
    thread_stack_size = "java/lang/Thread"."stackSize": "J" (optional);
    thread_tid = "java/lang/Thread"."tid": "J";
    thread_eetop = "java/lang/Thread"."eetop": "J";
    thread_status = "java/lang/Thread"."threadStatus": "I" (optional);
    thread_interrupted = "java/lang/Thread"."interrupted": "Z";
    thread_park_blocker = "java/lang/Thread"."parkBlocker": "Ljava/lang/Object;";
    thread_group_name = "java/lang/ThreadGroup"."name": "Ljava/lang/String;";
    reference_referent = "java/lang/ref/Reference"."referent": "Ljava/lang/Object;";
    reference_queue = "java/lang/ref/Reference"."queue": "Ljava/lang/ref/ReferenceQueue;";
    reference_next = "java/lang/ref/Reference"."next": "Ljava/lang/ref/Reference;";
    reference_discovered = "java/lang/ref/Reference"."discovered": "Ljava/lang/ref/Reference;";
    soft_reference_timestamp = "java/lang/ref/SoftReference"."timestamp": "J";
    system_security = "java/lang/System"."security": "Ljava/lang/SecurityManager;";
    soft_reference_clock = "java/lang/ref/SoftReference"."clock": "J";
    module_loader = "java/lang/Module"."loader": "Ljava/lang/ClassLoader;";
    module_name = "java/lang/Module"."name": "Ljava/lang/String;";
    module_entry = "java/lang/Module"."moduleEntry": "J";
    accessible_object_override = "java/lang/reflect/AccessibleObject"."override": "Z";
    reflect_field_clazz = "java/lang/reflect/Field"."clazz": "Ljava/lang/Class;";
    reflect_field_slot = "java/lang/reflect/Field"."slot": "I";
    reflect_field_name = "java/lang/reflect/Field"."name": "Ljava/lang/String;";
    reflect_field_type = "java/lang/reflect/Field"."type": "Ljava/lang/Class;";
    reflect_field_modifiers = "java/lang/reflect/Field"."modifiers": "I";
    reflect_field_trusted_final = "java/lang/reflect/Field"."trustedFinal": "Z" (optional);
    reflect_field_signature = "java/lang/reflect/Field"."signature": "Ljava/lang/String;";
    reflect_field_annotations = "java/lang/reflect/Field"."annotations": "[B";
    reflect_method_clazz = "java/lang/reflect/Method"."clazz": "Ljava/lang/Class;";
    reflect_method_slot = "java/lang/reflect/Method"."slot": "I";
    reflect_method_name = "java/lang/reflect/Method"."name": "Ljava/lang/String;";
    reflect_method_return_type = "java/lang/reflect/Method"."returnType": "Ljava/lang/Class;";
    reflect_method_parameter_types = "java/lang/reflect/Method"."parameterTypes": "[Ljava/lang/Class;";
    reflect_method_exception_types = "java/lang/reflect/Method"."exceptionTypes": "[Ljava/lang/Class;";
    reflect_method_modifiers = "java/lang/reflect/Method"."modifiers": "I";
    reflect_method_signature = "java/lang/reflect/Method"."signature": "Ljava/lang/String;";
    reflect_method_annotations = "java/lang/reflect/Method"."annotations": "[B";
    reflect_method_parameter_annotations = "java/lang/reflect/Method"."parameterAnnotations": "[B";
    reflect_method_annotation_default = "java/lang/reflect/Method"."annotationDefault": "[B";
    reflect_constructor_clazz = "java/lang/reflect/Constructor"."clazz": "Ljava/lang/Class;";
    reflect_constructor_slot = "java/lang/reflect/Constructor"."slot": "I";
    reflect_constructor_parameter_types = "java/lang/reflect/Constructor"."parameterTypes": "[Ljava/lang/Class;";
    reflect_constructor_exception_types = "java/lang/reflect/Constructor"."exceptionTypes": "[Ljava/lang/Class;";
    reflect_constructor_modifiers = "java/lang/reflect/Constructor"."modifiers": "I";
    reflect_constructor_signature = "java/lang/reflect/Constructor"."signature": "Ljava/lang/String;";
    reflect_constructor_annotations = "java/lang/reflect/Constructor"."annotations": "[B";
    reflect_constructor_parameter_annotations = "java/lang/reflect/Constructor"."parameterAnnotations": "[B";
    parameter_name = "java/lang/reflect/Parameter"."name": "Ljava/lang/String;";
    parameter_modifiers = "java/lang/reflect/Parameter"."modifiers": "I";
    parameter_executable = "java/lang/reflect/Parameter"."executable": "Ljava/lang/reflect/Executable;";
    parameter_index = "java/lang/reflect/Parameter"."index": "I";
    record_component_clazz = "java/lang/reflect/RecordComponent"."clazz": "Ljava/lang/Class;";
    record_component_name = "java/lang/reflect/RecordComponent"."name": "Ljava/lang/String;";
    record_component_type = "java/lang/reflect/RecordComponent"."type": "Ljava/lang/Class;";
    record_component_accessor = "java/lang/reflect/RecordComponent"."accessor": "Ljava/lang/reflect/Method;";
    record_component_signature = "java/lang/reflect/RecordComponent"."signature": "Ljava/lang/String;";
    record_component_annotations = "java/lang/reflect/RecordComponent"."annotations": "[B";
    record_component_type_annotations = "java/lang/reflect/RecordComponent"."typeAnnotations": "[B";
    constant_pool_oop = "jdk/internal/reflect/ConstantPool"."constantPoolOop": "Ljava/lang/Object;";
    method_handle_type = "java/lang/invoke/MethodHandle"."type": "Ljava/lang/invoke/MethodType;";
    method_handle_form = "java/lang/invoke/MethodHandle"."form": "Ljava/lang/invoke/LambdaForm;";
    lambda_form_vmentry = "java/lang/invoke/LambdaForm"."vmentry": "Ljava/lang/invoke/MemberName;";
    member_name_clazz = "java/lang/invoke/MemberName"."clazz": "Ljava/lang/Class;";
    member_name_name = "java/lang/invoke/MemberName"."name": "Ljava/lang/String;";
    member_name_type = "java/lang/invoke/MemberName"."type": "Ljava/lang/Object;";
    member_name_flags = "java/lang/invoke/MemberName"."flags": "I";
    member_name_method = "java/lang/invoke/MemberName"."method": "Ljava/lang/invoke/ResolvedMethodName;";
    member_name_vmindex = "java/lang/invoke/MemberName"."vmindex": "J";
    resolved_method_vmholder = "java/lang/invoke/ResolvedMethodName"."vmholder": "Ljava/lang/Object;";
    resolved_method_vmtarget = "java/lang/invoke/ResolvedMethodName"."vmtarget": "J";
    method_type_rtype = "java/lang/invoke/MethodType"."rtype": "Ljava/lang/Class;";
    method_type_ptypes = "java/lang/invoke/MethodType"."ptypes": "[Ljava/lang/Class;";
    call_site_target = "java/lang/invoke/CallSite"."target": "Ljava/lang/invoke/MethodHandle;";
    call_site_context_field = "java/lang/invoke/CallSite"."context": "Ljava/lang/invoke/MethodHandleNatives$CallSiteContext;";
    ste_declaring_class_object = "java/lang/StackTraceElement"."declaringClassObject": "Ljava/lang/Class;";
    ste_class_loader_name = "java/lang/StackTraceElement"."classLoaderName": "Ljava/lang/String;";
    ste_module_name = "java/lang/StackTraceElement"."moduleName": "Ljava/lang/String;";
    ste_module_version = "java/lang/StackTraceElement"."moduleVersion": "Ljava/lang/String;";
    ste_declaring_class = "java/lang/StackTraceElement"."declaringClass": "Ljava/lang/String;";
    ste_method_name = "java/lang/StackTraceElement"."methodName": "Ljava/lang/String;";
    ste_file_name = "java/lang/StackTraceElement"."fileName": "Ljava/lang/String;";
    ste_line_number = "java/lang/StackTraceElement"."lineNumber": "I";
    stack_frame_info_member_name = "java/lang/StackFrameInfo"."memberName": "Ljava/lang/Object;";
    stack_frame_info_bci = "java/lang/StackFrameInfo"."bci": "I";
    boolean_value = "java/lang/Boolean"."value": "Z";
    character_value = "java/lang/Character"."value": "C";
    float_value = "java/lang/Float"."value": "F";
    double_value = "java/lang/Double"."value": "D";
    byte_value = "java/lang/Byte"."value": "B";
    short_value = "java/lang/Short"."value": "S";
    integer_value = "java/lang/Integer"."value": "I";
    long_value = "java/lang/Long"."value": "J";
    acc_context = "java/security/AccessControlContext"."context": "[Ljava/security/ProtectionDomain;";
    acc_privileged_context = "java/security/AccessControlContext"."privilegedContext": "Ljava/security/AccessControlContext;";
    acc_is_privileged = "java/security/AccessControlContext"."isPrivileged": "Z";
    acc_is_authorized = "java/security/AccessControlContext"."isAuthorized": "Z";
    aos_exclusive_owner = "java/util/concurrent/locks/AbstractOwnableSynchronizer"."exclusiveOwnerThread": "Ljava/lang/Thread;";
    asd_classes = "java/lang/AssertionStatusDirectives"."classes": "[Ljava/lang/String;";
    asd_class_enabled = "java/lang/AssertionStatusDirectives"."classEnabled": "[Z";
    asd_packages = "java/lang/AssertionStatusDirectives"."packages": "[Ljava/lang/String;";
    asd_package_enabled = "java/lang/AssertionStatusDirectives"."packageEnabled": "[Z";
    asd_deflt = "java/lang/AssertionStatusDirectives"."deflt": "Z";
    unsafe_constants_address_size0 = "jdk/internal/misc/UnsafeConstants"."ADDRESS_SIZE0": "I";
    unsafe_constants_page_size = "jdk/internal/misc/UnsafeConstants"."PAGE_SIZE": "I";
    unsafe_constants_big_endian = "jdk/internal/misc/UnsafeConstants"."BIG_ENDIAN": "Z";
    unsafe_constants_unaligned_access = "jdk/internal/misc/UnsafeConstants"."UNALIGNED_ACCESS": "Z";
    unsafe_constants_data_cache_line_flush_size = "jdk/internal/misc/UnsafeConstants"."DATA_CACHE_LINE_FLUSH_SIZE": "I" (optional);
}

/// Fields that the VM adds to classes of the class library: (class, name, signature). Laid out and looked up
/// like any field, hidden from reflection.
pub const INJECTED_FIELDS: &[(&str, &str, &str)] = &[
    ("java/lang/Class", "klass", "I"),
    ("java/lang/Class", "oopSize", "I"),
    ("java/lang/Class", "staticRefsStart", "I"),
    ("java/lang/Class", "staticRefCount", "I"),
    ("java/lang/Class", "protectionDomain", "Ljava/lang/Object;"),
    ("java/lang/Class", "signers", "Ljava/lang/Object;"),
    ("java/lang/Class", "sourceFile", "Ljava/lang/Object;"),
    ("java/lang/ClassLoader", "loaderData", "J"),
    ("java/lang/Module", "moduleEntry", "J"),
    ("java/lang/invoke/MemberName", "vmindex", "J"),
    ("java/lang/invoke/ResolvedMethodName", "vmholder", "Ljava/lang/Object;"),
    ("java/lang/invoke/ResolvedMethodName", "vmtarget", "J"),
];

macro_rules! well_known_methods {
    ($($name:ident = $class:literal . $method:literal $sig:literal $(($opt:ident))?;)*) => {
        /// Methods of the class library that the VM calls.
        #[allow(missing_docs)]
        #[derive(Default)]
        pub struct WellKnownMethods { $($name: AtomicU64,)* }
        impl WellKnownMethods {
            /// (class, method, signature, optional, slot) of every row.
            pub fn rows(&self) -> Vec<(&'static str, &'static str, &'static str, bool, &AtomicU64)> {
                vec![$(($class, $method, $sig, well_known_classes!(@opt $($opt)?), &self.$name)),*]
            }
            $(
                /// The method of this row.
                #[inline]
                pub fn $name(&self) -> MethodRef {
                    let raw = self.$name.load(Ordering::Acquire);
                    assert!(raw != 0, concat!("well-known method ", $class, ".", $method, " is not known"));
                    // SAFETY: non-zero rows hold methods of boot classes, which are never unloaded.
                    unsafe { MethodRef::from_raw(raw) }
                }
            )*
        }
    };
}

well_known_methods! {
    class_loader_load_class = "java/lang/ClassLoader"."loadClass" "(Ljava/lang/String;)Ljava/lang/Class;";
    class_loader_get_system = "java/lang/ClassLoader"."getSystemClassLoader" "()Ljava/lang/ClassLoader;";
    finalizer_register = "java/lang/ref/Finalizer"."register" "(Ljava/lang/Object;)V";
    throwable_init_cause = "java/lang/Throwable"."initCause" "(Ljava/lang/Throwable;)Ljava/lang/Throwable;";
    throwable_print_stack_trace = "java/lang/Throwable"."printStackTrace" "()V";
    thread_run = "java/lang/Thread"."run" "()V";
    thread_exit = "java/lang/Thread"."exit" "()V";
    thread_dispatch_uncaught = "java/lang/Thread"."dispatchUncaughtException" "(Ljava/lang/Throwable;)V";
    thread_group_add = "java/lang/ThreadGroup"."add" "(Ljava/lang/Thread;)V" (optional);
    class_loader_check_package_access = "java/lang/ClassLoader"."checkPackageAccess" "(Ljava/lang/Class;Ljava/security/ProtectionDomain;)V";
    system_init_phase1 = "java/lang/System"."initPhase1" "()V";
    system_init_phase2 = "java/lang/System"."initPhase2" "(ZZ)I";
    system_init_phase3 = "java/lang/System"."initPhase3" "()V";
    mhn_find_method_handle_type = "java/lang/invoke/MethodHandleNatives"."findMethodHandleType" "(Ljava/lang/Class;[Ljava/lang/Class;)Ljava/lang/invoke/MethodType;";
    mhn_link_method = "java/lang/invoke/MethodHandleNatives"."linkMethod" "(Ljava/lang/Class;ILjava/lang/Class;Ljava/lang/String;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/invoke/MemberName;";
    mhn_link_method_handle_constant = "java/lang/invoke/MethodHandleNatives"."linkMethodHandleConstant" "(Ljava/lang/Class;ILjava/lang/Class;Ljava/lang/String;Ljava/lang/Object;)Ljava/lang/invoke/MethodHandle;";
    mhn_link_dynamic_constant = "java/lang/invoke/MethodHandleNatives"."linkDynamicConstant" "(Ljava/lang/Object;ILjava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;" (optional);
    mhn_link_call_site = "java/lang/invoke/MethodHandleNatives"."linkCallSite" "(Ljava/lang/Object;ILjava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/invoke/MemberName;" (optional);
    stack_walker_do_stack_walk = "java/lang/StackStreamFactory$AbstractStackWalker"."doStackWalk" "(JIIII)Ljava/lang/Object;" (optional);
}
