//! Ids and reflection objects (JNI, chapter 4, "Reflection Support").

use crate::handles::{class_of, local, object};
use crate::types::*;
use crate::{HOOKS, JniHooks};
use caturra_kernel::linking::init;
use caturra_kernel::loading::mirrors;
use caturra_kernel::runtime::exceptions::{self, JResult};
use caturra_kernel::{ClassRef, ObjRef, Thread};

fn hooks(t: &Thread) -> JResult<&'static JniHooks> {
    HOOKS.get().ok_or_else(|| exceptions::throw(t, "java/lang/InternalError", "JNI hooks are not installed"))
}

/// The declaring class, initialized, and the slot of a reflection object with fields at these offsets.
fn member(t: &Thread, reflected: ObjRef, clazz: u32, slot: u32) -> JResult<(ClassRef, usize)> {
    // SAFETY: the object is of the class that the offsets are of.
    let (mirror, slot) =
        unsafe { (reflected.load_ref(clazz as usize), reflected.load::<i32>(slot as usize)) };
    let class = mirrors::class_of(mirror);
    init::initialize(t, class)?;
    Ok((class, slot as usize))
}

jni_functions! {
    /// `FromReflectedMethod`: of a `Method` or a `Constructor`.
    entry fn FromReflectedMethod(t, method: jobject) -> jmethodID; {
        let reflected = object(t, method)?;
        let (wk, off) = (&t.vm().wk, &t.vm().off);
        let (class, slot) = if class_of(reflected) == wk.reflect_constructor() {
            member(t, reflected, off.reflect_constructor_clazz(), off.reflect_constructor_slot())?
        } else {
            member(t, reflected, off.reflect_method_clazz(), off.reflect_method_slot())?
        };
        Ok(class.methods.get(slot).map_or(jmethodID::NULL, |&m| jmethodID::of(m)))
    }
    /// `FromReflectedField`.
    entry fn FromReflectedField(t, field: jobject) -> jfieldID; {
        let reflected = object(t, field)?;
        let off = &t.vm().off;
        let (class, slot) = member(t, reflected, off.reflect_field_clazz(), off.reflect_field_slot())?;
        Ok(class.fields.get(slot).map_or(jfieldID::NULL, |&f| jfieldID::of(f)))
    }
    /// `ToReflectedMethod`: the id says all there is to know.
    entry fn ToReflectedMethod(t, _class: jclass, id: jmethodID, _is_static: jboolean) -> jobject; {
        Ok(local(t, (hooks(t)?.to_reflected_method)(t, id.method())?))
    }
    /// `ToReflectedField`: the id says all there is to know.
    entry fn ToReflectedField(t, _class: jclass, id: jfieldID, _is_static: jboolean) -> jobject; {
        Ok(local(t, (hooks(t)?.to_reflected_field)(t, id.field())?))
    }
}
