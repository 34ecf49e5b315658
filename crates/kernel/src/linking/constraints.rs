//! Loading constraints (JVMS §5.3.4): loaders that share a type through a descriptor must agree on it.

use crate::loading::loader::{LoaderRef, loader_display_name};
use crate::oops::class::ClassRef;
use crate::oops::symbol::Sym;
use crate::runtime::exceptions::{self, JResult};
use crate::runtime::thread::Thread;
use caturra_bytecode::descriptor::{FieldType, MethodDescriptor};
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;

/// Loaders that must agree on a name, and the class once one of them has it.
struct Agreement {
    loaders: Vec<LoaderRef>,
    class: Option<ClassRef>,
}

/// The constraints of a VM.
#[derive(Default)]
pub struct ConstraintTable {
    by_name: Mutex<HashMap<Sym, Vec<Agreement>>>,
}

impl ConstraintTable {
    /// Constrains `a` and `b` to the same class `name`; `false` when they already differ.
    fn add(&self, name: Sym, a: LoaderRef, b: LoaderRef) -> bool {
        let mut table = self.by_name.lock();
        let list = table.entry(name).or_default();
        let known = |l: LoaderRef| l.find(name);
        let take = |list: &mut Vec<Agreement>, l: LoaderRef| {
            list.iter().position(|g| g.loaders.contains(&l)).map(|i| list.swap_remove(i))
        };
        let ga = take(list, a).unwrap_or_else(|| Agreement { loaders: vec![a], class: known(a) });
        if ga.loaders.contains(&b) {
            list.push(ga);
            return true;
        }
        let gb = take(list, b).unwrap_or_else(|| Agreement { loaders: vec![b], class: known(b) });
        let (ca, cb) = (ga.class.or_else(|| known(a)), gb.class.or_else(|| known(b)));
        if let (Some(x), Some(y)) = (ca, cb)
            && x != y
        {
            list.push(ga);
            list.push(gb);
            return false;
        }
        let mut loaders = ga.loaders;
        loaders.extend(gb.loaders);
        list.push(Agreement { loaders, class: ca.or(cb) });
        true
    }

    /// Checks that recording `loader` as loader of `class` violates nothing, and notes it.
    ///
    /// # Errors
    /// `LinkageError`.
    pub fn check(&self, t: &Thread, loader: LoaderRef, class: ClassRef) -> JResult<()> {
        let other = {
            let mut table = self.by_name.lock();
            let Some(g) =
                table.get_mut(&class.name).and_then(|l| l.iter_mut().find(|g| g.loaders.contains(&loader)))
            else {
                return Ok(());
            };
            match g.class {
                Some(c) if c != class => c,
                _ => {
                    g.class = Some(class);
                    return Ok(());
                }
            }
        };
        let text = format!(
            "loader constraint violation: loader {} wants to load {} {}. A different {} with the same name was previously loaded by {}. ({})",
            loader_display_name(t, loader),
            kind(class),
            class.external_name(),
            kind(other),
            loader_display_name(t, other.loader),
            super::errors::in_module_with_parent(t, other)
        );
        Err(exceptions::throw(t, "java/lang/LinkageError", &text))
    }

    /// Forgets dead classes and loaders; the world is stopped.
    pub fn purge(&self, dead: &HashSet<u64>) {
        let mut table = self.by_name.lock();
        // Loaders are freed after this call, so their objects may still be asked for.
        table.retain(|_, list| {
            for g in list.iter_mut() {
                if g.class.is_some_and(|c| dead.contains(&c.as_raw())) {
                    g.class = None;
                }
            }
            !list.is_empty()
        });
    }

    /// Drops loaders that are gone.
    pub fn purge_loaders(&self, is_dead: &dyn Fn(LoaderRef) -> bool) {
        self.by_name.lock().retain(|_, list| {
            for g in list.iter_mut() {
                g.loaders.retain(|l| !is_dead(*l));
            }
            list.retain(|g| g.loaders.len() > 1);
            !list.is_empty()
        });
    }
}

fn kind(c: ClassRef) -> &'static str {
    if c.is_interface() { "interface" } else { "class" }
}

/// The types of a method or field descriptor must be the same in both loaders; returns the first on which they
/// differ.
pub fn constrain(t: &Thread, descriptor: Sym, a: LoaderRef, b: LoaderRef) -> Option<Sym> {
    if a.same(b) {
        return None;
    }
    let vm = t.vm();
    let check = |ty: FieldType<'_>| -> Option<Sym> {
        if let FieldType::Class(n) = ty.element() {
            // Everybody gets java.* from the boot loader.
            if n.starts_with(b"java/") {
                return None;
            }
            let name = vm.symbols.intern_bytes(n);
            if !vm.loaders.constraints.add(name, a, b) {
                return Some(name);
            }
        }
        None
    };
    if descriptor.bytes().first() == Some(&b'(') {
        let d = MethodDescriptor::parse(descriptor.bytes())?;
        d.parameters().chain(std::iter::once(d.return_type())).find_map(check)
    } else {
        check(FieldType::parse(descriptor.bytes())?)
    }
}
