//! Stubs in AMD64 machine code: calls from compiled code into the VM and into the interpreter.
//!
//! The thread is in r15 throughout. A stub that may reach anything which walks the stack first links an *anchor*, a
//! [`Frame`] on the native stack with `FRAME_COMPILED`, to `Thread::frame`, and unlinks it afterwards.

use crate::profile::{NULL_SEEN, OTHERS, Site, TYPE_ROWS};
use caturra_kernel::Thread;
use caturra_kernel::runtime::frames::{FRAME_COMPILED, FRAME_FLOATS, Frame, SAVED_FLOATS};
use std::mem::offset_of;

/// Bytes of the code that [`direct_entry`] makes.
pub const DIRECT_ENTRY_SIZE: usize = 16;

const FRAME_BYTES: u8 = size_of::<Frame>() as u8;
const _: () = assert!(size_of::<Frame>() == 48);

/// Machine code under construction.
#[derive(Default)]
struct Code(Vec<u8>);

impl Code {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Code {
        self.0.extend_from_slice(bytes);
        self
    }
    fn word(&mut self, value: u32) -> &mut Code {
        self.bytes(&value.to_le_bytes())
    }
    fn quad(&mut self, value: u64) -> &mut Code {
        self.bytes(&value.to_le_bytes())
    }
    /// `push rbp; mov rbp, rsp; sub rsp, bytes`.
    fn enter(&mut self, bytes: u32) -> &mut Code {
        self.bytes(&[0x55, 0x48, 0x89, 0xe5, 0x48, 0x81, 0xec]).word(bytes)
    }
    /// Builds the anchor at rsp and links it. Uses rax.
    fn link_anchor(&mut self, flags: u32) -> &mut Code {
        let frame = offset_of!(Thread, frame) as u32;
        // mov rax, [r15 + frame]; mov [rsp + prev], rax
        self.bytes(&[0x49, 0x8b, 0x87]).word(frame);
        self.store_rax(offset_of!(Frame, prev));
        // mov rax, [rbp + 8]; mov [rsp + pc], rax
        self.bytes(&[0x48, 0x8b, 0x45, 8]);
        self.store_rax(offset_of!(Frame, pc));
        // mov rax, [rbp]; mov [rsp + locals], rax
        self.bytes(&[0x48, 0x8b, 0x45, 0]);
        self.store_rax(offset_of!(Frame, locals));
        // xor eax, eax; mov [rsp + method], rax; mov [rsp + cp], rax
        self.bytes(&[0x31, 0xc0]);
        self.store_rax(offset_of!(Frame, method));
        self.store_rax(offset_of!(Frame, cp));
        // mov [rsp + lock], eax; mov dword [rsp + flags], flags
        self.bytes(&[0x89, 0x44, 0x24, offset_of!(Frame, lock) as u8]);
        self.bytes(&[0xc7, 0x44, 0x24, offset_of!(Frame, flags) as u8]).word(flags);
        // mov [r15 + frame], rsp
        self.bytes(&[0x49, 0x89, 0xa7]).word(frame)
    }
    /// `mov [rsp + at], rax`.
    fn store_rax(&mut self, at: usize) {
        self.bytes(&[0x48, 0x89, 0x44, 0x24, at as u8]);
    }
    /// Unlinks the anchor at rsp. Uses rcx.
    fn unlink_anchor(&mut self) -> &mut Code {
        self.bytes(&[0x48, 0x8b, 0x0c, 0x24]);
        self.bytes(&[0x49, 0x89, 0x8f]).word(offset_of!(Thread, frame) as u32)
    }
    /// `movabs rax, function; call rax`.
    fn call(&mut self, function: usize) -> &mut Code {
        self.bytes(&[0x48, 0xb8]).quad(function as u64).bytes(&[0xff, 0xd0])
    }
    /// Passes the thread as the argument after the first `arguments`.
    fn pass_thread(&mut self, arguments: usize) -> &mut Code {
        // mov reg, r15
        let code: &[u8] = match arguments {
            0 => &[0x4c, 0x89, 0xff],
            1 => &[0x4c, 0x89, 0xfe],
            2 => &[0x4c, 0x89, 0xfa],
            3 => &[0x4c, 0x89, 0xf9],
            4 => &[0x4d, 0x89, 0xf8],
            5 => &[0x4d, 0x89, 0xf9],
            _ => unreachable!("runtime calls have five arguments at most"),
        };
        self.bytes(code)
    }
    /// `leave; ret`.
    fn leave(&mut self) -> &mut Code {
        self.bytes(&[0xc9, 0xc3])
    }
}

/// A call into the VM with `arguments` integer arguments, to which the thread is added, that may do anything.
pub fn anchored_call(function: usize, arguments: usize) -> Vec<u8> {
    let mut code = Code::default();
    code.enter(u32::from(FRAME_BYTES)).link_anchor(FRAME_COMPILED);
    code.pass_thread(arguments).call(function).unlink_anchor().leave();
    code.0
}

/// As [`anchored_call`], by a compiled frame that interpreter frames take the place of: the anchor leads past it, to its
/// caller, and keeps the return address into it in `cp`. See `FRAME_COMPILED`. Three arguments at most.
pub fn replacing_call(function: usize, arguments: usize) -> Vec<u8> {
    let mut code = Code::default();
    code.enter(u32::from(FRAME_BYTES));
    let frame = offset_of!(Thread, frame) as u32;
    // mov rax, [r15 + frame]; mov [rsp + prev], rax
    code.bytes(&[0x49, 0x8b, 0x87]).word(frame);
    code.store_rax(offset_of!(Frame, prev));
    // mov rax, [rbp + 8]; mov [rsp + cp], rax
    code.bytes(&[0x48, 0x8b, 0x45, 8]);
    code.store_rax(offset_of!(Frame, cp));
    // mov rcx, [rbp]; mov rax, [rcx + 8]; mov [rsp + pc], rax
    code.bytes(&[0x48, 0x8b, 0x4d, 0, 0x48, 0x8b, 0x41, 8]);
    code.store_rax(offset_of!(Frame, pc));
    // mov rax, [rcx]; mov [rsp + locals], rax
    code.bytes(&[0x48, 0x8b, 0x01]);
    code.store_rax(offset_of!(Frame, locals));
    // xor eax, eax; mov [rsp + method], rax; mov [rsp + lock], eax; mov dword [rsp + flags], FRAME_COMPILED
    code.bytes(&[0x31, 0xc0]);
    code.store_rax(offset_of!(Frame, method));
    code.bytes(&[0x89, 0x44, 0x24, offset_of!(Frame, lock) as u8]);
    code.bytes(&[0xc7, 0x44, 0x24, offset_of!(Frame, flags) as u8]).word(FRAME_COMPILED);
    // mov [r15 + frame], rsp
    code.bytes(&[0x49, 0x89, 0xa7]).word(frame);
    code.pass_thread(arguments).call(function).unlink_anchor().leave();
    code.0
}

/// As [`anchored_call`], and all registers are preserved; there is no result but in memory.
pub fn preserving_call(function: usize, arguments: usize) -> Vec<u8> {
    saving_call(|code| {
        code.link_anchor(FRAME_COMPILED | FRAME_FLOATS).pass_thread(arguments).call(function).unlink_anchor();
    })
}

/// `call`, with all registers preserved.
fn saving_call(call: impl FnOnce(&mut Code)) -> Vec<u8> {
    const GENERAL: u32 = FRAME_BYTES as u32;
    const FLOAT: u32 = SAVED_FLOATS.0 as u32;
    const _: () = assert!(GENERAL + 72 <= FLOAT && SAVED_FLOATS.1 == SAVED_FLOATS.0 + 256);
    // rax, rcx, rdx, rsi, rdi, r8 to r11 as (REX.R, register).
    const REGISTERS: [(u8, u8); 9] = [(0, 0), (0, 1), (0, 2), (0, 6), (0, 7), (1, 0), (1, 1), (1, 2), (1, 3)];
    let mut code = Code::default();
    code.enter(FLOAT + 256);
    let transfer = |code: &mut Code, load: bool| {
        for (i, (high, register)) in REGISTERS.iter().enumerate() {
            // mov [rsp + at], reg or back.
            let opcode = if load { 0x8b } else { 0x89 };
            code.bytes(&[0x48 | high << 2, opcode, 0x84 | register << 3, 0x24]).word(GENERAL + 8 * i as u32);
        }
        for i in 0..16u8 {
            // movups [rsp + at], xmm or back.
            if i >= 8 {
                code.bytes(&[0x44]);
            }
            let opcode = if load { 0x10 } else { 0x11 };
            code.bytes(&[0x0f, opcode, 0x84 | (i & 7) << 3, 0x24]).word(FLOAT + 16 * u32::from(i));
        }
    };
    transfer(&mut code, false);
    call(&mut code);
    transfer(&mut code, true);
    code.leave();
    code.0
}

/// Counts the class of the object in esi, or that it is null, at the cells in rdi (see [`TYPE_ROWS`]); with `call` the
/// execution of the bytecode too, in the site before. A class without a row is left to `function` as long as a row is
/// free. All registers are preserved.
pub fn count_class(function: usize, call: bool) -> Vec<u8> {
    const _: () = assert!(TYPE_ROWS == 2);
    const SITE: i8 = size_of::<Site>() as i8;
    let row = |i: usize| 8 * i as u8;
    let (others, null_seen) = (4 * OTHERS as u8, 4 * NULL_SEEN as u8);
    let mut code = Code::default();
    if call {
        // inc dword [rdi - SITE]
        code.bytes(&[0xff, 0x47, -SITE as u8]);
    }
    // test esi, esi; jne object; mov dword [rdi + null_seen], 1; ret
    code.bytes(&[0x85, 0xf6, 0x75, 8, 0xc7, 0x47, null_seen]).word(1).bytes(&[0xc3]);
    // object: push rax; mov eax, esi; mov eax, [rax * 8 + CLASS_OFFSET]
    code.bytes(&[0x50, 0x89, 0xf0, 0x8b, 0x04, 0xc5]).word(caturra_heap::layout::CLASS_OFFSET as u32);
    for i in 0..TYPE_ROWS {
        // cmp [rdi + row], eax; jne next; inc dword [rdi + row + 4]; pop rax; ret; next:
        code.bytes(&[0x39, 0x47, row(i), 0x75, 5, 0xff, 0x47, row(i) + 4, 0x58, 0xc3]);
    }
    // cmp dword [rdi], 0; je free; cmp dword [rdi + 8], 0; je free; inc dword [rdi + others]; pop rax; ret
    code.bytes(&[
        0x83,
        0x7f,
        row(0),
        0,
        0x74,
        11,
        0x83,
        0x7f,
        row(1),
        0,
        0x74,
        5,
        0xff,
        0x47,
        others,
        0x58,
        0xc3,
    ]);
    // free: push rsi; mov esi, eax; sub rsp, 8; call slow; add rsp, 8; pop rsi; pop rax; ret
    code.bytes(&[0x56, 0x89, 0xc6, 0x48, 0x83, 0xec, 8, 0xe8]).word(7);
    code.bytes(&[0x48, 0x83, 0xc4, 8, 0x5e, 0x58, 0xc3]);
    // slow:
    code.bytes(&saving_call(|code| {
        code.call(function);
    }));
    code.0
}

/// A call of a C function that neither walks the stack nor stops: a jump, within reach of compiled code.
pub fn plain_jump(function: usize) -> Vec<u8> {
    let mut code = Code::default();
    // movabs rax, function; jmp rax
    code.bytes(&[0x48, 0xb8]).quad(function as u64).bytes(&[0xff, 0xe0]);
    code.0
}

/// Zeroes the registers that calls preserve.
pub fn scrub() -> Vec<u8> {
    // xor ebx, ebx; xor r12d, r12d; xor r13d, r13d; xor r14d, r14d; ret
    vec![0x31, 0xdb, 0x45, 0x31, 0xe4, 0x45, 0x31, 0xed, 0x45, 0x31, 0xf6, 0xc3]
}

/// The way from compiled code to a method that is not compiled, which `Thread::callee` names. `function` gets the
/// saved argument registers (six integers, eight floats), the arguments on the stack and the thread; its result is
/// a slot value.
pub fn to_interpreter(function: usize) -> Vec<u8> {
    let mut code = Code::default();
    let general = FRAME_BYTES;
    let float = u32::from(general) + 48;
    code.enter(float + 64);
    // mov [rsp + at], rdi, rsi, rdx, rcx, r8, r9
    for (i, (rex, register)) in
        [(0x48, 7u8), (0x48, 6), (0x48, 2), (0x48, 1), (0x4c, 0), (0x4c, 1)].iter().enumerate()
    {
        code.bytes(&[*rex, 0x89, 0x44 | register << 3, 0x24, general + 8 * i as u8]);
    }
    for i in 0..8u8 {
        // movsd [rsp + at], xmm
        code.bytes(&[0xf2, 0x0f, 0x11, 0x84 | i << 3, 0x24]).word(float + 8 * u32::from(i));
    }
    code.link_anchor(FRAME_COMPILED);
    // lea rdi, [rsp + general]; lea rsi, [rbp + 16]
    code.bytes(&[0x48, 0x8d, 0x7c, 0x24, general, 0x48, 0x8d, 0x75, 16]);
    code.pass_thread(2).call(function).unlink_anchor();
    // movq xmm0, rax
    code.bytes(&[0x66, 0x48, 0x0f, 0x6e, 0xc0]).leave();
    code.0
}

/// Code at `at` that names `method` (below 4 GiB) as callee and goes to `target`.
pub fn direct_entry(method: u64, at: usize, target: usize) -> [u8; DIRECT_ENTRY_SIZE] {
    debug_assert!(u32::try_from(method).is_ok());
    let mut code = Code::default();
    // mov dword [r15 + callee], method; the upper half is always zero.
    code.bytes(&[0x41, 0xc7, 0x87]).word(offset_of!(Thread, callee) as u32).word(method as u32);
    let distance = target as i64 - (at + DIRECT_ENTRY_SIZE) as i64;
    // jmp target
    code.bytes(&[0xe9]).word(distance as i32 as u32);
    let mut out = [0; DIRECT_ENTRY_SIZE];
    out.copy_from_slice(&code.0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code_cache::CodeCache;
    use crate::profile::SiteKind;
    use std::sync::atomic::{AtomicU32, Ordering};

    extern "C" fn slow(cells: *const AtomicU32, class: i32) {
        // SAFETY: the cells of the test's site.
        Site::count_class(unsafe { &*cells.cast() }, class as u32);
    }

    /// Classes get the rows in the order of their coming, all further ones the common count; null is only noted.
    #[test]
    fn classes_are_counted() {
        let cache = CodeCache::new(1 << 20).unwrap();
        let code = count_class(slow as *const () as usize, true);
        let block = cache.allocate(code.len()).unwrap();
        cache.write(block, &code);
        // SAFETY: the code written above, which preserves all registers.
        let count: extern "C" fn(*const AtomicU32, u32) =
            unsafe { std::mem::transmute(cache.address(block)) };
        // SAFETY: a new page at an address that fits a compressed reference.
        let page = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
            libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        assert_ne!(page, libc::MAP_FAILED);
        let objects = [64usize, 128, 192].map(|at| {
            // SAFETY: within the page.
            unsafe { page.cast::<u8>().add(at).cast::<u32>().write(at as u32) };
            ((page as usize + at) >> 3) as u32
        });
        let site = |kind| Site { bci: 7, kind, cells: Default::default() };
        let sites = [site(SiteKind::Call), site(SiteKind::Types)];
        for (object, times) in [(objects[0], 3), (objects[1], 2), (objects[2], 4), (objects[0], 5), (0, 1)] {
            for _ in 0..times {
                count(sites[1].cells.as_ptr(), object);
            }
        }
        let cells = sites[1].cells.each_ref().map(|c| c.load(Ordering::Relaxed));
        assert_eq!(cells, [64, 8, 128, 2, 4, 1]);
        assert_eq!(sites[0].cells[0].load(Ordering::Relaxed), 15);
        // SAFETY: mapped above.
        unsafe { libc::munmap(page, 4096) };
    }
}
