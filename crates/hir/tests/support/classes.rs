//! An environment over class files, everything resolved, nothing profiled but what a test says.

use caturra_bytecode::{BasicType, FieldType, access};
use caturra_classfile::ClassFile;
use caturra_hir::env::*;
use caturra_hir::op::{LinkKind, Reason};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

const OBJECT: u32 = 1;
const FIRST: u32 = 10;
const PRIMITIVE_ARRAYS: u32 = 1 << 20;
const ARRAYS: u32 = 2 << 20;

/// All classes of one source file.
pub struct Classes {
    files: Vec<ClassFile<'static>>,
    names: HashMap<&'static [u8], ClassId>,
    /// Array classes of references, by component.
    arrays: RefCell<Vec<ClassId>>,
    /// Profiles by method and bytecode index.
    pub receivers: HashMap<(MethodId, u32), TypeProfile>,
    /// The profile of every branch.
    pub branches: Option<(u32, u32)>,
    /// Executions of calls, likewise.
    pub calls: HashMap<(MethodId, u32), u32>,
    object_descriptor: &'static [u8],
}

impl Classes {
    /// Compiles the source with `javac` into the test's directory and reads the classes.
    pub fn compile(source: &Path) -> Classes {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.file_stem().expect("a file"));
        static COMPILED: Once = Once::new();
        COMPILED.call_once(|| {
            let done = Command::new("javac").arg("-d").arg(&out).arg(source).output().expect("javac runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        });
        Classes::read(&out)
    }

    /// All class files in a directory and those below it.
    pub fn read(directory: &Path) -> Classes {
        let mut paths = Vec::new();
        let mut work = vec![directory.to_path_buf()];
        while let Some(directory) = work.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
                match entry.path() {
                    path if path.is_dir() => work.push(path),
                    path if path.extension().is_some_and(|e| e == "class") => paths.push(path),
                    _ => {}
                }
            }
        }
        paths.sort();
        paths.retain(|p| !p.ends_with("module-info.class") && !p.ends_with("java/lang/Object.class"));
        let options = caturra_classfile::ParseOptions::trusted(65);
        let files: Vec<ClassFile<'static>> = paths
            .iter()
            .map(|p| {
                let bytes: &'static [u8] = Box::leak(std::fs::read(p).expect("a class").into_boxed_slice());
                ClassFile::parse(bytes, &options).expect("a valid class")
            })
            .collect();
        let names = files.iter().enumerate().map(|(n, f)| (f.name, ClassId(FIRST + n as u32))).collect();
        Classes {
            files,
            names,
            arrays: RefCell::default(),
            receivers: HashMap::new(),
            branches: None,
            calls: HashMap::new(),
            object_descriptor: b"()V",
        }
    }

    /// All methods with code.
    pub fn methods(&self) -> impl Iterator<Item = MethodId> {
        self.all().flat_map(|c| {
            let methods = self.file(c).methods.iter().enumerate();
            methods.filter(|(_, m)| m.code.is_some()).map(move |(n, _)| method_id(c, n))
        })
    }

    /// The class of that simple name in the file.
    pub fn class(&self, name: &str) -> ClassId {
        self.by_name(name.as_bytes()).expect("the class")
    }

    /// The first method of that name.
    pub fn named(&self, class: &str, name: &str) -> MethodId {
        let class = self.class(class);
        let n = self.file(class).methods.iter().position(|m| m.name == name.as_bytes()).expect("the method");
        method_id(class, n)
    }

    /// How many methods a class has.
    pub fn count(&self, class: &str) -> usize {
        self.file(self.class(class)).methods.len()
    }

    fn by_name(&self, name: &[u8]) -> Option<ClassId> {
        if name == b"java/lang/Object" {
            return Some(ClassId(OBJECT));
        }
        if let [b'[', rest @ ..] = name {
            let ty = FieldType::parse(rest)?;
            if ty.basic_type() != BasicType::Reference {
                return Some(self.primitive_array_class(ty.basic_type()));
            }
            return self.array_class(self.by_name(ty.class_name()?)?);
        }
        self.names.get(name).copied()
    }

    fn file(&self, class: ClassId) -> &ClassFile<'static> {
        &self.files[(class.0 - FIRST) as usize]
    }

    fn of(&self, method: MethodId) -> (&ClassFile<'static>, Option<&caturra_classfile::Method<'static>>) {
        let class = ClassId((method.0 >> 16) as u32);
        if class.0 == OBJECT {
            return (&self.files[0], None);
        }
        let file = self.file(class);
        (file, Some(&file.methods[(method.0 & 0xffff) as usize]))
    }

    fn super_class(&self, class: ClassId) -> Option<ClassId> {
        if class.0 == OBJECT || class.0 >= PRIMITIVE_ARRAYS {
            return (class.0 != OBJECT).then_some(ClassId(OBJECT));
        }
        self.by_name(self.file(class).super_name?)
    }

    fn find(&self, class: ClassId, name: &[u8], descriptor: &[u8]) -> Option<MethodId> {
        let mut next = Some(class);
        while let Some(c) = next {
            if c.0 == OBJECT {
                return (name == b"<init>").then_some(MethodId(u64::from(OBJECT) << 16));
            }
            if c.0 >= PRIMITIVE_ARRAYS {
                return None;
            }
            let methods = &self.file(c).methods;
            if let Some(n) = methods.iter().position(|m| m.name == name && m.descriptor == descriptor) {
                return Some(method_id(c, n));
            }
            next = self.super_class(c);
        }
        None
    }

    fn all(&self) -> impl Iterator<Item = ClassId> {
        (0..self.files.len() as u32).map(|n| ClassId(FIRST + n))
    }
}

fn method_id(class: ClassId, n: usize) -> MethodId {
    MethodId(u64::from(class.0) << 16 | n as u64)
}

impl CompilerEnv for Classes {
    fn method(&self, method: MethodId) -> MethodInfo<'_> {
        let (file, m) = self.of(method);
        let holder = ClassId((method.0 >> 16) as u32);
        let Some(m) = m else {
            return MethodInfo {
                holder,
                descriptor: self.object_descriptor,
                code: &[],
                max_locals: 1,
                max_stack: 0,
                access: access::ACC_PUBLIC,
                statically_bound: true,
                force_inline: false,
                never_inline: false,
                is_object_initializer: true,
                invocations: 1000,
                profiled: 1000,
                optimised_size: 0,
            };
        };
        let code = m.code.as_ref();
        let bound = access::ACC_STATIC | access::ACC_PRIVATE | access::ACC_FINAL;
        MethodInfo {
            holder,
            descriptor: m.descriptor,
            code: code.map_or(&[], |c| c.bytes),
            max_locals: code.map_or(0, |c| c.max_locals),
            max_stack: code.map_or(0, |c| c.max_stack),
            access: m.access_flags,
            statically_bound: m.access_flags & bound != 0
                || m.name == b"<init>"
                || file.access_flags & access::ACC_FINAL != 0,
            force_inline: false,
            never_inline: m.name.starts_with(b"keep"),
            is_object_initializer: false,
            invocations: 1000,
            profiled: 1000,
            optimised_size: 0,
        }
    }

    fn handlers(&self, method: MethodId) -> Vec<Handler> {
        let (_, m) = self.of(method);
        let code = m.and_then(|m| m.code.as_ref());
        let rows = code.into_iter().flat_map(|c| c.exception_table.iter());
        rows.map(|r| Handler { start: r.start_pc.into(), end: r.end_pc.into(), handler: r.handler_pc.into() })
            .collect()
    }

    fn caught(&self, _: MethodId, _: usize) -> Caught {
        Caught::Unresolved
    }

    fn handler_seen(&self, _: MethodId, _: u32) -> bool {
        false
    }

    fn intrinsic(&self, method: MethodId) -> Option<Intrinsic> {
        (method.0 >> 16 == u64::from(OBJECT)).then_some(Intrinsic::ObjectInit)
    }

    fn method_name(&self, method: MethodId) -> String {
        let (file, m) = self.of(method);
        let Some(m) = m else { return "Object.<init>".into() };
        format!("{}.{}", String::from_utf8_lossy(file.name), String::from_utf8_lossy(m.name))
    }

    fn field(&self, method: MethodId, cp: u16, is_static: bool, _: bool) -> Option<FieldAccess> {
        let reference = self.of(method).0.constant_pool.member_ref(cp)?;
        let mut class = self.by_name(reference.class_name)?;
        loop {
            if class.0 == OBJECT {
                return None;
            }
            let fields = &self.file(class).fields;
            let found = fields.iter().position(|f| {
                f.name == reference.name && (f.access_flags & access::ACC_STATIC != 0) == is_static
            });
            match found {
                Some(n) => return self.access(class, n),
                None => class = self.super_class(class)?,
            }
        }
    }

    fn member_descriptor(&self, method: MethodId, cp: u16) -> &[u8] {
        let pool = &self.of(method).0.constant_pool;
        let member = pool.member_ref(cp).map(|m| m.descriptor);
        member.or_else(|| pool.dynamic(cp).map(|d| d.2)).expect("a member")
    }

    fn class_at(&self, method: MethodId, cp: u16) -> Option<ClassId> {
        self.by_name(self.of(method).0.constant_pool.class_name(cp)?)
    }

    fn constant(&self, method: MethodId, cp: u16) -> Option<Constant> {
        use caturra_classfile::Constant as C;
        Some(match self.of(method).0.constant_pool.get(cp) {
            C::Integer(v) => Constant::Int(v),
            C::Long(v) => Constant::Long(v),
            C::Float(v) => Constant::Float(v.to_bits()),
            C::Double(v) => Constant::Double(v.to_bits()),
            C::String { .. } | C::Class { .. } => Constant::Ref(RefConst(1 << 40 | u64::from(cp))),
            _ => return None,
        })
    }

    fn call_site(&self, method: MethodId, _: u32, cp: u16, kind: InvokeKind) -> CallSite {
        let Some(r) = self.of(method).0.constant_pool.member_ref(cp) else { return CallSite::Unresolved };
        let found = self.by_name(r.class_name).and_then(|c| self.find(c, r.name, r.descriptor));
        let Some(found) = found else { return CallSite::Unresolved };
        match kind {
            InvokeKind::Static | InvokeKind::Special => CallSite::Direct(found),
            InvokeKind::Virtual if self.method(found).statically_bound => CallSite::Direct(found),
            InvokeKind::Virtual => CallSite::Virtual(found, (found.0 & 0xffff) as u32),
            InvokeKind::Interface => CallSite::Interface(found),
            InvokeKind::Dynamic => CallSite::Unresolved,
        }
    }

    fn class_by_name(&self, _: MethodId, name: &[u8]) -> Option<ClassId> {
        self.by_name(name)
    }

    fn can_instantiate(&self, class: ClassId) -> bool {
        class.0 < PRIMITIVE_ARRAYS
    }

    fn is_subclass(&self, class: ClassId, other: ClassId) -> bool {
        if class == other || other.0 == OBJECT {
            return true;
        }
        if let (Some(a), Some(b)) = (self.component(class), self.component(other)) {
            return self.is_subclass(a, b);
        }
        if class.0 < FIRST || class.0 >= PRIMITIVE_ARRAYS {
            return false;
        }
        let interfaces: Vec<_> = self.file(class).interface_names().filter_map(|n| self.by_name(n)).collect();
        let up = self.super_class(class);
        interfaces.into_iter().chain(up).any(|c| self.is_subclass(c, other))
    }

    fn is_interface(&self, class: ClassId) -> bool {
        (FIRST..PRIMITIVE_ARRAYS).contains(&class.0)
            && self.file(class).access_flags & access::ACC_INTERFACE != 0
    }

    fn is_final(&self, class: ClassId) -> bool {
        match class.0 {
            OBJECT => false,
            PRIMITIVE_ARRAYS..ARRAYS => true,
            ARRAYS.. => self.component(class).is_some_and(|c| self.is_final(c)),
            _ => self.file(class).access_flags & access::ACC_FINAL != 0,
        }
    }

    fn is_leaf(&self, class: ClassId) -> bool {
        class.0 != OBJECT
            && class.0 < PRIMITIVE_ARRAYS
            && !self.is_interface(class)
            && self.all().all(|c| c == class || !self.is_subclass(c, class))
    }

    fn array_class(&self, element: ClassId) -> Option<ClassId> {
        let mut arrays = self.arrays.borrow_mut();
        let n = arrays.iter().position(|c| *c == element).unwrap_or_else(|| {
            arrays.push(element);
            arrays.len() - 1
        });
        Some(ClassId(ARRAYS + n as u32))
    }

    fn primitive_array_class(&self, element: BasicType) -> ClassId {
        ClassId(PRIMITIVE_ARRAYS + element as u32)
    }

    fn component(&self, array: ClassId) -> Option<ClassId> {
        array.0.checked_sub(ARRAYS).map(|n| self.arrays.borrow()[n as usize])
    }

    fn element_type(&self, array: ClassId) -> Option<BasicType> {
        match array.0 {
            ARRAYS.. => Some(BasicType::Reference),
            PRIMITIVE_ARRAYS.. => BasicType::from_newarray_code((array.0 - PRIMITIVE_ARRAYS) as u8),
            _ => None,
        }
    }

    fn has_finalizer(&self, _: ClassId) -> bool {
        false
    }

    fn no_finalizer_below(&self, _: ClassId) -> bool {
        true
    }

    fn instance_fields(&self, class: ClassId) -> Option<Vec<FieldAccess>> {
        let mut all = Vec::new();
        let mut next = Some(class);
        while let Some(c) = next.filter(|c| c.0 != OBJECT) {
            let fields = self.file(c).fields.iter().enumerate();
            let own = fields.filter(|(_, f)| f.access_flags & access::ACC_STATIC == 0);
            all.extend(own.filter_map(|(n, _)| self.access(c, n)));
            next = self.super_class(c);
        }
        Some(all)
    }

    fn unique_target(&self, receiver: ClassId, method: MethodId) -> Option<MethodId> {
        let mut targets: Vec<MethodId> = self
            .all()
            .filter(|c| self.is_subclass(*c, receiver) && !self.is_interface(*c))
            .filter_map(|c| self.select(c, method))
            .collect();
        targets.dedup();
        match targets[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn select(&self, receiver: ClassId, method: MethodId) -> Option<MethodId> {
        let m = self.of(method).1?;
        self.find(receiver, m.name, m.descriptor)
    }

    fn mirror(&self, class: ClassId) -> RefConst {
        RefConst(class.0.into())
    }

    fn class_name(&self, class: ClassId) -> String {
        match class.0 {
            OBJECT => "Object".into(),
            ARRAYS.. => self.component(class).map_or("?".into(), |c| self.class_name(c)) + "[]",
            PRIMITIVE_ARRAYS.. => self.element_type(class).map_or("?", BasicType::name).to_string() + "[]",
            _ => String::from_utf8_lossy(self.file(class).name).into(),
        }
    }

    fn field_name(&self, field: FieldId) -> String {
        let file = self.file(ClassId((field.0 >> 16) as u32));
        String::from_utf8_lossy(file.fields[(field.0 & 0xffff) as usize].name).into()
    }

    fn type_profile(&self, method: MethodId, bci: u32) -> Option<TypeProfile> {
        self.receivers.get(&(method, bci)).cloned()
    }

    fn branch_profile(&self, _: MethodId, _: u32) -> Option<(u32, u32)> {
        self.branches
    }

    fn call_count(&self, method: MethodId, bci: u32) -> Option<u32> {
        self.calls.get(&(method, bci)).copied()
    }

    fn too_many_deopts(&self, _: MethodId, _: u32, _: Reason) -> bool {
        false
    }

    fn class_of(&self, _: RefConst) -> Option<ClassId> {
        None
    }

    fn mirrored_primitive(&self, _: RefConst) -> Option<BasicType> {
        None
    }

    fn mirrored(&self, constant: RefConst) -> Option<ClassId> {
        Some(ClassId(constant.0 as u32))
    }

    fn field_constant(&self, _: RefConst, _: &FieldAccess) -> Option<Constant> {
        None
    }

    fn static_constant(&self, _: &FieldAccess) -> Option<Constant> {
        None
    }

    fn array_length(&self, _: RefConst) -> Option<i32> {
        None
    }

    fn handle_target(&self, _: RefConst) -> Option<MethodId> {
        None
    }

    fn member_target(&self, _: RefConst, _: LinkKind) -> CallSite {
        CallSite::Unresolved
    }
}

impl Classes {
    fn access(&self, class: ClassId, n: usize) -> Option<FieldAccess> {
        let f = &self.file(class).fields[n];
        Some(FieldAccess {
            id: FieldId(u64::from(class.0) << 16 | n as u64),
            holder: class,
            offset: 16 + 8 * n as u32,
            ty: FieldType::parse(f.descriptor)?.basic_type(),
            volatile: f.access_flags & access::ACC_VOLATILE != 0,
        })
    }
}
