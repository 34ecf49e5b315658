//! The function table behind `jvmtiEnv*`: one row a slot, in the order of `jvmti.h`.

use super::env::Env;
use super::types::Error;
use super::{
    class_search, classes, fields, methods, modules, monitors, properties, redefine, stacks, threads,
};
use caturra_jni::types::jint;

/// A code pointer; the table is immutable.
#[repr(transparent)]
#[derive(Clone, Copy)]
struct Entry(*const u8);

// SAFETY: addresses of functions, or null.
unsafe impl Sync for Entry {}

/// A function whose capability no environment can have.
unsafe extern "C" fn not_offered(env: *mut Env) -> jint {
    // SAFETY: the agent passes an environment that it was given; arguments beyond it are not looked at.
    match unsafe { Env::of(env) } {
        Ok(_) => Error::MUST_POSSESS_CAPABILITY.0,
        Err(e) => e.0,
    }
}

macro_rules! table {
    (@entry reserved) => { Entry(std::ptr::null()) };
    (@entry not_offered $name:ident) => { Entry(not_offered as *const u8) };
    (@entry $module:ident::$name:ident) => { Entry($module::$name as *const u8) };
    (@name reserved) => { "" };
    (@name not_offered $name:ident) => { stringify!($name) };
    (@name $module:ident::$name:ident) => { stringify!($name) };
    ($(($($row:tt)*))*) => {
        /// Names of the functions, "" for slots without one.
        pub const SLOT_NAMES: &[&str] = &[$(table!(@name $($row)*)),*];
        static TABLE: [Entry; SLOT_NAMES.len()] = [$(table!(@entry $($row)*)),*];
    };
}

/// The `jvmtiInterface_1_` structure.
pub fn functions() -> &'static [*const u8] {
    // SAFETY: `Entry` is a transparent pointer.
    unsafe { std::slice::from_raw_parts((&raw const TABLE).cast(), TABLE.len()) }
}

table! {
    (reserved)
    (properties::SetEventNotificationMode)
    (modules::GetAllModules)
    (threads::GetAllThreads)
    (threads::SuspendThread)
    (threads::ResumeThread)
    (threads::StopThread)
    (threads::InterruptThread)
    (threads::GetThreadInfo)
    (not_offered GetOwnedMonitorInfo)
    (classes::GetCurrentContendedMonitor)
    (threads::RunAgentThread)
    (threads::GetTopThreadGroups)
    (threads::GetThreadGroupInfo)
    (threads::GetThreadGroupChildren)
    (stacks::GetFrameCount)
    (threads::GetThreadState)
    (threads::GetCurrentThread)
    (stacks::GetFrameLocation)
    (not_offered NotifyFramePop)
    (not_offered GetLocalObject)
    (not_offered GetLocalInt)
    (not_offered GetLocalLong)
    (not_offered GetLocalFloat)
    (not_offered GetLocalDouble)
    (not_offered SetLocalObject)
    (not_offered SetLocalInt)
    (not_offered SetLocalLong)
    (not_offered SetLocalFloat)
    (not_offered SetLocalDouble)
    (monitors::CreateRawMonitor)
    (monitors::DestroyRawMonitor)
    (monitors::RawMonitorEnter)
    (monitors::RawMonitorExit)
    (monitors::RawMonitorWait)
    (monitors::RawMonitorNotify)
    (monitors::RawMonitorNotifyAll)
    (not_offered SetBreakpoint)
    (not_offered ClearBreakpoint)
    (modules::GetNamedModule)
    (not_offered SetFieldAccessWatch)
    (not_offered ClearFieldAccessWatch)
    (not_offered SetFieldModificationWatch)
    (not_offered ClearFieldModificationWatch)
    (classes::IsModifiableClass)
    (properties::Allocate)
    (properties::Deallocate)
    (classes::GetClassSignature)
    (classes::GetClassStatus)
    (classes::GetSourceFileName)
    (classes::GetClassModifiers)
    (classes::GetClassMethods)
    (classes::GetClassFields)
    (classes::GetImplementedInterfaces)
    (classes::IsInterface)
    (classes::IsArrayClass)
    (classes::GetClassLoader)
    (classes::GetObjectHashCode)
    (not_offered GetObjectMonitorUsage)
    (fields::GetFieldName)
    (fields::GetFieldDeclaringClass)
    (fields::GetFieldModifiers)
    (fields::IsFieldSynthetic)
    (methods::GetMethodName)
    (methods::GetMethodDeclaringClass)
    (methods::GetMethodModifiers)
    (reserved)
    (methods::GetMaxLocals)
    (methods::GetArgumentsSize)
    (methods::GetLineNumberTable)
    (methods::GetMethodLocation)
    (not_offered GetLocalVariableTable)
    (properties::SetNativeMethodPrefix)
    (class_search::SetNativeMethodPrefixes)
    (methods::GetBytecodes)
    (methods::IsMethodNative)
    (methods::IsMethodSynthetic)
    (classes::GetLoadedClasses)
    (classes::GetClassLoaderClasses)
    (not_offered PopFrame)
    (not_offered ForceEarlyReturnObject)
    (not_offered ForceEarlyReturnInt)
    (not_offered ForceEarlyReturnLong)
    (not_offered ForceEarlyReturnFloat)
    (not_offered ForceEarlyReturnDouble)
    (not_offered ForceEarlyReturnVoid)
    (redefine::RedefineClasses)
    (properties::GetVersionNumber)
    (properties::GetCapabilities)
    (classes::GetSourceDebugExtension)
    (methods::IsMethodObsolete)
    (threads::SuspendThreadList)
    (threads::ResumeThreadList)
    (modules::AddModuleReads)
    (modules::AddModuleExports)
    (modules::AddModuleOpens)
    (modules::AddModuleUses)
    (modules::AddModuleProvides)
    (modules::IsModifiableModule)
    (stacks::GetAllStackTraces)
    (stacks::GetThreadListStackTraces)
    (threads::GetThreadLocalStorage)
    (threads::SetThreadLocalStorage)
    (stacks::GetStackTrace)
    (reserved)
    (not_offered GetTag)
    (not_offered SetTag)
    (classes::ForceGarbageCollection)
    (not_offered IterateOverObjectsReachableFromObject)
    (not_offered IterateOverReachableObjects)
    (not_offered IterateOverHeap)
    (not_offered IterateOverInstancesOfClass)
    (reserved)
    (not_offered GetObjectsWithTags)
    (not_offered FollowReferences)
    (not_offered IterateThroughHeap)
    (reserved)
    (reserved)
    (reserved)
    (not_offered SetJNIFunctionTable)
    (properties::GetJNIFunctionTable)
    (properties::SetEventCallbacks)
    (properties::GenerateEvents)
    (properties::GetExtensionFunctions)
    (properties::GetExtensionEvents)
    (properties::SetExtensionEventCallback)
    (properties::DisposeEnvironment)
    (properties::GetErrorName)
    (properties::GetJLocationFormat)
    (properties::GetSystemProperties)
    (properties::GetSystemProperty)
    (properties::SetSystemProperty)
    (properties::GetPhase)
    (threads::GetCurrentThreadCpuTimerInfo)
    (threads::GetCurrentThreadCpuTime)
    (threads::GetThreadCpuTimerInfo)
    (threads::GetThreadCpuTime)
    (properties::GetTimerInfo)
    (properties::GetTime)
    (properties::GetPotentialCapabilities)
    (reserved)
    (properties::AddCapabilities)
    (properties::RelinquishCapabilities)
    (properties::GetAvailableProcessors)
    (classes::GetClassVersionNumbers)
    (not_offered GetConstantPool)
    (properties::GetEnvironmentLocalStorage)
    (properties::SetEnvironmentLocalStorage)
    (class_search::AddToBootstrapClassLoaderSearch)
    (properties::SetVerboseFlag)
    (class_search::AddToSystemClassLoaderSearch)
    (redefine::RetransformClasses)
    (not_offered GetOwnedMonitorStackDepthInfo)
    (classes::GetObjectSize)
    (not_offered GetLocalInstance)
    (not_offered SetHeapSamplingInterval)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slot numbers as the specification gives them, counted from 1.
    #[test]
    fn slots_are_where_the_specification_says() {
        assert_eq!(SLOT_NAMES.len(), 156);
        for (name, number) in [
            ("SetEventNotificationMode", 2),
            ("GetAllThreads", 4),
            ("GetThreadInfo", 9),
            ("CreateRawMonitor", 31),
            ("GetClassSignature", 48),
            ("GetLoadedClasses", 78),
            ("RedefineClasses", 87),
            ("GetVersionNumber", 88),
            ("GetStackTrace", 104),
            ("SetEventCallbacks", 122),
            ("GetPotentialCapabilities", 140),
            ("AddCapabilities", 142),
            ("AddToBootstrapClassLoaderSearch", 149),
            ("RetransformClasses", 152),
            ("SetHeapSamplingInterval", 156),
        ] {
            assert_eq!(SLOT_NAMES[number - 1], name);
        }
        assert!(SLOT_NAMES.iter().zip(functions()).all(|(n, f)| n.is_empty() == f.is_null()));
    }
}
