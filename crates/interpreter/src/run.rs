//! The loop.
//!
//! Registers of the machine are locals of [`run`]: `pc`, `sp` (first free slot), `locals`, `cp`, `frame`. What
//! the VM may look at is saved first: `frame.pc` before anything that throws, allocates, calls or polls;
//! `t.frame` is always the youngest frame. The operand stack needs no saving, it lies in memory.
//!
//! Rare ways out of an instruction break to one of four labels, each with one copy of its code: `'call` (a
//! callee was found), `'trap` (an implicit exception, not yet made), `'throw` (an exception is pending),
//! `'poll` (`pc` is the next instruction, the poll wants attention).

use crate::exceptions::{self, Trap};
use crate::invoke::{self, CALL_LENGTH_SHIFT, FRAME_MARKS};
use crate::link::{CODE_SYNCHRONIZED, CodeHeader, DynamicSite, HandleCall, InterfaceSite};
use crate::quick::op;
use crate::{calls, fields, locks, observe, slow};
use caturra_bytecode::arith;
use caturra_kernel::oops::constant_pool::CpSlot;
use caturra_kernel::runtime::alloc;
use caturra_kernel::runtime::exceptions::{JResult, already_pending};
use caturra_kernel::runtime::frames::{FRAME_ENTRY, Frame};
use caturra_kernel::runtime::vm::BACK_EDGE_NOTIFICATION;
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Thread};
use std::sync::atomic::{AtomicU8, Ordering};

const CALL3: u32 = 3 << CALL_LENGTH_SHIFT;
const CALL5: u32 = 5 << CALL_LENGTH_SHIFT;

/// Runs `first`, which is the youngest frame, with its operand stack up to `top`, until the youngest entry frame returns.
///
/// # Safety
/// The frames down to that one were made by `invoke::push_frame` or `resume::push_frames` on this thread's Java stack.
///
/// # Errors
/// The exception that no frame down to the entry caught; all these frames are popped.
#[allow(clippy::cognitive_complexity)]
pub unsafe fn run<const OBSERVED: bool>(t: &Thread, first: *mut Frame, top: *mut u64) -> JResult<u64> {
    // SAFETY: verified code (JVMS §4.10), or trusted code of the class library, keeps `pc` inside the method,
    // locals and operand stack inside the frame, and types right; so slots that hold references hold live
    // objects. Everything below rests on that.
    unsafe {
        let mut frame: *mut Frame = first;
        let mut pc: *const u8 = (*frame).pc;
        let mut sp: *mut u64 = top;
        let mut locals: *mut u64 = (*frame).locals;
        let mut cp: *const CpSlot = (*frame).cp;

        macro_rules! u1 {
            ($at:expr) => {
                *pc.add($at) as usize
            };
        }
        macro_rules! u2 {
            ($at:expr) => {
                pc.add($at).cast::<u16>().read_unaligned() as usize
            };
        }
        macro_rules! slot {
            ($index:expr) => {
                &*cp.add($index)
            };
        }
        macro_rules! save {
            () => {
                (*frame).pc = pc
            };
        }
        // Operand-stack access relative to `sp`: -1 is the top.
        macro_rules! get {
            ($at:literal) => {
                *sp.offset($at)
            };
        }
        macro_rules! get_i {
            ($at:literal) => {
                *sp.offset($at) as i32
            };
        }
        macro_rules! get_l {
            ($at:literal) => {
                *sp.offset($at) as i64
            };
        }
        macro_rules! get_f {
            ($at:literal) => {
                f32::from_bits(*sp.offset($at) as u32)
            };
        }
        macro_rules! get_d {
            ($at:literal) => {
                f64::from_bits(*sp.offset($at))
            };
        }
        macro_rules! get_a {
            ($at:literal) => {
                ObjRef::from_raw(*sp.offset($at) as u32)
            };
        }
        macro_rules! put {
            ($at:literal, $value:expr) => {
                *sp.offset($at) = $value
            };
        }
        macro_rules! put_i {
            ($at:literal, $value:expr) => {
                *sp.offset($at) = ($value) as u32 as u64
            };
        }
        macro_rules! move_sp {
            ($by:literal) => {
                sp = sp.offset($by)
            };
        }

        'outer: loop {
            let mut callee: MethodRef;
            let call_flags: u32;
            let trap: Trap;
            'poll: {
                'throw: {
                    'trap: {
                        macro_rules! trap {
                            ($trap:expr) => {{
                                trap = $trap;
                                break 'trap;
                            }};
                        }
                        'call: {
                            'dispatch: loop {
                                macro_rules! next {
                                    ($length:expr) => {{
                                        pc = pc.add($length);
                                        continue 'dispatch;
                                    }};
                                }
                                macro_rules! push {
                                    ($value:expr, $length:expr) => {{
                                        *sp = $value;
                                        sp = sp.add(1);
                                        next!($length)
                                    }};
                                }
                                macro_rules! push2 {
                                    ($value:expr, $length:expr) => {{
                                        *sp = $value;
                                        sp = sp.add(2);
                                        next!($length)
                                    }};
                                }
                                macro_rules! pop_to {
                                    ($index:expr, $length:expr) => {{
                                        sp = sp.sub(1);
                                        *locals.add($index) = *sp;
                                        next!($length)
                                    }};
                                }
                                macro_rules! pop2_to {
                                    ($index:expr, $length:expr) => {{
                                        sp = sp.sub(2);
                                        *locals.add($index) = *sp;
                                        next!($length)
                                    }};
                                }
                                macro_rules! binary_i {
                                    (|$a:ident, $b:ident| $result:expr) => {{
                                        let ($a, $b) = (get_i!(-2), get_i!(-1));
                                        put_i!(-2, $result);
                                        move_sp!(-1);
                                        next!(1)
                                    }};
                                }
                                macro_rules! binary_l {
                                    (|$a:ident, $b:ident| $result:expr) => {{
                                        let ($a, $b) = (get_l!(-4), get_l!(-2));
                                        put!(-4, ($result) as u64);
                                        move_sp!(-2);
                                        next!(1)
                                    }};
                                }
                                macro_rules! shift_l {
                                    (|$a:ident, $b:ident| $result:expr) => {{
                                        let ($a, $b) = (get_l!(-3), get_i!(-1));
                                        put!(-3, ($result) as u64);
                                        move_sp!(-1);
                                        next!(1)
                                    }};
                                }
                                macro_rules! binary_f {
                                    (|$a:ident, $b:ident| $result:expr) => {{
                                        let ($a, $b) = (get_f!(-2), get_f!(-1));
                                        put!(-2, u64::from(f32::to_bits($result)));
                                        move_sp!(-1);
                                        next!(1)
                                    }};
                                }
                                macro_rules! binary_d {
                                    (|$a:ident, $b:ident| $result:expr) => {{
                                        let ($a, $b) = (get_d!(-4), get_d!(-2));
                                        put!(-4, f64::to_bits($result));
                                        move_sp!(-2);
                                        next!(1)
                                    }};
                                }
                                macro_rules! compare_f {
                                    ($compare:path) => {{
                                        put_i!(-2, $compare(get_f!(-2), get_f!(-1)));
                                        move_sp!(-1);
                                        next!(1)
                                    }};
                                }
                                // A backward branch counts and polls; `$offset` is relative to this instruction.
                                macro_rules! jump {
                                    ($offset:expr) => {{
                                        let offset = $offset;
                                        pc = pc.offset(offset);
                                        if offset <= 0 {
                                            let back_edges = &MethodRef::from_raw((*frame).method).back_edges;
                                            let n = back_edges.load(Ordering::Relaxed).saturating_add(1);
                                            back_edges.store(n, Ordering::Relaxed);
                                            if t.poll.load(Ordering::Relaxed) != 0
                                                || n % BACK_EDGE_NOTIFICATION == 0
                                            {
                                                break 'poll;
                                            }
                                        }
                                        continue 'dispatch;
                                    }};
                                }
                                macro_rules! branch {
                                    ($pops:literal, $condition:expr) => {{
                                        let taken = $condition;
                                        move_sp!($pops);
                                        if taken {
                                            jump!(pc.add(1).cast::<i16>().read_unaligned() as isize)
                                        }
                                        next!(3)
                                    }};
                                }
                                macro_rules! array_load {
                                    ($element:ty, $base:literal, |$value:ident| $slot:expr, $pops:literal) => {{
                                        let (array, index) = (get_a!(-2), get_i!(-1));
                                        if array.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let length = array.array_length();
                                        if index as u32 >= length as u32 {
                                            trap!(Trap::Bounds { index, length });
                                        }
                                        let $value: $element =
                                            array.load($base + index as usize * size_of::<$element>());
                                        put!(-2, $slot);
                                        move_sp!($pops);
                                        next!(1)
                                    }};
                                }
                                macro_rules! array_store {
                                    ($element:ty, $base:literal, $array:literal, $index:literal, $value:expr) => {{
                                        let (array, index) = (get_a!($array), get_i!($index));
                                        if array.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let length = array.array_length();
                                        if index as u32 >= length as u32 {
                                            trap!(Trap::Bounds { index, length });
                                        }
                                        let value: $element = $value;
                                        array.store($base + index as usize * size_of::<$element>(), value);
                                        move_sp!($array);
                                        next!(1)
                                    }};
                                }
                                macro_rules! field_load {
                                    ($field:ty, |$value:ident| $slot:expr, $pushes:literal) => {{
                                        let object = get_a!(-1);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let $value: $field = object.load(u2!(1));
                                        put!(-1, $slot);
                                        move_sp!($pushes);
                                        next!(3)
                                    }};
                                }
                                macro_rules! field_store {
                                    ($field:ty, $object:literal, $value:expr) => {{
                                        let object = get_a!($object);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let value: $field = $value;
                                        object.store(u2!(1), value);
                                        move_sp!($object);
                                        next!(3)
                                    }};
                                }
                                // `aload_0` and the quick `getfield` behind it.
                                macro_rules! this_field_load {
                                    ($field:ty, |$value:ident| $slot:expr, $push:ident) => {{
                                        let object = ObjRef::from_raw(*locals as u32);
                                        if object.is_null() {
                                            pc = pc.add(1);
                                            trap!(Trap::Null);
                                        }
                                        let $value: $field = object.load(u2!(2));
                                        $push!($slot, 4)
                                    }};
                                }
                                macro_rules! return_value {
                                    ($slots:literal, $value:expr) => {{
                                        if t.poll.load(Ordering::Relaxed) != 0 {
                                            save!();
                                            if slow::poll(t) {
                                                break 'throw;
                                            }
                                        }
                                        let value: u64 = $value;
                                        let flags = (*frame).flags;
                                        if flags & FRAME_MARKS != 0 {
                                            save!();
                                            if !invoke::marked_return(t, frame) {
                                                break 'throw;
                                            }
                                            if flags & FRAME_ENTRY != 0 {
                                                return Ok(value);
                                            }
                                        }
                                        sp = locals;
                                        frame = (*frame).prev;
                                        t.frame.set(frame);
                                        pc = (*frame).pc.add((flags >> CALL_LENGTH_SHIFT) as usize);
                                        locals = (*frame).locals;
                                        cp = (*frame).cp;
                                        if $slots > 0 {
                                            *sp = value;
                                            sp = sp.add($slots);
                                        }
                                        continue 'dispatch;
                                    }};
                                }
                                macro_rules! call {
                                    ($callee:expr, $flags:expr) => {{
                                        callee = $callee;
                                        call_flags = $flags;
                                        break 'call;
                                    }};
                                }
                                // A slow path that quickens this site; `Some` is what to do where it cannot.
                                macro_rules! or_throw {
                                    ($result:expr) => {
                                        match $result {
                                            Ok(value) => value,
                                            Err(_) => break 'throw,
                                        }
                                    };
                                }
                                // A call through an interface site, whose address is given.
                                macro_rules! call_interface {
                                    ($site:expr, $flags:expr) => {{
                                        let site = &*($site as usize as *const InterfaceSite);
                                        let receiver =
                                            ObjRef::from_raw(*sp.sub(site.arg_slots as usize) as u32);
                                        if !receiver.is_null() {
                                            let cached = site.cache.load(Ordering::Acquire);
                                            if cached as u32 == receiver.class_word() {
                                                call!(MethodRef::from_raw(cached >> 32), $flags)
                                            }
                                        }
                                        save!();
                                        call!(
                                            or_throw!(slow::interface_call(t, frame, site, receiver)),
                                            $flags
                                        )
                                    }};
                                }

                                if OBSERVED {
                                    save!();
                                    observe::instruction(t, frame, sp);
                                }
                                // Acquire: see `quick`. A plain load on x86-64.
                                match (*pc.cast::<AtomicU8>()).load(Ordering::Acquire) {
                                    op::Nop => next!(1),
                                    op::AconstNull | op::Iconst0 | op::Fconst0 => push!(0, 1),
                                    op::IconstM1 => push!(u64::from(u32::MAX), 1),
                                    op::Iconst1 => push!(1, 1),
                                    op::Iconst2 => push!(2, 1),
                                    op::Iconst3 => push!(3, 1),
                                    op::Iconst4 => push!(4, 1),
                                    op::Iconst5 => push!(5, 1),
                                    op::Lconst0 | op::Dconst0 => push2!(0, 1),
                                    op::Lconst1 => push2!(1, 1),
                                    op::Fconst1 => push!(u64::from(1f32.to_bits()), 1),
                                    op::Fconst2 => push!(u64::from(2f32.to_bits()), 1),
                                    op::Dconst1 => push2!(1f64.to_bits(), 1),
                                    op::Bipush => push!(*pc.add(1) as i8 as i32 as u32 as u64, 2),
                                    op::Sipush => push!(u2!(1) as i16 as i32 as u32 as u64, 3),

                                    op::LdcFast => {
                                        push!(
                                            u64::from(slot!(u1!(1)).value.load(Ordering::Relaxed) as u32),
                                            2
                                        )
                                    }
                                    op::LdcWFast => {
                                        push!(
                                            u64::from(slot!(u2!(1)).value.load(Ordering::Relaxed) as u32),
                                            3
                                        )
                                    }
                                    op::Ldc2WFast => push2!(slot!(u2!(1)).value.load(Ordering::Relaxed), 3),
                                    op::LdcClass => {
                                        let class =
                                            ClassRef::from_raw(slot!(u1!(1)).value.load(Ordering::Acquire));
                                        push!(u64::from(class.mirror().raw()), 2)
                                    }
                                    op::LdcWClass => {
                                        let class =
                                            ClassRef::from_raw(slot!(u2!(1)).value.load(Ordering::Acquire));
                                        push!(u64::from(class.mirror().raw()), 3)
                                    }
                                    op::Ldc => {
                                        save!();
                                        let (value, slots) = or_throw!(slow::ldc(t, frame, pc));
                                        *sp = value;
                                        sp = sp.add(slots);
                                        next!(2)
                                    }
                                    op::LdcW | op::Ldc2W => {
                                        save!();
                                        let (value, slots) = or_throw!(slow::ldc(t, frame, pc));
                                        *sp = value;
                                        sp = sp.add(slots);
                                        next!(3)
                                    }

                                    op::Iload | op::Fload | op::Aload => push!(*locals.add(u1!(1)), 2),
                                    op::Lload | op::Dload => push2!(*locals.add(u1!(1)), 2),
                                    op::Iload0 | op::Fload0 | op::Aload0 => push!(*locals, 1),
                                    op::Iload1 | op::Fload1 | op::Aload1 => push!(*locals.add(1), 1),
                                    op::Iload2 | op::Fload2 | op::Aload2 => push!(*locals.add(2), 1),
                                    op::Iload3 | op::Fload3 | op::Aload3 => push!(*locals.add(3), 1),
                                    op::Lload0 | op::Dload0 => push2!(*locals, 1),
                                    op::Lload1 | op::Dload1 => push2!(*locals.add(1), 1),
                                    op::Lload2 | op::Dload2 => push2!(*locals.add(2), 1),
                                    op::Lload3 | op::Dload3 => push2!(*locals.add(3), 1),
                                    op::Aload0Probe => {
                                        slow::pair(pc);
                                        push!(*locals, 1)
                                    }
                                    op::Aload0GetfieldW => {
                                        this_field_load!(u32, |v| u64::from(v), push)
                                    }
                                    op::Aload0GetfieldL => this_field_load!(u64, |v| v, push2),
                                    op::Aload0GetfieldB => {
                                        this_field_load!(i8, |v| v as i32 as u32 as u64, push)
                                    }

                                    op::Iaload | op::Faload | op::Aaload => {
                                        array_load!(u32, 12, |v| u64::from(v), -1)
                                    }
                                    op::Laload | op::Daload => array_load!(u64, 16, |v| v, 0),
                                    op::Baload => array_load!(i8, 12, |v| v as i32 as u32 as u64, -1),
                                    op::Caload => array_load!(u16, 12, |v| u64::from(v), -1),
                                    op::Saload => array_load!(i16, 12, |v| v as i32 as u32 as u64, -1),

                                    op::Istore | op::Fstore | op::Astore => pop_to!(u1!(1), 2),
                                    op::Lstore | op::Dstore => pop2_to!(u1!(1), 2),
                                    op::Istore0 | op::Fstore0 | op::Astore0 => pop_to!(0, 1),
                                    op::Istore1 | op::Fstore1 | op::Astore1 => pop_to!(1, 1),
                                    op::Istore2 | op::Fstore2 | op::Astore2 => pop_to!(2, 1),
                                    op::Istore3 | op::Fstore3 | op::Astore3 => pop_to!(3, 1),
                                    op::Lstore0 | op::Dstore0 => pop2_to!(0, 1),
                                    op::Lstore1 | op::Dstore1 => pop2_to!(1, 1),
                                    op::Lstore2 | op::Dstore2 => pop2_to!(2, 1),
                                    op::Lstore3 | op::Dstore3 => pop2_to!(3, 1),

                                    op::Iastore | op::Fastore => {
                                        array_store!(u32, 12, -3, -2, get!(-1) as u32)
                                    }
                                    op::Lastore | op::Dastore => array_store!(u64, 16, -4, -3, get!(-2)),
                                    op::Castore | op::Sastore => {
                                        array_store!(u16, 12, -3, -2, get!(-1) as u16)
                                    }
                                    op::Bastore => {
                                        let (array, index) = (get_a!(-3), get_i!(-2));
                                        if array.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let length = array.array_length();
                                        if index as u32 >= length as u32 {
                                            trap!(Trap::Bounds { index, length });
                                        }
                                        // A boolean array takes the lowest bit only (JVMS §6.5 bastore).
                                        let boolean = ClassRef::of(array).element_type
                                            == caturra_bytecode::BasicType::Boolean;
                                        let mask = if boolean { 1 } else { 0xff };
                                        array.store(12 + index as usize, get!(-1) as u8 & mask);
                                        move_sp!(-3);
                                        next!(1)
                                    }
                                    op::Aastore => {
                                        let (array, index, value) = (get_a!(-3), get_i!(-2), get_a!(-1));
                                        if array.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let length = array.array_length();
                                        if index as u32 >= length as u32 {
                                            trap!(Trap::Bounds { index, length });
                                        }
                                        if !value.is_null() {
                                            let component = ClassRef::of(array).component;
                                            let class = ClassRef::of(value);
                                            if component != Some(class) && !slow::may_store(array, class) {
                                                trap!(Trap::ArrayStore { value });
                                            }
                                        }
                                        let at = array.field_addr(12 + 4 * index as usize);
                                        at.cast::<u32>().write_volatile(value.raw());
                                        t.vm().heap.cards().mark(at);
                                        move_sp!(-3);
                                        next!(1)
                                    }

                                    op::Pop => {
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::Pop2 => {
                                        move_sp!(-2);
                                        next!(1)
                                    }
                                    op::Dup => push!(get!(-1), 1),
                                    op::DupX1 => {
                                        let (b, a) = (get!(-2), get!(-1));
                                        put!(-2, a);
                                        put!(-1, b);
                                        push!(a, 1)
                                    }
                                    op::DupX2 => {
                                        let (c, b, a) = (get!(-3), get!(-2), get!(-1));
                                        put!(-3, a);
                                        put!(-2, c);
                                        put!(-1, b);
                                        push!(a, 1)
                                    }
                                    op::Dup2 => {
                                        put!(0, get!(-2));
                                        put!(1, get!(-1));
                                        move_sp!(2);
                                        next!(1)
                                    }
                                    op::Dup2X1 => {
                                        let (c, b, a) = (get!(-3), get!(-2), get!(-1));
                                        put!(-3, b);
                                        put!(-2, a);
                                        put!(-1, c);
                                        put!(0, b);
                                        put!(1, a);
                                        move_sp!(2);
                                        next!(1)
                                    }
                                    op::Dup2X2 => {
                                        let (d, c, b, a) = (get!(-4), get!(-3), get!(-2), get!(-1));
                                        put!(-4, b);
                                        put!(-3, a);
                                        put!(-2, d);
                                        put!(-1, c);
                                        put!(0, b);
                                        put!(1, a);
                                        move_sp!(2);
                                        next!(1)
                                    }
                                    op::Swap => {
                                        let (b, a) = (get!(-2), get!(-1));
                                        put!(-2, a);
                                        put!(-1, b);
                                        next!(1)
                                    }

                                    op::Iadd => binary_i!(|a, b| a.wrapping_add(b)),
                                    op::Isub => binary_i!(|a, b| a.wrapping_sub(b)),
                                    op::Imul => binary_i!(|a, b| a.wrapping_mul(b)),
                                    op::Iand => binary_i!(|a, b| a & b),
                                    op::Ior => binary_i!(|a, b| a | b),
                                    op::Ixor => binary_i!(|a, b| a ^ b),
                                    op::Ishl => binary_i!(|a, b| arith::ishl(a, b)),
                                    op::Ishr => binary_i!(|a, b| arith::ishr(a, b)),
                                    op::Iushr => binary_i!(|a, b| arith::iushr(a, b)),
                                    op::Idiv => match arith::idiv(get_i!(-2), get_i!(-1)) {
                                        Some(v) => {
                                            put_i!(-2, v);
                                            move_sp!(-1);
                                            next!(1)
                                        }
                                        None => trap!(Trap::DivideByZero),
                                    },
                                    op::Irem => match arith::irem(get_i!(-2), get_i!(-1)) {
                                        Some(v) => {
                                            put_i!(-2, v);
                                            move_sp!(-1);
                                            next!(1)
                                        }
                                        None => trap!(Trap::DivideByZero),
                                    },
                                    op::Ladd => binary_l!(|a, b| a.wrapping_add(b)),
                                    op::Lsub => binary_l!(|a, b| a.wrapping_sub(b)),
                                    op::Lmul => binary_l!(|a, b| a.wrapping_mul(b)),
                                    op::Land => binary_l!(|a, b| a & b),
                                    op::Lor => binary_l!(|a, b| a | b),
                                    op::Lxor => binary_l!(|a, b| a ^ b),
                                    op::Lshl => shift_l!(|a, b| arith::lshl(a, b)),
                                    op::Lshr => shift_l!(|a, b| arith::lshr(a, b)),
                                    op::Lushr => shift_l!(|a, b| arith::lushr(a, b)),
                                    op::Ldiv => match arith::ldiv(get_l!(-4), get_l!(-2)) {
                                        Some(v) => {
                                            put!(-4, v as u64);
                                            move_sp!(-2);
                                            next!(1)
                                        }
                                        None => trap!(Trap::DivideByZero),
                                    },
                                    op::Lrem => match arith::lrem(get_l!(-4), get_l!(-2)) {
                                        Some(v) => {
                                            put!(-4, v as u64);
                                            move_sp!(-2);
                                            next!(1)
                                        }
                                        None => trap!(Trap::DivideByZero),
                                    },
                                    op::Fadd => binary_f!(|a, b| a + b),
                                    op::Fsub => binary_f!(|a, b| a - b),
                                    op::Fmul => binary_f!(|a, b| a * b),
                                    op::Fdiv => binary_f!(|a, b| a / b),
                                    op::Frem => binary_f!(|a, b| slow::frem(a, b)),
                                    op::Dadd => binary_d!(|a, b| a + b),
                                    op::Dsub => binary_d!(|a, b| a - b),
                                    op::Dmul => binary_d!(|a, b| a * b),
                                    op::Ddiv => binary_d!(|a, b| a / b),
                                    op::Drem => binary_d!(|a, b| slow::drem(a, b)),
                                    op::Ineg => {
                                        put_i!(-1, get_i!(-1).wrapping_neg());
                                        next!(1)
                                    }
                                    op::Lneg => {
                                        put!(-2, get_l!(-2).wrapping_neg() as u64);
                                        next!(1)
                                    }
                                    op::Fneg => {
                                        put!(-1, get!(-1) ^ 0x8000_0000);
                                        next!(1)
                                    }
                                    op::Dneg => {
                                        put!(-2, get!(-2) ^ (1 << 63));
                                        next!(1)
                                    }
                                    op::Iinc => {
                                        let at = locals.add(u1!(1));
                                        *at =
                                            (*at as i32).wrapping_add(*pc.add(2) as i8 as i32) as u32 as u64;
                                        next!(3)
                                    }

                                    op::I2l => {
                                        put!(-1, get_i!(-1) as i64 as u64);
                                        move_sp!(1);
                                        next!(1)
                                    }
                                    op::I2f => {
                                        put!(-1, u64::from((get_i!(-1) as f32).to_bits()));
                                        next!(1)
                                    }
                                    op::I2d => {
                                        put!(-1, f64::from(get_i!(-1)).to_bits());
                                        move_sp!(1);
                                        next!(1)
                                    }
                                    op::L2i => {
                                        put!(-2, u64::from(get!(-2) as u32));
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::L2f => {
                                        put!(-2, u64::from((get_l!(-2) as f32).to_bits()));
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::L2d => {
                                        put!(-2, (get_l!(-2) as f64).to_bits());
                                        next!(1)
                                    }
                                    op::F2i => {
                                        put_i!(-1, arith::f2i(get_f!(-1)));
                                        next!(1)
                                    }
                                    op::F2l => {
                                        put!(-1, arith::f2l(get_f!(-1)) as u64);
                                        move_sp!(1);
                                        next!(1)
                                    }
                                    op::F2d => {
                                        put!(-1, f64::from(get_f!(-1)).to_bits());
                                        move_sp!(1);
                                        next!(1)
                                    }
                                    op::D2i => {
                                        put_i!(-2, arith::d2i(get_d!(-2)));
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::D2l => {
                                        put!(-2, arith::d2l(get_d!(-2)) as u64);
                                        next!(1)
                                    }
                                    op::D2f => {
                                        put!(-2, u64::from((get_d!(-2) as f32).to_bits()));
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::I2b => {
                                        put_i!(-1, arith::i2b(get_i!(-1)));
                                        next!(1)
                                    }
                                    op::I2c => {
                                        put_i!(-1, arith::i2c(get_i!(-1)));
                                        next!(1)
                                    }
                                    op::I2s => {
                                        put_i!(-1, arith::i2s(get_i!(-1)));
                                        next!(1)
                                    }
                                    op::Lcmp => {
                                        put_i!(-4, arith::lcmp(get_l!(-4), get_l!(-2)));
                                        move_sp!(-3);
                                        next!(1)
                                    }
                                    op::Fcmpl => compare_f!(arith::fcmpl),
                                    op::Fcmpg => compare_f!(arith::fcmpg),
                                    op::Dcmpl => {
                                        put_i!(-4, arith::dcmpl(get_d!(-4), get_d!(-2)));
                                        move_sp!(-3);
                                        next!(1)
                                    }
                                    op::Dcmpg => {
                                        put_i!(-4, arith::dcmpg(get_d!(-4), get_d!(-2)));
                                        move_sp!(-3);
                                        next!(1)
                                    }

                                    op::Ifeq => branch!(-1, get_i!(-1) == 0),
                                    op::Ifne => branch!(-1, get_i!(-1) != 0),
                                    op::Iflt => branch!(-1, get_i!(-1) < 0),
                                    op::Ifge => branch!(-1, get_i!(-1) >= 0),
                                    op::Ifgt => branch!(-1, get_i!(-1) > 0),
                                    op::Ifle => branch!(-1, get_i!(-1) <= 0),
                                    op::IfIcmpeq | op::IfAcmpeq => branch!(-2, get_i!(-2) == get_i!(-1)),
                                    op::IfIcmpne | op::IfAcmpne => branch!(-2, get_i!(-2) != get_i!(-1)),
                                    op::IfIcmplt => branch!(-2, get_i!(-2) < get_i!(-1)),
                                    op::IfIcmpge => branch!(-2, get_i!(-2) >= get_i!(-1)),
                                    op::IfIcmpgt => branch!(-2, get_i!(-2) > get_i!(-1)),
                                    op::IfIcmple => branch!(-2, get_i!(-2) <= get_i!(-1)),
                                    op::Ifnull => branch!(-1, get_i!(-1) == 0),
                                    op::Ifnonnull => branch!(-1, get_i!(-1) != 0),
                                    op::Goto => jump!(pc.add(1).cast::<i16>().read_unaligned() as isize),
                                    op::GotoW => jump!(pc.add(1).cast::<i32>().read_unaligned() as isize),
                                    op::Jsr | op::JsrW => {
                                        // A returnAddress is the index of the instruction behind the `jsr`.
                                        let wide = *pc == op::JsrW;
                                        let code =
                                            MethodRef::from_raw((*frame).method).code.load(Ordering::Relaxed);
                                        let next = pc.add(if wide { 5 } else { 3 });
                                        *sp = next.offset_from(code) as u64;
                                        move_sp!(1);
                                        if wide {
                                            jump!(pc.add(1).cast::<i32>().read_unaligned() as isize)
                                        }
                                        jump!(pc.add(1).cast::<i16>().read_unaligned() as isize)
                                    }
                                    op::Ret => {
                                        let code =
                                            MethodRef::from_raw((*frame).method).code.load(Ordering::Relaxed);
                                        let target = code.cast_const().add(*locals.add(u1!(1)) as usize);
                                        jump!(target.offset_from(pc))
                                    }
                                    op::Tableswitch => {
                                        let key = get_i!(-1);
                                        move_sp!(-1);
                                        let table = slow::switch_table(pc);
                                        let (low, high) = (*table.add(1), *table.add(2));
                                        let offset = if key < low || key > high {
                                            *table
                                        } else {
                                            *table.add(3 + key.wrapping_sub(low) as u32 as usize)
                                        };
                                        jump!(offset as isize)
                                    }
                                    op::Lookupswitch => {
                                        let key = get_i!(-1);
                                        move_sp!(-1);
                                        jump!(slow::lookup(slow::switch_table(pc), key) as isize)
                                    }

                                    op::Ireturn | op::Freturn | op::Areturn => return_value!(1, get!(-1)),
                                    op::Lreturn | op::Dreturn => return_value!(2, get!(-2)),
                                    op::Return => return_value!(0, 0),
                                    op::IreturnNarrow => {
                                        put_i!(-1, slow::narrow(frame, get_i!(-1)));
                                        return_value!(1, get!(-1))
                                    }
                                    op::ReturnFinalizer => {
                                        save!();
                                        or_throw!(slow::register_finalizer(t, frame));
                                        return_value!(0, 0)
                                    }

                                    op::Getfield | op::Putfield => {
                                        save!();
                                        or_throw!(slow::instance_field(t, frame, pc));
                                        continue 'dispatch;
                                    }
                                    op::GetfieldB => field_load!(i8, |v| v as i32 as u32 as u64, 0),
                                    op::GetfieldC => field_load!(u16, |v| u64::from(v), 0),
                                    op::GetfieldS => field_load!(i16, |v| v as i32 as u32 as u64, 0),
                                    op::GetfieldW => field_load!(u32, |v| u64::from(v), 0),
                                    op::GetfieldL => field_load!(u64, |v| v, 1),
                                    op::PutfieldZ => field_store!(u8, -2, get!(-1) as u8 & 1),
                                    op::PutfieldB => field_store!(u8, -2, get!(-1) as u8),
                                    op::PutfieldS => field_store!(u16, -2, get!(-1) as u16),
                                    op::PutfieldW => field_store!(u32, -2, get!(-1) as u32),
                                    op::PutfieldL => field_store!(u64, -3, get!(-2)),
                                    op::PutfieldA => {
                                        let object = get_a!(-2);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        object.store::<u32>(u2!(1), get!(-1) as u32);
                                        t.vm().heap.cards().mark(object.field_addr(u2!(1)));
                                        move_sp!(-2);
                                        next!(3)
                                    }
                                    op::GetfieldCp => {
                                        let object = get_a!(-1);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        let field = slot!(u2!(1)).quick.load(Ordering::Acquire);
                                        let at = object.field_addr(fields::offset(field));
                                        put!(-1, fields::load(at, field));
                                        sp = sp.add(fields::slots(field) - 1);
                                        next!(3)
                                    }
                                    op::PutfieldCp => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Acquire);
                                        let below = sp.sub(fields::slots(field));
                                        let object = ObjRef::from_raw(*below.sub(1) as u32);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        fields::store(
                                            t,
                                            object.field_addr(fields::offset(field)),
                                            field,
                                            *below,
                                        );
                                        sp = below.sub(1);
                                        next!(3)
                                    }
                                    op::Getstatic => {
                                        save!();
                                        let field = or_throw!(slow::static_field(t, frame, pc));
                                        *sp = fields::load(fields::address(field), field);
                                        sp = sp.add(fields::slots(field));
                                        next!(3)
                                    }
                                    op::Putstatic => {
                                        save!();
                                        let field = or_throw!(slow::static_field(t, frame, pc));
                                        sp = sp.sub(fields::slots(field));
                                        fields::store(t, fields::address(field), field, *sp);
                                        next!(3)
                                    }
                                    op::GetstaticW => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed) as *mut u8;
                                        let at = field.cast::<u32>();
                                        push!(u64::from(at.read_volatile()), 3)
                                    }
                                    op::GetstaticL => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed) as *mut u8;
                                        let at = field.cast::<u64>();
                                        push2!(at.read_volatile(), 3)
                                    }
                                    op::GetstaticAny => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed);
                                        *sp = fields::load(fields::address(field), field);
                                        sp = sp.add(fields::slots(field));
                                        next!(3)
                                    }
                                    op::PutstaticW => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed) as *mut u8;
                                        field.cast::<u32>().write_volatile(get!(-1) as u32);
                                        move_sp!(-1);
                                        next!(3)
                                    }
                                    op::PutstaticL => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed) as *mut u8;
                                        field.cast::<u64>().write_volatile(get!(-2));
                                        move_sp!(-2);
                                        next!(3)
                                    }
                                    op::PutstaticA => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed) as *mut u8;
                                        let at = field;
                                        at.cast::<u32>().write_volatile(get!(-1) as u32);
                                        t.vm().heap.cards().mark(at);
                                        move_sp!(-1);
                                        next!(3)
                                    }
                                    op::PutstaticAny => {
                                        let field = slot!(u2!(1)).quick.load(Ordering::Relaxed);
                                        sp = sp.sub(fields::slots(field));
                                        fields::store(t, fields::address(field), field, *sp);
                                        next!(3)
                                    }

                                    op::InvokestaticDirect => {
                                        let m = slot!(u2!(1)).value.load(Ordering::Relaxed);
                                        call!(MethodRef::from_raw(m), CALL3)
                                    }
                                    op::InvokeDirect => {
                                        let m =
                                            MethodRef::from_raw(slot!(u2!(1)).quick.load(Ordering::Relaxed));
                                        if *sp.sub(m.arg_slots as usize) as u32 == 0 {
                                            trap!(Trap::Null);
                                        }
                                        call!(m, CALL3)
                                    }
                                    op::InvokevirtualTable => {
                                        let receiver = ObjRef::from_raw(*sp.sub(u1!(1)) as u32);
                                        if receiver.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        call!(ClassRef::of(receiver).vtable_entry(u1!(2)), CALL3)
                                    }
                                    op::InvokevirtualCp => {
                                        let quick = slot!(u2!(1)).quick.load(Ordering::Relaxed) as usize;
                                        let receiver = ObjRef::from_raw(*sp.sub(quick & 0xffff) as u32);
                                        if receiver.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        call!(ClassRef::of(receiver).vtable_entry(quick >> 16), CALL3)
                                    }
                                    op::Invokeinterface => {
                                        call_interface!(pc.add(1).cast::<u32>().read_unaligned(), CALL5)
                                    }
                                    op::InvokevirtualInterface => {
                                        call_interface!(slot!(u2!(1)).quick.load(Ordering::Acquire), CALL3)
                                    }
                                    op::Invokehandle => {
                                        let link =
                                            slot!(u2!(1)).quick.load(Ordering::Acquire) as *const HandleCall;
                                        let handle = ObjRef::from_raw(*sp.sub((*link).call_slots()) as u32);
                                        if handle.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        if !(*link).appendix.is_null() {
                                            *sp = u64::from((*(*link).appendix).raw());
                                            if OBSERVED {
                                                observe::pushed_reference(t, sp);
                                            }
                                            move_sp!(1);
                                        }
                                        call!((*link).adapter, CALL3)
                                    }
                                    op::Invokedynamic => {
                                        let site = pc.add(1).cast::<u32>().read_unaligned() as usize;
                                        let site = &*(site as *const DynamicSite);
                                        let mut link = site.linked.load(Ordering::Acquire).cast_const();
                                        if link.is_null() {
                                            save!();
                                            link = or_throw!(slow::link_dynamic(t, frame, site));
                                        }
                                        if !(*link).appendix.is_null() {
                                            *sp = u64::from((*(*link).appendix).raw());
                                            if OBSERVED {
                                                observe::pushed_reference(t, sp);
                                            }
                                            move_sp!(1);
                                        }
                                        call!((*link).adapter, CALL5)
                                    }
                                    op::InvokeBasic => {
                                        let args = slot!(u2!(1)).quick.load(Ordering::Relaxed) as usize;
                                        let handle = ObjRef::from_raw(*sp.sub(args) as u32);
                                        if handle.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        call!(calls::target_of_handle(t, handle), CALL3)
                                    }
                                    op::LinkTo => {
                                        let kind = slot!(u2!(1)).quick.load(Ordering::Relaxed);
                                        save!();
                                        let m = or_throw!(calls::link_to(t, kind, sp));
                                        move_sp!(-1);
                                        call!(m, CALL3)
                                    }
                                    op::Invokestatic | op::Invokespecial | op::Invokevirtual => {
                                        save!();
                                        match or_throw!(slow::invoke(t, frame, pc)) {
                                            // Not quickened.
                                            Some(m) => {
                                                if !m.is_static() && *sp.sub(m.arg_slots as usize) as u32 == 0
                                                {
                                                    trap!(Trap::Null);
                                                }
                                                call!(m, CALL3)
                                            }
                                            None => continue 'dispatch,
                                        }
                                    }

                                    op::NewFast => {
                                        let class =
                                            ClassRef::from_raw(slot!(u2!(1)).value.load(Ordering::Relaxed));
                                        let p = t.tlab.bump(class.instance_size());
                                        let object = if !p.is_null() {
                                            let object = ObjRef::from_addr(p);
                                            object.set_class_word(class.id());
                                            object
                                        } else {
                                            save!();
                                            or_throw!(slow::new_instance(t, class))
                                        };
                                        push!(u64::from(object.raw()), 3)
                                    }
                                    op::New => {
                                        save!();
                                        let object = or_throw!(slow::new(t, frame, pc));
                                        push!(u64::from(object.raw()), 3)
                                    }
                                    op::Newarray => {
                                        save!();
                                        let array = or_throw!(slow::newarray(t, *pc.add(1), get_i!(-1)));
                                        put!(-1, u64::from(array.raw()));
                                        next!(2)
                                    }
                                    op::AnewarrayFast => {
                                        save!();
                                        let class =
                                            ClassRef::from_raw(slot!(u2!(1)).quick.load(Ordering::Acquire));
                                        let array = or_throw!(alloc::array(t, class, get_i!(-1)));
                                        put!(-1, u64::from(array.raw()));
                                        next!(3)
                                    }
                                    op::Anewarray => {
                                        save!();
                                        or_throw!(slow::anewarray(t, frame, pc));
                                        continue 'dispatch;
                                    }
                                    op::Multianewarray => {
                                        save!();
                                        let dimensions = u1!(3);
                                        let base = sp.sub(dimensions);
                                        let array = or_throw!(slow::multianewarray(
                                            t,
                                            frame,
                                            u2!(1),
                                            base,
                                            dimensions
                                        ));
                                        sp = base;
                                        push!(u64::from(array.raw()), 4)
                                    }
                                    op::Arraylength => {
                                        let array = get_a!(-1);
                                        if array.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        put_i!(-1, array.array_length());
                                        next!(1)
                                    }
                                    op::Athrow => {
                                        let throwable = get_a!(-1);
                                        if throwable.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        save!();
                                        t.pending.set(throwable);
                                        break 'throw;
                                    }
                                    op::CheckcastFast => {
                                        let object = get_a!(-1);
                                        if !object.is_null() {
                                            let target = ClassRef::from_raw(
                                                slot!(u2!(1)).value.load(Ordering::Relaxed),
                                            );
                                            let class = ClassRef::of(object);
                                            if class != target && !class.is_subclass_of(target) {
                                                trap!(Trap::ClassCast { object, target });
                                            }
                                        }
                                        next!(3)
                                    }
                                    op::InstanceofFast => {
                                        let object = get_a!(-1);
                                        let is = !object.is_null() && {
                                            let target = ClassRef::from_raw(
                                                slot!(u2!(1)).value.load(Ordering::Relaxed),
                                            );
                                            ClassRef::of(object).is_subclass_of(target)
                                        };
                                        put!(-1, u64::from(is));
                                        next!(3)
                                    }
                                    op::Checkcast | op::Instanceof => {
                                        // Null needs no resolution, and must not cause any (JVMS §6.5).
                                        if get_a!(-1).is_null() {
                                            if *pc == op::Instanceof {
                                                put!(-1, 0);
                                            }
                                            next!(3)
                                        }
                                        save!();
                                        or_throw!(slow::type_check(t, frame, pc));
                                        continue 'dispatch;
                                    }
                                    op::Monitorenter => {
                                        let object = get_a!(-1);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        save!();
                                        locks::enter(t, frame, object);
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::Monitorexit => {
                                        let object = get_a!(-1);
                                        if object.is_null() {
                                            trap!(Trap::Null);
                                        }
                                        save!();
                                        or_throw!(locks::exit(t, frame, object));
                                        move_sp!(-1);
                                        next!(1)
                                    }
                                    op::Wide => {
                                        let index = u2!(2);
                                        match *pc.add(1) {
                                            op::Iload | op::Fload | op::Aload => push!(*locals.add(index), 4),
                                            op::Lload | op::Dload => push2!(*locals.add(index), 4),
                                            op::Istore | op::Fstore | op::Astore => pop_to!(index, 4),
                                            op::Lstore | op::Dstore => pop2_to!(index, 4),
                                            op::Iinc => {
                                                let at = locals.add(index);
                                                let delta = u2!(4) as i16 as i32;
                                                *at = (*at as i32).wrapping_add(delta) as u32 as u64;
                                                next!(6)
                                            }
                                            _ => {
                                                let code = MethodRef::from_raw((*frame).method)
                                                    .code
                                                    .load(Ordering::Relaxed);
                                                let target =
                                                    code.cast_const().add(*locals.add(index) as usize);
                                                jump!(target.offset_from(pc))
                                            }
                                        }
                                    }
                                    unknown => slow::unknown_opcode(frame, unknown),
                                }
                            }
                        }

                        // 'call: `callee` on the arguments below `sp`.
                        loop {
                            let compiled = callee.compiled.load(Ordering::Acquire);
                            if !compiled.is_null() {
                                save!();
                                sp = calls::call_compiled(t, callee, compiled, sp);
                                if sp.is_null() {
                                    break 'throw;
                                }
                                pc = pc.add((call_flags >> CALL_LENGTH_SHIFT) as usize);
                                continue 'outer;
                            }
                            let code = callee.code.load(Ordering::Acquire);
                            if !code.is_null() {
                                save!();
                                if calls::count_call(t, callee) {
                                    continue;
                                }
                                let header = CodeHeader::of(code);
                                let new_locals = sp.byte_sub(header.args_bytes as usize);
                                let end = new_locals.byte_add(header.frame_bytes as usize);
                                if end > t.java_stack.limit.get() {
                                    slow::stack_overflow(t);
                                    break 'throw;
                                }
                                let new = new_locals.byte_add(header.locals_bytes as usize).cast::<Frame>();
                                (*new).prev = frame;
                                (*new).method = callee.as_raw();
                                (*new).pc = code;
                                (*new).locals = new_locals;
                                (*new).cp = header.cp;
                                (*new).lock = ObjRef::NULL;
                                (*new).flags = call_flags;
                                t.frame.set(new);
                                frame = new;
                                pc = code;
                                locals = new_locals;
                                cp = header.cp;
                                sp = Frame::stack_base(new);
                                if header.flags & CODE_SYNCHRONIZED != 0 {
                                    invoke::lock_frame(t, frame);
                                }
                                if OBSERVED {
                                    observe::entered(t, frame);
                                }
                                continue 'outer;
                            }
                            save!();
                            let next = calls::call_other(t, frame, callee, sp);
                            if next.sp.is_null() {
                                break 'throw;
                            }
                            sp = next.sp;
                            match next.callee {
                                Some(m) => callee = m,
                                None => {
                                    pc = pc.add((call_flags >> CALL_LENGTH_SHIFT) as usize);
                                    continue 'outer;
                                }
                            }
                        }
                    }

                    // 'trap
                    save!();
                    exceptions::raise(t, trap);
                }

                // 'throw: an exception is pending; `frame.pc` is where.
                frame = exceptions::unwind(t, frame);
                if frame.is_null() {
                    return Err(already_pending(t));
                }
                pc = (*frame).pc;
                locals = (*frame).locals;
                cp = (*frame).cp;
                sp = Frame::stack_base(frame).add(1);
                if OBSERVED {
                    observe::handler(t, frame);
                }
                continue 'outer;
            }

            // 'poll
            save!();
            let mut thrown = slow::poll(t);
            if !thrown && let Some(done) = invoke::replace_frame(t, frame, sp) {
                if done.flags & FRAME_ENTRY != 0 {
                    return done.result;
                }
                frame = done.caller;
                match done.result {
                    Ok(value) => {
                        sp = locals;
                        pc = (*frame).pc.add((done.flags >> CALL_LENGTH_SHIFT) as usize);
                        locals = (*frame).locals;
                        cp = (*frame).cp;
                        *sp = value;
                        sp = sp.add(done.slots);
                    }
                    Err(_) => thrown = true,
                }
            }
            if thrown {
                frame = exceptions::unwind(t, frame);
                if frame.is_null() {
                    return Err(already_pending(t));
                }
                pc = (*frame).pc;
                locals = (*frame).locals;
                cp = (*frame).cp;
                sp = Frame::stack_base(frame).add(1);
                if OBSERVED {
                    observe::handler(t, frame);
                }
            }
        }
    }
}
