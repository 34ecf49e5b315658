//! Links the command so that its one file is both a program and `libjvm.so`, and makes the list of the VM's
//! exported functions from `symbols.txt`.
//!
//! A shared library may name an interpreter and an entry point, as the C library itself does: the kernel and the
//! dynamic linker then run it like any program. So `caturra jdk` needs nothing but the command's own file, and
//! `cargo install` installs a whole VM. (Code of other crates is compiled position-independent and with the
//! thread-local storage model of libraries, so nothing is lost; link-time optimisation would undo that,
//! which is why the release profile has none.)

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=symbols.txt");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let list = fs::read_to_string("symbols.txt").expect("symbols.txt lies beside build.rs");
    let names: Vec<&str> = list.lines().filter(|l| !l.is_empty()).collect();

    let mut table = String::from("unsafe extern \"C\" {\n");
    for name in &names {
        table.push_str(&format!("    fn {name}();\n"));
    }
    table.push_str("}\n/// Names and addresses.\npub static EXPORTS: &[Export] = &[\n");
    for name in &names {
        table.push_str(&format!("    Export {{ name: \"{name}\", function: {name} }},\n"));
    }
    table.push_str("];\n");
    fs::write(out.join("exports.rs"), table).expect("OUT_DIR can be written");

    let target = |key: &str| env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" && target("ARCH") == "x86_64" {
        println!("cargo::rustc-cfg=executable_library");
        let script = out.join("exports.map");
        let globals: String = names.iter().map(|n| format!("    {n};\n")).collect();
        fs::write(&script, format!("{{\n  global:\n{globals}  local: *;\n}};\n"))
            .expect("OUT_DIR can be written");
        let mut arguments = vec![
            "-shared".to_string(),
            "-Wl,-soname,libjvm.so".to_string(),
            format!("-Wl,--version-script={}", script.display()),
            "-Wl,-e,_start".to_string(),
        ];
        arguments.extend(names.iter().map(|n| format!("-Wl,-u,{n}")));
        for argument in arguments {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    }
    println!("cargo::rustc-check-cfg=cfg(executable_library)");
}
