//! `libjvm.so`: the shared library that a JDK's launcher loads. Everything is in the crates below; they export
//! the invocation API (`caturra_vm::invocation`) and the `JVM_*` functions (`caturra_exports`).

use caturra_vm as _;
