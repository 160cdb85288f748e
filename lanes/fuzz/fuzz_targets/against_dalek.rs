//! Any bytes decode and sum with every backend exactly as with curve25519-dalek.
//!
//! Input: one byte that sets the chunk, then terms of 65 bytes: a kind, a scalar, and an encoding. By its kind the
//! encoding is taken as it is, or made even and below 2^255, or is that of a multiple of the basepoint.
#![no_main]

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use libfuzzer_sys::fuzz_target;
use selge_lanes::{check_vartime, Backend, BadEncoding, Msm, Points, TermError};

fn array(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(bytes);
    out
}

fuzz_target!(|data: &[u8]| {
    let Some((chunk, terms)) = data.split_first() else { return };
    let (mut scalars, mut encodings) = (Vec::new(), Vec::new());
    for term in terms.chunks_exact(65).take(64) {
        let (scalar, mut encoding) = (array(&term[1..33]), array(&term[33..]));
        scalars.push(Scalar::from_bytes_mod_order(scalar));
        match term[0] % 3 {
            0 => {}
            1 => {
                encoding[0] &= 0xfe;
                encoding[31] &= 0x7f;
            }
            _ => {
                let scalar = Scalar::from_bytes_mod_order(encoding);
                encoding = RistrettoPoint::mul_base(&scalar).compress().to_bytes();
            }
        }
        encodings.push(encoding);
    }
    let points: Vec<_> = encodings.iter().map(|e| CompressedRistretto(*e).decompress()).collect();
    let expected = match points.iter().position(Option::is_none) {
        Some(index) => Err(BadEncoding { index }),
        None => Ok(points.into_iter().flatten().collect::<Vec<_>>()),
    };
    let expected_sum = expected.clone().map(|points| RistrettoPoint::vartime_multiscalar_mul(&scalars, &points));
    for backend in Backend::available() {
        assert_eq!(check_vartime(backend, &encodings), expected.clone().map(|_| ()));
        assert_eq!(Points::decode_vartime(backend, &encodings).map(|p| p.len()), expected.clone().map(|p| p.len()));
        let mut sum = Msm::with_chunk(backend, usize::from(*chunk));
        let result = sum.add_encoded_vartime(&scalars, &encodings).map(|()| sum.finish_vartime());
        assert_eq!(result, expected_sum.map_err(TermError::Encoding));
        if let Ok(points) = &expected {
            let mut sum = Msm::with_chunk(backend, usize::from(*chunk));
            assert_eq!(sum.add_ristretto_vartime(&scalars, points), Ok(()));
            assert_eq!(Ok(sum.finish_vartime()), expected_sum);
        }
    }
});
