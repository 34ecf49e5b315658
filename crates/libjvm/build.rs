//! The JDK's native libraries ask for a library with this name, which the one already loaded must have.
fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libjvm.so");
}
