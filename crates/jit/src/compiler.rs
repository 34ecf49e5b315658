//! From intermediate representation to installed code.

use crate::code_cache::Block as CodeBlock;
use crate::runtime_calls::RuntimeCall;
use crate::{Jit, Rejected};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::types::{F32, F64, I32, I64};
use cranelift_codegen::ir::{ExternalName, InstBuilder, MemFlagsData, StackSlot, UserExternalName, Value};
use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, FinalizedRelocTarget, MachBufferFrameLayout};
use cranelift_frontend::FunctionBuilder;

/// Namespace of external names that are runtime calls; the index is the row.
pub const RUNTIME_CALLS: u32 = 0;

/// What code may cost to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// Values stay in registers within a block only: a third less time, for code that is soon replaced.
    Least,
    Usual,
    /// The code generator optimises.
    Most,
}

/// The target: this processor, frame pointers kept, the thread in the pinned register.
pub fn target(effort: Effort) -> Result<OwnedTargetIsa, String> {
    let mut flags = settings::builder();
    let verify = if cfg!(debug_assertions) { "true" } else { "false" };
    for (name, value) in [
        ("opt_level", if effort == Effort::Most { "speed" } else { "none" }),
        ("regalloc_algorithm", if effort == Effort::Least { "single_pass" } else { "backtracking" }),
        ("preserve_frame_pointers", "true"),
        ("enable_pinned_reg", "true"),
        ("unwind_info", "false"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("enable_probestack", "false"),
        ("enable_verifier", verify),
    ] {
        flags.set(name, value).map_err(|e| format!("{name}: {e}"))?;
    }
    let mut isa = cranelift_codegen::isa::lookup_by_name("x86_64").map_err(|e| e.to_string())?;
    for (name, present) in [
        ("has_cmpxchg16b", std::arch::is_x86_feature_detected!("cmpxchg16b")),
        ("has_sse3", std::arch::is_x86_feature_detected!("sse3")),
        ("has_ssse3", std::arch::is_x86_feature_detected!("ssse3")),
        ("has_sse41", std::arch::is_x86_feature_detected!("sse4.1")),
        ("has_sse42", std::arch::is_x86_feature_detected!("sse4.2")),
        ("has_popcnt", std::arch::is_x86_feature_detected!("popcnt")),
        ("has_avx", std::arch::is_x86_feature_detected!("avx")),
        ("has_avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("has_fma", std::arch::is_x86_feature_detected!("fma")),
        ("has_bmi1", std::arch::is_x86_feature_detected!("bmi1")),
        ("has_bmi2", std::arch::is_x86_feature_detected!("bmi2")),
        ("has_lzcnt", std::arch::is_x86_feature_detected!("lzcnt")),
    ] {
        if present {
            isa.enable(name).map_err(|e| format!("{name}: {e}"))?;
        }
    }
    isa.finish(settings::Flags::new(flags)).map_err(|e| e.to_string())
}

/// A value as the interpreter keeps it in a slot; none is zero.
pub fn slot_value(b: &mut FunctionBuilder<'_>, value: Option<Value>) -> Value {
    let Some(value) = value else { return b.ins().iconst(I64, 0) };
    match b.func.dfg.value_type(value) {
        I32 => b.ins().uextend(I64, value),
        F32 => {
            let bits = b.ins().bitcast(I32, MemFlagsData::new(), value);
            b.ins().uextend(I64, bits)
        }
        F64 => b.ins().bitcast(I64, MemFlagsData::new(), value),
        _ => value,
    }
}

/// A 32-bit displacement to a runtime call's stub.
struct Fixup {
    offset: u32,
    call: RuntimeCall,
    addend: i64,
}

/// Machine code that has no place yet.
pub struct Code {
    pub bytes: Vec<u8>,
    fixups: Vec<Fixup>,
    /// Return addresses and their source locations.
    pub sites: Vec<(u32, u32)>,
    /// Distance of each asked-for stack slot below the frame pointer.
    pub slots: Vec<u32>,
    /// Distance of the lowest stack slot below the frame pointer: from there on lie stack slots, then spilled values, then
    /// the caller's registers.
    pub frame: u32,
}

impl Code {
    /// Copies the code to its place.
    pub fn install(&self, jit: &Jit, block: CodeBlock) {
        let start = jit.cache.address(block);
        jit.cache.write(block, &self.bytes);
        for f in &self.fixups {
            let target = jit.stub(f.call) as i64;
            let distance = target + f.addend - (start as i64 + i64::from(f.offset));
            jit.cache.write_at(block, f.offset as usize, &(distance as i32).to_le_bytes());
        }
    }
}

/// Generates code for the function in `context`, and finds out where the frame has `slots`.
pub fn emit(isa: &dyn TargetIsa, context: &mut Context, slots: &[StackSlot]) -> Result<Code, Rejected> {
    let failed = |e: String| Rejected::CodeGenerator(e);
    context.compile(isa, &mut ControlPlane::default()).map_err(|e| failed(format!("{:?}", e.inner)))?;
    let compiled = context.compiled_code().ok_or_else(|| failed("no code".into()))?;
    let buffer = &compiled.buffer;
    let mut fixups = Vec::new();
    for r in buffer.relocs() {
        let FinalizedRelocTarget::ExternalName(ExternalName::User(name)) = &r.target else {
            return Err(failed(format!("relocation {:?}", r.target)));
        };
        let UserExternalName { namespace, index } = context.func.params.user_named_funcs()[*name];
        if namespace != RUNTIME_CALLS || !matches!(r.kind, Reloc::X86CallPCRel4 | Reloc::X86PCRel4) {
            return Err(failed(format!("relocation {:?} of {namespace}:{index}", r.kind)));
        }
        fixups.push(Fixup { offset: r.offset, call: RuntimeCall::ALL[index as usize], addend: r.addend });
    }
    let locations = buffer.get_srclocs_sorted();
    let mut sites = Vec::new();
    for call in buffer.call_sites() {
        // The location range that the call instruction itself lies in.
        let at = call.ret_addr - 1;
        let i = locations.partition_point(|l| l.end <= at);
        let bits =
            locations.get(i).filter(|l| l.start <= at && !l.loc.is_default()).map_or(0, |l| l.loc.bits());
        sites.push((call.ret_addr, bits));
    }
    let layout = buffer.frame_layout();
    let frame = layout.map_or(0, |l| l.frame_to_fp_offset);
    let distance = |l: &MachBufferFrameLayout, s: StackSlot| l.frame_to_fp_offset - l.stackslots[s].offset;
    let slots = layout.map(|l| slots.iter().map(|&s| distance(l, s)).collect()).unwrap_or_default();
    Ok(Code { bytes: buffer.data().to_vec(), fixups, sites, slots, frame })
}
