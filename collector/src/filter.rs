//! Tells most keys that are not in a set from those that may be, from a few bits of memory for each: a Bloom filter.
//!
//! Source: B. H. Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", Communications of the ACM 13 (1970). Keys
//! are parts of hashes already, so that their own bits are the places and no library that would hash them again is needed. Who
//! grinds hashes until they lie in the filter makes the index search in vain, and nothing else.

use crate::index::Key;

/// Bits of a place; eight of them are in a key.
const PLACE: u32 = 15;
const PLACES: u32 = 8;

/// A filter of 4 KiB: of keys that are not among its 1,792, one in 4,000 passes.
pub(crate) struct Filter(Box<[u64]>);

/// The word and the bit in it of each place of a key.
fn places(key: &Key) -> impl Iterator<Item = (usize, u64)> {
    let key = u128::from_be_bytes(*key);
    (0..PLACES).map(move |i| {
        let place = (key >> (i * PLACE)) as u64 & ((1 << PLACE) - 1);
        ((place / 64) as usize, 1 << (place % 64))
    })
}

impl Filter {
    /// The filter of some keys.
    pub(crate) fn new<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Self {
        let mut words = vec![0u64; 1 << (PLACE - 6)].into_boxed_slice();
        for (word, bit) in keys.into_iter().flat_map(places) {
            words[word] |= bit;
        }
        Filter(words)
    }

    /// Whether a key may be one of them; never false for one that is.
    pub(crate) fn may_hold(&self, key: &Key) -> bool {
        places(key).all(|(word, bit)| self.0[word] & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::RUN;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn every_key_of_it_passes_and_few_others() {
        let mut rng = StdRng::seed_from_u64(7);
        let keys: Vec<Key> = (0..RUN).map(|_| rng.gen()).collect();
        let filter = Filter::new(&keys);
        assert!(keys.iter().all(|key| filter.may_hold(key)));
        let others = (0..100_000).filter(|_| filter.may_hold(&rng.gen())).count();
        assert!((5..80).contains(&others), "{others} of 100,000");
        assert!(!Filter::new([]).may_hold(&keys[0]));
    }
}
