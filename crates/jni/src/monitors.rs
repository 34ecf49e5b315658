//! `MonitorEnter` and `MonitorExit` (JNI, chapter 4, "Monitor Operations").

use crate::handles::object;
use crate::types::*;
use caturra_kernel::runtime::monitor;

jni_functions! {
    /// `MonitorEnter`.
    entry fn MonitorEnter(t, handle: jobject) -> jint, else JNI_ERR; {
        let object = object(t, handle)?;
        monitor::enter(t, object);
        // SAFETY: the list belongs to this thread; the collector reads it with the thread stopped.
        unsafe { (*t.jni_monitors.get()).push(object) };
        Ok(JNI_OK)
    }
    /// `MonitorExit`: `IllegalMonitorStateException` when the thread does not own the monitor.
    entry fn MonitorExit(t, handle: jobject) -> jint, else JNI_ERR; {
        let object = object(t, handle)?;
        monitor::exit(t, object)?;
        // SAFETY: as above.
        let entered = unsafe { &mut *t.jni_monitors.get() };
        if let Some(at) = entered.iter().rposition(|&o| o == object) {
            entered.remove(at);
        }
        Ok(JNI_OK)
    }
}
