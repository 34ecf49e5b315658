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

/// A float or double as Java's `toString` gives it from JDK 19 on: the shortest digits that tell the value from
/// its neighbours, but at least two, and of these the closest ones. `plain` and `scientific` are Rust's shortest
/// forms, `two_digits` is the scientific form with two digits if that is the same value.
fn floating(value: f64, plain: String, scientific: String, two_digits: Option<String>) -> String {
    if value.is_nan() {
        "NaN".into()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        if plain.contains('.') { plain } else { format!("{plain}.0") }
    } else if scientific.contains('.') {
        scientific
    } else {
        two_digits.unwrap_or_else(|| scientific.replace('E', ".0E"))
    }
}

fn float(value: f32) -> String {
    let two_digits = Some(format!("{value:.1E}")).filter(|text| text.parse() == Ok(value));
    floating(value.into(), value.to_string(), format!("{value:E}"), two_digits)
}

fn double(value: f64) -> String {
    let two_digits = Some(format!("{value:.1E}")).filter(|text| text.parse() == Ok(value));
    floating(value, value.to_string(), format!("{value:E}"), two_digits)
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
            Constant::Float(value) => format!("float {}f", float(value)),
            Constant::Long(value) => format!("long {value}l"),
            Constant::Double(value) => format!("double {}d", double(value)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let doubles =
            [0.0, -0.0, 1.0, 0.001, 1e7, 1e-5, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::NAN, 123.25];
        let texts: Vec<String> = doubles.into_iter().map(double).collect();
        let expected = [
            "0.0",
            "-0.0",
            "1.0",
            "0.001",
            "1.0E7",
            "1.0E-5",
            "2.2250738585072014E-308",
            "4.9E-324",
            "1.7976931348623157E308",
            "NaN",
            "123.25",
        ];
        assert_eq!(texts, expected);
        assert_eq!(float(f32::MAX), "3.4028235E38");
        assert_eq!(float(f32::from_bits(1)), "1.4E-45");
        assert_eq!(float(f32::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn text() {
        assert_eq!(quoted(b"<init>"), "\"<init>\"");
        assert_eq!(quoted(b"a/b/C$1"), "a/b/C$1");
        assert_eq!(quoted(b"[I"), "\"[I\"");
        assert_eq!(escaped(b"a\n\"\x01"), "a\\n\\\"\\u0001");
    }
}
