//! Stack traces of `Throwable` and `StackTraceElement`.

use crate::boundary::{c, non_null};
use crate::class::internal_natives;
use crate::internal::{Args, ClassTable, ref_slot};
use crate::stack_walk::stack_frame_info_method;
use caturra_kernel::Thread;
use caturra_kernel::runtime::exceptions::JResult;
use caturra_kernel::runtime::stack_trace;

jvm_entry! {
    /// `Throwable.fillInStackTrace`.
    fn JVM_FillInStackTrace(t; throwable: c::jobject) {
        // SAFETY: a handle of the caller, as in every function of this file.
        stack_trace::fill_in_stack_trace(t, unsafe { non_null(t, throwable)? })
    }
    /// `StackTraceElement.initStackTraceElements`.
    fn JVM_InitStackTraceElementArray(t; elements: c::jobjectArray, throwable: c::jobject) {
        // SAFETY: as above.
        let (elements, throwable) = unsafe { (non_null(t, elements)?, non_null(t, throwable)?) };
        stack_trace::fill_elements(t, elements, throwable)
    }
    /// `StackTraceElement.initStackTraceElement`, for a frame of a `StackWalker`.
    fn JVM_InitStackTraceElement(t; element: c::jobject, stack_frame_info: c::jobject) {
        // SAFETY: as above.
        let (element, info) = unsafe { (non_null(t, element)?, non_null(t, stack_frame_info)?) };
        let (method, bci) = stack_frame_info_method(t, info)?;
        stack_trace::fill_element(t, element, method, bci)
    }
}

internal_natives! {
    fn fill_in_stack_trace_native(t, a) {
        stack_trace::fill_in_stack_trace(t, a.obj(0))?;
        Ok(ref_slot(a.obj(0)))
    }
}

/// `Throwable.fillInStackTrace`.
pub(crate) const INTERNAL: &[ClassTable] = &[(
    "java/lang/Throwable",
    &[("fillInStackTrace", "(I)Ljava/lang/Throwable;", fill_in_stack_trace_native)],
)];
