//! Verification at link time (JVMS §5.4.1): which classes, by which verifier, with which error.

use caturra_bytecode::access::ACC_PROTECTED;
use caturra_bytecode::mutf8;
use caturra_kernel::linking::resolve;
use caturra_kernel::loading::loader;
use caturra_kernel::oops::class::{ClassFlags, ClassKind};
use caturra_kernel::oops::constant_pool::ConstantPool;
use caturra_kernel::runtime::exceptions::{self, JResult, Thrown};
use caturra_kernel::runtime::log;
use caturra_kernel::runtime::log_config::Level;
use caturra_kernel::runtime::safepoint::with_native;
use caturra_kernel::{ClassRef, MethodRef, Thread, Vm};
use caturra_verifier::{
    ClassHierarchy, ClassView, CodeView, Failure, Handler, Member, MethodView, PoolView, verify,
};
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// Class files from this version on are verified by type checking.
const TYPE_CHECKING_MAJOR: u16 = 50;
/// A class file of this version that fails type checking gets a second chance (JVMS §4.10.1).
const FAILOVER_MAJOR: u16 = 50;
/// Boot classes on which the machinery of errors itself rests.
const NEVER_VERIFIED: [&str; 4] =
    ["java/lang/Object", "java/lang/Class", "java/lang/String", "java/lang/Throwable"];

/// Verifies a class before it is linked, where the options ask for it.
///
/// # Errors
/// `VerifyError`, `ClassFormatError`, and whatever ends the loading of another class.
pub fn verify_class(t: &Thread, class: ClassRef) -> JResult<()> {
    if !is_eligible(t.vm(), class) {
        return Ok(());
    }
    // Loading other classes runs Java code, during which nothing else may keep this one.
    let mark = t.handles.mark();
    t.handles.new(class.mirror());
    note(t, &BOTH[..1], || format!("Start class verification for: {}", class.external_name()));
    let result = verify_eligible(t, class);
    note(t, &BOTH, || format!("End class verification for: {}", class.external_name()));
    t.handles.release(mark);
    result
}

/// Boot classes are trusted (`-XX:-BytecodeVerificationLocal`, the default), as are the accessors that reflection
/// generates, which break the rules on purpose.
fn is_eligible(vm: &Vm, class: ClassRef) -> bool {
    let options = &vm.options;
    // Boot classes are never verified alone.
    let remote = options.verify_remote || options.verify_local;
    let wanted = if class.loader.is_boot() { options.verify_local } else { remote };
    wanted
        && class.kind == ClassKind::Instance
        && !class.has(ClassFlags::REFLECTION_MAGIC)
        && !NEVER_VERIFIED.iter().any(|name| class.name == *name)
}

/// `-Xlog:class+init` and `-Xlog:verification`.
const BOTH: [&str; 2] = ["class,init", "verification"];

fn note(t: &Thread, tags: &[&str], text: impl Fn() -> String) {
    for tags in tags {
        if t.vm().options.log.enabled(Level::Info, tags) {
            log::line(t.vm(), Level::Info, tags, &text());
        }
    }
}

/// An error of one of the two verifiers, to be thrown.
enum Rejection {
    VerifyError,
    ClassFormatError,
}

fn verify_eligible(t: &Thread, class: ClassRef) -> JResult<()> {
    let major = class.extra.major_version;
    if major < TYPE_CHECKING_MAJOR {
        return match infer(t, class)? {
            Ok(()) => Ok(()),
            Err((rejection, message)) => Err(reject(t, class, &rejection, &message)),
        };
    }
    note(t, &BOTH[1..], || format!("Verifying class {} with new format", class.external_name()));
    let view = KernelClass { class, pool: KernelPool { class, cp: class.cp } };
    let (rejection, message) = match verify(&view, &mut KernelHierarchy { t, class }) {
        Ok(()) => return Ok(()),
        Err(Failure::Hierarchy(thrown)) => return Err(thrown),
        Err(Failure::MalformedStackMap(message)) => {
            return Err(exceptions::throw(t, "java/lang/ClassFormatError", &message));
        }
        Err(Failure::TooLarge) => {
            let message = format!("stack map frames of class {}", class.external_name());
            return Err(exceptions::throw(t, "java/lang/OutOfMemoryError", &message));
        }
        Err(Failure::VerifyError(message)) => (Rejection::VerifyError, message),
        Err(Failure::ClassFormatError(message)) => (Rejection::ClassFormatError, message),
    };
    if major != FAILOVER_MAJOR {
        return Err(reject(t, class, &rejection, &message));
    }
    note(t, &BOTH, || format!("Fail over class verification to old verifier for: {}", class.external_name()));
    match infer(t, class)? {
        Ok(()) => Ok(()),
        // The error is that of the second verifier, what is said that of the first, who says more.
        Err((rejection, _)) => Err(reject(t, class, &rejection, &message)),
    }
}

fn reject(t: &Thread, class: ClassRef, rejection: &Rejection, message: &str) -> Thrown {
    note(t, &BOTH, || format!("Verification for {} failed", class.external_name()));
    let name = match rejection {
        Rejection::VerifyError => "java/lang/VerifyError",
        Rejection::ClassFormatError => "java/lang/ClassFormatError",
    };
    let error = match loader::load_class(t, t.vm().loaders.boot(), t.vm().symbols.intern(name)) {
        Ok(error) => error,
        Err(thrown) => return thrown,
    };
    if error.has_superclass(class) {
        // The error's own class is the one that is bad: making an instance would come back here.
        return exceptions::throw_bare(t, "java/lang/InternalError");
    }
    exceptions::throw_class(t, error, Some(message))
}

/// `jboolean VerifyClassForMajorVersion(JNIEnv*, jclass, char* buffer, jint length, jint major)`.
type VerifyClassForMajorVersion = unsafe extern "C" fn(*mut u8, *mut u8, *mut c_char, i32, i32) -> u8;

/// The JDK's verifier by type inference (JVMS §4.10.2), loaded when the first old class comes.
fn old_verifier(vm: &Vm) -> Option<VerifyClassForMajorVersion> {
    static FUNCTION: OnceLock<Option<VerifyClassForMajorVersion>> = OnceLock::new();
    *FUNCTION.get_or_init(|| {
        let path = CString::new(format!("{}/lib/libverify.so", vm.options.java_home)).ok()?;
        // SAFETY: a library of the JDK, whose initialisers are harmless.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_LAZY) };
        if library.is_null() {
            return None;
        }
        // SAFETY: the library stays loaded.
        let found = unsafe { libc::dlsym(library, c"VerifyClassForMajorVersion".as_ptr()) };
        // SAFETY: null is `None`; else it is a function of that C signature.
        unsafe { std::mem::transmute::<*mut libc::c_void, Option<VerifyClassForMajorVersion>>(found) }
    })
}

/// Verifies a class by type inference; the inner error is the verifier's own judgement.
fn infer(t: &Thread, class: ClassRef) -> JResult<Result<(), (Rejection, String)>> {
    // The dynamic linker's lock may be held by a thread that waits for a safepoint.
    let Some(function) = with_native(t, || old_verifier(t.vm())) else {
        return Ok(Err((Rejection::VerifyError, "Could not link verifier".into())));
    };
    note(t, &BOTH[1..], || format!("Verifying class {} with old format", class.external_name()));
    let mut buffer = vec![0u8; class.name.len() + 1024];
    let handle = t.handles.new(class.mirror());
    let result = with_native(t, || {
        // SAFETY: the environment and a handle of this thread, in native state; the buffer has the length given.
        unsafe {
            function(
                t.jni_env(),
                handle,
                buffer.as_mut_ptr().cast(),
                buffer.len() as i32,
                class.extra.major_version.into(),
            )
        }
    });
    t.handles.delete(handle);
    if t.has_pending() {
        return Err(exceptions::already_pending(t));
    }
    let length = buffer.iter().position(|&byte| byte == 0).unwrap_or(buffer.len());
    let message = mutf8::to_string_lossy(&buffer[..length]);
    match result {
        0 => Ok(Err((Rejection::VerifyError, message))),
        1 => Ok(Ok(())),
        2 => Err(exceptions::throw(t, "java/lang/OutOfMemoryError", &message)),
        3 => Ok(Err((Rejection::ClassFormatError, message))),
        other => {
            Err(exceptions::throw(t, "java/lang/InternalError", &format!("libverify.so returned {other}")))
        }
    }
}

struct KernelPool {
    class: ClassRef,
    cp: &'static ConstantPool,
}

impl PoolView<'static> for KernelPool {
    fn count(&self) -> usize {
        self.cp.len()
    }

    fn tag(&self, index: u16) -> u8 {
        self.cp.tags.get(index as usize).copied().unwrap_or(0)
    }

    fn class_name(&self, index: u16) -> &'static [u8] {
        // A hidden class has another name than its class file.
        if index == self.class.extra.this_index {
            return self.class.name.bytes();
        }
        self.cp.utf8_bytes(self.cp.slot(index).info as u16)
    }

    fn pair(&self, index: u16) -> (u16, u16) {
        self.cp.pair(index)
    }

    fn utf8(&self, index: u16) -> &'static [u8] {
        self.cp.utf8_bytes(index)
    }
}

struct KernelClass {
    class: ClassRef,
    pool: KernelPool,
}

impl ClassView<'static> for KernelClass {
    type Pool = KernelPool;
    type Method = KernelMethod;

    fn pool(&self) -> &KernelPool {
        &self.pool
    }

    fn major_version(&self) -> u16 {
        self.class.extra.major_version
    }

    fn name(&self) -> &'static [u8] {
        self.class.name.bytes()
    }

    fn external_name(&self) -> Vec<u8> {
        mutf8::from_str(&self.class.external_name())
    }

    fn super_name(&self) -> Option<&'static [u8]> {
        self.class.super_class.map(|class| class.name.bytes())
    }

    fn has_direct_interface(&self, name: &[u8]) -> bool {
        self.class.interfaces.iter().any(|interface| interface.name.bytes() == name)
    }

    fn declares_field(&self, name: &[u8], descriptor: &[u8]) -> bool {
        let fields = self.class.fields.iter().filter(|field| !field.is_injected());
        fields.into_iter().any(|field| field.name.bytes() == name && field.signature.bytes() == descriptor)
    }

    fn method_count(&self) -> usize {
        self.class.methods.len()
    }

    fn method(&self, index: usize) -> KernelMethod {
        KernelMethod(self.class.methods[index])
    }
}

struct KernelMethod(MethodRef);

fn u2(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

impl KernelMethod {
    /// The contents of the attributes of `Code` with this name; the reader has checked their lengths.
    fn code_attributes(&self, name: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
        let cp = self.0.holder.cp;
        let mut rest = self.0.code_attributes;
        let all = std::iter::from_fn(move || {
            let (header, after) = rest.split_first_chunk::<6>()?;
            let length = u32::from_be_bytes([header[2], header[3], header[4], header[5]]);
            let (content, after) = after.split_at_checked(length as usize)?;
            rest = after;
            Some((u2(header, 0), content))
        });
        all.filter(move |(index, _)| cp.utf8_bytes(*index) == name).map(|(_, content)| content)
    }
}

impl MethodView<'static> for KernelMethod {
    fn access_flags(&self) -> u16 {
        self.0.access
    }

    fn name(&self) -> &'static [u8] {
        self.0.name.bytes()
    }

    fn descriptor(&self) -> &'static [u8] {
        self.0.signature.symbol.bytes()
    }

    fn code(&self) -> Option<CodeView<'static>> {
        Some(CodeView {
            max_stack: self.0.max_stack,
            max_locals: self.0.max_locals,
            bytes: self.0.bytecode,
            stack_map_table: self.code_attributes(b"StackMapTable").find(|content| !content.is_empty()),
        })
    }

    fn for_each_handler(&self, visit: &mut dyn FnMut(Handler)) {
        for row in self.0.exception_table {
            visit(Handler {
                start_pc: row.start,
                end_pc: row.end,
                handler_pc: row.handler,
                catch_type: row.catch_type,
            });
        }
    }

    fn for_each_local_variable(&self, visit: &mut dyn FnMut(u16, u16)) {
        for content in self.code_attributes(b"LocalVariableTable") {
            for row in content.get(2..).unwrap_or_default().chunks_exact(10) {
                visit(u2(row, 0), u2(row, 2));
            }
        }
    }
}

/// The classes around one as its loader sees them. Loading one records the loader as its initiating loader, with
/// the loading constraints (JVMS §5.3.4) and dependencies that go with it.
struct KernelHierarchy<'t> {
    t: &'t Thread,
    class: ClassRef,
}

impl ClassHierarchy for KernelHierarchy<'_> {
    type Class = ClassRef;
    type Error = Thrown;

    fn load(&mut self, name: &[u8]) -> JResult<ClassRef> {
        if self.class.name.bytes() == name {
            return Ok(self.class);
        }
        let name = self.t.vm().symbols.intern_bytes(name);
        resolve::load_or_no_class_def(self.t, self.class.loader, name)
    }

    fn resolve_throwable(&mut self, index: u16) -> JResult<()> {
        resolve::resolve_class(self.t, self.class, index).map(drop)
    }

    fn is_interface(&self, class: ClassRef) -> bool {
        class.is_interface()
    }

    fn is_array_interface(&self, class: ClassRef) -> bool {
        let sym = &self.t.vm().sym;
        class.loader == self.t.vm().loaders.boot()
            && (class.name == sym.java_lang_cloneable || class.name == sym.java_io_serializable)
    }

    fn is_subclass(&self, class: ClassRef, ancestor: ClassRef) -> bool {
        class == ancestor || !ancestor.is_interface() && class.is_subclass_of(ancestor)
    }

    fn current_is_subclass_of(&self, ancestor: ClassRef) -> bool {
        self.is_subclass(self.class, ancestor)
    }

    fn has_superclass_named(&self, name: &[u8]) -> bool {
        self.class.superclasses().any(|class| class.name.bytes() == name)
    }

    fn is_protected_elsewhere(&self, class: ClassRef, member: Member<'_>) -> bool {
        let (Member::Field { name, descriptor } | Member::Method { name, descriptor }) = member;
        let symbols = &self.t.vm().symbols;
        // A name that was never interned names nothing.
        let (Some(name), Some(signature)) = (symbols.lookup(name), symbols.lookup(descriptor)) else {
            return false;
        };
        let found = match member {
            Member::Field { .. } => class
                .find_field(name, signature)
                .filter(|field| !field.is_injected())
                .map(|field| (field.access, field.holder)),
            Member::Method { .. } => {
                class.find_method_in_classes(name, signature).map(|method| (method.access, method.holder))
            }
        };
        found.is_some_and(|(access, holder)| access & ACC_PROTECTED != 0 && !self.class.same_package(holder))
    }
}
