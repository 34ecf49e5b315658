//! Resolution of symbolic references (JVMS §5.4.3), cached in the constant pool.

use crate::linking::{access, constraints, errors, init};
use crate::loading::loader::{self, LoaderRef, loader_display_name};
use crate::loading::vtable::{self, Implementation};
use crate::oops::class::{ClassFlags, ClassRef};
use crate::oops::constant_pool::{CpTag, STATE_ERROR, STATE_RESOLVED};
use crate::oops::field::FieldRef;
use crate::oops::method::{MethodFlags, MethodRef, external_name};
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::thread::Thread;
use crate::runtime::{log, strings};
use caturra_bytecode::descriptor::BasicType;
use caturra_heap::ObjRef;
use std::sync::atomic::Ordering;

/// What an instruction does with a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldAccess {
    GetStatic,
    PutStatic,
    GetField,
    PutField,
}

impl FieldAccess {
    fn is_static(self) -> bool {
        matches!(self, FieldAccess::GetStatic | FieldAccess::PutStatic)
    }
    fn is_put(self) -> bool {
        matches!(self, FieldAccess::PutStatic | FieldAccess::PutField)
    }
}

/// Which instruction invokes a method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvokeKind {
    Static,
    Special,
    Virtual,
    Interface,
}

/// Loads a class for resolution: a missing one is a `NoClassDefFoundError`, with the loader's
/// `ClassNotFoundException` as cause where it threw one (JVMS §5.3).
pub fn load_or_no_class_def(t: &Thread, loader: LoaderRef, name: Sym) -> JResult<ClassRef> {
    let loader = crate::loading::define::owner(t, loader);
    let missing = |cause| {
        exceptions::throw_with_cause(t, "java/lang/NoClassDefFoundError", Some(&name.to_str()), cause)
    };
    match loader::load_or_none(t, loader, name) {
        Ok(Some(class)) => Ok(class),
        Ok(None) => Err(missing(ObjRef::NULL)),
        Err(_) if exceptions::pending_is(t, t.vm().wk.class_not_found_exception()) => {
            Err(missing(exceptions::take_pending(t)))
        }
        Err(thrown) => Err(thrown),
    }
}

/// Resolves a Class entry (JVMS §5.4.3.1).
pub fn resolve_class(t: &Thread, holder: ClassRef, index: u16) -> JResult<ClassRef> {
    if let Some(c) = holder.cp.resolved_class(index) {
        return Ok(c);
    }
    if holder.cp.state(index) == STATE_ERROR
        && let Some(thrown) = errors::replay(t, holder, index)
    {
        return Err(thrown);
    }
    let name = holder.cp.symbol(index);
    let result = load_or_no_class_def(t, holder.loader, name).and_then(|c| {
        access::check_package_access(t, holder, holder.loader, c)?;
        if access::class_accessible(holder, c) {
            Ok(c)
        } else {
            Err(errors::class_inaccessible(t, holder, c))
        }
    });
    match result {
        Ok(c) => {
            holder.loader.record_dependency(c);
            holder.cp.publish(index, c.as_raw());
            if t.vm().options.log_resolution {
                log::class_resolved(t, holder, c);
            }
            Ok(c)
        }
        Err(thrown) => {
            // A loader that has come back here, or another thread, may have resolved the entry meanwhile. Resolution
            // gives the same result ever after (JVMS §5.4.3): the class.
            if exceptions::pending_is(t, t.vm().wk.linkage_error())
                && let Some(c) = holder.cp.resolved_class(index)
            {
                exceptions::take_pending(t);
                return Ok(c);
            }
            errors::record(t, holder, index);
            Err(thrown)
        }
    }
}

/// Resolves a String entry to its interned string.
pub fn resolve_string(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    if let Some(s) = holder.cp.resolved_object(index) {
        return Ok(s);
    }
    let s = strings::intern_sym(t, holder.cp.symbol(index))?;
    publish_object(holder, index, s);
    Ok(s)
}

/// Caches an object in the constant pool, kept alive by the loader.
pub fn publish_object(holder: ClassRef, index: u16, object: ObjRef) {
    if !object.is_null() {
        holder.loader.add_handle(object);
    }
    holder.cp.publish(index, u64::from(object.raw()));
}

/// A constant that `ldc` pushes: its slot value and type.
pub struct LoadedConstant {
    pub value: u64,
    pub ty: BasicType,
}

/// Resolves any loadable constant (JVMS §5.1).
pub fn resolve_loadable(t: &Thread, holder: ClassRef, index: u16) -> JResult<LoadedConstant> {
    let cp = holder.cp;
    let number = |ty| Ok(LoadedConstant { value: cp.slot(index).value.load(Ordering::Relaxed), ty });
    let object = |o: ObjRef| Ok(LoadedConstant { value: u64::from(o.raw()), ty: BasicType::Reference });
    match cp.tag(index) {
        CpTag::Integer => number(BasicType::Int),
        CpTag::Float => number(BasicType::Float),
        CpTag::Long => number(BasicType::Long),
        CpTag::Double => number(BasicType::Double),
        CpTag::String => object(resolve_string(t, holder, index)?),
        CpTag::Class => object(resolve_class(t, holder, index)?.mirror()),
        CpTag::MethodHandle | CpTag::MethodType => object(resolve_dynamic_object(t, holder, index)?),
        CpTag::Dynamic => {
            let (_, descriptor) = cp.member_name_and_type(index);
            let ty = BasicType::from_char(descriptor.bytes()[0]).unwrap_or(BasicType::Reference);
            let o = resolve_dynamic_object(t, holder, index)?;
            if ty == BasicType::Reference {
                object(o)
            } else {
                Ok(LoadedConstant { value: unbox(t, o, ty), ty })
            }
        }
        _ => Err(exceptions::throw(t, "java/lang/InternalError", "constant is not loadable")),
    }
}

/// The primitive in a wrapper object of that type, as a slot value.
fn unbox(t: &Thread, o: ObjRef, ty: BasicType) -> u64 {
    let off = &t.vm().off;
    // SAFETY: `o` is a wrapper of that type, as the bootstrap linkage made sure.
    unsafe {
        match ty {
            BasicType::Boolean => u64::from(o.load::<u8>(off.boolean_value() as usize)),
            BasicType::Byte => o.load::<i8>(off.byte_value() as usize) as u32 as u64,
            BasicType::Char => u64::from(o.load::<u16>(off.character_value() as usize)),
            BasicType::Short => o.load::<i16>(off.short_value() as usize) as u32 as u64,
            BasicType::Int => u64::from(o.load::<u32>(off.integer_value() as usize)),
            BasicType::Float => u64::from(o.load::<u32>(off.float_value() as usize)),
            BasicType::Long => o.load::<u64>(off.long_value() as usize),
            _ => o.load::<u64>(off.double_value() as usize),
        }
    }
}

/// A MethodHandle, MethodType or Dynamic entry through the engine; primitive dynamic constants stay boxed.
fn resolve_dynamic_object(t: &Thread, holder: ClassRef, index: u16) -> JResult<ObjRef> {
    if let Some(o) = holder.cp.resolved_object(index) {
        return Ok(o);
    }
    if holder.cp.state(index) == STATE_ERROR
        && let Some(thrown) = errors::replay(t, holder, index)
    {
        return Err(thrown);
    }
    match (t.vm().engine().resolve_constant)(t, holder, index) {
        Ok(o) => {
            // The first thread's result counts for all (JVMS §5.4.3).
            if holder.cp.state(index) != STATE_RESOLVED {
                publish_object(holder, index, o);
            }
            Ok(holder.cp.resolved_object(index).unwrap_or(o))
        }
        Err(thrown) => {
            errors::record(t, holder, index);
            Err(thrown)
        }
    }
}

/// Resolves a Fieldref entry (JVMS §5.4.3.2) for an access by `caller`; initialises the class for statics.
pub fn resolve_field(
    t: &Thread,
    holder: ClassRef,
    index: u16,
    kind: FieldAccess,
    caller: MethodRef,
) -> JResult<FieldRef> {
    let cp = holder.cp;
    let field = match cp.resolved_field(index) {
        Some(f) => f,
        None => {
            if cp.state(index) == STATE_ERROR
                && let Some(thrown) = errors::replay(t, holder, index)
            {
                return Err(thrown);
            }
            let result = resolve_class(t, holder, cp.pair(index).0).and_then(|class| {
                let (name, signature) = cp.member_name_and_type(index);
                find_field(t, class, name, signature, Some(holder))
                    .inspect_err(|_| errors::record(t, holder, index))
            });
            let f = result?;
            cp.publish(index, f.as_raw());
            f
        }
    };
    let named = cp.resolved_class(cp.pair(index).0).unwrap_or(field.holder);
    check_field_access(t, named, field, kind, holder, Some(caller))?;
    if kind.is_static() {
        init::initialize(t, field.holder)?;
    }
    Ok(field)
}

/// Field resolution by name on `class`, with access and loader checks when there is a referring class.
pub fn find_field(
    t: &Thread,
    class: ClassRef,
    name: Sym,
    signature: Sym,
    from: Option<ClassRef>,
) -> JResult<FieldRef> {
    let found =
        if class.is_array() || class.is_primitive() { None } else { class.find_field(name, signature) };
    let Some(f) = found.filter(|f| !f.is_injected()) else {
        return Err(exceptions::throw(t, "java/lang/NoSuchFieldError", &name.to_str()));
    };
    if let Some(from) = from {
        if !access::member_accessible(t, from, f.holder, f.access, class)? {
            let what = format!("field {}.{}", f.holder.external_name(), name);
            return Err(errors::member_inaccessible(t, from, f.holder, f.access, &what));
        }
        constrain_field(t, from, f)?;
    }
    Ok(f)
}

fn external_kind(class: ClassRef) -> &'static str {
    if class.is_interface() {
        "interface"
    } else if class.is_abstract() {
        "abstract class"
    } else {
        "class"
    }
}

/// The loaders of `from` and of the field's class must agree on the field's type (JVMS §5.4.3.2).
pub fn constrain_field(t: &Thread, from: ClassRef, f: FieldRef) -> JResult<()> {
    let (a, b) = (owner(t, from), owner(t, f.holder));
    let Some(ty) = constraints::constrain(t, f.signature, a, b) else { return Ok(()) };
    let text = format!(
        "loader constraint violation: when resolving field \"{}\" of type {}, the class loader {} of the current class, {}, and the class loader {} for the field's defining {}, {}, have different Class objects for type {} ({}; {})",
        f.name,
        ty.to_external(),
        loader_display_name(t, a),
        from.external_name(),
        loader_display_name(t, b),
        external_kind(f.holder),
        f.holder.external_name(),
        ty.to_external(),
        errors::in_module_with_parent(t, from),
        errors::in_module_with_parent(t, f.holder)
    );
    Err(exceptions::throw(t, "java/lang/LinkageError", &text))
}

/// The loader that classes named by `c` are looked up with: that of the host for a hidden class.
pub fn owner(t: &Thread, c: ClassRef) -> LoaderRef {
    crate::loading::define::owner(t, c.loader)
}

/// Static against instance, and stores to final fields. Messages speak of the class that the constant names.
fn check_field_access(
    t: &Thread,
    named: ClassRef,
    f: FieldRef,
    kind: FieldAccess,
    from: ClassRef,
    caller: Option<MethodRef>,
) -> JResult<()> {
    let wanted = if kind.is_static() { "static" } else { "non-static" };
    if kind.is_static() != f.is_static() {
        let text = format!("Expected {wanted} field {}.{}", named.external_name(), f.name);
        return Err(exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &text));
    }
    if kind.is_put() && f.is_final() {
        if f.holder != from {
            let text = format!(
                "Update to {wanted} final field {}.{} attempted from a different class ({}) than the field's declaring class",
                named.external_name(),
                f.name,
                from.external_name()
            );
            return Err(exceptions::throw(t, "java/lang/IllegalAccessError", &text));
        }
        if let Some(m) = caller.filter(|_| f.holder.extra.major_version >= 53) {
            let (ok, initializer) = if kind.is_static() {
                (m.is_class_initializer(), "<clinit>")
            } else {
                (m.is_constructor(), "<init>")
            };
            if !ok {
                let text = format!(
                    "Update to {wanted} final field {}.{} attempted from a different method ({}) than the initializer method {initializer} ",
                    named.external_name(),
                    f.name,
                    m.name
                );
                return Err(exceptions::throw(t, "java/lang/IllegalAccessError", &text));
            }
        }
    }
    Ok(())
}

/// Resolves a Methodref or InterfaceMethodref entry for an instruction of `caller` (JVMS §5.4.3.3, §5.4.3.4,
/// and the linking rules of the invoke instructions). `Static` initialises the class; `Special` returns the
/// selected method. A signature-polymorphic method of `MethodHandle` or `VarHandle` is returned as declared
/// (flag `SIGNATURE_POLYMORPHIC`): the engine links such calls.
pub fn resolve_method(
    t: &Thread,
    holder: ClassRef,
    index: u16,
    kind: InvokeKind,
    caller: MethodRef,
) -> JResult<MethodRef> {
    let cp = holder.cp;
    let _ = caller;
    if let (Some(m), true) = (cp.resolved_method(index), kind != InvokeKind::Special) {
        // An entry may be used by several instructions: the checks that depend on the instruction are repeated.
        let class = resolve_class(t, holder, cp.pair(index).0)?;
        check_kind(t, class, m, kind)?;
        if kind == InvokeKind::Static {
            init::initialize(t, m.holder)?;
        }
        return Ok(m);
    }
    if cp.state(index) == STATE_ERROR
        && let Some(thrown) = errors::replay(t, holder, index)
    {
        return Err(thrown);
    }
    let class = resolve_class(t, holder, cp.pair(index).0)?;
    let (name, signature) = cp.member_name_and_type(index);
    let request = Request {
        class,
        name,
        signature,
        from: Some(holder),
        interface_constant: Some(cp.tag(index) == CpTag::InterfaceMethod),
    };
    let resolved = request.link(t, kind).inspect_err(|_| errors::record(t, holder, index))?;
    match kind {
        InvokeKind::Special => request.select_special(t, resolved),
        _ => {
            cp.publish(index, resolved.as_raw());
            if kind == InvokeKind::Static {
                init::initialize(t, resolved.holder)?;
            }
            Ok(resolved)
        }
    }
}

/// A symbolic reference to a method, and who refers to it.
#[derive(Clone, Copy)]
pub struct Request {
    pub class: ClassRef,
    pub name: Sym,
    pub signature: Sym,
    /// The referring class; without one there are no access checks.
    pub from: Option<ClassRef>,
    /// Whether the constant is an InterfaceMethodref; `None` when there is no constant.
    pub interface_constant: Option<bool>,
}

impl Request {
    fn described(&self) -> String {
        external_name(&self.class.external_name(), self.name, self.signature)
    }

    /// Resolution for an invoke instruction, class initialisation and selection excluded.
    pub fn link(&self, t: &Thread, kind: InvokeKind) -> JResult<MethodRef> {
        let m = match kind {
            InvokeKind::Virtual => self.resolve_in_class(t, true)?,
            InvokeKind::Interface => self.resolve_in_interface(t)?,
            _ if self.class.is_interface() => self.resolve_in_interface(t)?,
            _ => self.resolve_in_class(t, false)?,
        };
        check_kind(t, self.class, m, kind)?;
        if kind == InvokeKind::Special {
            self.check_special(t, m)?;
        }
        Ok(m)
    }

    fn icce(t: &Thread, text: &str) -> exceptions::Thrown {
        exceptions::throw(t, "java/lang/IncompatibleClassChangeError", text)
    }

    /// Method resolution (JVMS §5.4.3.3).
    pub fn resolve_in_class(&self, t: &Thread, is_invokevirtual: bool) -> JResult<MethodRef> {
        if is_invokevirtual && self.class.is_interface() {
            let text = format!("Found interface {}, but class was expected", self.class.external_name());
            return Err(Self::icce(t, &text));
        }
        if self.interface_constant == Some(true) {
            return Err(Self::icce(t, &format!("Method '{}' must be Methodref constant", self.described())));
        }
        let found = lookup_method(self.class, self.name, self.signature).or_else(|| self.polymorphic(t));
        // `invoke` and its like are linked by `invokevirtual` alone: other instructions find no such method.
        let found = found.filter(|m| {
            is_invokevirtual || !m.has(MethodFlags::SIGNATURE_POLYMORPHIC) || is_linker(m.name.bytes())
        });
        self.checked(t, found)
    }

    /// Interface method resolution (JVMS §5.4.3.4).
    pub fn resolve_in_interface(&self, t: &Thread) -> JResult<MethodRef> {
        if !self.class.is_interface() {
            let text = format!("Found class {}, but interface was expected", self.class.external_name());
            return Err(Self::icce(t, &text));
        }
        if self.interface_constant == Some(false) {
            return Err(Self::icce(
                t,
                &format!("Method '{}' must be InterfaceMethodref constant", self.described()),
            ));
        }
        let found = lookup_interface_method(t, self.class, self.name, self.signature);
        self.checked(t, found)
    }

    /// A signature-polymorphic method has one declared signature and any at the call (JVMS §2.9.3).
    fn polymorphic(&self, t: &Thread) -> Option<MethodRef> {
        let vm = t.vm();
        if self.class.name != vm.sym.java_lang_invoke_method_handle
            && self.class.name != vm.sym.java_lang_invoke_var_handle
        {
            return None;
        }
        if !self.class.loader.is_boot() {
            return None;
        }
        self.class.declared_methods_named(self.name).find(|m| m.has(MethodFlags::SIGNATURE_POLYMORPHIC))
    }

    fn checked(&self, t: &Thread, found: Option<MethodRef>) -> JResult<MethodRef> {
        let Some(m) = found else {
            let text = format!("'{}'", self.described());
            return Err(exceptions::throw(t, "java/lang/NoSuchMethodError", &text));
        };
        let Some(from) = self.from else { return Ok(m) };
        let mut flags = m.access;
        // Arrays have a public clone (JVMS §6.5 invokevirtual; JLS §10.7).
        if self.class.is_array() && m.name == t.vm().sym.clone && m.holder == t.vm().wk.object() {
            flags |= caturra_bytecode::access::ACC_PUBLIC;
        }
        if !access::member_accessible(t, from, m.holder, flags, self.class)? {
            let what = format!("method '{}'", m.external_name());
            return Err(errors::member_inaccessible(t, from, m.holder, m.access, &what));
        }
        check_method_constraints(t, from, self, m)?;
        Ok(m)
    }

    fn check_special(&self, t: &Thread, m: MethodRef) -> JResult<()> {
        if m.is_constructor() && m.holder != self.class {
            let full = external_name("", m.name, m.signature.symbol);
            let (ret, rest) = full.split_once(' ').unwrap_or(("void", &full));
            let text = format!(
                "{}: method '{ret} {}' not found",
                self.class.external_name(),
                rest.trim_start_matches('.')
            );
            return Err(exceptions::throw(t, "java/lang/NoSuchMethodError", &text));
        }
        if let Some(from) = self.from.filter(|_| self.class.is_interface()) {
            let direct = from == self.class || from.interfaces.contains(&self.class);
            if !direct && !from.has(ClassFlags::REFLECTION_MAGIC) {
                let text = format!(
                    "Interface method reference: '{}', is in an indirect superinterface of {}",
                    m.external_name(),
                    from.external_name()
                );
                return Err(Self::icce(t, &text));
            }
        }
        Ok(())
    }

    /// Selection of `invokespecial` (JVMS §6.5): from the superclass when it is a `super.` call.
    pub fn select_special(&self, t: &Thread, m: MethodRef) -> JResult<MethodRef> {
        let mut selected = m;
        if let Some(from) = self.from.filter(|_| !m.is_constructor())
            && from != self.class
            && from.is_subclass_of(self.class)
        {
            if self.class.is_interface() {
                // `I.super.m()`: the method of that interface.
                selected = match vtable::maximally_specific_in(self.class, m.name, m.signature.symbol) {
                    Some(Implementation::Method(k)) => k,
                    _ => m,
                };
            } else if let Some(parent) = from.super_class {
                let Some(s) = lookup_instance(parent, m.name, m.signature.symbol) else {
                    let text = format!("'{}'", m.external_name());
                    return Err(exceptions::throw(t, "java/lang/AbstractMethodError", &text));
                };
                selected = s;
            }
        }
        if selected.is_static() {
            let text = format!("Expecting non-static method '{}'", selected.external_name());
            return Err(Self::icce(t, &text));
        }
        if selected.is_abstract() {
            let text = format!(
                "'{}'",
                external_name(&self.class.external_name(), selected.name, selected.signature.symbol)
            );
            return Err(exceptions::throw(t, "java/lang/AbstractMethodError", &text));
        }
        Ok(selected)
    }
}

/// Whether a signature-polymorphic method is one of the VM's own, which lambda forms call.
fn is_linker(name: &[u8]) -> bool {
    name == b"invokeBasic" || name.starts_with(b"linkTo")
}

fn check_method_constraints(t: &Thread, from: ClassRef, request: &Request, m: MethodRef) -> JResult<()> {
    let (a, b) = (owner(t, from), owner(t, m.holder));
    let Some(ty) = constraints::constrain(t, m.signature.symbol, a, b) else { return Ok(()) };
    let what = if request.interface_constant == Some(true) { "interface method" } else { "method" };
    let text = format!(
        "loader constraint violation: when resolving {what} '{}' the class loader {} of the current class, {}, and the class loader {} for the method's defining class, {}, have different Class objects for the type {} used in the signature ({}; {})",
        request.described(),
        loader_display_name(t, a),
        from.name,
        loader_display_name(t, b),
        m.holder.name,
        ty,
        errors::in_module_with_parent(t, from),
        errors::in_module_with_parent(t, m.holder)
    );
    Err(exceptions::throw(t, "java/lang/LinkageError", &text))
}

/// Static against instance.
fn check_kind(t: &Thread, class: ClassRef, m: MethodRef, kind: InvokeKind) -> JResult<()> {
    let text = match kind {
        InvokeKind::Static if !m.is_static() => format!("Expected static method '{}'", m.external_name()),
        InvokeKind::Interface if m.is_static() => {
            format!("Expected instance not static method '{}'", m.external_name())
        }
        InvokeKind::Virtual | InvokeKind::Special if m.is_static() => {
            format!("Expecting non-static method '{}'", m.external_name())
        }
        InvokeKind::Virtual if m.holder.is_interface() && m.is_private() => format!(
            "private interface method requires invokespecial, not invokevirtual: method '{}', caller-class: {}",
            m.external_name(),
            class.external_name()
        ),
        _ => return Ok(()),
    };
    Err(exceptions::throw(t, "java/lang/IncompatibleClassChangeError", &text))
}

/// Method look-up of JVMS §5.4.3.3: superclasses, then maximally-specific superinterface methods, then any.
pub fn lookup_method(class: ClassRef, name: Sym, signature: Sym) -> Option<MethodRef> {
    if let Some(m) = class.find_method_in_classes(name, signature) {
        return Some(m);
    }
    match vtable::maximally_specific(class.all_interfaces, name, signature) {
        Some(Implementation::Method(m)) => Some(m),
        Some(Implementation::Conflict(all)) => all.first().copied(),
        None => class
            .all_interfaces
            .iter()
            .find_map(|i| i.declared_method(name, signature).filter(|m| !m.is_static() && !m.is_private())),
    }
}

/// Interface method look-up of JVMS §5.4.3.4.
pub fn lookup_interface_method(t: &Thread, class: ClassRef, name: Sym, signature: Sym) -> Option<MethodRef> {
    if let Some(m) = class.declared_method(name, signature) {
        return Some(m);
    }
    let object = t.vm().wk.object().declared_method(name, signature);
    if let Some(m) = object.filter(|m| m.is_public() && !m.is_static()) {
        return Some(m);
    }
    match vtable::maximally_specific(class.all_interfaces, name, signature) {
        Some(Implementation::Method(m)) => Some(m),
        Some(Implementation::Conflict(all)) => all.first().copied(),
        None => None,
    }
}

/// An instance method of a class or its superclasses, else a default method.
fn lookup_instance(class: ClassRef, name: Sym, signature: Sym) -> Option<MethodRef> {
    let mut c = Some(class);
    while let Some(k) = c {
        if let Some(m) = k.declared_method(name, signature).filter(|m| !m.is_static()) {
            return Some(m);
        }
        c = k.super_class;
    }
    match vtable::maximally_specific(class.all_interfaces, name, signature) {
        Some(Implementation::Method(m)) => Some(m),
        _ => None,
    }
}
