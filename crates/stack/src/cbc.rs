//! The file format `.cbc`.
//!
//! All numbers are little-endian and of fixed width. An expression's code keeps its own operand order.
//!
//! | at | bytes | |
//! |---|---|---|
//! | 0 | 4 | `43 42 43 1A` ("CBC", control-Z) |
//! | 4 | 2 | version, 1 |
//! | 6 | 1 | instruction set: 1 expression, 2 mini |
//! | 7 | 1 | 0 |
//! | 8 | 4 | length of the code in units: bytes (expression) or words (mini) |
//! | 12 | 4 | number of functions |
//! | 16 | 4 | number of lines |
//! | 20 | 2 | local variables of the main program, inputs included |
//! | 22 | 2 | number of inputs |
//! | 24 | 2 | length of the source file's name in bytes |
//! | 26 | 2 | 0 |
//! | 28 | | the code |
//! | | | inputs: default (4), length of the name (2), name |
//! | | | functions by entry: entry (4), arguments (2), local variables (2), length of the name (2), name |
//! | | | lines by offset: offset (4), line (4) |
//! | | | the source file's name |
//! | | 4 | CRC-32 (IEEE 802.3) of everything before |

use crate::isa::InstructionSet;
use crate::program::{Code, Function, Input, Line, Program};
use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub const MAGIC: [u8; 4] = *b"CBC\x1a";
pub const VERSION: u16 = 1;
const HEADER: usize = 28;
/// Files beyond this are refused before they are read.
pub const MAX_FILE: u64 = 64 << 20;

/// What is wrong with a file, and at which byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FormatError {
    /// Not a `.cbc` file at all; what it seems to be.
    Foreign {
        looks_like: &'static str,
    },
    Version {
        found: u16,
    },
    Set {
        found: u8,
    },
    Reserved {
        at: usize,
    },
    /// The file ends too early: in `part`, which needs `missing` more bytes.
    Truncated {
        length: usize,
        part: &'static str,
        missing: usize,
    },
    TrailingBytes {
        at: usize,
        extra: usize,
    },
    Checksum {
        stored: u32,
        computed: u32,
    },
    /// A table says something impossible.
    Table {
        at: usize,
        what: String,
    },
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Foreign { looks_like } => {
                write!(f, "byte 0: not a .cbc file, which begins with 43 42 43 1A; this is {looks_like}")
            }
            FormatError::Version { found } => {
                write!(f, "byte 4: the file has format version {found}; this program reads version {VERSION}")
            }
            FormatError::Set { found } => {
                write!(f, "byte 6: {found} is no instruction set (1 expression, 2 mini)")
            }
            FormatError::Reserved { at } => write!(f, "byte {at}: must be 0 in version {VERSION}"),
            FormatError::Truncated { length, part, missing } => write!(
                f,
                "the file is truncated: it ends at byte {length}, in {part}, which needs {missing} more byte{}",
                if *missing == 1 { "" } else { "s" }
            ),
            FormatError::TrailingBytes { at, extra } => {
                write!(
                    f,
                    "byte {at}: {extra} byte{} too many after the end",
                    if *extra == 1 { "" } else { "s" }
                )
            }
            FormatError::Checksum { stored, computed } => write!(
                f,
                "the file is corrupt: its checksum is {stored:08x}, that of its content is {computed:08x}"
            ),
            FormatError::Table { at, what } => write!(f, "byte {at}: {what}"),
        }
    }
}

impl std::error::Error for FormatError {}

/// A program cannot be written: something is too long for its field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TooLarge(pub &'static str);

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} too large for the file format", self.0)
    }
}

impl std::error::Error for TooLarge {}

/// The content of a file.
///
/// # Errors
/// When a table or name is too long.
pub fn write(program: &Program) -> Result<Vec<u8>, TooLarge> {
    let u16_of = |n: usize, what| u16::try_from(n).map_err(|_| TooLarge(what));
    let u32_of = |n: usize, what| u32::try_from(n).map_err(|_| TooLarge(what));
    let mut out = Vec::with_capacity(HEADER + program.code.byte_len() + 8 * program.lines.len() + 64);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.push(match program.set() {
        InstructionSet::Expression => 1,
        InstructionSet::Mini => 2,
    });
    out.push(0);
    out.extend(u32_of(program.code.len(), "code")?.to_le_bytes());
    out.extend(u32_of(program.functions.len(), "function table")?.to_le_bytes());
    out.extend(u32_of(program.lines.len(), "line table")?.to_le_bytes());
    out.extend(program.locals.to_le_bytes());
    out.extend(u16_of(program.inputs.len(), "input table")?.to_le_bytes());
    out.extend(u16_of(program.source.len(), "name of the source file")?.to_le_bytes());
    out.extend([0, 0]);
    match &program.code {
        Code::Expression(bytes) => out.extend_from_slice(bytes),
        Code::Mini(words) => words.iter().for_each(|w| out.extend(w.to_le_bytes())),
    }
    for input in &program.inputs {
        out.extend(input.default.to_le_bytes());
        out.extend(u16_of(input.name.len(), "name of an input")?.to_le_bytes());
        out.extend(input.name.as_bytes());
    }
    for f in &program.functions {
        out.extend(f.entry.to_le_bytes());
        out.extend(f.arguments.to_le_bytes());
        out.extend(f.locals.to_le_bytes());
        out.extend(u16_of(f.name.len(), "name of a function")?.to_le_bytes());
        out.extend(f.name.as_bytes());
    }
    for l in &program.lines {
        out.extend(l.offset.to_le_bytes());
        out.extend(l.line.to_le_bytes());
    }
    out.extend(program.source.as_bytes());
    out.extend(crc32fast::hash(&out).to_le_bytes());
    Ok(out)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    part: &'static str,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], FormatError> {
        match self.bytes.get(self.at..).and_then(|rest| rest.get(..n)) {
            Some(taken) => {
                self.at += n;
                Ok(taken)
            }
            None => {
                let missing = n - (self.bytes.len() - self.at);
                Err(FormatError::Truncated { length: self.bytes.len(), part: self.part, missing })
            }
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were taken"))
    }

    fn u16(&mut self) -> Result<u16, FormatError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, FormatError> {
        self.array().map(u32::from_le_bytes)
    }

    fn name(&mut self) -> Result<String, FormatError> {
        let length = usize::from(self.u16()?);
        let at = self.at;
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        if !is_name(&text) {
            return Err(FormatError::Table { at, what: format!("{text:?} is no name") });
        }
        Ok(text)
    }

    /// A count of entries of at least `size` bytes each, so that a corrupt count cannot ask for memory.
    fn count(&self, count: u32, size: usize) -> Result<usize, FormatError> {
        let count = count as usize;
        let needed = count.saturating_mul(size);
        let left = self.bytes.len() - self.at;
        if needed > left {
            let missing = needed - left;
            return Err(FormatError::Truncated { length: self.bytes.len(), part: self.part, missing });
        }
        Ok(count)
    }
}

/// Letters, digits and underscores, not beginning with a digit.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// What a file that is not ours seems to be.
fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "an empty file",
        [0xca, 0xfe, 0xba, 0xbe, ..] => "a Java class file",
        [0x7f, b'E', b'L', b'F', ..] => "an ELF file",
        [b'P', b'K', ..] => "a ZIP archive",
        [0x1f, 0x8b, ..] => "a gzip file",
        [b'C', b'B', b'C', b'\n' | b'\r', ..] => "a .cbc file damaged by a transfer as text",
        _ if std::str::from_utf8(bytes).is_ok_and(|t| !t.contains('\0')) => "a text file",
        _ => "something else",
    }
}

/// Reads the content of a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(bytes: &[u8]) -> Result<Program, FormatError> {
    let mut r = Reader { bytes, at: 0, part: "the header" };
    if bytes.is_empty() || bytes.iter().zip(&MAGIC).any(|(a, b)| a != b) {
        return Err(FormatError::Foreign { looks_like: looks_like(bytes) });
    }
    r.take(MAGIC.len())?;
    let version = r.u16()?;
    if version != VERSION {
        return Err(FormatError::Version { found: version });
    }
    let [set, reserved] = r.array()?;
    let set = match set {
        1 => InstructionSet::Expression,
        2 => InstructionSet::Mini,
        found => return Err(FormatError::Set { found }),
    };
    if reserved != 0 {
        return Err(FormatError::Reserved { at: 7 });
    }
    let (code_length, functions, lines) = (r.u32()?, r.u32()?, r.u32()?);
    let (locals, inputs, source_length) = (r.u16()?, r.u16()?, r.u16()?);
    if r.u16()? != 0 {
        return Err(FormatError::Reserved { at: 26 });
    }
    r.part = "the code";
    let code_length = r.count(code_length, set.unit_size())?;
    let code = r.take(code_length * set.unit_size())?;
    let code = match set {
        InstructionSet::Expression => Code::Expression(code.to_vec()),
        InstructionSet::Mini => {
            let words = code.chunks_exact(4).map(|w| i32::from_le_bytes([w[0], w[1], w[2], w[3]]));
            Code::Mini(words.collect())
        }
    };
    let table = |at: usize, what: String| Err(FormatError::Table { at, what });

    r.part = "the input table";
    if inputs > locals {
        return table(20, format!("{inputs} inputs among {locals} local variables"));
    }
    if set == InstructionSet::Expression && (functions > 0 || locals > 0) {
        return table(12, "the expression set has no functions and no local variables".into());
    }
    let mut program = Program { locals, ..Program::empty(code) };
    let mut names = HashSet::new();
    for _ in 0..r.count(u32::from(inputs), 6)? {
        let default = r.u32()? as i32;
        let at = r.at;
        let name = r.name()?;
        if !names.insert(name.clone()) {
            return table(at, format!("two inputs are called {name}"));
        }
        program.inputs.push(Input { name, default });
    }

    r.part = "the function table";
    names.clear();
    for _ in 0..r.count(functions, 10)? {
        let at = r.at;
        let (entry, arguments, locals) = (r.u32()?, r.u16()?, r.u16()?);
        let name = r.name()?;
        if entry as usize >= code_length {
            return table(at, format!("function {name} begins at {entry}, the code ends at {code_length}"));
        }
        if program.functions.last().is_some_and(|last| last.entry >= entry) {
            return table(at, format!("function {name} begins at {entry}, not behind the one before"));
        }
        if arguments > locals {
            return table(
                at + 4,
                format!("function {name} has {arguments} arguments among {locals} local variables"),
            );
        }
        if !names.insert(name.clone()) {
            return table(at, format!("two functions are called {name}"));
        }
        program.functions.push(Function { name, entry, arguments, locals });
    }

    r.part = "the line table";
    for _ in 0..r.count(lines, 8)? {
        let at = r.at;
        let (offset, line) = (r.u32()?, r.u32()?);
        if offset as usize >= code_length.max(1) {
            return table(at, format!("a line begins at offset {offset}, the code ends at {code_length}"));
        }
        if program.lines.last().is_some_and(|last| last.offset >= offset) {
            return table(at, format!("the line of offset {offset} is not behind the one before"));
        }
        if line == 0 {
            return table(at + 4, "lines count from 1".into());
        }
        program.lines.push(Line { offset, line });
    }

    r.part = "the name of the source file";
    let at = r.at;
    program.source = match std::str::from_utf8(r.take(usize::from(source_length))?) {
        Ok(name) if !name.contains(char::is_control) => name.to_owned(),
        _ => return table(at, "the source file's name is no printable text".into()),
    };

    r.part = "the checksum";
    let computed = crc32fast::hash(&bytes[..r.at]);
    let stored = r.u32()?;
    if r.at != bytes.len() {
        return Err(FormatError::TrailingBytes { at: r.at, extra: bytes.len() - r.at });
    }
    if stored != computed {
        return Err(FormatError::Checksum { stored, computed });
    }
    Ok(program)
}

/// Writes a file so that it is there whole or not at all: under a temporary name beside it, then renamed.
pub fn write_atomically(path: &Path, content: &[u8]) -> io::Result<()> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not a file name"))?;
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(format!(".{}.tmp", std::process::id()));
    let temporary: PathBuf = path.with_file_name(temporary_name);
    let result = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Program {
        Program {
            code: Code::Mini(vec![11, 0, 9, 6, 1, 0, 11, 0, 10]),
            source: "sample.bean".into(),
            inputs: vec![Input { name: "n".into(), default: -10 }],
            locals: 1,
            functions: vec![Function { name: "same".into(), entry: 6, arguments: 1, locals: 1 }],
            lines: vec![Line { offset: 0, line: 2 }, Line { offset: 6, line: 5 }],
        }
    }

    /// The checksum of a file changed on purpose.
    fn seal(bytes: &mut [u8]) {
        let end = bytes.len() - 4;
        let crc = crc32fast::hash(&bytes[..end]).to_le_bytes();
        bytes[end..].copy_from_slice(&crc);
    }

    #[test]
    fn round_trip_and_layout() {
        let program = sample();
        let bytes = write(&program).unwrap();
        assert_eq!(read(&bytes).unwrap(), program);
        assert_eq!(&bytes[..8], [0x43, 0x42, 0x43, 0x1a, 1, 0, 2, 0]);
        assert_eq!(&bytes[28..36], [11, 0, 0, 0, 0, 0, 0, 0]);
        let expression = Program::empty(Code::Expression(vec![100, 0, 12]));
        let bytes = write(&expression).unwrap();
        assert_eq!(bytes.len(), 28 + 3 + 4);
        assert_eq!(read(&bytes).unwrap(), expression);
    }

    #[test]
    fn every_truncation_is_noticed() {
        let bytes = write(&sample()).unwrap();
        for n in 0..bytes.len() {
            match read(&bytes[..n]) {
                Err(FormatError::Truncated { length, .. }) => assert_eq!(length, n),
                Err(FormatError::Foreign { looks_like }) => assert_eq!((n, looks_like), (0, "an empty file")),
                other => panic!("{n}: {other:?}"),
            }
        }
        assert_eq!(
            read(&bytes[..30]).unwrap_err().to_string(),
            "the file is truncated: it ends at byte 30, in the code, which needs 34 more bytes"
        );
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let bytes = write(&sample()).unwrap();
        for i in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[i] ^= 1 << bit;
                assert!(read(&changed).is_err(), "byte {i} bit {bit}");
            }
        }
    }

    #[test]
    fn errors_name_the_place() {
        let good = write(&sample()).unwrap();
        let changed = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            seal(&mut bytes);
            read(&bytes).unwrap_err().to_string()
        };
        assert_eq!(changed(4, 9), "byte 4: the file has format version 9; this program reads version 1");
        assert_eq!(changed(6, 7), "byte 6: 7 is no instruction set (1 expression, 2 mini)");
        assert_eq!(changed(7, 1), "byte 7: must be 0 in version 1");
        assert_eq!(changed(20, 0), "byte 20: 1 inputs among 0 local variables");
        assert_eq!(changed(71, 200), "byte 71: function same begins at 200, the code ends at 9");
        assert_eq!(changed(75, 9), "byte 75: function same has 9 arguments among 1 local variables");
        assert_eq!(changed(70, b' '), "byte 70: \" \" is no name");
        assert_eq!(
            changed(11, 0xff),
            "the file is truncated: it ends at byte 116, in the code, which needs 17112760268 more bytes"
        );
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(read(&longer).unwrap_err().to_string(), "byte 116: 1 byte too many after the end");
        let mut corrupt = good.clone();
        corrupt[32] ^= 1;
        assert!(read(&corrupt).unwrap_err().to_string().starts_with("the file is corrupt: its checksum is "));
        for (content, kind) in [
            (&b"\xca\xfe\xba\xbe\0\0\0\x3d"[..], "a Java class file"),
            (b"let x = 1;\n", "a text file"),
            (b"\x7fELF\x02", "an ELF file"),
            (b"CBC\n", "a .cbc file damaged by a transfer as text"),
        ] {
            assert_eq!(read(content), Err(FormatError::Foreign { looks_like: kind }));
        }
    }

    #[test]
    fn atomic_writing() {
        let dir = std::env::temp_dir().join(format!("caturra-stack-cbc-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let path = dir.join("a.cbc");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(write_atomically(&dir.join("absent/a.cbc"), b"x").is_err());
        // A directory of that name cannot be replaced; the temporary file goes.
        fs::create_dir(dir.join("d.cbc")).unwrap();
        assert!(write_atomically(&dir.join("d.cbc"), b"x").is_err());
        let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "{left:?}");
        fs::remove_dir_all(&dir).unwrap();
    }
}
