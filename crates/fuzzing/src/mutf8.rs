//! Modified UTF-8 (JVMS §4.4.7).

use caturra_bytecode::mutf8;
use caturra_classfile::{ClassFile, Constant, ParseOptions};

use crate::jdk::ClassBytes;

/// Any bytes decode to something; valid ones are what their UTF-16 encodes to; any UTF-16 comes back.
pub fn run(data: &[u8]) {
    let units = mutf8::decode(data);
    assert_eq!(units.len(), mutf8::utf16_len(data));
    assert_eq!(units, mutf8::units(data).collect::<Vec<u16>>());
    let encoded = mutf8::encode(units.iter().copied());
    assert_eq!(encoded.len(), mutf8::encoded_len(units.iter().copied()));
    assert!(mutf8::is_valid(&encoded));
    assert_eq!(mutf8::decode(&encoded), units);
    if mutf8::is_valid(data) {
        assert!(mutf8::is_valid_any_form(data));
        assert_eq!(encoded, data);
    }
    let lossy = mutf8::to_string_lossy(data);
    if let Some(text) = mutf8::to_string(data) {
        assert_eq!(text, lossy);
    }
    // The same bytes as UTF-16.
    let units: Vec<u16> = data.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let encoded = mutf8::encode(units.iter().copied());
    assert!(mutf8::is_valid(&encoded));
    assert_eq!(mutf8::decode(&encoded), units);
    if let Ok(text) = String::from_utf16(&units) {
        assert_eq!(mutf8::from_str(&text), encoded);
        assert_eq!(mutf8::to_string_lossy(&encoded), text);
    }
}

/// Text constants, those beyond ASCII first of all.
pub fn seeds(classes: &[ClassBytes]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for class in classes {
        let Ok(class) = ClassFile::parse(&class.bytes, &ParseOptions::trusted(u16::MAX)) else { continue };
        let pool = &class.constant_pool;
        for index in 1..pool.len() as u16 {
            if let Constant::Utf8(text) = pool.get(index)
                && !text.is_empty()
                && (!text.is_ascii() || index % 50 == 0)
            {
                seeds.push(text.to_vec());
            }
        }
    }
    seeds
}
