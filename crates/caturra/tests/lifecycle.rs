//! One VM after the other in one process.

mod common;

use caturra::{Error, Object, Vm};

#[test]
fn vms_follow_each_other_and_never_live_side_by_side() {
    let Some(jdk) = common::jdk() else { return };
    let bad = |option: &str| match Vm::builder().java_home(&jdk.path).option(option).build() {
        Err(Error::Create(text)) => text,
        other => panic!("{option}: {other:?}"),
    };
    assert_eq!(bad("-Xnonsense"), "Unrecognized option: -Xnonsense");
    assert_eq!(bad("-Xmx1k"), "Too small maximum heap");
    assert!(matches!(Vm::builder().java_home("/no/such/place").build(), Err(Error::Create(_))));

    let first = Vm::builder().java_home(&jdk.path).option("-Xmx32m").build().unwrap();
    assert!(matches!(Vm::builder().java_home(&jdk.path).build(), Err(Error::AlreadyRunning)));
    let (kept, class, method): (Object, _, _) = {
        let env = first.attach().unwrap();
        let class = env.load_class("java.util.ArrayList").unwrap();
        let hook = env.load_class("java.lang.Runtime").unwrap();
        let runtime: Object = hook.call_static(&env, "getRuntime", "()Ljava/lang/Runtime;", ()).unwrap();
        assert!(runtime.call::<i64>(&env, "maxMemory", "()J", ()).unwrap() <= 32 << 20);
        let method = class.method(&env, "size", "()I").unwrap();
        (class.new_object(&env, "()V", ()).unwrap(), class, method)
    };
    // Stopped from a thread that has never been attached.
    std::thread::spawn(move || first.destroy()).join().unwrap();

    let second = Vm::builder().java_home(&jdk.path).option("-Xmx48m").build().unwrap();
    let env = second.attach().unwrap();
    // What is left of the first VM is dead, not dangerous.
    assert!(matches!(kept.call::<i32>(&env, "size", "()I", ()), Err(Error::Type(_))));
    assert!(matches!(method.call::<i32>(&env, &kept, ()), Err(Error::Type(_))));
    assert!(matches!(class.new_object(&env, "()V", ()), Err(Error::Type(_))));
    assert_eq!((class.name(), method.name(), method.signature()), ("java.util.ArrayList", "size", "()I"));
    let list = env.load_class("java.util.ArrayList").unwrap().new_object(&env, "()V", ()).unwrap();
    assert!(matches!(list.call::<bool>(&env, "add", "(Ljava/lang/Object;)Z", (&kept,)), Err(Error::Type(_))));
    assert_eq!(list.call::<i32>(&env, "size", "()I", ()).unwrap(), 0);
    drop(env);
    drop(second);
    drop((kept, class, method, list));
}
