//! The embedding API on one VM that the tests share, each on a thread of its own.

mod common;

use caturra::{Class, Env, Error, JavaException, Object, Value, Vm};
use common::Scratch;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const SOURCE: &str = r#"
public class Probe {
    static int counter;
    static final String NAME = "probe";
    static volatile long wide = 1L << 40;
    public Object held;
    private double half;

    public Probe() {}
    private Probe(double half) { this.half = half; }

    static boolean z(boolean v) { return !v; }
    static byte b(byte v) { return (byte) (v + 1); }
    static char c(char v) { return (char) (v + 1); }
    static short s(short v) { return (short) (v + 1); }
    static int i(int v) { return v + 1; }
    static long j(long v) { return v + 1; }
    static float f(float v) { return v / 2; }
    static double d(double v) { return v / 2; }
    static String mix(int a, long b, String c, double d, char e, boolean f, Object g) {
        return a + "," + b + "," + c + "," + d + "," + e + "," + f + "," + g;
    }
    static String echo(String s) { return s; }
    static CharSequence sequence(CharSequence s) { return s; }
    static Runnable none() { return null; }
    static int sum(int[] a) { int s = 0; for (int v : a) s += v; return s; }
    static byte[] bytes() { return new byte[] { 1, -2, 3 }; }
    static String[] words() { return new String[] { "a", null, "c" }; }
    static void fail() { throw new IllegalStateException("failed", new RuntimeException("cause")); }
    static int deep(int n) { return n == 0 ? 0 : 1 + deep(n + 1); }
    public String describe() { return "Probe " + half; }
    public static class Child extends Probe { @Override public String describe() { return "Child"; } }
    public interface Shape { default String kind() { return "shape"; } }
    public static class Circle implements Shape {}
    public static abstract class Abstract {}
    public static class Broken { static { if (true) throw new IllegalArgumentException("init"); } static void m() {} }

    static native int addNative(int a, int b);
    static native long longNative(long a, int b, long c);
    static native double doubleNative(float a, double b);
    static native float floatNative(float a);
    static native boolean notNative(boolean a);
    static native String textNative(String a);
    static native void voidNative();
    static native Runnable objectNative(Object a);
    native String selfNative(int n);
    static native int unbound();
    static int callNative(int n) {
        try { return addNative(n, 1); } catch (IllegalStateException e) { return -e.getMessage().length(); }
    }
    static String tryObject(Object o) {
        try { return String.valueOf(objectNative(o)); } catch (Throwable t) { return t.toString(); }
    }
}
"#;

/// The VM of this test program, for good.
fn vm() -> Option<&'static Vm> {
    static VM: OnceLock<Option<(Vm, Scratch)>> = OnceLock::new();
    let shared = VM.get_or_init(|| {
        let jdk = common::jdk()?;
        let dir = Scratch::new("embedding");
        dir.compile(&jdk, "Probe.java", SOURCE);
        let vm = Vm::builder()
            .java_home(&jdk.path)
            .class_path(&dir.0)
            .options(["-Xmx64m", "-ea"])
            .property("probe.property", "set")
            .build()
            .unwrap();
        Some((vm, dir))
    });
    shared.as_ref().map(|(vm, _)| vm)
}

fn probe(test: impl FnOnce(&Env<'_>, &Class)) {
    let Some(vm) = vm() else { return };
    let env = vm.attach().unwrap();
    let class = env.load_class("Probe").unwrap();
    test(&env, &class);
}

fn exception(error: Error) -> JavaException {
    match error {
        Error::Exception(e) => *e,
        other => panic!("no exception: {other:?}"),
    }
}

#[test]
fn all_types_pass_and_return() {
    probe(|env, class| {
        assert!(!class.call_static::<bool>(env, "z", "(Z)Z", (true,)).unwrap());
        assert_eq!(class.call_static::<i8>(env, "b", "(B)B", (127i8,)).unwrap(), -128);
        assert_eq!(class.call_static::<u16>(env, "c", "(C)C", (0xffffu16,)).unwrap(), 0);
        assert_eq!(class.call_static::<char>(env, "c", "(C)C", ('é',)).unwrap(), 'ê');
        assert_eq!(class.call_static::<i16>(env, "s", "(S)S", (-1i16,)).unwrap(), 0);
        assert_eq!(class.call_static::<i32>(env, "i", "(I)I", (i32::MAX,)).unwrap(), i32::MIN);
        assert_eq!(class.call_static::<i64>(env, "j", "(J)J", (i64::MAX,)).unwrap(), i64::MIN);
        assert_eq!(class.call_static::<f32>(env, "f", "(F)F", (0.5f32,)).unwrap(), 0.25);
        assert_eq!(class.call_static::<f64>(env, "d", "(D)D", (-1e300,)).unwrap(), -5e299);
        let signature = "(IJLjava/lang/String;DCZLjava/lang/Object;)Ljava/lang/String;";
        let mixed: String = class
            .call_static(env, "mix", signature, (1, 2i64, "drei", 4.5, '5', false, None::<&str>))
            .unwrap();
        assert_eq!(mixed, "1,2,drei,4.5,5,false,null");
        let values = [Value::from(7)];
        assert!(matches!(class.call_static(env, "i", "(I)I", values).unwrap(), Value::Int(8)));
    });
}

#[test]
fn strings_keep_every_character() {
    probe(|env, class| {
        for text in ["", "plain", "héé", "日本語", "\u{1f600} \0 x"] {
            let echoed: String =
                class.call_static(env, "echo", "(Ljava/lang/String;)Ljava/lang/String;", (text,)).unwrap();
            assert_eq!(echoed, text);
        }
        let none: Option<String> = class
            .call_static(env, "echo", "(Ljava/lang/String;)Ljava/lang/String;", (None::<String>,))
            .unwrap();
        assert_eq!(none, None);
        let runnable: Option<Object> = class.call_static(env, "none", "()Ljava/lang/Runnable;", ()).unwrap();
        assert!(runnable.is_none());
    });
}

#[test]
fn arrays_go_both_ways() {
    probe(|env, class| {
        assert_eq!(class.call_static::<i32>(env, "sum", "([I)I", (vec![1, 2, 3],)).unwrap(), 6);
        assert_eq!(class.call_static::<Vec<i8>>(env, "bytes", "()[B", ()).unwrap(), [1, -2, 3]);
        let words: Object = class.call_static(env, "words", "()[Ljava/lang/String;", ()).unwrap();
        let texts: Vec<Option<String>> = words
            .elements(env)
            .unwrap()
            .iter()
            .map(|w| w.as_ref().map(|w| w.to_text(env).unwrap()))
            .collect();
        assert_eq!(texts, [Some("a".into()), None, Some("c".into())]);
        words.set_element(env, 1, Some(&env.new_string("b").unwrap())).unwrap();
        assert!(matches!(words.set_element(env, 3, None), Err(Error::Type(_))));
        assert!(matches!(words.set_element(env, 0, Some(class.as_object())), Err(Error::Type(_))));

        let longs = env.new_array(&[1i64 << 40, -1]).unwrap();
        longs.set_elements(env, 1, &[5i64]).unwrap();
        assert_eq!(longs.to_vec::<i64>(env).unwrap(), [1 << 40, 5]);
        assert!(matches!(longs.set_elements(env, 1, &[1i64, 2]), Err(Error::Type(_))));
        assert!(matches!(longs.to_vec::<i32>(env), Err(Error::Type(_))));
        assert_eq!(env.new_array(&[true, false]).unwrap().to_vec::<bool>(env).unwrap(), [true, false]);
        assert_eq!(env.new_array::<f64>(&[]).unwrap().array_length(env).unwrap(), 0);

        let string = env.load_class("java.lang.String").unwrap();
        let array = env.new_object_array(&string, &[Some(env.new_string("x").unwrap()), None]).unwrap();
        assert_eq!(array.class(env).unwrap().name(), "[Ljava.lang.String;");
        assert!(env.new_object_array(&string, &[Some(array)]).is_err());
    });
}

#[test]
fn objects_fields_and_selection() {
    probe(|env, class| {
        let object = class.new_object(env, "(D)V", (0.5,)).unwrap();
        let describe = class.method(env, "describe", "()Ljava/lang/String;").unwrap();
        assert_eq!(describe.call::<String>(env, &object, ()).unwrap(), "Probe 0.5");
        let child = env.load_class("Probe$Child").unwrap().new_object(env, "()V", ()).unwrap();
        assert_eq!(describe.call::<String>(env, &child, ()).unwrap(), "Child");
        assert!(child.is_instance_of(env, class).unwrap());
        assert_eq!(child.class(env).unwrap().name(), "Probe$Child");

        let shape = env.load_class("Probe$Shape").unwrap();
        let circle = env.load_class("Probe$Circle").unwrap().new_object(env, "()V", ()).unwrap();
        let kind = shape.method(env, "kind", "()Ljava/lang/String;").unwrap();
        assert_eq!(kind.call::<String>(env, &circle, ()).unwrap(), "shape");
        assert!(matches!(kind.call::<String>(env, &child, ()), Err(Error::Type(_))));

        object.set_field(env, "held", "Ljava/lang/Object;", &child).unwrap();
        let held: Object = object.field(env, "held", "Ljava/lang/Object;").unwrap();
        assert!(held.is_same(env, &child).unwrap() && !held.is_same(env, &object).unwrap());
        assert_eq!(object.field::<f64>(env, "half", "D").unwrap(), 0.5);
        class.set_static_field(env, "counter", "I", 41).unwrap();
        assert_eq!(class.static_field::<i32>(env, "counter", "I").unwrap(), 41);
        assert_eq!(class.static_field::<i64>(env, "wide", "J").unwrap(), 1 << 40);
        assert_eq!(class.static_field::<String>(env, "NAME", "Ljava/lang/String;").unwrap(), "probe");
        let constant = class.set_static_field(env, "NAME", "Ljava/lang/String;", "x");
        assert!(matches!(constant, Err(Error::Type(_))));
        assert!(matches!(object.set_field(env, "half", "D", 1), Err(Error::Type(_))));
        assert!(matches!(object.field::<i32>(env, "nope", "I"), Err(Error::NotFound(_))));
        assert!(object.display(env).unwrap().starts_with("Probe@"));
    });
}

#[test]
fn wrong_arguments_never_reach_java() {
    probe(|env, class| {
        let calls =
            |arguments: Vec<Value>| class.call_static::<Value>(env, "i", "(I)I", arguments).unwrap_err();
        assert!(matches!(calls(vec![]), Error::Type(_)));
        assert!(matches!(calls(vec![Value::Long(1)]), Error::Type(_)));
        assert!(matches!(calls(vec![Value::Int(1), Value::Int(2)]), Error::Type(_)));
        let text = env.new_string("x").unwrap();
        let sequence = "(Ljava/lang/CharSequence;)Ljava/lang/CharSequence;";
        assert!(class.call_static::<Object>(env, "sequence", sequence, (&text,)).is_ok());
        let wrong = class.call_static::<Object>(env, "sequence", sequence, (class,)).unwrap_err();
        assert!(wrong.to_string().contains("java.lang.Class is no java.lang.CharSequence"), "{wrong}");
        assert!(matches!(class.call_static::<i32>(env, "d", "(D)D", (1.0,)), Err(Error::Type(_))));
        assert!(matches!(class.call_static::<()>(env, "nope", "()V", ()), Err(Error::NotFound(_))));
        assert!(matches!(
            class.call_static::<()>(env, "describe", "()Ljava/lang/String;", ()),
            Err(Error::NotFound(_))
        ));
        assert!(matches!(text.call::<()>(env, "<init>", "()V", ()), Err(Error::Type(_))));
        let r#abstract = env.load_class("Probe$Abstract").unwrap();
        assert!(matches!(r#abstract.new_object(env, "()V", ()), Err(Error::Type(_))));
        let handle = env.load_class("java.lang.invoke.MethodHandle").unwrap();
        let exact = handle.method(env, "invokeExact", "([Ljava/lang/Object;)Ljava/lang/Object;");
        assert!(matches!(exact, Err(Error::NotFound(_))));
    });
}

#[test]
fn exceptions_become_errors() {
    probe(|env, class| {
        let e = exception(class.call_static::<()>(env, "fail", "()V", ()).unwrap_err());
        assert_eq!(e.class_name(), "java.lang.IllegalStateException");
        assert_eq!(e.message(), Some("failed"));
        let trace = e.stack_trace();
        assert!(
            trace.starts_with("java.lang.IllegalStateException: failed\n\tat Probe.fail(Probe.java:"),
            "{trace}"
        );
        assert!(trace.contains("Caused by: java.lang.RuntimeException: cause"), "{trace}");
        let cause: Object = e.object().call(env, "getCause", "()Ljava/lang/Throwable;", ()).unwrap();
        assert_eq!(cause.class(env).unwrap().name(), "java.lang.RuntimeException");

        let e = exception(class.call_static::<i32>(env, "deep", "(I)I", (1,)).unwrap_err());
        assert_eq!(e.class_name(), "java.lang.StackOverflowError");
        let e = exception(env.load_class("no.such.Class").unwrap_err());
        assert_eq!(e.class_name(), "java.lang.ClassNotFoundException");
        let e = exception(env.load_class("Probe$Broken").unwrap_err());
        assert_eq!(e.class_name(), "java.lang.ExceptionInInitializerError");
        let e = exception(env.define_class(b"\xca\xfe\xba\xbe\0\0\0\x3d").unwrap_err());
        assert_eq!(e.class_name(), "java.lang.ClassFormatError");
        // The thread is as good as before.
        assert_eq!(class.call_static::<i32>(env, "i", "(I)I", (1,)).unwrap(), 2);
    });
}

#[test]
fn closures_are_native_methods() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    probe(|env, class| {
        class
            .register_native(env, "addNative", "(II)I", |call| {
                let (a, b): (i32, i32) = (call.argument(0)?, call.argument(1)?);
                CALLS.fetch_add(1, Ordering::Relaxed);
                match a {
                    -1 => Err(Error::throw("java.lang.IllegalStateException", "minus one")),
                    -2 => panic!("on purpose"),
                    _ => Ok(a + b),
                }
            })
            .unwrap();
        assert_eq!(class.call_static::<i32>(env, "callNative", "(I)I", (41,)).unwrap(), 42);
        assert_eq!(class.call_static::<i32>(env, "callNative", "(I)I", (-1,)).unwrap(), -9);
        let e = exception(class.call_static::<i32>(env, "callNative", "(I)I", (-2,)).unwrap_err());
        assert_eq!(e.class_name(), "java.lang.InternalError");
        assert!(e.message().unwrap().contains("on purpose"));
        assert_eq!(CALLS.load(Ordering::Relaxed), 3);

        class
            .register_native(env, "longNative", "(JIJ)J", |call| {
                let (a, b, c): (i64, i32, i64) = (call.argument(0)?, call.argument(1)?, call.argument(2)?);
                Ok(a * i64::from(b) + c)
            })
            .unwrap();
        let product: i64 = class.call_static(env, "longNative", "(JIJ)J", (1i64 << 40, 2, 3i64)).unwrap();
        assert_eq!(product, (1 << 41) + 3);
        class
            .register_native(env, "doubleNative", "(FD)D", |call| {
                Ok(f64::from(call.argument::<f32>(0)?) * call.argument::<f64>(1)?)
            })
            .unwrap();
        assert_eq!(class.call_static::<f64>(env, "doubleNative", "(FD)D", (1.5f32, -4.0)).unwrap(), -6.0);
        class.register_native(env, "floatNative", "(F)F", |call| Ok(call.argument::<f32>(0)? + 0.5)).unwrap();
        assert_eq!(class.call_static::<f32>(env, "floatNative", "(F)F", (1f32,)).unwrap(), 1.5);
        class.register_native(env, "notNative", "(Z)Z", |call| Ok(!call.argument::<bool>(0)?)).unwrap();
        assert!(!class.call_static::<bool>(env, "notNative", "(Z)Z", (true,)).unwrap());
        class.register_native(env, "voidNative", "()V", |_| Ok(())).unwrap();
        class.call_static::<()>(env, "voidNative", "()V", ()).unwrap();

        // Strings, and a call back into Java from the closure.
        class
            .register_native(env, "textNative", "(Ljava/lang/String;)Ljava/lang/String;", |call| {
                let text: Object = call.argument(0)?;
                text.call::<String>(call.env(), "toUpperCase", "()Ljava/lang/String;", ())
            })
            .unwrap();
        let signature = "(Ljava/lang/String;)Ljava/lang/String;";
        assert_eq!(class.call_static::<String>(env, "textNative", signature, ("abc",)).unwrap(), "ABC");
        // The exception of the inner call goes on.
        let e = exception(
            class.call_static::<String>(env, "textNative", signature, (None::<&str>,)).unwrap_err(),
        );
        assert_eq!(e.class_name(), "java.lang.ClassCastException");

        // The receiver; a result of the wrong class is refused.
        class
            .register_native(env, "selfNative", "(I)Ljava/lang/String;", |call| {
                let this = call.this().expect("an instance method");
                let text: String = this.call(call.env(), "describe", "()Ljava/lang/String;", ())?;
                Ok(format!("{text} {} {}", call.argument::<i32>(0)?, call.class().name()))
            })
            .unwrap();
        let object = class.new_object(env, "()V", ()).unwrap();
        let text: String = object.call(env, "selfNative", "(I)Ljava/lang/String;", (3,)).unwrap();
        assert_eq!(text, "Probe 0.0 3 Probe");
        class
            .register_native(env, "objectNative", "(Ljava/lang/Object;)Ljava/lang/Runnable;", |call| {
                call.argument::<Option<Object>>(0)
            })
            .unwrap();
        let attempt = |o: Option<&Object>| -> String {
            class.call_static(env, "tryObject", "(Ljava/lang/Object;)Ljava/lang/String;", (o,)).unwrap()
        };
        assert_eq!(attempt(None), "null");
        assert!(attempt(Some(&object)).starts_with("java.lang.ClassCastException"));
        let thread = env.load_class("java.lang.Thread").unwrap().new_object(env, "()V", ()).unwrap();
        assert!(attempt(Some(&thread)).starts_with("Thread[Thread-"));

        let e = exception(class.call_static::<i32>(env, "unbound", "()I", ()).unwrap_err());
        assert_eq!(e.class_name(), "java.lang.UnsatisfiedLinkError");
        assert!(matches!(class.register_native(env, "i", "(I)I", |_| Ok(0)), Err(Error::NotFound(_))));
        let clock = env.load_class("java.lang.System").unwrap();
        let taken = clock.register_native(env, "identityHashCode", "(Ljava/lang/Object;)I", |_| Ok(0));
        assert!(matches!(taken, Err(Error::NotFound(_))));
    });
}

#[test]
fn classes_are_defined_from_bytes() {
    let Some(vm) = vm() else { return };
    let jdk = common::jdk().unwrap();
    let dir = Scratch::new("embedding-define");
    let source = "public class Defined { public static String hello() { return Probe.class.getName(); } }";
    dir.write("Probe.java", "class Probe {}");
    std::fs::create_dir_all(dir.0.join("sub")).unwrap();
    dir.compile(&jdk, "Defined.java", &format!("{source} class Probe {{}}"));
    let env = vm.attach().unwrap();
    let bytes = std::fs::read(dir.0.join("Defined.class")).unwrap();
    let class = env.define_class(&bytes).unwrap();
    assert_eq!(class.name(), "Defined");
    // It sees the classes of the class path, and they see it.
    assert_eq!(class.call_static::<String>(&env, "hello", "()Ljava/lang/String;", ()).unwrap(), "Probe");
    assert_eq!(env.load_class("Defined").unwrap().name(), "Defined");
    let e = exception(env.define_class_file(dir.0.join("Defined.class")).unwrap_err());
    assert_eq!(e.class_name(), "java.lang.LinkageError");
    assert!(matches!(env.define_class_file(dir.0.join("none.class")), Err(Error::Io(_))));
}

#[test]
fn the_library_is_complete() {
    probe(|env, _| {
        let system = env.load_class("java.lang.System").unwrap();
        let get = system.static_method(env, "getProperty", "(Ljava/lang/String;)Ljava/lang/String;").unwrap();
        assert_eq!(get.call_static::<String>(env, ("probe.property",)).unwrap(), "set");
        assert_eq!(get.call_static::<String>(env, ("java.vm.name",)).unwrap(), "Caturra 64-Bit VM");
        // Native libraries that load on demand find the VM's functions, too.
        let address = env.load_class("java.net.InetAddress").unwrap();
        let local: Object =
            address.call_static(env, "getLoopbackAddress", "()Ljava/net/InetAddress;", ()).unwrap();
        assert!(local.display(env).unwrap().contains("127.0.0.1"));
        let path = env.load_class("java.nio.file.Path").unwrap();
        let empty = env.new_object_array(&env.load_class("java.lang.String").unwrap(), &[]).unwrap();
        let root: Object = path
            .call_static(
                env,
                "of",
                "(Ljava/lang/String;[Ljava/lang/String;)Ljava/nio/file/Path;",
                ("/", &empty),
            )
            .unwrap();
        let files = env.load_class("java.nio.file.Files").unwrap();
        let options = env.load_class("java.nio.file.LinkOption").unwrap();
        let options = env.new_object_array(&options, &[]).unwrap();
        let signature = "(Ljava/nio/file/Path;[Ljava/nio/file/LinkOption;)Z";
        assert!(files.call_static::<bool>(env, "isDirectory", signature, (&root, &options)).unwrap());
        let management = env.load_class("java.lang.management.ManagementFactory").unwrap();
        let bean = "()Ljava/lang/management/RuntimeMXBean;";
        let runtime: Object = management.call_static(env, "getRuntimeMXBean", bean, ()).unwrap();
        assert!(runtime.call::<i64>(env, "getUptime", "()J", ()).unwrap() > 0);
    });
}

#[test]
fn threads_attach_and_share_objects() {
    let Some(vm) = vm() else { return };
    let list = {
        let env = vm.attach().unwrap();
        env.load_class("java.util.Vector").unwrap().new_object(&env, "()V", ()).unwrap()
    };
    std::thread::scope(|scope| {
        for i in 0..4 {
            let list = list.clone();
            scope.spawn(move || {
                let name = format!("embedder {i}");
                let env = vm.attach_as(&name, true).unwrap();
                let inner = vm.attach().unwrap();
                let thread = env.load_class("java.lang.Thread").unwrap();
                let current: Object =
                    thread.call_static(&inner, "currentThread", "()Ljava/lang/Thread;", ()).unwrap();
                drop(env);
                assert_eq!(
                    current.call::<String>(&inner, "getName", "()Ljava/lang/String;", ()).unwrap(),
                    name
                );
                assert!(current.call::<bool>(&inner, "isDaemon", "()Z", ()).unwrap());
                for n in 0..200 {
                    let text = inner.new_string(&format!("{i}:{n}")).unwrap();
                    list.call::<()>(&inner, "addElement", "(Ljava/lang/Object;)V", (text,)).unwrap();
                }
            });
        }
        // Roots hold while others collect.
        let env = vm.attach().unwrap();
        let system = env.load_class("java.lang.System").unwrap();
        for _ in 0..5 {
            system.call_static::<()>(&env, "gc", "()V", ()).unwrap();
        }
    });
    let env = vm.attach().unwrap();
    assert_eq!(list.call::<i32>(&env, "size", "()I", ()).unwrap(), 800);
}

#[test]
fn dropped_roots_let_objects_go() {
    probe(|env, _| {
        let reference_class = env.load_class("java.lang.ref.WeakReference").unwrap();
        let object = env.load_class("java.util.ArrayList").unwrap().new_object(env, "()V", ()).unwrap();
        let clone = object.clone();
        let reference = reference_class.new_object(env, "(Ljava/lang/Object;)V", (&object,)).unwrap();
        drop(object);
        let system = env.load_class("java.lang.System").unwrap();
        let alive = || -> bool {
            let referent: Option<Object> = reference.call(env, "get", "()Ljava/lang/Object;", ()).unwrap();
            referent.is_some()
        };
        system.call_static::<()>(env, "gc", "()V", ()).unwrap();
        assert!(alive());
        drop(clone);
        // What is left on stacks may keep it for a while.
        let gone = (0..20).any(|_| {
            system.call_static::<()>(env, "gc", "()V", ()).unwrap();
            !alive()
        });
        assert!(gone);
    });
}
