//! Class data sharing, as `jdk.internal.misc.CDS` and `LambdaProxyClassArchive` see it: this VM has no
//! archive, so questions are answered with no and requests to read one have no effect.

use crate::boundary::{c, non_null};
use crate::internal::{ClassTable, bool_slot, long_slot};
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::{self, JResult};
use std::ptr::null_mut;

pub(crate) const INTERNAL: &[ClassTable] = &[(
    "jdk/internal/misc/CDS",
    &[
        ("isDumpingClassList0", "()Z", no),
        ("isDumpingArchive0", "()Z", no),
        ("isSharingEnabled0", "()Z", no),
        ("initializeFromArchive", "(Ljava/lang/Class;)V", nothing),
        ("defineArchivedModules", "(Ljava/lang/ClassLoader;Ljava/lang/ClassLoader;)V", nothing),
        ("getRandomSeedForDumping", "()J", zero),
    ],
)];

/// # Safety
/// Called as an internal native.
unsafe fn no(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(bool_slot(false))
}

/// # Safety
/// Called as an internal native.
unsafe fn nothing(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(0)
}

/// # Safety
/// Called as an internal native.
unsafe fn zero(_t: &Thread, _slots: *mut u64) -> JResult<u64> {
    Ok(long_slot(0))
}

jvm_entry! {
    /// `CDS.initializeFromArchive`: static fields stay as they are, and the class makes its own objects.
    fn JVM_InitializeFromArchive(_t; _class: c::jclass) {
        Ok(())
    }

    /// `CDS.defineArchivedModules`.
    fn JVM_DefineArchivedModules(_t; _platform_loader: c::jobject, _system_loader: c::jobject) {
        Ok(())
    }

    /// `LambdaProxyClassArchive.addToArchive`: only while dumping.
    fn JVM_RegisterLambdaProxyClassForArchiving(
        _t;
        _caller: c::jclass,
        _interface_method_name: c::jstring,
        _factory_type: c::jobject,
        _interface_method_type: c::jobject,
        _implementation_member: c::jobject,
        _dynamic_method_type: c::jobject,
        _lambda_proxy_class: c::jclass,
    ) {
        Ok(())
    }

    /// `LambdaProxyClassArchive.findFromArchive`: none is found.
    fn JVM_LookupLambdaProxyClassFromArchive(
        t;
        _caller: c::jclass,
        interface_method_name: c::jstring,
        factory_type: c::jobject,
        interface_method_type: c::jobject,
        implementation_member: c::jobject,
        dynamic_method_type: c::jobject,
    ) -> c::jclass {
        for handle in [
            interface_method_name,
            factory_type,
            interface_method_type,
            implementation_member,
            dynamic_method_type,
        ] {
            // SAFETY: valid handles.
            unsafe { non_null(t, handle) }?;
        }
        Ok(null_mut())
    }

    /// `CDS.isDumpingArchive0`.
    fn JVM_IsCDSDumpingEnabled(_t) -> c::jboolean {
        Ok(0)
    }

    /// `CDS.isSharingEnabled0`.
    fn JVM_IsSharingEnabled(_t) -> c::jboolean {
        Ok(0)
    }

    /// `CDS.isDumpingClassList0`.
    fn JVM_IsDumpingClassList(_t) -> c::jboolean {
        Ok(0)
    }

    /// `CDS.getRandomSeedForDumping`: 0 when not dumping.
    fn JVM_GetRandomSeedForDumping(_t) without env -> c::jlong {
        Ok(0)
    }

    /// `CDS.logLambdaFormInvoker`: only while dumping.
    fn JVM_LogLambdaFormInvoker(_t; _line: c::jstring) {
        Ok(())
    }

    /// `CDS.dumpClassList`, reached by `jcmd VM.cds` only.
    fn JVM_DumpClassListToFile(t; _file: c::jstring) {
        Err(exceptions::throw(t, "java/lang/UnsupportedOperationException", "class data sharing: dumpClassList"))
    }

    /// `CDS.dumpDynamicArchive`, reached by `jcmd VM.cds` only.
    fn JVM_DumpDynamicArchive(t; _file: c::jstring) {
        Err(exceptions::throw(t, "java/lang/UnsupportedOperationException", "class data sharing: dumpDynamicArchive"))
    }
}
