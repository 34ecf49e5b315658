//! Direct buffers (JNI, chapter 4, "NIO Support").

use crate::handles::{class_of, local, resolve};
use crate::types::*;
use caturra_kernel::loading::loader;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::{ClassRef, ObjRef, Thread};
use std::ffi::c_void;

fn boot_class(t: &Thread, name: &str) -> JResult<ClassRef> {
    let vm = t.vm();
    loader::load_class(t, vm.loaders.boot(), vm.symbols.intern(name))
}

/// The byte offset of a field of `java.nio.Buffer`.
fn buffer_field(t: &Thread, name: &str, signature: &str) -> JResult<Option<usize>> {
    let symbols = &t.vm().symbols;
    let field =
        boot_class(t, "java/nio/Buffer")?.declared_field(symbols.intern(name), symbols.intern(signature));
    Ok(field.map(|f| f.offset as usize))
}

/// The buffer, if the object is a direct one.
fn direct_buffer(t: &Thread, handle: jobject) -> JResult<Option<ObjRef>> {
    let buffer = resolve(handle);
    let direct = boot_class(t, "sun/nio/ch/DirectBuffer")?;
    Ok((!buffer.is_null() && class_of(buffer).is_subclass_of(direct)).then_some(buffer))
}

jni_functions! {
    /// `NewDirectByteBuffer`: of the capacity the low 32 bits count, which is all that a buffer can have.
    entry fn NewDirectByteBuffer(t, address: *mut c_void, capacity: jlong) -> jobject; {
        let class = boot_class(t, "java/nio/DirectByteBuffer")?;
        // The constructor's parameters are a long, which takes two slots, and an int.
        let arguments = [address as u64, 0, u64::from(capacity as u32)];
        Ok(local(t, alloc::new_object(t, class, "(JI)V", &arguments)?))
    }
    /// `GetDirectBufferAddress`: null for what is not a direct buffer.
    entry fn GetDirectBufferAddress(t, buffer: jobject) -> *mut c_void; {
        let (Some(buffer), Some(offset)) = (direct_buffer(t, buffer)?, buffer_field(t, "address", "J")?) else {
            return Ok(std::ptr::null_mut());
        };
        // SAFETY: a direct buffer is a `Buffer`, which has this field.
        Ok(unsafe { buffer.load::<i64>(offset) } as *mut c_void)
    }
    /// `GetDirectBufferCapacity`: -1 for what is not a direct buffer.
    entry fn GetDirectBufferCapacity(t, buffer: jobject) -> jlong, else -1; {
        let (Some(buffer), Some(offset)) = (direct_buffer(t, buffer)?, buffer_field(t, "capacity", "I")?) else {
            return Ok(-1);
        };
        // SAFETY: as above.
        Ok(unsafe { buffer.load::<i32>(offset) }.into())
    }
}
