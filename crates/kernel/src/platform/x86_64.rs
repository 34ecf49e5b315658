//! AMD64, System V ABI: register capture, native calls, machine contexts of signals.

use std::arch::{asm, global_asm};

/// The callee-saved registers: rbx, rbp, r12 to r15.
pub type SavedRegisters = [u64; 6];

/// Writes the callee-saved registers to `registers` and returns the stack pointer.
///
/// Inlined, so that the registers are those of the caller's frame; and all others are clobbered, so that what the
/// caller needs later is in its frame or in the registers written.
#[inline(always)]
pub fn capture_registers(registers: &mut SavedRegisters) -> usize {
    let sp: usize;
    // SAFETY: stores six words to the array; changes nothing else that is not declared.
    unsafe {
        asm!(
            "mov [rdi], rbx",
            "mov [rdi + 8], rbp",
            "mov [rdi + 16], r12",
            "mov [rdi + 24], r13",
            "mov [rdi + 32], r14",
            "mov [rdi + 40], r15",
            "mov rax, rsp",
            in("rdi") registers.as_mut_ptr(),
            lateout("rax") sp,
            clobber_abi("C"),
            options(nostack),
        );
    }
    sp
}

/// Keeps captured registers in memory up to this point.
#[inline(always)]
pub fn keep_registers(registers: &SavedRegisters) {
    // SAFETY: no instruction; the optimiser must have the array in memory here.
    unsafe { asm!("/* {0} */", in(reg) registers.as_ptr(), options(nostack, preserves_flags, readonly)) };
}

/// The stack pointer of the calling function.
#[inline(always)]
pub fn stack_pointer() -> usize {
    let sp: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, rsp", out(reg) sp, options(nomem, nostack, preserves_flags)) };
    sp
}

/// The decimal logarithm in the 64-bit precision of the x87 unit, rounded once: the C library's differs from the
/// correctly rounded result in one of nine cases.
pub fn log10(x: f64) -> f64 {
    let mut result = x;
    // SAFETY: reads and writes the local; the register stack is as it was before.
    unsafe {
        asm!(
            "fldlg2",
            "fld qword ptr [{0}]",
            "fyl2x",
            "fstp qword ptr [{0}]",
            in(reg) &mut result,
            out("st(0)") _, out("st(1)") _, out("st(2)") _, out("st(3)") _,
            out("st(4)") _, out("st(5)") _, out("st(6)") _, out("st(7)") _,
            options(nostack),
        );
    }
    result
}

/// General-purpose and floating-point argument registers.
const GENERAL: usize = 6;
const FLOATING: usize = 8;
/// JVMS §4.3.3: 255 parameter slots at most, here with environment and class.
const MAX_STACK_ARGUMENTS: usize = 260;

/// The arguments of a C call, as they are put in registers and on the stack.
#[repr(C)]
pub struct NativeCall {
    general: [u64; GENERAL],
    floating: [u64; FLOATING],
    /// Stack words in use.
    stack_len: usize,
    general_len: usize,
    floating_len: usize,
    stack: [std::mem::MaybeUninit<u64>; MAX_STACK_ARGUMENTS],
}

impl NativeCall {
    #[inline(always)]
    pub fn new() -> NativeCall {
        NativeCall {
            general: [0; GENERAL],
            floating: [0; FLOATING],
            stack_len: 0,
            general_len: 0,
            floating_len: 0,
            stack: [const { std::mem::MaybeUninit::uninit() }; MAX_STACK_ARGUMENTS],
        }
    }
    /// Appends an integer or pointer.
    #[inline(always)]
    pub fn push(&mut self, value: u64) {
        if self.general_len < GENERAL {
            self.general[self.general_len] = value;
            self.general_len += 1;
        } else {
            self.push_stack(value);
        }
    }
    /// Appends a `float` (bits in the low half) or `double` (bits).
    #[inline(always)]
    pub fn push_float(&mut self, bits: u64) {
        if self.floating_len < FLOATING {
            self.floating[self.floating_len] = bits;
            self.floating_len += 1;
        } else {
            self.push_stack(bits);
        }
    }
    fn push_stack(&mut self, value: u64) {
        self.stack[self.stack_len].write(value);
        self.stack_len += 1;
    }
}

impl Default for NativeCall {
    fn default() -> Self {
        Self::new()
    }
}

// rdi = function, rsi = &NativeCall, rdx = &[u64; 2]: rax and xmm0 of the callee.
global_asm!(
    ".pushsection .text.caturra_native_call,\"ax\",@progbits",
    ".globl caturra_native_call",
    ".hidden caturra_native_call",
    ".type caturra_native_call,@function",
    ".balign 16",
    "caturra_native_call:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset rbp, -16",
    "mov rbp, rsp",
    ".cfi_def_cfa_register rbp",
    "push rbx",
    ".cfi_offset rbx, -24",
    "push rdx",
    "mov r11, rdi",
    "mov rbx, rsi",
    "mov rcx, [rbx + {stack_len}]",
    // An odd number of words would leave the stack misaligned.
    "test cl, 1",
    "jz 2f",
    "sub rsp, 8",
    "2:",
    "test rcx, rcx",
    "jz 4f",
    "lea rsi, [rbx + {stack}]",
    "3:",
    "push qword ptr [rsi + rcx * 8 - 8]",
    "dec rcx",
    "jnz 3b",
    "4:",
    "movsd xmm0, [rbx + {floating}]",
    "movsd xmm1, [rbx + {floating} + 8]",
    "movsd xmm2, [rbx + {floating} + 16]",
    "movsd xmm3, [rbx + {floating} + 24]",
    "movsd xmm4, [rbx + {floating} + 32]",
    "movsd xmm5, [rbx + {floating} + 40]",
    "movsd xmm6, [rbx + {floating} + 48]",
    "movsd xmm7, [rbx + {floating} + 56]",
    "mov rdi, [rbx]",
    "mov rsi, [rbx + 8]",
    "mov rdx, [rbx + 16]",
    "mov rcx, [rbx + 24]",
    "mov r8, [rbx + 32]",
    "mov r9, [rbx + 40]",
    "mov eax, 8",
    "call r11",
    "mov rdx, [rbp - 16]",
    "mov [rdx], rax",
    "movsd [rdx + 8], xmm0",
    "mov rbx, [rbp - 8]",
    "leave",
    ".cfi_def_cfa rsp, 8",
    "ret",
    ".cfi_endproc",
    ".size caturra_native_call, . - caturra_native_call",
    ".popsection",
    stack_len = const std::mem::offset_of!(NativeCall, stack_len),
    stack = const std::mem::offset_of!(NativeCall, stack),
    floating = const std::mem::offset_of!(NativeCall, floating),
);

// rdi = thread, rsi = stub, rdx, rcx, r8 = its arguments. The thread pointer of compiled code is r15.
global_asm!(
    ".pushsection .text.caturra_enter_compiled,\"ax\",@progbits",
    ".globl caturra_enter_compiled",
    ".hidden caturra_enter_compiled",
    ".type caturra_enter_compiled,@function",
    ".balign 16",
    "caturra_enter_compiled:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset rbp, -16",
    "mov rbp, rsp",
    ".cfi_def_cfa_register rbp",
    "push rbx",
    "push r12",
    "push r13",
    "push r14",
    "push r15",
    "sub rsp, 8",
    ".cfi_offset rbx, -24",
    ".cfi_offset r12, -32",
    ".cfi_offset r13, -40",
    ".cfi_offset r14, -48",
    ".cfi_offset r15, -56",
    "mov r15, rdi",
    "mov rax, rsi",
    "mov rdi, rdx",
    "mov rsi, rcx",
    "mov rdx, r8",
    "call rax",
    "add rsp, 8",
    "pop r15",
    "pop r14",
    "pop r13",
    "pop r12",
    "pop rbx",
    "pop rbp",
    ".cfi_def_cfa rsp, 8",
    "ret",
    ".cfi_endproc",
    ".size caturra_enter_compiled, . - caturra_enter_compiled",
    ".popsection",
);

unsafe extern "C" {
    fn caturra_enter_compiled(thread: *const u8, stub: *const u8, a: u64, b: u64, c: u64) -> u64;
}

/// Enters compiled code through `stub`, which gets `a`, `b` and `c` as C arguments and the thread in the register that
/// compiled code keeps it in. The result is a slot value.
///
/// # Safety
/// `stub` is such a stub, `thread` the current thread.
#[inline]
pub unsafe fn enter_compiled(thread: *const u8, stub: *const u8, a: u64, b: u64, c: u64) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { caturra_enter_compiled(thread, stub, a, b, c) }
}

unsafe extern "C" {
    fn caturra_native_call(function: *const u8, call: *const NativeCall, result: *mut [u64; 2]);
}

/// Calls a C function; the result is what it left in rax and in xmm0.
///
/// # Safety
/// `function` is a C function with the parameters that `call` holds.
#[inline]
pub unsafe fn native_call(function: *const u8, call: &NativeCall) -> (u64, u64) {
    let mut result = [0u64; 2];
    // SAFETY: the caller's promise.
    unsafe { caturra_native_call(function, call, &mut result) };
    (result[0], result[1])
}

/// Program counter of a signal's machine context.
pub fn context_pc(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
}

/// Stack pointer of a signal's machine context.
pub fn context_sp(context: &libc::ucontext_t) -> usize {
    context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize
}

/// Registers of a machine context with their names, in the order of HotSpot's error reports.
pub fn context_registers(context: &libc::ucontext_t) -> [(&'static str, u64); 18] {
    let g = &context.uc_mcontext.gregs;
    let r = |i: i32| g[i as usize] as u64;
    [
        ("RAX", r(libc::REG_RAX)),
        ("RBX", r(libc::REG_RBX)),
        ("RCX", r(libc::REG_RCX)),
        ("RDX", r(libc::REG_RDX)),
        ("RSP", r(libc::REG_RSP)),
        ("RBP", r(libc::REG_RBP)),
        ("RSI", r(libc::REG_RSI)),
        ("RDI", r(libc::REG_RDI)),
        ("R8 ", r(libc::REG_R8)),
        ("R9 ", r(libc::REG_R9)),
        ("R10", r(libc::REG_R10)),
        ("R11", r(libc::REG_R11)),
        ("R12", r(libc::REG_R12)),
        ("R13", r(libc::REG_R13)),
        ("R14", r(libc::REG_R14)),
        ("R15", r(libc::REG_R15)),
        ("RIP", r(libc::REG_RIP)),
        ("EFLAGS", r(libc::REG_EFL)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    extern "C" fn many(
        a: i32,
        b: f64,
        c: i64,
        d: f32,
        e: i32,
        f: i32,
        g: i32,
        h: i32,
        i: i64,
        j: i32,
        k: f64,
        l: f64,
        m: f64,
        n: f64,
        o: f64,
        p: f64,
        q: f64,
        r: f32,
        s: f64,
    ) -> f64 {
        assert_eq!(stack_pointer() % 16, 0);
        let ints = [a as i64, c, e as i64, f as i64, g as i64, h as i64, i, j as i64];
        let floats = [b, d as f64, k, l, m, n, o, p, q, r as f64, s];
        let mut sum = 0.0;
        for (x, v) in ints.iter().enumerate() {
            sum += (x as f64 + 1.0) * *v as f64;
        }
        for (x, v) in floats.iter().enumerate() {
            sum += (x as f64 + 10.0) * *v;
        }
        sum
    }

    #[test]
    fn arguments_reach_registers_and_stack_in_order() {
        let mut call = NativeCall::new();
        let f = |x: f64| x.to_bits();
        let s = |x: f32| u64::from(x.to_bits());
        call.push(-1i64 as u64);
        call.push_float(f(2.5));
        call.push(-3_000_000_000i64 as u64);
        call.push_float(s(4.25));
        for v in [5, 6, 7, 8, 9, 10u64] {
            call.push(v);
        }
        for v in [11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0] {
            call.push_float(f(v));
        }
        call.push_float(s(18.5));
        call.push_float(f(19.5));
        // SAFETY: a C function with these parameters.
        let (_, xmm0) = unsafe { native_call(many as *const () as *const u8, &call) };
        let expected = many(
            -1,
            2.5,
            -3_000_000_000,
            4.25,
            5,
            6,
            7,
            8,
            9,
            10,
            11.0,
            12.0,
            13.0,
            14.0,
            15.0,
            16.0,
            17.0,
            18.5,
            19.5,
        );
        assert_eq!(f64::from_bits(xmm0), expected);
    }

    extern "C" fn odd(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64) -> u64 {
        assert_eq!(stack_pointer() % 16, 0);
        a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g
    }

    #[test]
    fn an_odd_number_of_stack_words_keeps_the_alignment() {
        let mut call = NativeCall::new();
        (1..=7).for_each(|v| call.push(v));
        // SAFETY: a C function with these parameters.
        assert_eq!(unsafe { native_call(odd as *const () as *const u8, &call) }.0, 140);
    }

    #[test]
    fn captured_registers_hold_what_the_caller_needs() {
        let mut registers = [0; 6];
        let sp = capture_registers(&mut registers);
        assert!(sp.abs_diff(registers.as_ptr() as usize) < 65536);
        keep_registers(&registers);
    }
}
