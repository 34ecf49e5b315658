//! Bytecode: decoded, printed, encoded and decoded again.

use caturra_bytecode::{Instruction, Instructions, Operands, print};
use caturra_classfile::{ClassFile, ParseOptions};

use crate::jdk::ClassBytes;

/// Whether the class file could have been written by the encoder: it pads with zeros.
fn is_canonical(instruction: &Instruction<'_>) -> bool {
    match instruction.operands {
        Operands::TableSwitch(switch) => switch.zero_padding,
        Operands::LookupSwitch(switch) => switch.zero_padding,
        _ => true,
    }
}

/// The instructions up to the first that does not decode are encoded to the bytes they came from.
pub fn run(data: &[u8]) {
    let mut encoded = Vec::new();
    let mut canonical = true;
    for instruction in Instructions::new(data) {
        let Ok(instruction) = instruction else { break };
        assert_eq!(instruction.pc as usize, encoded.len());
        instruction.encode(&mut encoded).expect("what was decoded can be encoded");
        assert_eq!(instruction.next_pc as usize, encoded.len());
        canonical &= is_canonical(&instruction);
        instruction.for_each_target(|_| ());
    }
    if canonical {
        assert_eq!(encoded, &data[..encoded.len()]);
    }
    // Padding aside, the same instructions again.
    for (first, second) in Instructions::new(data).zip(Instructions::new(&encoded)) {
        let (Ok(first), Ok(second)) = (first, second) else { break };
        assert_eq!((first.pc, first.opcode, first.wide), (second.pc, second.opcode, second.wide));
        match (first.operands, second.operands) {
            (Operands::TableSwitch(a), Operands::TableSwitch(b)) => {
                assert!(a.default == b.default && a.low == b.low && a.entries().eq(b.entries()));
            }
            (Operands::LookupSwitch(a), Operands::LookupSwitch(b)) => {
                assert!(a.default == b.default && a.entries().eq(b.entries()));
            }
            (a, b) => assert_eq!(a, b),
        }
    }
    let mut text = String::new();
    print::print_code(&mut text, data, |_| None).expect("writing to a string does not fail");
}

/// The code of methods.
pub fn seeds(classes: &[ClassBytes]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for class in classes {
        let Ok(class) = ClassFile::parse(&class.bytes, &ParseOptions::trusted(u16::MAX)) else { continue };
        let code = class.methods.iter().filter_map(|method| method.code.as_ref());
        seeds.extend(code.map(|code| code.bytes.to_vec()).filter(|code| code.len() > 8));
    }
    seeds
}
