//! Reads just the types of a `RuntimeVisibleAnnotations` attribute (JVMS §4.7.16).

fn u2(b: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*b.get(at)?, *b.get(at + 1)?]))
}

/// Calls `f` with the type index of each annotation; stops silently where the bytes are malformed, as such
/// annotations mean nothing to the VM.
pub fn visit(raw: &[u8], f: &mut dyn FnMut(u16)) {
    let mut run = || -> Option<()> {
        let mut at = 2;
        for _ in 0..u2(raw, 0)? {
            f(u2(raw, at)?);
            at = skip_annotation(raw, at)?;
        }
        Some(())
    };
    run();
}

fn skip_annotation(raw: &[u8], at: usize) -> Option<usize> {
    let pairs = u2(raw, at + 2)?;
    let mut at = at + 4;
    for _ in 0..pairs {
        at = skip_value(raw, at + 2)?;
    }
    Some(at)
}

fn skip_value(raw: &[u8], at: usize) -> Option<usize> {
    Some(match raw.get(at)? {
        b'e' => at + 5,
        b'@' => skip_annotation(raw, at + 1)?,
        b'[' => {
            let mut end = at + 3;
            for _ in 0..u2(raw, at + 1)? {
                end = skip_value(raw, end)?;
            }
            end
        }
        _ => at + 3,
    })
}
