//! The C calling convention for variadic functions on x86-64 (System V ABI, AMD64 supplement, §3.5.7).
//!
//! Rust cannot define a variadic C function. Each `Call...Method(env, obj, id, ...)` is a naked stub that
//! lays out its argument registers as a `va_list` and calls the `...V` function with it.

/// `va_list`: an array of one of these, so passed by pointer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VaList {
    gp_offset: u32,
    fp_offset: u32,
    overflow_arg_area: *const u64,
    reg_save_area: *const u8,
}

/// End of the general registers in the register save area.
const GP_END: u32 = 48;
/// End of the vector registers, 16 bytes each.
const FP_END: u32 = 176;

impl VaList {
    /// The next argument of integer or pointer class; a narrow integer's upper half is undefined.
    ///
    /// # Safety
    /// The list has another argument and it is of this class.
    pub unsafe fn next_gp(&mut self) -> u64 {
        // SAFETY: the register save area holds six general registers; further arguments are on the stack.
        unsafe {
            if self.gp_offset < GP_END {
                let value = self.reg_save_area.add(self.gp_offset as usize).cast::<u64>().read();
                self.gp_offset += 8;
                value
            } else {
                self.next_on_stack()
            }
        }
    }

    /// The next argument of class SSE: a double (a float is promoted to one).
    ///
    /// # Safety
    /// As [`VaList::next_gp`].
    pub unsafe fn next_fp(&mut self) -> f64 {
        // SAFETY: as above, with eight vector registers.
        unsafe {
            if self.fp_offset < FP_END {
                let value = self.reg_save_area.add(self.fp_offset as usize).cast::<f64>().read();
                self.fp_offset += 16;
                value
            } else {
                f64::from_bits(self.next_on_stack())
            }
        }
    }

    unsafe fn next_on_stack(&mut self) -> u64 {
        // SAFETY: the caller's promise that there is another argument.
        unsafe {
            let value = self.overflow_arg_area.read();
            self.overflow_arg_area = self.overflow_arg_area.add(1);
            value
        }
    }
}

/// A variadic function `$name` that calls `$target(named arguments..., va_list)`. `$gp_offset` is eight times the
/// number of named arguments, `$list` the register of the argument after them.
macro_rules! variadic_stub {
    ($name:ident => $target:path, $gp_offset:literal, $list:literal) => {
        /// The variadic form; see the `V` function of the same name.
        ///
        /// # Safety
        /// Called from C with the arguments that the method's signature asks for.
        #[allow(non_snake_case)]
        #[unsafe(naked)]
        pub unsafe extern "C" fn $name() {
            // Frame: va_list at 0, register save area at 32 (aligned for movaps), 216 bytes in all, so that
            // the stack is aligned to 16 at the call. `al` bounds the vector registers in use.
            std::arch::naked_asm!(
                ".cfi_startproc",
                "sub rsp, 216",
                ".cfi_adjust_cfa_offset 216",
                "mov [rsp + 32], rdi",
                "mov [rsp + 40], rsi",
                "mov [rsp + 48], rdx",
                "mov [rsp + 56], rcx",
                "mov [rsp + 64], r8",
                "mov [rsp + 72], r9",
                "test al, al",
                "je 2f",
                "movaps [rsp + 80], xmm0",
                "movaps [rsp + 96], xmm1",
                "movaps [rsp + 112], xmm2",
                "movaps [rsp + 128], xmm3",
                "movaps [rsp + 144], xmm4",
                "movaps [rsp + 160], xmm5",
                "movaps [rsp + 176], xmm6",
                "movaps [rsp + 192], xmm7",
                "2:",
                "mov dword ptr [rsp], {gp_offset}",
                "mov dword ptr [rsp + 4], 48",
                "lea rax, [rsp + 224]",
                "mov [rsp + 8], rax",
                "lea rax, [rsp + 32]",
                "mov [rsp + 16], rax",
                concat!("mov ", $list, ", rsp"),
                "call {target}",
                "add rsp, 216",
                ".cfi_adjust_cfa_offset -216",
                "ret",
                ".cfi_endproc",
                gp_offset = const $gp_offset,
                target = sym $target,
            )
        }
    };
}

/// `$name(env, object or class, id, ...)`.
macro_rules! variadic_after_id {
    ($name:ident => $target:path) => { variadic_stub!($name => $target, 24, "rcx"); };
}

/// `$name(env, object, class, id, ...)`.
macro_rules! variadic_after_class_and_id {
    ($name:ident => $target:path) => { variadic_stub!($name => $target, 32, "r8"); };
}

#[cfg(test)]
mod tests {
    use super::VaList;

    /// Sums of arguments in turn: an int, a double, six times; ten doubles; five longs.
    unsafe extern "C" fn sums_v(_env: usize, _object: usize, _id: usize, list: *const VaList) -> f64 {
        // SAFETY: the callers below pass these arguments.
        unsafe {
            let mut list = *list;
            let mut sum = 0.0;
            for _ in 0..6 {
                sum += f64::from(list.next_gp() as i32) * 1000.0;
                sum += list.next_fp();
            }
            for _ in 0..10 {
                sum = sum * 2.0 + list.next_fp();
            }
            for _ in 0..5 {
                sum = sum * 2.0 + list.next_gp() as i64 as f64;
            }
            sum
        }
    }
    unsafe extern "C" fn sums_with_class_v(
        e: usize,
        o: usize,
        _class: usize,
        i: usize,
        list: *const VaList,
    ) -> f64 {
        // SAFETY: as the caller promises.
        unsafe { sums_v(e, o, i, list) }
    }
    variadic_after_id!(sums => sums_v);
    variadic_after_class_and_id!(sums_with_class => sums_with_class_v);

    #[test]
    fn arguments_come_from_registers_and_stack() {
        type Sums = unsafe extern "C" fn(usize, usize, usize, ...) -> f64;
        type SumsWithClass = unsafe extern "C" fn(usize, usize, usize, usize, ...) -> f64;
        let expected = (0..6).map(|i| f64::from(i - 3) * 1000.0 + f64::from(i) * 0.5).sum::<f64>();
        let expected = (1..=10).fold(expected, |sum, i| sum * 2.0 + f64::from(i));
        let expected = (-2..=2).fold(expected, |sum, i| sum * 2.0 + f64::from(i));
        macro_rules! arguments {
            ($f:expr $(, $named:literal)*) => {
                $f($($named,)* -3i32, 0.0f64, -2i32, 0.5f64, -1i32, 1.0f64, 0i32, 1.5f64, 1i32, 2.0f64, 2i32, 2.5f64,
                    1.0f64, 2.0f64, 3.0f64, 4.0f64, 5.0f64, 6.0f64, 7.0f64, 8.0f64, 9.0f64, 10.0f64,
                    -2i64, -1i64, 0i64, 1i64, 2i64)
            };
        }
        // SAFETY: the stubs are variadic functions of these types, called with what `sums_v` reads.
        unsafe {
            let f: Sums = std::mem::transmute(sums as *const u8);
            assert_eq!(arguments!(f, 0, 0, 0), expected);
            let f: SumsWithClass = std::mem::transmute(sums_with_class as *const u8);
            assert_eq!(arguments!(f, 0, 0, 0, 0), expected);
        }
    }
}
