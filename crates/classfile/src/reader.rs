//! Big-endian reading, and tables that stay where they are in the class file.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::problem::{ClassFormatProblem, Parsed, ProblemKind};

/// A cursor over the class file; reading past its end is the problem "Truncated class file".
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

#[cold]
fn truncated() -> ClassFormatProblem {
    ClassFormatProblem::new(ProblemKind::ClassFormatError, "Truncated class file".into())
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Bytes not yet read.
    #[inline]
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Goes back to an earlier position.
    pub(crate) fn rewind(&mut self, position: usize) {
        debug_assert!(position <= self.at);
        self.at = position;
    }

    /// Fails unless `length` bytes are left.
    #[inline]
    pub(crate) fn need(&self, length: usize) -> Parsed<()> {
        if length <= self.remaining() { Ok(()) } else { Err(truncated()) }
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// The bytes from an earlier position up to the cursor.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        match self.bytes[self.at..].first_chunk::<N>() {
            Some(chunk) => {
                self.at += N;
                Ok(*chunk)
            }
            None => Err(truncated()),
        }
    }

    #[inline]
    pub(crate) fn u1(&mut self) -> Parsed<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    #[inline]
    pub(crate) fn u2(&mut self) -> Parsed<u16> {
        self.take().map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u4(&mut self) -> Parsed<u32> {
        self.take().map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Parsed<u64> {
        self.take().map(u64::from_be_bytes)
    }

    #[inline]
    pub(crate) fn slice(&mut self, length: usize) -> Parsed<&'a [u8]> {
        match self.bytes[self.at..].get(..length) {
            Some(slice) => {
                self.at += length;
                Ok(slice)
            }
            None => Err(truncated()),
        }
    }

    /// A table of `count` entries.
    #[inline]
    pub(crate) fn table<T: TableEntry>(&mut self, count: usize) -> Parsed<Table<'a, T>> {
        Ok(Table { bytes: self.slice(count * T::SIZE)?, entry: PhantomData })
    }
}

/// An entry of fixed size in a table of the class file.
pub trait TableEntry: Sized {
    /// Bytes that an entry takes.
    const SIZE: usize;
    /// Reads an entry from at least [`SIZE`](Self::SIZE) bytes.
    fn read(bytes: &[u8]) -> Self;
}

#[inline]
pub(crate) fn u2_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

impl TableEntry for u16 {
    const SIZE: usize = 2;

    #[inline]
    fn read(bytes: &[u8]) -> u16 {
        u2_at(bytes, 0)
    }
}

/// A table inside the class file, decoded on access.
pub struct Table<'a, T> {
    bytes: &'a [u8],
    entry: PhantomData<fn() -> T>,
}

/// A table of constant-pool indices.
pub type U2Table<'a> = Table<'a, u16>;

impl<T> Clone for Table<'_, T> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Table<'_, T> {}

impl<T> Default for Table<'_, T> {
    fn default() -> Self {
        Table { bytes: &[], entry: PhantomData }
    }
}

impl<'a, T: TableEntry> Table<'a, T> {
    /// The number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() / T::SIZE
    }

    /// Whether there is no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The entry at `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        let start = index.checked_mul(T::SIZE)?;
        self.bytes.get(start..start.checked_add(T::SIZE)?).map(T::read)
    }

    /// The entries in order.
    #[inline]
    pub fn iter(&self) -> TableIter<'a, T> {
        TableIter { chunks: self.bytes.chunks_exact(T::SIZE), entry: PhantomData }
    }

    /// The encoded entries.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<T: TableEntry + fmt::Debug> fmt::Debug for Table<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: TableEntry> IntoIterator for Table<'a, T> {
    type Item = T;
    type IntoIter = TableIter<'a, T>;

    #[inline]
    fn into_iter(self) -> TableIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: TableEntry> IntoIterator for &Table<'a, T> {
    type Item = T;
    type IntoIter = TableIter<'a, T>;

    #[inline]
    fn into_iter(self) -> TableIter<'a, T> {
        self.iter()
    }
}

/// Iterator over a [`Table`].
pub struct TableIter<'a, T> {
    chunks: std::slice::ChunksExact<'a, u8>,
    entry: PhantomData<fn() -> T>,
}

impl<T> Clone for TableIter<'_, T> {
    fn clone(&self) -> Self {
        TableIter { chunks: self.chunks.clone(), entry: PhantomData }
    }
}

impl<T: TableEntry> Iterator for TableIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.chunks.next().map(T::read)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }
}

impl<T: TableEntry> ExactSizeIterator for TableIter<'_, T> {}
impl<T: TableEntry> FusedIterator for TableIter<'_, T> {}

/// The tables of several attributes of one kind, seen as one. A `Code` attribute may have any number of
/// `LineNumberTable`, `LocalVariableTable` and `LocalVariableTypeTable` attributes; mostly it has one.
pub struct Tables<'a, T> {
    first: Table<'a, T>,
    more: Vec<Table<'a, T>>,
}

impl<T> Clone for Tables<'_, T> {
    fn clone(&self) -> Self {
        Tables { first: self.first, more: self.more.clone() }
    }
}

impl<T> Default for Tables<'_, T> {
    fn default() -> Self {
        Tables { first: Table::default(), more: Vec::new() }
    }
}

impl<'a, T: TableEntry> Tables<'a, T> {
    pub(crate) fn push(&mut self, table: Table<'a, T>) {
        if self.first.is_empty() {
            self.first = table;
        } else if !table.is_empty() {
            self.more.push(table);
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.first.len() + self.more.iter().map(Table::len).sum::<usize>()
    }

    /// Whether there is no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + Clone + '_ {
        self.first.iter().chain(self.more.iter().flat_map(Table::iter))
    }
}

impl<T: TableEntry + fmt::Debug> fmt::Debug for Tables<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// All attributes of a class, field, method, `Code` or record component, undecoded.
#[derive(Clone, Copy, Default, Debug)]
pub struct RawAttributes<'a> {
    pub(crate) bytes: &'a [u8],
}

/// One undecoded attribute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Attribute<'a> {
    /// Constant-pool index of the name.
    pub name_index: u16,
    /// What follows name and length.
    pub info: &'a [u8],
}

impl<'a> RawAttributes<'a> {
    /// The attributes as they lie in the class file, without their count.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The attributes in the order of the class file.
    pub fn iter(&self) -> impl Iterator<Item = Attribute<'a>> + Clone + 'a {
        let mut reader = Reader::new(self.bytes);
        std::iter::from_fn(move || {
            let name_index = reader.u2().ok()?;
            let length = reader.u4().ok()?;
            Some(Attribute { name_index, info: reader.slice(length as usize).ok()? })
        })
    }
}
