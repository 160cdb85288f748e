//! Keccak-f[1600] (FIPS 202, section 3) on eight states side by side, with AVX-512: what replaying many transcripts is made of.
//!
//! As in `ifma.rs`, the arithmetic is safe code, and calling it takes an [`Ifma`].
#![allow(unsafe_code)]

use crate::backend::Backend;

/// States that are permuted together.
pub const KECCAK_LANES: usize = 8;

/// Eight states: word `w` of state `l` is at `[w][l]`.
pub type KeccakStates = [[u64; KECCAK_LANES]; 25];

impl Backend {
    /// `Keccak-f[1600]` of each of eight states: at once with AVX-512, else one after the other.
    pub fn keccak_f1600(self, states: &mut KeccakStates) {
        #[cfg(target_arch = "x86_64")]
        if self == Backend::Ifma {
            if let Some(f) = crate::ifma::Ifma::new() {
                return eight::permute(f, states);
            }
        }
        for l in 0..KECCAK_LANES {
            let mut state = std::array::from_fn(|w| states[w][l]);
            keccak::f1600(&mut state);
            states.iter_mut().zip(state).for_each(|(words, word)| words[l] = word);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod eight {
    use super::KeccakStates;
    use crate::ifma::Ifma;
    use core::arch::x86_64::*;

    /// ι.
    const ROUNDS: [u64; 24] = [
        0x0000_0000_0000_0001,
        0x0000_0000_0000_8082,
        0x8000_0000_0000_808a,
        0x8000_0000_8000_8000,
        0x0000_0000_0000_808b,
        0x0000_0000_8000_0001,
        0x8000_0000_8000_8081,
        0x8000_0000_0000_8009,
        0x0000_0000_0000_008a,
        0x0000_0000_0000_0088,
        0x0000_0000_8000_8009,
        0x0000_0000_8000_000a,
        0x0000_0000_8000_808b,
        0x8000_0000_0000_008b,
        0x8000_0000_0000_8089,
        0x8000_0000_0000_8003,
        0x8000_0000_0000_8002,
        0x8000_0000_0000_0080,
        0x0000_0000_0000_800a,
        0x8000_0000_8000_000a,
        0x8000_0000_8000_8081,
        0x8000_0000_0000_8080,
        0x0000_0000_8000_0001,
        0x8000_0000_8000_8008,
    ];

    /// θ on one column.
    macro_rules! column {
        ($a:ident, $($word:literal)*, $left:expr, $right:expr) => {
            let (left, right) = ($left, _mm512_rol_epi64::<1>($right));
            $( $a[$word] = _mm512_ternarylogic_epi64::<0x96>($a[$word], left, right); )*
        };
    }

    /// The parity of one column.
    macro_rules! parity {
        ($a:ident, $b:literal $c:literal $d:literal $e:literal $f:literal) => {
            _mm512_ternarylogic_epi64::<0x96>(_mm512_ternarylogic_epi64::<0x96>($a[$b], $a[$c], $a[$d]), $a[$e], $a[$f])
        };
    }

    /// ρ and π: the words in the order in which each takes the place of the next, and how far each is rotated there.
    macro_rules! rotate {
        ($a:ident, $($place:literal $by:literal,)*) => {
            let mut last = $a[1];
            $(
                let next = $a[$place];
                $a[$place] = _mm512_rol_epi64::<$by>(last);
                last = next;
            )*
            let _ = last;
        };
    }

    /// χ on one row: b ^ (!c & d).
    macro_rules! row {
        ($a:ident, $b:literal $c:literal $d:literal $e:literal $f:literal) => {
            let (b, c, d, e, f) = ($a[$b], $a[$c], $a[$d], $a[$e], $a[$f]);
            $a[$b] = _mm512_ternarylogic_epi64::<0xd2>(b, c, d);
            $a[$c] = _mm512_ternarylogic_epi64::<0xd2>(c, d, e);
            $a[$d] = _mm512_ternarylogic_epi64::<0xd2>(d, e, f);
            $a[$e] = _mm512_ternarylogic_epi64::<0xd2>(e, f, b);
            $a[$f] = _mm512_ternarylogic_epi64::<0xd2>(f, b, c);
        };
    }

    pub(super) fn permute(_: Ifma, states: &mut KeccakStates) {
        // SAFETY: an `Ifma` exists, so the CPU has the features.
        unsafe { f1600(states) }
    }

    #[target_feature(enable = "avx512f")]
    fn f1600(states: &mut KeccakStates) {
        let mut a = [_mm512_setzero_si512(); 25];
        for (word, row) in a.iter_mut().zip(states.iter()) {
            // SAFETY: a load of the 64 bytes behind a reference; it needs no alignment.
            *word = unsafe { _mm512_loadu_si512(row.as_ptr().cast()) };
        }
        for round in ROUNDS {
            let c0 = parity!(a, 0 5 10 15 20);
            let c1 = parity!(a, 1 6 11 16 21);
            let c2 = parity!(a, 2 7 12 17 22);
            let c3 = parity!(a, 3 8 13 18 23);
            let c4 = parity!(a, 4 9 14 19 24);
            column!(a, 0 5 10 15 20, c4, c1);
            column!(a, 1 6 11 16 21, c0, c2);
            column!(a, 2 7 12 17 22, c1, c3);
            column!(a, 3 8 13 18 23, c2, c4);
            column!(a, 4 9 14 19 24, c3, c0);
            #[rustfmt::skip]
            rotate!(
                a, 10 1, 7 3, 11 6, 17 10, 18 15, 3 21, 5 28, 16 36, 8 45, 21 55, 24 2, 4 14, 15 27, 23 41, 19 56, 13 8,
                12 25, 2 43, 20 62, 14 18, 22 39, 9 61, 6 20, 1 44,
            );
            row!(a, 0 1 2 3 4);
            row!(a, 5 6 7 8 9);
            row!(a, 10 11 12 13 14);
            row!(a, 15 16 17 18 19);
            row!(a, 20 21 22 23 24);
            // ι
            a[0] = _mm512_xor_si512(a[0], _mm512_set1_epi64(round as i64));
        }
        for (word, row) in a.iter().zip(states.iter_mut()) {
            // SAFETY: a store to the 64 bytes behind a mutable reference; it needs no alignment.
            unsafe { _mm512_storeu_si512(row.as_mut_ptr().cast(), *word) };
        }
    }
}
