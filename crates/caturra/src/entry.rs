//! What makes a shared library a program (see `build.rs`): the name of the dynamic linker, and the code that the
//! kernel enters (System V ABI for x86-64, §3.4.1: the stack pointer is at `argc`, `rdx` holds a function to run
//! at exit).

use std::arch::global_asm;

const LINKER: &[u8; 28] = b"/lib64/ld-linux-x86-64.so.2\0";

#[used]
#[unsafe(link_section = ".interp")]
static INTERPRETER: [u8; LINKER.len()] = *LINKER;

global_asm!(
    ".globl _start",
    ".type _start, @function",
    "_start:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "xor ebp, ebp",
    "mov r9, rdx",
    "pop rsi",
    "mov rdx, rsp",
    "and rsp, -16",
    "push rax",
    "push rsp",
    "xor r8d, r8d",
    "xor ecx, ecx",
    "lea rdi, [rip + main]",
    "call [rip + __libc_start_main@GOTPCREL]",
    "hlt",
    ".cfi_endproc",
    ".size _start, . - _start",
);
