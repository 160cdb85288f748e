//! Many transcripts of like proofs, replayed side by side.
//!
//! A verifier knows all messages of a proof before it draws the first challenge: what a proof absorbs never depends on what
//! was drawn. So each transcript is *recorded* as the blocks that Merlin's STROBE-128 absorbs between its permutations,
//! and the blocks of eight proofs are then permuted together. Where the CPU has no lanes for that, merlin replays each proof.
//!
//! Source: <https://merlin.cool>; Hamburg, *The STROBE protocol framework* (Real World Crypto 2017), as merlin 3 has it.
//! Tests compare every challenge with that crate's.

use crate::ids::ElectionId;
use crate::transcript::{label, PROTOCOL};
use curve25519_dalek::Scalar;
use merlin::Transcript;
use selge_lanes::{Backend, KeccakStates, KECCAK_LANES};
use std::sync::OnceLock;

/// Where a proof's statement and messages go.
pub(crate) trait Absorb: Sized {
    /// Merlin's transcript of this name.
    fn named(name: &'static [u8]) -> Self;

    /// Merlin's *append*.
    fn append(&mut self, label: &'static [u8], message: &[u8]);

    /// Opens the transcript of one proof in one election (`FS-1`).
    fn open(proof: &'static [u8], election: &ElectionId) -> Self {
        let mut transcript = Self::named(PROTOCOL);
        transcript.append(label::PROOF, proof);
        transcript.append(label::ELECTION, &election.0);
        transcript
    }
}

impl Absorb for Transcript {
    fn named(name: &'static [u8]) -> Self {
        Transcript::new(name)
    }

    fn append(&mut self, label: &'static [u8], message: &[u8]) {
        self.append_message(label, message);
    }
}

/// A transcript whose challenges come out in order, as numbers (`FS-4`), when the proof has been absorbed.
pub(crate) trait Draw: Absorb {
    /// Draws the next challenge.
    fn draw(&mut self, label: &'static [u8]);
}

/// A transcript of merlin's and the challenges so far.
struct Drawn {
    transcript: Transcript,
    challenges: Vec<Scalar>,
}

impl Absorb for Drawn {
    fn named(name: &'static [u8]) -> Self {
        Drawn { transcript: Transcript::new(name), challenges: Vec::new() }
    }

    fn append(&mut self, label: &'static [u8], message: &[u8]) {
        self.transcript.append_message(label, message);
    }
}

impl Draw for Drawn {
    fn draw(&mut self, label: &'static [u8]) {
        let mut wide = [0; 64];
        self.transcript.challenge_bytes(label, &mut wide);
        self.challenges.push(Scalar::from_bytes_mod_order_wide(&wide));
    }
}

/// A proof whose transcript can be replayed.
pub(crate) trait Proof {
    /// Absorbs everything and draws every challenge, in order. Proofs that are replayed together absorb messages of
    /// the same lengths.
    fn absorb<T: Draw>(&self) -> T;
}

impl<P: Proof> Proof for &P {
    fn absorb<T: Draw>(&self) -> T {
        (**self).absorb()
    }
}

/// The challenges of each proof.
pub(crate) fn challenges<P: Proof>(backend: Backend, proofs: &[P]) -> Vec<Vec<Scalar>> {
    if backend != Backend::Ifma {
        return proofs.iter().map(|proof| proof.absorb::<Drawn>().challenges).collect();
    }
    let mut out = Vec::with_capacity(proofs.len());
    for group in proofs.chunks(KECCAK_LANES) {
        let recorded: Vec<Recorded> = group.iter().map(P::absorb).collect();
        let alike = recorded.iter().all(|r| r.drawn == recorded[0].drawn && r.blocks.len() == recorded[0].blocks.len());
        if alike {
            out.extend(permute(backend, &recorded));
        } else {
            out.extend(group.iter().map(|proof| proof.absorb::<Drawn>().challenges));
        }
    }
    out
}

/// STROBE-128's rate, less two bytes for its padding.
const RATE: usize = 166;

/// Words that a block changes: the rate and its padding.
const BLOCK: usize = 21;

/// Bytes of a challenge.
const CHALLENGE: usize = 64;

/// STROBE's flags of an operation: on meta-data, on data, and drawing.
const META_AD: u8 = 1 << 4 | 1 << 1;
const AD: u8 = 1 << 1;
const PRF: u8 = 1 | 1 << 1 | 1 << 2;

/// A transcript as blocks, each XORed onto the state before a permutation.
struct Recorded {
    blocks: Vec<[u8; 8 * BLOCK]>,
    /// After how many blocks a challenge is drawn, which takes the place of the state's first bytes.
    drawn: Vec<usize>,
    block: [u8; 8 * BLOCK],
    position: usize,
    begin: usize,
}

impl Recorded {
    fn finish_block(&mut self) {
        self.block[self.position] ^= self.begin as u8;
        self.block[self.position + 1] ^= 0x04;
        self.block[RATE + 1] ^= 0x80;
        self.blocks.push(self.block);
        self.block = [0; 8 * BLOCK];
        (self.position, self.begin) = (0, 0);
    }

    fn absorb(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min(RATE - self.position));
            // Nothing else is there yet: padding comes last, and a challenge leaves zeros.
            self.block[self.position..self.position + now.len()].copy_from_slice(now);
            self.position += now.len();
            if self.position == RATE {
                self.finish_block();
            }
            data = later;
        }
    }

    fn begin(&mut self, flags: u8) {
        let before = self.begin as u8;
        self.begin = self.position + 1;
        self.absorb(&[before, flags]);
    }

    fn meta(&mut self, label: &'static [u8], length: usize) {
        self.begin(META_AD);
        self.absorb(label);
        // As merlin has it; no message here comes near 2^32 bytes.
        self.absorb(&(length as u32).to_le_bytes());
    }
}

impl Absorb for Recorded {
    fn named(name: &'static [u8]) -> Self {
        let block = [0; 8 * BLOCK];
        let mut recorded =
            Recorded { blocks: Vec::with_capacity(24), drawn: Vec::with_capacity(16), block, position: 0, begin: 0 };
        recorded.begin(META_AD);
        recorded.absorb(b"Merlin v1.0");
        recorded.append(b"dom-sep", name);
        recorded
    }

    fn append(&mut self, label: &'static [u8], message: &[u8]) {
        self.meta(label, message.len());
        self.begin(AD);
        self.absorb(message);
    }
}

impl Draw for Recorded {
    fn draw(&mut self, label: &'static [u8]) {
        self.meta(label, CHALLENGE);
        self.begin(PRF);
        if self.position != 0 {
            self.finish_block();
        }
        self.drawn.push(self.blocks.len());
        self.position = CHALLENGE;
    }
}

/// The state that every STROBE-128 starts from.
fn start() -> [u64; 25] {
    static START: OnceLock<[u64; 25]> = OnceLock::new();
    *START.get_or_init(|| {
        let mut bytes = [0u8; 200];
        bytes[..6].copy_from_slice(&[1, RATE as u8 + 2, 1, 0, 1, 96]);
        bytes[6..18].copy_from_slice(b"STROBEv1.0.2");
        let mut states = [[0; KECCAK_LANES]; 25];
        for (word, eight) in states.iter_mut().zip(bytes.as_chunks().0) {
            *word = [u64::from_le_bytes(*eight); KECCAK_LANES];
        }
        Backend::Dalek.keccak_f1600(&mut states);
        std::array::from_fn(|w| states[w][0])
    })
}

/// The challenges of at most [`KECCAK_LANES`] transcripts of the same form.
fn permute(backend: Backend, recorded: &[Recorded]) -> Vec<Vec<Scalar>> {
    let mut states: KeccakStates = start().map(|word| [word; KECCAK_LANES]);
    let Some(first) = recorded.first() else { return Vec::new() };
    let mut challenges: Vec<Vec<Scalar>> = recorded.iter().map(|r| Vec::with_capacity(r.drawn.len())).collect();
    let mut drawn = first.drawn.iter().copied().peekable();
    for at in 0..first.blocks.len() {
        for (l, recorded) in recorded.iter().enumerate() {
            for (words, eight) in states.iter_mut().zip(recorded.blocks[at].as_chunks().0) {
                words[l] ^= u64::from_le_bytes(*eight);
            }
        }
        backend.keccak_f1600(&mut states);
        while drawn.next_if(|after| *after == at + 1).is_some() {
            let (output, _) = states.split_at_mut(CHALLENGE / 8);
            for (l, challenges) in challenges.iter_mut().enumerate() {
                let mut wide = [0; CHALLENGE];
                for (eight, words) in wide.as_chunks_mut().0.iter_mut().zip(output.iter()) {
                    *eight = words[l].to_le_bytes();
                }
                challenges.push(Scalar::from_bytes_mod_order_wide(&wide));
            }
            output.iter_mut().for_each(|words| *words = [0; KECCAK_LANES]);
        }
    }
    challenges
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    /// Operations of any lengths, a message or a challenge.
    struct Random {
        lengths: Vec<Option<usize>>,
        seed: u64,
    }

    impl Proof for Random {
        fn absorb<T: Draw>(&self) -> T {
            let mut rng = ChaCha20Rng::seed_from_u64(self.seed);
            let mut transcript = T::open(b"a proof", &ElectionId(rng.gen()));
            for (i, length) in self.lengths.iter().enumerate() {
                let label: &'static [u8] = [&b"label"[..], b"", b"another label that is longer"][i % 3];
                match length {
                    Some(length) => {
                        let message: Vec<u8> = (0..*length).map(|_| rng.gen()).collect();
                        transcript.append(label, &message);
                    }
                    None => transcript.draw(label),
                }
            }
            transcript
        }
    }

    fn compare(proofs: &[Random]) {
        let expected: Vec<Vec<Scalar>> = proofs.iter().map(|proof| proof.absorb::<Drawn>().challenges).collect();
        for backend in Backend::available() {
            assert_eq!(challenges(backend, proofs), expected, "{backend}");
        }
        // The blocks, whatever permutes them.
        for (group, expected) in proofs.chunks(KECCAK_LANES).zip(expected.chunks(KECCAK_LANES)) {
            let recorded: Vec<Recorded> = group.iter().map(Proof::absorb).collect();
            let form = |r: &Recorded| (r.drawn.clone(), r.blocks.len());
            if recorded.iter().all(|r| form(r) == form(&recorded[0])) {
                assert_eq!(permute(Backend::Dalek, &recorded), expected);
            }
        }
    }

    #[test]
    fn challenges_are_merlins_for_messages_of_all_lengths() {
        // Every place in a block where an operation can begin, and a challenge right there.
        for length in 0..2 * RATE {
            let lengths = vec![None, Some(length), None, None, Some(3), None];
            compare(&[Random { lengths, seed: length as u64 }]);
        }
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for round in 0..100 {
            let lengths: Vec<Option<usize>> =
                (0..rng.gen_range(0..30)).map(|_| rng.gen_bool(0.7).then(|| rng.gen_range(0..200))).collect();
            let proofs: Vec<Random> = (0..rng.gen_range(0..20))
                .map(|i| Random { lengths: lengths.clone(), seed: 1000 * round + i })
                .collect();
            compare(&proofs);
        }
    }

    #[test]
    fn proofs_of_different_forms_are_not_mixed_up() {
        let forms =
            [vec![Some(10), None], vec![Some(400), None], vec![None, Some(10)], vec![], vec![Some(10), None, None]];
        let proofs: Vec<Random> =
            (0..40).map(|i| Random { lengths: forms[(i * i) % 5].clone(), seed: i as u64 }).collect();
        compare(&proofs);
        // As many blocks with a challenge elsewhere, and a challenge at the same place with more blocks behind.
        let (here, later) = (vec![None, Some(400), None], vec![Some(400), None, None]);
        let longer = vec![None, Some(400), None, Some(400), Some(400)];
        let recorded = [&here, &later, &longer].map(|lengths| {
            let recorded: Recorded = Random { lengths: lengths.clone(), seed: 1 }.absorb();
            (recorded.drawn, recorded.blocks.len())
        });
        assert!(recorded[0].0 != recorded[1].0 && recorded[0].1 == recorded[1].1);
        assert!(recorded[0].0 == recorded[2].0 && recorded[0].1 != recorded[2].1);
        for (one, other) in [(&here, &later), (&here, &longer), (&longer, &here)] {
            let of = |(seed, lengths): (u64, &Vec<_>)| Random { lengths: lengths.clone(), seed };
            compare(&(0..).zip([one, other, one, other]).map(of).collect::<Vec<_>>());
        }
    }
}
