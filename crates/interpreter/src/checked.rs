//! `-XX:+CheckedInterpreter`: every slot of the Java stack carries its type, and every instruction is checked against
//! them before it runs. What the verifier let through, or what another part of the VM left in a slot, is found
//! where it is met first, and reported as the VM's own error (a crash report that names method, bytecode index, what
//! was expected and what was found).
//!
//! The types lie in a shadow of the thread's Java stack, a [`Cell`] for each slot. An instruction's operands are
//! checked before it runs; its results are typed when the same frame comes to its next instruction. So nothing has to
//! be known of what happens in between: a call's arguments become the callee's locals with the types they have.
//! References are checked as values too: each is null or an object, and where a class is named and loaded, an
//! instance of it; interfaces count as `Object`, as for the verifier (JVMS §4.10.1.2).

use crate::shadow::{Cell, Shadow, State, Tag};
use caturra_bytecode::{BasicType, FieldType, Instruction, MethodDescriptor, Opcode, Operands, decode};
use caturra_kernel::linking::resolve;
use caturra_kernel::loading::loader;
use caturra_kernel::oops::class::ClassFlags;
use caturra_kernel::oops::constant_pool::CpTag;
use caturra_kernel::runtime::frames::{FRAME_COMPILED, FRAME_ENTRY, Frame};
use caturra_kernel::{ClassRef, MethodRef, ObjRef, Sym, Thread};
use std::fmt::Display;

/// What is looked at: an activation before an instruction.
struct Place<'t> {
    t: &'t Thread,
    shadow: Shadow,
    frame: *mut Frame,
    method: MethodRef,
    bci: usize,
}

/// Types the arguments of a frame that was just pushed: those of an interpreted caller are checked, those of the VM
/// typed by the descriptor.
///
/// # Safety
/// `frame` is the youngest frame, in which no instruction has run.
#[cold]
#[inline(never)]
pub unsafe fn entered(t: &Thread, frame: *mut Frame) {
    // SAFETY: the caller's promise; the caller's frame is below.
    unsafe {
        let method = MethodRef::from_raw((*frame).method);
        let at = Place { t, shadow: Shadow::of(t), frame, method, bci: 0 };
        let caller = (*frame).prev;
        let from_java = (*frame).flags & FRAME_ENTRY == 0 && (*caller).flags & FRAME_COMPILED == 0;
        let mut slot = (*frame).locals;
        if !method.is_static() {
            let uninit = method.is_constructor() && method.holder.super_class.is_some();
            if from_java {
                let found = at.shadow.get(slot).tag;
                let trusted = MethodRef::from_raw((*caller).method).holder.has(ClassFlags::TRUSTED);
                // Lambda forms call constructors on objects that `Unsafe` made.
                if found != Tag::Reference && !(found == Tag::Uninitialized && method.is_constructor())
                    || found == Tag::Reference && uninit && !trusted
                {
                    at.report("receiver", "a reference", found);
                }
            }
            at.object(slot, Some(method.holder), "receiver");
            let cell = if uninit { Cell::uninitialized(0) } else { Cell::new(Tag::Reference) };
            at.shadow.put(slot, cell);
            slot = slot.add(1);
        }
        let descriptor = MethodDescriptor::parse(method.signature.symbol.bytes());
        for ty in descriptor.iter().flat_map(MethodDescriptor::parameters) {
            if from_java {
                at.check(slot, ty.basic_type(), "argument");
            } else {
                at.shadow.put_type(slot, ty.basic_type());
            }
            at.value(slot, ty, method.holder, "argument");
            slot = slot.add(ty.slots());
        }
        while slot < frame.cast() {
            at.shadow.put(slot, Cell::new(Tag::Unset));
            slot = slot.add(1);
        }
        at.shadow.set_state(frame, State::default());
    }
}

/// Types the operand stack of a frame that goes on at an exception handler.
///
/// # Safety
/// `frame` is the youngest frame, with the exception on its stack.
#[cold]
#[inline(never)]
pub unsafe fn handler(t: &Thread, frame: *mut Frame) {
    // SAFETY: the caller's promise.
    unsafe {
        let shadow = Shadow::of(t);
        shadow.put(Frame::stack_base(frame), Cell::new(Tag::Reference));
        shadow.set_state(frame, State { depth: 1, ..State::default() });
    }
}

/// Types a reference that the VM itself pushed (the appendix of a linked call).
///
/// # Safety
/// `slot` is in the youngest frame's operand stack.
#[cold]
#[inline(never)]
pub unsafe fn pushed_reference(t: &Thread, slot: *mut u64) {
    // SAFETY: the caller's promise.
    unsafe { Shadow::of(t).put(slot, Cell::new(Tag::Reference)) };
}

/// Checks the instruction that `frame` is about to run.
///
/// # Safety
/// `frame` is the youngest frame, with its `pc` saved; `sp` is its first free operand slot.
#[cold]
#[inline(never)]
pub unsafe fn instruction(t: &Thread, frame: *mut Frame, sp: *mut u64) {
    // SAFETY: the caller's promise.
    unsafe {
        let method = MethodRef::from_raw((*frame).method);
        let bci = (*frame).bci() as usize;
        let mut at = Place { t, shadow: Shadow::of(t), frame, method, bci };
        let depth = sp.offset_from(Frame::stack_base(frame));
        let state = at.shadow.state(frame);
        if let Some(last) = state.last {
            if usize::from(last) == bci && depth == state.depth as isize {
                // Once more, now that the site is resolved.
                return;
            }
            at.bci = last.into();
            at.finish(state);
            at.bci = bci;
        }
        let expected = at.shadow.state(frame).depth;
        if depth != expected as isize {
            at.report("depth of the operand stack", expected, depth);
        }
        if depth < 0 || depth > method.max_stack as isize {
            at.report("depth of the operand stack", format!("at most {}", method.max_stack), depth);
        }
        match decode::decode(method.bytecode, bci) {
            Ok(i) => {
                let origin = at.operands(&i, sp);
                let last = Some(bci as u16);
                at.shadow.set_state(frame, State { last, depth: expected, origin });
            }
            Err(e) => at.report("instruction", "a valid one", e),
        }
    }
}

/// Locals that an instruction of a load or store family names, whether in its operand or its opcode.
fn local_of(i: &Instruction<'_>) -> Option<usize> {
    if let Some(index) = i.local_index() {
        return Some(index.into());
    }
    let opcode = i.opcode as u8;
    let (load, store) = (Opcode::Iload0 as u8, Opcode::Istore0 as u8);
    match opcode {
        26..=45 => Some(usize::from((opcode - load) % 4)),
        59..=78 => Some(usize::from((opcode - store) % 4)),
        _ => None,
    }
}

fn is_load(opcode: Opcode) -> bool {
    matches!(opcode as u8, 21..=45)
}

fn is_store(opcode: Opcode) -> bool {
    matches!(opcode as u8, 54..=78)
}

fn letter(ty: BasicType) -> char {
    match ty {
        BasicType::Long => 'L',
        BasicType::Double => 'D',
        BasicType::Float => 'F',
        BasicType::Reference => 'A',
        BasicType::Void => 'V',
        _ => 'I',
    }
}

fn basic(letter: char) -> BasicType {
    match letter {
        'I' => BasicType::Int,
        'L' => BasicType::Long,
        'F' => BasicType::Float,
        'D' => BasicType::Double,
        _ => BasicType::Reference,
    }
}

/// Whether an instruction takes objects whose constructor has not been called, and return addresses as the other
/// instructions on slots do (JVMS §4.10.1.9).
fn takes_any_reference(opcode: Opcode) -> bool {
    use Opcode::*;
    is_store(opcode)
        || matches!(opcode, Ifnull | Ifnonnull | IfAcmpeq | IfAcmpne | Monitorenter | Monitorexit)
}

impl Place<'_> {
    #[cold]
    fn report(&self, what: &str, expected: impl Display, found: impl Display) -> ! {
        let mnemonic = match decode::decode(self.method.bytecode, self.bci) {
            Ok(i) => i.opcode.mnemonic(),
            Err(_) => "?",
        };
        panic!(
            "checked interpreter: {} at bci {} ({mnemonic}): {what}: expected {expected}, found {found}",
            self.method.describe(),
            self.bci
        );
    }

    /// A slot, and the next of a long or double, has a type.
    unsafe fn check(&self, slot: *mut u64, ty: BasicType, what: &str) {
        // SAFETY: the slots are in the frame; a long or double is never the last of it.
        let (found, next) = unsafe { (self.shadow.get(slot).tag, self.shadow.get(slot.add(1)).tag) };
        let expected = Tag::of(ty);
        if found != expected {
            self.report(what, expected, found);
        }
        if let Some(second) = expected.second()
            && next != second
        {
            self.report(what, second, next);
        }
        // SAFETY: as above.
        let high = unsafe { *slot } >> 32;
        if expected.second().is_none() && high != 0 {
            self.report(what, "a slot whose high half is zero", format_args!("{high:#x}"));
        }
    }

    /// A reference is null or an object, of the class where one is given that is no interface.
    unsafe fn object(&self, slot: *mut u64, class: Option<ClassRef>, what: &str) {
        // SAFETY: the slot is in the frame.
        let object = ObjRef::from_raw(unsafe { *slot } as u32);
        if object.is_null() {
            return;
        }
        // SAFETY: memory of the heap may be read, whatever it holds.
        if !self.t.vm().heap.contains(object.addr()) || unsafe { object.class_word() } == 0 {
            self.report(what, "an object", format_args!("{:#x}", object.raw()));
        }
        // SAFETY: an address in the heap with a class word.
        let found = unsafe { ClassRef::of(object) };
        if let Some(class) = class
            && !class.is_interface()
            && found != class
            && !found.is_subclass_of(class)
        {
            self.report(what, class.external_name(), found.external_name());
        }
    }

    /// The loaded class that a name means to `from`; `None` where it is not loaded.
    fn class_named(&self, name: &[u8], from: ClassRef) -> Option<ClassRef> {
        if name == from.name.bytes() {
            return Some(from);
        }
        let name = self.t.vm().symbols.lookup(name)?;
        loader::find_loaded(self.t, resolve::owner(self.t, from), name)
    }

    /// A value is of its descriptor's type, as far as a slot tells.
    unsafe fn value(&self, slot: *mut u64, ty: FieldType<'_>, from: ClassRef, what: &str) {
        if ty.basic_type() != BasicType::Reference {
            return;
        }
        let class = match ty {
            FieldType::Class(name) => self.class_named(name, from),
            array => {
                let mut name = Vec::new();
                array.write_descriptor(&mut name);
                let is_interface = |class: ClassRef| class.bottom.is_some_and(|c| c.is_interface());
                self.class_named(&name, from).filter(|class| !is_interface(*class))
            }
        };
        // SAFETY: the caller's slot.
        unsafe { self.object(slot, class, what) };
    }

    /// The types of a field or call that the instruction names: parameters, then result.
    fn descriptor(&self, index: u16) -> Sym {
        self.method.holder.cp.member_name_and_type(index).1
    }

    unsafe fn base(&self) -> *mut u64 {
        Frame::stack_base(self.frame)
    }

    /// Checks what an instruction pops and reads; the origin of the object that a constructor is called on, plus one.
    unsafe fn operands(&self, i: &Instruction<'_>, sp: *mut u64) -> u32 {
        // SAFETY: everything lies in the frame, whose depth was checked; the popped slots are checked against it.
        unsafe {
            let effect = i.opcode.stack_effect();
            if let Some((pops, _)) = effect.split_once('>') {
                self.pops(i.opcode, pops, sp);
            }
            if is_load(i.opcode)
                && let Some(index) = local_of(i)
            {
                let pushed = effect.chars().last().unwrap_or('A');
                self.local(index, pushed);
            }
            match (i.opcode, i.operands) {
                (Opcode::Iinc, Operands::Iinc { index, .. }) => self.local(index.into(), 'I'),
                (Opcode::Ret, _) => {
                    let index = local_of(i).unwrap_or_default();
                    let found = self.shadow.get((*self.frame).locals.add(index)).tag;
                    if found != Tag::ReturnAddress {
                        self.report("local variable", Tag::ReturnAddress, found);
                    }
                }
                (opcode, _) if opcode.is_return() => self.returned(opcode, sp),
                (Opcode::Athrow, _) => {
                    let throwable = self.t.vm().wk.throwable();
                    self.object(sp.sub(1), Some(throwable), "throwable");
                }
                (opcode, Operands::Constant(index)) if opcode.is_field_access() => {
                    self.field(opcode, index, sp);
                }
                (opcode, Operands::Constant(index) | Operands::InvokeInterface { index, .. })
                    if opcode.is_invoke() =>
                {
                    return self.call(opcode, index, sp);
                }
                (Opcode::Invokedynamic, Operands::InvokeDynamic { index, .. }) => {
                    return self.call(i.opcode, index, sp);
                }
                (Opcode::Multianewarray, Operands::MultiNewArray { dimensions, .. }) => {
                    self.pops(i.opcode, &"I".repeat(dimensions.into()), sp);
                }
                (opcode, _) if matches!(opcode as u8, 46..=53 | 79..=86) || opcode == Opcode::Arraylength => {
                    self.array(opcode, sp);
                }
                _ => {}
            }
            0
        }
    }

    unsafe fn local(&self, index: usize, letter: char) {
        if index >= usize::from(self.method.max_locals.max(self.method.arg_slots)) {
            self.report("local variable", format_args!("below {}", self.method.max_locals), index);
        }
        // SAFETY: a local of the frame.
        unsafe {
            let slot = (*self.frame).locals.add(index);
            if letter == 'A' {
                let found = self.shadow.get(slot).tag;
                if !matches!(found, Tag::Reference | Tag::Uninitialized) {
                    self.report("local variable", Tag::Reference, found);
                }
                self.object(slot, None, "local variable");
            } else {
                self.check(slot, basic(letter), "local variable");
            }
        }
    }

    /// Checks the operands that the bytecode table tells; lower-case letters stand for any slot.
    unsafe fn pops(&self, opcode: Opcode, pops: &str, sp: *mut u64) {
        let slots: usize = pops.chars().map(|c| if matches!(c, 'L' | 'D') { 2 } else { 1 }).sum();
        // SAFETY: not below the base, which is checked first.
        unsafe {
            self.room(slots, sp);
            let mut slot = sp.sub(slots);
            if pops.starts_with(char::is_lowercase) {
                let cells: Vec<Cell> = (0..slots).map(|n| self.shadow.get(slot.add(n))).collect();
                self.whole(&cells);
                return;
            }
            for letter in pops.chars() {
                let found = self.shadow.get(slot).tag;
                match letter {
                    'A' if found == Tag::Reference => self.object(slot, None, "operand"),
                    'A' if found == Tag::Uninitialized && takes_any_reference(opcode) => {}
                    'A' if found == Tag::ReturnAddress && is_store(opcode) => {}
                    'A' => self.report("operand", Tag::Reference, found),
                    _ => self.check(slot, basic(letter), "operand"),
                }
                slot = slot.add(if matches!(letter, 'L' | 'D') { 2 } else { 1 });
            }
        }
    }

    unsafe fn room(&self, slots: usize, sp: *mut u64) {
        // SAFETY: both point into the thread's Java stack.
        let depth = unsafe { sp.offset_from(self.base()) };
        if depth < slots as isize {
            self.report("operands", format_args!("{slots} slots"), depth);
        }
    }

    /// No half of a long or double stands alone, and nothing is unset.
    fn whole(&self, cells: &[Cell]) {
        let mut wanted = None;
        for cell in cells {
            match wanted.take() {
                Some(second) if cell.tag == second => {}
                Some(second) => self.report("operand", second, cell.tag),
                None if cell.tag.is_second() || cell.tag == Tag::Unset => {
                    self.report("operand", "a whole value", cell.tag);
                }
                None => wanted = cell.tag.second(),
            }
        }
        if let Some(second) = wanted {
            self.report("operand", second, "nothing");
        }
    }

    unsafe fn returned(&self, opcode: Opcode, sp: *mut u64) {
        let expected = letter(self.method.ret);
        let found = opcode.stack_effect().chars().next().filter(|c| *c != '>').unwrap_or('V');
        if expected != found {
            self.report("returned value", expected, found);
        }
        // SAFETY: the operand was checked.
        unsafe {
            if expected == 'A'
                && let Some(d) = MethodDescriptor::parse(self.method.signature.symbol.bytes())
            {
                self.value(sp.sub(1), d.return_type(), self.method.holder, "returned value");
            }
            if self.method.is_constructor() && self.shadow.get((*self.frame).locals).tag == Tag::Uninitialized
            {
                self.report("`this`", "an initialized object", Tag::Uninitialized);
            }
        }
    }

    unsafe fn field(&self, opcode: Opcode, index: u16, sp: *mut u64) {
        let from = self.method.holder;
        let Some(ty) = FieldType::parse(self.descriptor(index).bytes()) else { return };
        let stores = matches!(opcode, Opcode::Putfield | Opcode::Putstatic);
        let of_instance = matches!(opcode, Opcode::Getfield | Opcode::Putfield);
        let slots = if stores { ty.slots() } else { 0 };
        // SAFETY: the room is checked first.
        unsafe {
            self.room(slots + usize::from(of_instance), sp);
            if stores {
                let slot = sp.sub(slots);
                self.check(slot, ty.basic_type(), "value");
                self.value(slot, ty, from, "value");
            }
            if of_instance {
                let slot = sp.sub(slots + 1);
                let found = self.shadow.get(slot).tag;
                // A constructor may set fields of its own class before it calls another.
                let early = found == Tag::Uninitialized && stores && self.method.is_constructor();
                if found != Tag::Reference && !early {
                    self.report("object", Tag::Reference, found);
                }
                let class = self.class_named(from.cp.member_class_name(index).bytes(), from);
                self.object(slot, class, "object");
            }
        }
    }

    unsafe fn call(&self, opcode: Opcode, index: u16, sp: *mut u64) -> u32 {
        let from = self.method.holder;
        let Some(d) = MethodDescriptor::parse(self.descriptor(index).bytes()) else { return 0 };
        let has_receiver = !matches!(opcode, Opcode::Invokestatic | Opcode::Invokedynamic);
        // SAFETY: the room is checked first.
        unsafe {
            self.room(d.parameter_slots() + usize::from(has_receiver), sp);
            let mut slot = sp.sub(d.parameter_slots());
            for ty in d.parameters() {
                self.check(slot, ty.basic_type(), "argument");
                self.value(slot, ty, from, "argument");
                slot = slot.add(ty.slots());
            }
            if !has_receiver {
                return 0;
            }
            let slot = sp.sub(d.parameter_slots() + 1);
            let cell = self.shadow.get(slot);
            let is_init = from.cp.member_name_and_type(index).0 == "<init>";
            let expected = if is_init { Tag::Uninitialized } else { Tag::Reference };
            if cell.tag != expected {
                self.report("receiver", expected, cell.tag);
            }
            let class = self.class_named(from.cp.member_class_name(index).bytes(), from);
            self.object(slot, class, "receiver");
            if is_init { cell.origin + 1 } else { 0 }
        }
    }

    /// An array instruction finds an array of its kind.
    unsafe fn array(&self, opcode: Opcode, sp: *mut u64) {
        use BasicType::*;
        let kinds: &[BasicType] = match opcode as u8 {
            46 | 79 => &[Int],
            47 | 80 => &[Long],
            48 | 81 => &[Float],
            49 | 82 => &[Double],
            50 | 83 => &[Reference],
            51 | 84 => &[Byte, Boolean],
            52 | 85 => &[Char],
            53 | 86 => &[Short],
            _ => &[Int, Long, Float, Double, Reference, Byte, Boolean, Char, Short],
        };
        let below = match opcode as u8 {
            46..=53 => 2,
            80 | 82 => 4,
            79..=86 => 3,
            _ => 1,
        };
        // SAFETY: the operands were checked.
        let array = ObjRef::from_raw(unsafe { *sp.sub(below) } as u32);
        if array.is_null() {
            return;
        }
        // SAFETY: a checked object.
        let class = unsafe { ClassRef::of(array) };
        if !class.is_array() || !kinds.contains(&class.element_type) {
            self.report("array", format_args!("of {kinds:?}"), class.external_name());
        }
    }

    /// Types the results of the instruction at `bci`, which has run to its end.
    unsafe fn finish(&self, state: State) {
        let Ok(i) = decode::decode(self.method.bytecode, self.bci) else { return };
        // SAFETY: the operands were checked, so the results lie in the frame; their number is within `max_stack`, or
        // the next instruction's check of the depth tells.
        unsafe {
            let sp = self.base().add(state.depth as usize);
            let end = match i.operands {
                Operands::Constant(index) if i.opcode.is_field_access() => {
                    self.finish_field(i.opcode, index, sp)
                }
                Operands::Constant(index)
                | Operands::InvokeInterface { index, .. }
                | Operands::InvokeDynamic { index, .. }
                    if i.opcode.is_invoke() =>
                {
                    self.finish_call(i.opcode, index, sp, state.origin)
                }
                Operands::MultiNewArray { dimensions, .. } => {
                    let slot = sp.sub(dimensions.into());
                    self.shadow.put(slot, Cell::new(Tag::Reference));
                    slot.add(1)
                }
                Operands::Constant(index)
                    if matches!(i.opcode, Opcode::Ldc | Opcode::LdcW | Opcode::Ldc2W) =>
                {
                    let ty = self.constant_type(index);
                    self.shadow.put_type(sp, ty);
                    sp.add(ty.slots())
                }
                _ => self.finish_plain(&i, sp),
            };
            let depth = end.offset_from(self.base()) as u32;
            self.shadow.set_state(self.frame, State { depth, ..State::default() });
        }
    }

    fn constant_type(&self, index: u16) -> BasicType {
        let cp = self.method.holder.cp;
        match cp.tag(index) {
            CpTag::Integer => BasicType::Int,
            CpTag::Float => BasicType::Float,
            CpTag::Long => BasicType::Long,
            CpTag::Double => BasicType::Double,
            CpTag::Dynamic => FieldType::parse(self.descriptor(index).bytes())
                .map_or(BasicType::Reference, FieldType::basic_type),
            _ => BasicType::Reference,
        }
    }

    unsafe fn finish_field(&self, opcode: Opcode, index: u16, sp: *mut u64) -> *mut u64 {
        let Some(ty) = FieldType::parse(self.descriptor(index).bytes()) else { return sp };
        // SAFETY: as in `finish`.
        unsafe {
            match opcode {
                Opcode::Putstatic => sp.sub(ty.slots()),
                Opcode::Putfield => sp.sub(ty.slots() + 1),
                _ => {
                    let slot = if opcode == Opcode::Getfield { sp.sub(1) } else { sp };
                    self.shadow.put_type(slot, ty.basic_type());
                    self.value(slot, ty, self.method.holder, "content of the field");
                    slot.add(ty.slots())
                }
            }
        }
    }

    unsafe fn finish_call(&self, opcode: Opcode, index: u16, sp: *mut u64, origin: u32) -> *mut u64 {
        let Some(d) = MethodDescriptor::parse(self.descriptor(index).bytes()) else { return sp };
        let has_receiver = !matches!(opcode, Opcode::Invokestatic | Opcode::Invokedynamic);
        // SAFETY: as in `finish`.
        unsafe {
            let slot = sp.sub(d.parameter_slots() + usize::from(has_receiver));
            if let Some(origin) = origin.checked_sub(1) {
                self.initialized(origin, slot);
            }
            let ty = d.return_type();
            if ty.basic_type() == BasicType::Void {
                return slot;
            }
            self.shadow.put_type(slot, ty.basic_type());
            self.check(slot, ty.basic_type(), "result");
            self.value(slot, ty, self.method.holder, "result");
            slot.add(ty.slots())
        }
    }

    /// The object from there has been initialized, wherever in the frame it is.
    unsafe fn initialized(&self, origin: u32, sp: *mut u64) {
        // SAFETY: locals and operands of the frame.
        unsafe {
            let locals = ((*self.frame).locals, self.frame.cast::<u64>());
            for (mut slot, end) in [locals, (self.base(), sp)] {
                while slot < end {
                    if self.shadow.get(slot) == Cell::uninitialized(origin) {
                        self.shadow.put(slot, Cell::new(Tag::Reference));
                    }
                    slot = slot.add(1);
                }
            }
        }
    }

    /// An instruction whose effect the bytecode table tells.
    unsafe fn finish_plain(&self, i: &Instruction<'_>, sp: *mut u64) -> *mut u64 {
        let Some((pops, pushes)) = i.opcode.stack_effect().split_once('>') else { return sp };
        let width = |c: char| if matches!(c, 'L' | 'D') { 2 } else { 1 };
        let slots: usize = pops.chars().map(width).sum();
        // SAFETY: as in `finish`.
        unsafe {
            let mut slot = sp.sub(slots);
            if is_store(i.opcode)
                && let Some(index) = local_of(i)
            {
                self.store(index, slot, slots);
            } else if pops.starts_with(char::is_lowercase) {
                let cells: Vec<Cell> = (0..slots).map(|n| self.shadow.get(slot.add(n))).collect();
                let pushed: Vec<Cell> = pushes.bytes().map(|c| cells[usize::from(c - b'a')]).collect();
                self.whole(&pushed);
                for cell in pushed {
                    self.shadow.put(slot, cell);
                    slot = slot.add(1);
                }
                return slot;
            }
            for c in pushes.chars() {
                match (c, local_of(i)) {
                    ('A', Some(index)) if is_load(i.opcode) => {
                        self.shadow.put(slot, self.shadow.get((*self.frame).locals.add(index)));
                    }
                    ('R', _) => self.shadow.put(slot, Cell::new(Tag::ReturnAddress)),
                    ('A', _) if i.opcode == Opcode::New => {
                        self.shadow.put(slot, Cell::uninitialized(i.pc + 1));
                    }
                    _ => self.shadow.put_type(slot, basic(c)),
                }
                slot = slot.add(width(c));
            }
            slot
        }
    }

    /// A store into local variables; what it takes half of is gone (JVMS §4.10.1.7).
    unsafe fn store(&self, index: usize, from: *mut u64, slots: usize) {
        // SAFETY: locals of the frame.
        unsafe {
            let locals = (*self.frame).locals;
            let count = usize::from(self.method.max_locals.max(self.method.arg_slots));
            if index + slots > count {
                self.report("local variable", format_args!("below {count}"), index);
            }
            let set = |index: usize, cell| self.shadow.put(locals.add(index), cell);
            if self.shadow.get(locals.add(index)).tag.is_second() {
                set(index - 1, Cell::new(Tag::Unset));
            }
            let end = index + slots;
            if end < count && self.shadow.get(locals.add(end)).tag.is_second() {
                set(end, Cell::new(Tag::Unset));
            }
            for n in 0..slots {
                set(index + n, self.shadow.get(from.add(n)));
            }
        }
    }
}
