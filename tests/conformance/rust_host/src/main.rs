//! A host that starts a VM by the invocation interface: strings, arrays, exceptions, native methods, threads.

use jni::objects::{JClass, JString, JThrowable, JValue};
use jni::sys::jstring;
use jni::{InitArgsBuilder, JNIEnv, JNIVersion, JavaVM, NativeMethod};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;

static CALLED: AtomicI64 = AtomicI64::new(0);

extern "system" fn native_offset<'a>(env: JNIEnv<'a>, _: JClass<'a>) -> jstring {
    let text = format!("called {}", CALLED.fetch_add(1, Ordering::Relaxed));
    env.new_string(text).map_or(std::ptr::null_mut(), |s| s.into_raw())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let library = std::env::args().nth(1).ok_or("which libjvm.so?")?;
    let args = InitArgsBuilder::new()
        .version(JNIVersion::V8)
        .option("-Xmx128m")
        .option("-Drust.host=yes")
        .build()?;
    let vm = JavaVM::with_libjvm(args, || Ok(library.clone()))?;
    let mut env = vm.attach_current_thread()?;
    println!("version {:x}", i32::from(env.get_version()?));

    let key = env.new_string("rust.host")?;
    let value = env
        .call_static_method(
            "java/lang/System",
            "getProperty",
            "(Ljava/lang/String;)Ljava/lang/String;",
            &[(&key).into()],
        )?
        .l()?;
    println!("property {}", String::from(env.get_string(&JString::from(value))?));

    let text = env.new_string("Grüße, 世界 \u{1f600}")?;
    let upper = env.call_method(&text, "toUpperCase", "()Ljava/lang/String;", &[])?.l()?;
    let length = env.call_method(&upper, "length", "()I", &[])?.i()?;
    println!("{} {length}", String::from(env.get_string(&JString::from(upper))?));

    let numbers = env.new_int_array(1000)?;
    let values: Vec<i32> = (0..1000).map(|i| i * 7919 % 1000).collect();
    env.set_int_array_region(&numbers, 0, &values)?;
    env.call_static_method("java/util/Arrays", "sort", "([I)V", &[(&numbers).into()])?;
    let mut sorted = vec![0; 1000];
    env.get_int_array_region(&numbers, 0, &mut sorted)?;
    println!("sorted {}", sorted.is_sorted());

    let list = env.new_object("java/util/ArrayList", "()V", &[])?;
    for i in 0..10_000 {
        env.with_local_frame(8, |env| -> jni::errors::Result<()> {
            let boxed = env
                .call_static_method(
                    "java/lang/Integer",
                    "valueOf",
                    "(I)Ljava/lang/Integer;",
                    &[JValue::Int(i)],
                )?
                .l()?;
            env.call_method(&list, "add", "(Ljava/lang/Object;)Z", &[(&boxed).into()])?;
            Ok(())
        })?;
    }
    println!("size {}", env.call_method(&list, "size", "()I", &[])?.i()?);

    let failed = env.call_method(&list, "get", "(I)Ljava/lang/Object;", &[JValue::Int(-1)]);
    println!("failed {}", failed.is_err());
    let thrown: JThrowable = env.exception_occurred()?;
    env.exception_clear()?;
    let message = env.call_method(&thrown, "getMessage", "()Ljava/lang/String;", &[])?.l()?;
    println!("{}", String::from(env.get_string(&JString::from(message))?));

    let zone: JClass = env.find_class("java/util/TimeZone")?;
    let name = "getSystemGMTOffsetID";
    let signature = "()Ljava/lang/String;";
    let method = NativeMethod { name: name.into(), sig: signature.into(), fn_ptr: native_offset as *mut _ };
    env.register_native_methods(&zone, &[method])?;
    for _ in 0..3 {
        let answer = env.call_static_method(&zone, name, signature, &[])?.l()?;
        println!("native {}", String::from(env.get_string(&JString::from(answer))?));
    }

    let shared = env.new_global_ref(&list)?;
    let (send, receive) = mpsc::channel();
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (send, shared, vm) = (send.clone(), shared.clone(), &vm);
            scope.spawn(move || {
                let run = || -> jni::errors::Result<i32> {
                    let mut env = vm.attach_current_thread()?;
                    let mut sum = 0;
                    for i in 0..500 {
                        let at = JValue::Int(n * 500 + i);
                        sum += env.with_local_frame(8, |env| -> jni::errors::Result<i32> {
                            let entry = env
                                .call_method(shared.as_obj(), "get", "(I)Ljava/lang/Object;", &[at])?
                                .l()?;
                            env.call_method(&entry, "intValue", "()I", &[])?.i()
                        })?;
                    }
                    Ok(sum)
                };
                send.send(run().unwrap_or(-1)).ok();
            });
        }
    });
    drop(send);
    println!("threads {}", receive.iter().sum::<i32>());
    Ok(())
}
