//! Roots: ambiguous words on stacks, and old objects that were written to.

use crate::cards::CARD_SHIFT;
use crate::host::Host;
use crate::mark::Marker;
use crate::meta::*;
use crate::objref::REF_SHIFT;
use crate::space::Large;

const CARD_SIZE: usize = 1 << CARD_SHIFT;
const CARDS: usize = BLOCK_SIZE / CARD_SIZE;

/// Objects that words on stacks and in registers may point at or into, or halves of words refer to. To be called before marking begins,
/// since lines and marks of the last collection tell where objects are.
pub(crate) fn conservative(m: &Meta, epoch: u32, host: &dyn Host, registers: &[u64]) -> Vec<u32> {
    let mut found = Vec::new();
    let mut scan = |begin: *const u64, end: *const u64| {
        let mut at = begin;
        while at < end {
            // SAFETY: the host's ranges are readable words.
            let word = unsafe { at.read_volatile() };
            at = at.wrapping_add(1);
            if word == 0 {
                continue;
            }
            // SAFETY: the world is stopped and marking has not begun.
            let object_at = |addr: usize| unsafe { m.find_object(addr, epoch) };
            let whole = object_at(word as usize);
            if whole != 0 {
                found.push(whole);
            }
            // A narrow reference is that of an object. Addresses into objects are whole words: would halves do, too, any
            // number might keep a large array.
            for half in [word as u32, (word >> 32) as u32] {
                if half != 0 && object_at((half as usize) << REF_SHIFT) == half {
                    found.push(half);
                }
            }
        }
    };
    let range = registers.as_ptr_range();
    scan(range.start, range.end);
    host.visit_conservative_ranges(&mut scan);
    found
}

/// Reaches what old objects on dirty cards refer to, and cleans all cards.
pub(crate) fn dirty_cards(marker: &mut Marker<'_>) {
    let m = marker.m;
    // Survivors move to further blocks meanwhile; those have nothing on their cards that matters.
    let blocks: Vec<u32> = marker.space.used.iter().collect();
    for block in blocks {
        let table = m.cards.wrapping_add(block as usize * CARDS);
        for group in 0..CARDS / 8 {
            let word = table.wrapping_add(group * 8).cast::<u64>();
            // SAFETY: the cards of a block are 64 aligned bytes.
            let dirty = unsafe { word.read() };
            if dirty == 0 {
                continue;
            }
            // SAFETY: as above; mutators are stopped.
            unsafe { word.write(0) };
            for i in 0..8 {
                if dirty >> (i * 8) & 0xff != 0 {
                    let card = block_addr(block) + (group * 8 + i) * CARD_SIZE;
                    // SAFETY: the card is part of a block with objects.
                    unsafe { shared_card(marker, card) };
                }
            }
        }
    }
    let old = std::mem::take(&mut marker.space.large_old);
    for large in &old {
        // SAFETY: the large object is allocated and old.
        unsafe { large_cards(marker, large) };
    }
    marker.space.large_old = old;
    for large in &marker.space.large_young {
        let (first, cards) = cards_of(large);
        for card in first..first + cards {
            let byte = m.cards.wrapping_add(card);
            // SAFETY: the card is part of the heap's table.
            unsafe {
                // A read makes no page of the table resident.
                if *byte != 0 {
                    *byte = 0;
                }
            }
        }
    }
}

/// Objects of earlier collections that touch this card. Objects that this very collection has already marked
/// look the same; to scan them twice does no harm.
unsafe fn shared_card(marker: &mut Marker<'_>, card: usize) {
    let m = marker.m;
    let end = card + CARD_SIZE;
    // SAFETY: the card lies in a block with objects.
    unsafe {
        // A card whose lines hold no old object was written by the owners of young ones.
        let lines = card >> LINE_SHIFT..end >> LINE_SHIFT;
        if !lines.clone().any(|l| *m.lines.wrapping_add(l) == LINE_LIVE) {
            return;
        }
        let mut bits = *m.marks.wrapping_add(card >> 9);
        if bits & 1 == 0 && m.line(card) == LINE_LIVE && card & (BLOCK_SIZE - 1) != 0 {
            let before = m.last_bit(m.marks, card - 8, card & !(BLOCK_SIZE - 1));
            if before != 0 && before + m.size_at(before) > card {
                marker.rescan(before, card, end);
            }
        }
        while bits != 0 {
            let addr = card + ((bits.trailing_zeros() as usize) << REF_SHIFT);
            bits &= bits - 1;
            marker.rescan(addr, card, end);
        }
    }
}

/// First card of a large object and their number.
fn cards_of(large: &Large) -> (usize, usize) {
    (block_addr(large.block) >> CARD_SHIFT, large.blocks as usize * CARDS)
}

unsafe fn large_cards(marker: &mut Marker<'_>, large: &Large) {
    let m = marker.m;
    let addr = (large.raw as usize) << REF_SHIFT;
    let (first, cards) = cards_of(large);
    // SAFETY: the cards are part of the heap's table, and their number is a multiple of 8.
    let words =
        unsafe { std::slice::from_raw_parts_mut(m.cards.wrapping_add(first).cast::<u64>(), cards / 8) };
    for (group, word) in words.iter_mut().enumerate() {
        if *word == 0 {
            continue;
        }
        let dirty = std::mem::take(word);
        for i in 0..8 {
            if dirty >> (i * 8) & 0xff != 0 {
                let card = (first + group * 8 + i) << CARD_SHIFT;
                // SAFETY: an old object begins at the address.
                unsafe { marker.rescan(addr, card, card + CARD_SIZE) };
            }
        }
    }
}
