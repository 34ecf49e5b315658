//! A Rust program with a Java virtual machine inside.
//!
//! `cargo run --example embed`; it needs a JDK 17 (with a compiler, as it brings its Java class as source).

use caturra::{Error, Object, Value, Vm};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = r#"
package shop;

public class Order {
    private final String customer;
    private long cents;

    public Order(String customer) { this.customer = customer; }

    public void add(long cents, int count) {
        if (count <= 0) throw new IllegalArgumentException("count: " + count);
        this.cents += cents * count;
    }

    /** Computed by the Rust program. */
    private static native long withTax(long cents, String country);

    public String bill(String country) { return customer + " owes " + withTax(cents, country); }

    public static int[] squares(int n) {
        return java.util.stream.IntStream.rangeClosed(1, n).map(i -> i * i).toArray();
    }
}
"#;

/// Compiles the class and returns the directory of its class file.
fn compile(java_home: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let dir = std::env::temp_dir().join(format!("caturra-embed-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let source = dir.join("Order.java");
    std::fs::write(&source, SOURCE)?;
    let status = Command::new(java_home.join("bin/javac")).arg("-d").arg(&dir).arg(source).status()?;
    if status.success() { Ok(dir) } else { Err("javac failed".into()) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let vm = Vm::builder().option("-Xmx64m").property("greeting", "hello").build()?;
    println!("class library {} in {}", vm.runtime_version(), vm.java_home().display());
    let classes = compile(vm.java_home())?;

    // A thread must be attached to use the VM; the guard detaches it.
    let env = vm.attach()?;

    // A class from a file (`define_class` takes bytes, `load_class` looks in the class path).
    let order = env.define_class_file(classes.join("shop/Order.class"))?;

    // The body of a native method.
    order.register_native(&env, "withTax", "(JLjava/lang/String;)J", |call| {
        let (cents, country): (i64, String) = (call.argument(0)?, call.argument(1)?);
        match country.as_str() {
            "DE" => Ok(cents * 119 / 100),
            "LU" => Ok(cents * 117 / 100),
            other => {
                Err(Error::throw("java.util.NoSuchElementException", format!("no tax rate for {other}")))
            }
        }
    })?;

    // Objects, methods, typed arguments and results.
    let first = order.new_object(&env, "(Ljava/lang/String;)V", ("Ada",))?;
    let add = order.method(&env, "add", "(JI)V")?;
    for (cents, count) in [(1999i64, 2), (350, 10)] {
        add.call::<()>(&env, &first, (cents, count))?;
    }
    let bill = |country: &str| -> Result<String, Error> {
        first.call(&env, "bill", "(Ljava/lang/String;)Ljava/lang/String;", (country,))
    };
    println!("{}", bill("DE")?);

    // A Java exception is a Rust error: thrown by Java code, and by the Rust closure through Java code.
    for result in [add.call::<()>(&env, &first, (1i64, 0)).map(|()| String::new()), bill("XX")] {
        match result {
            Err(Error::Exception(e)) => println!("caught {e}\n{}", e.stack_trace()),
            other => println!("unexpected: {other:?}"),
        }
    }

    // Arrays, and values whose type is known at run time only.
    let squares: Vec<i32> = order.call_static(&env, "squares", "(I)[I", (8,))?;
    println!("{squares:?}");
    let system = env.load_class("java.lang.System")?;
    let property = system.static_method(&env, "getProperty", "(Ljava/lang/String;)Ljava/lang/String;")?;
    if let Value::Object(Some(text)) = property.call_static(&env, ("greeting",))? {
        println!("{}", text.to_text(&env)?);
    }

    // Objects are roots that may go to other threads, which attach themselves.
    let list: Object =
        env.load_class("java.util.concurrent.CopyOnWriteArrayList")?.new_object(&env, "()V", ())?;
    std::thread::scope(|scope| {
        for i in 0..4 {
            let (vm, list) = (&vm, list.clone());
            scope.spawn(move || -> Result<(), Error> {
                let env = vm.attach()?;
                let text = env.new_string(&format!("from thread {i}"))?;
                list.call::<bool>(&env, "add", "(Ljava/lang/Object;)Z", (text,)).map(|_| ())
            });
        }
    });
    println!("{} elements", list.call::<i32>(&env, "size", "()I", ())?);

    drop(env);
    vm.destroy();
    std::fs::remove_dir_all(classes)?;
    Ok(())
}
