//! A set of blocks: a bitmap over the heap's blocks that gives the lowest member quickly.

/// Members are absolute block numbers (`address >> BLOCK_SHIFT`) within a fixed range.
pub(crate) struct BlockSet {
    words: Vec<u64>,
    base: u32,
    blocks: u32,
    count: usize,
    /// No word below this one has a member.
    hint: usize,
}

impl BlockSet {
    pub fn empty(base: u32, blocks: u32) -> BlockSet {
        BlockSet { words: vec![0; (blocks as usize).div_ceil(64)], base, blocks, count: 0, hint: 0 }
    }

    pub fn full(base: u32, blocks: u32) -> BlockSet {
        let mut set = BlockSet::empty(base, blocks);
        set.words.fill(u64::MAX);
        if !blocks.is_multiple_of(64) {
            *set.words.last_mut().expect("not empty") = (1 << (blocks % 64)) - 1;
        }
        set.count = blocks as usize;
        set
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn contains(&self, block: u32) -> bool {
        let i = block.wrapping_sub(self.base);
        i < self.blocks && self.words[i as usize / 64] >> (i % 64) & 1 != 0
    }

    pub fn insert(&mut self, block: u32) {
        let i = block - self.base;
        let word = i as usize / 64;
        debug_assert!(self.words[word] >> (i % 64) & 1 == 0);
        self.words[word] |= 1 << (i % 64);
        self.count += 1;
        self.hint = self.hint.min(word);
    }

    /// Whether the block was a member.
    pub fn remove(&mut self, block: u32) -> bool {
        let i = block - self.base;
        let (word, bit) = (i as usize / 64, 1u64 << (i % 64));
        let was = self.words[word] & bit != 0;
        self.words[word] &= !bit;
        self.count -= was as usize;
        was
    }

    pub fn clear(&mut self) {
        if self.count != 0 {
            self.words.fill(0);
            self.count = 0;
        }
        self.hint = 0;
    }

    pub fn pop_lowest(&mut self) -> Option<u32> {
        if self.count == 0 {
            return None;
        }
        while self.words[self.hint] == 0 {
            self.hint += 1;
        }
        let word = &mut self.words[self.hint];
        let bit = word.trailing_zeros();
        *word &= *word - 1;
        self.count -= 1;
        Some(self.base + self.hint as u32 * 64 + bit)
    }

    pub fn pop_highest(&mut self) -> Option<u32> {
        if self.count == 0 {
            return None;
        }
        let (i, word) = self.words.iter_mut().enumerate().rev().find(|(_, w)| **w != 0)?;
        let bit = 63 - word.leading_zeros();
        *word &= !(1 << bit);
        self.count -= 1;
        Some(self.base + i as u32 * 64 + bit)
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let base = self.base;
        self.words[self.hint.min(self.words.len())..].iter().enumerate().flat_map(move |(i, &word)| {
            let first = base + (self.hint + i) as u32 * 64;
            std::iter::successors((word != 0).then_some(word), |w| {
                let rest = w & (w - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |w| first + w.trailing_zeros())
        })
    }

    /// The highest run of `n` consecutive blocks that are all in `self` or `other`: its first block.
    pub fn highest_run(&self, other: &BlockSet, n: u32) -> Option<u32> {
        let mut run = 0;
        for i in (0..self.words.len()).rev() {
            let word = self.words[i] | other.words[i];
            if word == 0 {
                run = 0;
                continue;
            }
            if word == u64::MAX && run + 64 < n {
                run += 64;
                continue;
            }
            for bit in (0..64).rev() {
                if word >> bit & 1 == 0 {
                    run = 0;
                    continue;
                }
                run += 1;
                if run == n {
                    return Some(self.base + i as u32 * 64 + bit);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pops_in_order_and_finds_runs() {
        let mut set = BlockSet::full(1000, 200);
        assert_eq!(set.len(), 200);
        assert_eq!(set.pop_lowest(), Some(1000));
        assert_eq!(set.pop_highest(), Some(1199));
        set.insert(1000);
        assert_eq!(set.pop_lowest(), Some(1000));
        let none = BlockSet::empty(1000, 200);
        assert_eq!(set.highest_run(&none, 198), Some(1001));
        assert_eq!(set.highest_run(&none, 199), None);
        assert!(set.remove(1100) && !set.remove(1100));
        assert_eq!(set.highest_run(&none, 98), Some(1101));
        assert_eq!(set.highest_run(&none, 99), Some(1001));
        assert_eq!(set.highest_run(&none, 1), Some(1198));
        let members: Vec<u32> = set.iter().collect();
        assert_eq!(members.len(), set.len());
        assert!(members.is_sorted() && !members.contains(&1100));
        let mut other = BlockSet::empty(1000, 200);
        other.insert(1100);
        assert_eq!(set.highest_run(&other, 198), Some(1001));
    }
}
