//! `MethodHandleNatives.getMembers`: the members of a class that match a name, a descriptor and kinds.

use crate::constants::{
    IS_CONSTRUCTOR, IS_FIELD, IS_METHOD, IS_TYPE, SEARCH_INTERFACES, SEARCH_SUPERCLASSES,
};
use crate::member_name::{self, MemberName};
use crate::objects;
use caturra_kernel::oops::class::ClassKind;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::{ClassRef, ObjRef, Sym, Thread};

/// What `getMembers` looks for.
pub struct Query {
    pub class: ClassRef,
    pub name: Option<Sym>,
    pub signature: Option<Sym>,
    pub flags: i32,
    /// Matches to leave out.
    pub skip: usize,
}

/// A `MemberName[]` being filled, and what did not fit.
struct Results {
    array: ObjRef,
    skip: usize,
    filled: usize,
    limit: usize,
    overflow: usize,
}

impl Results {
    /// The next blank `MemberName`; `None` for a match that is skipped or does not fit.
    fn next(&mut self) -> Option<MemberName> {
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if self.filled == self.limit {
            self.overflow += 1;
            return None;
        }
        self.filled += 1;
        // SAFETY: within the array, which Java has filled with fresh MemberNames; held by the caller's frame.
        Some(unsafe { MemberName::new(objects::get(self.array, self.filled - 1)) })
    }
}

/// Fills the `MemberName[]` `results`; gives the number of matches, also those that did not fit, or a negative
/// number when the array holds something else.
pub fn find(t: &Thread, query: &Query, results: ObjRef) -> JResult<i32> {
    let class = query.class;
    if class.kind != ClassKind::Instance {
        return Ok(-1);
    }
    let mut flags = query.flags & !IS_TYPE;
    if query.name.is_some_and(Sym::is_empty) {
        return Ok(0);
    }
    if let Some(s) = query.signature {
        flags &= if s.starts_with("(") { !IS_FIELD } else { !(IS_CONSTRUCTOR | IS_METHOD) };
    }
    // SAFETY: an array.
    let limit = unsafe { objects::length(results) };
    for i in 0..limit {
        // SAFETY: within bounds.
        if !objects::is_instance(unsafe { objects::get(results, i) }, t.vm().wk.member_name()) {
            return Ok(-99);
        }
    }
    let mut out = Results { array: results, skip: query.skip, filled: 0, limit, overflow: 0 };
    if flags & IS_FIELD != 0 {
        for c in searched(class, flags) {
            for f in c.fields.iter().rev().filter(|f| !f.is_injected()) {
                let wanted = query.name.is_none_or(|n| n == f.name)
                    && query.signature.is_none_or(|s| s == f.signature);
                if wanted && let Some(member) = out.next() {
                    member_name::init_field(t, member, *f, false);
                }
            }
        }
    }
    if flags & (IS_METHOD | IS_CONSTRUCTOR) != 0 {
        let (init, clinit) = (t.vm().sym.object_initializer, t.vm().sym.class_initializer);
        for c in searched(class, flags) {
            for m in c.methods.iter().rev() {
                let kind = if m.name == init { IS_CONSTRUCTOR } else { IS_METHOD };
                let wanted = flags & kind != 0
                    && (m.name != clinit || query.name == Some(clinit))
                    && query.name.is_none_or(|n| n == m.name)
                    && query.signature.is_none_or(|s| s == m.signature.symbol);
                if wanted && let Some(member) = out.next() {
                    member_name::init_method(t, member.0, *m, m.holder)?;
                }
            }
        }
    }
    Ok((out.filled + out.overflow) as i32)
}

/// The class, then its superclasses, then its interfaces, as the flags ask.
fn searched(class: ClassRef, flags: i32) -> Vec<ClassRef> {
    let mut classes = vec![class];
    if flags & (SEARCH_SUPERCLASSES | SEARCH_INTERFACES) != 0 && !class.is_interface() {
        classes.extend(class.superclasses());
    }
    if flags & SEARCH_INTERFACES != 0 {
        classes.extend(class.all_interfaces.iter().rev());
    }
    classes
}
