//! The stubs that load arguments from Java slots and call compiled code, one a shape of signature.

use crate::compiler::{emit, slot_value};
use crate::translate::{ir_type, java_signature};
use crate::{Jit, Rejected};
use caturra_bytecode::BasicType;
use caturra_kernel::MethodRef;
use cranelift_codegen::Context;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{AbiParam, Function, InstBuilder, MemFlagsData, Signature, UserFuncName};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};

/// What distinguishes stubs: the machine types of parameters, receiver included, and of the result.
pub fn shape(method: MethodRef) -> Vec<u8> {
    let class = |ty: BasicType| match ty {
        BasicType::Long => b'J',
        BasicType::Float => b'F',
        BasicType::Double => b'D',
        BasicType::Void => b'V',
        _ => b'I',
    };
    let mut shape = Vec::with_capacity(method.signature.params.len() + 2);
    if !method.is_static() {
        shape.push(b'I');
    }
    shape.extend(method.signature.params.iter().map(|&ty| class(ty)));
    shape.push(class(method.ret));
    shape
}

impl Jit {
    /// The stub for `method`'s shape: a C function of code address and slot address, made at first use.
    pub fn from_slots(&self, method: MethodRef) -> Result<usize, Rejected> {
        let shape = shape(method);
        let mut shapes = self.shapes.lock();
        if let Some(&stub) = shapes.get(&shape) {
            return Ok(stub);
        }
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend([I64, I64].map(AbiParam::new));
        signature.returns.push(AbiParam::new(I64));
        let mut context =
            Context::for_function(Function::with_name_signature(UserFuncName::default(), signature));
        let mut builders = FunctionBuilderContext::new();
        let mut b = FunctionBuilder::new(&mut context.func, &mut builders);
        let block = b.create_block();
        b.append_block_params_for_function_params(block);
        b.switch_to_block(block);
        b.seal_block(block);
        let (code, slots) = (b.block_params(block)[0], b.block_params(block)[1]);
        let receiver = (!method.is_static()).then_some(BasicType::Reference);
        let mut at = 0;
        let mut arguments = Vec::new();
        for ty in receiver.into_iter().chain(method.signature.params.iter().copied()) {
            arguments.push(b.ins().load(ir_type(ty), MemFlagsData::trusted(), slots, at));
            at += 8 * ty.slots() as i32;
        }
        let callee = b.import_signature(java_signature(method));
        let call = b.ins().call_indirect(callee, code, &arguments);
        let result = b.inst_results(call).first().copied();
        let result = slot_value(&mut b, result);
        b.ins().return_(&[result]);
        b.finalize(self.isa.frontend_config());
        let code = emit(&*self.isa, &mut context, &[])?;
        let block = self.cache.allocate(code.bytes.len()).ok_or(Rejected::CacheFull)?;
        code.install(self, block);
        let stub = self.cache.address(block);
        shapes.insert(shape, stub);
        Ok(stub)
    }
}
