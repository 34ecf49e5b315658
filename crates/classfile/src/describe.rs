//! Constants as `javap -c` shows them in comments.

use caturra_bytecode::mutf8;

use crate::class_file::ClassFile;
use crate::constant_pool::{Constant, ConstantPool};

/// A name as javap shows it: in quotes unless it is made of identifiers.
fn quoted(name: &[u8]) -> String {
    let text = mutf8::to_string_lossy(name);
    let plain = text.chars().next().is_some_and(|first| !first.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '/'));
    if plain { text } else { format!("\"{text}\"") }
}

/// A string with Java's escapes.
fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for character in mutf8::to_string_lossy(text).chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// A float or double as Java's `toString` gives it, as far as it is finite and of moderate size.
fn floating(value: f64, short: String) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        if short.contains('.') { short } else { format!("{short}.0") }
    } else {
        let scientific = format!("{:E}", value);
        match scientific.split_once('E') {
            Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
            _ => scientific,
        }
    }
}

impl ConstantPool<'_> {
    fn name_and_descriptor(&self, index: u16) -> Option<String> {
        let (name, descriptor) = self.name_and_type(index)?;
        Some(format!("{}:{}", quoted(name), mutf8::to_string_lossy(descriptor)))
    }
}

impl ClassFile<'_> {
    /// The constant at `index` as `javap -c` describes it beside an instruction, such as
    /// `Method java/lang/Object."<init>":()V`; `None` for an entry that no instruction refers to. A member of
    /// this class is shown without the class.
    pub fn describe(&self, index: u16) -> Option<String> {
        let pool = &self.constant_pool;
        let member = || {
            let (class, what) = match pool.get(index) {
                Constant::Fieldref { class_index, name_and_type_index }
                | Constant::Methodref { class_index, name_and_type_index }
                | Constant::InterfaceMethodref { class_index, name_and_type_index } => {
                    (pool.class_name(class_index)?, pool.name_and_descriptor(name_and_type_index)?)
                }
                _ => return None,
            };
            Some(if class == self.name { what } else { format!("{}.{what}", quoted(class)) })
        };
        Some(match pool.get(index) {
            Constant::Integer(value) => format!("int {value}"),
            Constant::Float(value) => format!("float {}f", floating(f64::from(value), value.to_string())),
            Constant::Long(value) => format!("long {value}l"),
            Constant::Double(value) => format!("double {}d", floating(value, value.to_string())),
            Constant::Class { name_index } => format!("class {}", quoted(pool.utf8(name_index)?)),
            Constant::String { utf8_index } => format!("String {}", escaped(pool.utf8(utf8_index)?)),
            Constant::Fieldref { .. } => format!("Field {}", member()?),
            Constant::Methodref { .. } => format!("Method {}", member()?),
            Constant::InterfaceMethodref { .. } => format!("InterfaceMethod {}", member()?),
            Constant::MethodHandle { kind, reference_index } => {
                format!("MethodHandle {} {}", kind.name(), self.describe_target(reference_index)?)
            }
            Constant::MethodType { descriptor_index } => {
                format!("MethodType {}", mutf8::to_string_lossy(pool.utf8(descriptor_index)?))
            }
            Constant::Dynamic { bootstrap_index, name_and_type_index } => {
                format!("Dynamic #{bootstrap_index}:{}", pool.name_and_descriptor(name_and_type_index)?)
            }
            Constant::InvokeDynamic { bootstrap_index, name_and_type_index } => {
                format!("InvokeDynamic #{bootstrap_index}:{}", pool.name_and_descriptor(name_and_type_index)?)
            }
            Constant::Unusable
            | Constant::Utf8(_)
            | Constant::NameAndType { .. }
            | Constant::Module { .. }
            | Constant::Package { .. } => return None,
        })
    }

    /// The member of a method handle, always with its class.
    fn describe_target(&self, index: u16) -> Option<String> {
        let member = self.constant_pool.member_ref(index)?;
        Some(format!(
            "{}.{}:{}",
            quoted(member.class_name),
            quoted(member.name),
            mutf8::to_string_lossy(member.descriptor)
        ))
    }
}
