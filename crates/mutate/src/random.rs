//! The numbers that choose mutations: the same for a seed on every machine (xorshift).

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.below(2);
        }
        random
    }

    /// A number in `0..limit`, 0 for no limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the items, by index; `None` where there is none.
    pub fn index<T>(&mut self, items: &[T]) -> Option<usize> {
        (!items.is_empty()).then(|| self.below(items.len()))
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.index(items).map(|index| &items[index])
    }

    /// A value near another, or one at an edge of 16 bits.
    pub fn near(&mut self, value: u16) -> u16 {
        match self.below(8) {
            0 => 0,
            1 => u16::MAX,
            2 => self.below(300) as u16,
            3 => value.wrapping_sub(1),
            4 => value.wrapping_add(2),
            _ => value.wrapping_add(1),
        }
    }
}
