//! Tries to get false decryption factors past the check of several trustees' together (`DEC-4`, `SUM`).

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::rngs::OsRng;
use selge_core::ceremony::{CeremonyContext, Commitments, JointKey, Round1, TrusteeShare};
use selge_core::codec::{DecodeError, Encode};
use selge_core::decryption::{verify_each, DecryptedVotes, DecryptionContext, DecryptionError, PartialDecryption};
use selge_core::elgamal::{Ciphertext, CiphertextList, MAX_LIST, MAX_WIDTH};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, ElectionId, TrusteeIndex};
use selge_core::plaintext::Layout;

const ELECTION: ElectionId = ElectionId([7; 32]);
const N: usize = 40;
const WIDTH: usize = 2;

/// First byte of factor `i` in a decryption's encoding.
fn at(i: usize) -> usize {
    6 + 32 * i
}

fn trustees() -> (JointKey, Vec<TrusteeShare>) {
    let ctx = CeremonyContext { election: &ELECTION, trustees: 3, threshold: 2 };
    let made: Vec<_> = (1..=3).map(|i| Commitments::make(&ctx, TrusteeIndex(i), &mut OsRng)).collect();
    let messages: Vec<_> = made.iter().map(|(_, message)| message.clone()).collect();
    let round1 = Round1::new(&ctx, &messages).unwrap();
    let each = || (1..).map(TrusteeIndex).zip(made.iter().map(|(secret, _)| secret));
    let dealt: Vec<_> = each().map(|(i, secret)| round1.deal(&ctx, i, secret).unwrap()).collect();
    let shares = each().map(|(i, secret)| round1.receive(&ctx, i, secret, &dealt).unwrap()).collect();
    (round1.joint_key(&ctx).unwrap(), shares)
}

struct Setting {
    key: JointKey,
    shares: Vec<TrusteeShare>,
    list: CiphertextList,
}

impl Setting {
    fn new() -> Self {
        let (key, shares) = trustees();
        let one = |i: usize| key.public_key().encrypt(&Scalar::from(i as u64), &random_scalar(&mut OsRng));
        let vectors: Vec<[Ciphertext; WIDTH]> = (0..N).map(|i| [one(i), one(2 * i)]).collect();
        let list = CiphertextList::from_vectors(WIDTH, vectors.iter().map(|v| &v[..])).unwrap();
        Setting { key, shares, list }
    }

    fn context(&self, trustee: u16) -> DecryptionContext<'_> {
        let trustee = TrusteeIndex(trustee);
        DecryptionContext { election: &ELECTION, joint_key: &self.key, contest: ContestIndex(0), trustee }
    }

    fn bytes(&self, trustee: u16) -> Vec<u8> {
        let share = &self.shares[usize::from(trustee) - 1];
        PartialDecryption::make(&self.context(trustee), share, &self.list, &mut OsRng).unwrap().to_bytes()
    }

    /// What is said of trustees 1, 2, 3 whose factors these are, and the same of each alone.
    fn judge(&self, parts: &[Vec<u8>]) -> Vec<Result<(), DecryptionError>> {
        let read = |bytes: &Vec<u8>| PartialDecryption::from_bytes(bytes, N, WIDTH).unwrap();
        let parts: Vec<_> = (1..).zip(parts).map(|(t, bytes)| (self.context(t), read(bytes))).collect();
        let together: Vec<_> = verify_each(&parts, &self.list).into_iter().map(|v| v.map(|v| v.trustee())).collect();
        let alone: Vec<_> = parts.iter().map(|(ctx, part)| part.verify(ctx, &self.list).map(|v| v.trustee())).collect();
        assert_eq!(together, alone);
        together.into_iter().map(|verdict| verdict.map(|_| ())).collect()
    }
}

fn moved(bytes: &[u8], i: usize, by: &RistrettoPoint) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let slot = &mut bytes[at(i)..at(i + 1)];
    let point = CompressedRistretto::from_slice(slot).unwrap().decompress().unwrap();
    slot.copy_from_slice((point + by).compress().as_bytes());
    bytes
}

#[test]
fn true_factors_hold_together_and_a_false_ones_trustee_is_named() {
    let setting = Setting::new();
    let good: Vec<_> = (1..=3).map(|t| setting.bytes(t)).collect();
    let no = |trustee| Err(DecryptionError::False { trustee: TrusteeIndex(trustee) });
    assert_eq!(setting.judge(&good), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(setting.judge(&[]), []);

    let error = RistrettoPoint::mul_base(&random_scalar(&mut OsRng));
    for i in [0, 1, N * WIDTH - 1] {
        let bad = [good[0].clone(), moved(&good[1], i, &error), good[2].clone()];
        assert_eq!(setting.judge(&bad), [Ok(()), no(2), Ok(())], "factor {i}");
    }
    // Each other's factors, and one's own twice.
    let swapped = [good[1].clone(), good[0].clone(), good[2].clone()];
    assert_eq!(setting.judge(&swapped), [no(1), no(2), Ok(())]);
    let repeated = [good[0].clone(), good[0].clone(), good[2].clone()];
    assert_eq!(setting.judge(&repeated), [Ok(()), no(2), Ok(())]);
}

#[test]
fn errors_of_two_trustees_that_cancel_in_a_plain_sum_are_found() {
    let setting = Setting::new();
    let good: Vec<_> = (1..=3).map(|t| setting.bytes(t)).collect();
    let error = RistrettoPoint::mul_base(&random_scalar(&mut OsRng));
    let bad = [moved(&good[0], 5, &error), good[1].clone(), moved(&good[2], 5, &-error)];
    let no = |trustee| Err(DecryptionError::False { trustee: TrusteeIndex(trustee) });
    assert_eq!(setting.judge(&bad), [no(1), Ok(()), no(3)]);
    // T, U and z of two proofs, moved against each other.
    let tail = good[0].len() - 96;
    for part in [0, 32] {
        let shift = |bytes: &[u8], by: RistrettoPoint| {
            let mut bytes = bytes.to_vec();
            let slot = &mut bytes[tail + part..tail + part + 32];
            let point = CompressedRistretto::from_slice(slot).unwrap().decompress().unwrap();
            slot.copy_from_slice((point + by).compress().as_bytes());
            bytes
        };
        let bad = [shift(&good[0], error), shift(&good[1], -error), good[2].clone()];
        assert_eq!(setting.judge(&bad), [no(1), no(2), Ok(())]);
    }
}

#[test]
fn factors_of_another_shape_or_trustee_stop_nobody_elses() {
    let setting = Setting::new();
    let good: Vec<_> = (1..=3).map(|t| setting.bytes(t)).collect();
    let read = |t: u16| PartialDecryption::from_bytes(&good[usize::from(t) - 1], N, WIDTH).unwrap();
    let shorter = CiphertextList::from_bytes(
        &[&(N as u32 - 1).to_be_bytes()[..], &(WIDTH as u16).to_be_bytes(), &setting.list.bytes()[6 + 64 * WIDTH..]]
            .concat(),
        N - 1,
        WIDTH,
    )
    .unwrap();
    let one = PartialDecryption::make(&setting.context(2), &setting.shares[1], &shorter, &mut OsRng).unwrap();
    let parts = [(setting.context(1), read(1)), (setting.context(2), one), (setting.context(4), read(3))];
    let verdicts: Vec<_> = verify_each(&parts, &setting.list).into_iter().map(|v| v.map(|_| ())).collect();
    let count = DecryptionError::Count { trustee: TrusteeIndex(2), found: (N - 1) * WIDTH, expected: N * WIDTH };
    assert_eq!(verdicts, [Ok(()), Err(count), Err(DecryptionError::Trustee(TrusteeIndex(4)))]);
    // Another list, election or contest.
    let elsewhere = DecryptionContext { contest: ContestIndex(1), ..setting.context(1) };
    let other = ElectionId([8; 32]);
    let foreign = DecryptionContext { election: &other, ..setting.context(2) };
    let parts = [(elsewhere, read(1)), (foreign, read(2)), (setting.context(3), read(3))];
    let verdicts: Vec<_> = verify_each(&parts, &setting.list).into_iter().map(|v| v.is_ok()).collect();
    assert_eq!(verdicts, [false, false, true]);
}

#[test]
fn factors_are_read_for_the_list_that_they_are_of_and_no_other_shape() {
    let setting = Setting::new();
    let good = setting.bytes(1);
    PartialDecryption::from_bytes(&good, N, WIDTH).unwrap();
    let refused = |bytes: &[u8], count: usize, width: usize| {
        matches!(PartialDecryption::from_bytes(bytes, count, width), Err(DecodeError::WrongCount { .. }))
    };
    assert!(refused(&good, N + 1, WIDTH) && refused(&good, N - 1, WIDTH));
    assert!(refused(&good, N, WIDTH + 1) && refused(&good, N, WIDTH - 1));
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(PartialDecryption::from_bytes(&longer, N, WIDTH), Err(DecodeError::Trailing { .. })));
    let mut no_point = good.clone();
    no_point[at(7)..at(8)].fill(0xff);
    assert!(matches!(PartialDecryption::from_bytes(&no_point, N, WIDTH), Err(DecodeError::BadPoint { .. })));
    // As many factors in another shape: neither read, nor taken for factors of the list.
    let reshaped = [&(2 * N as u32).to_be_bytes()[..], &1u16.to_be_bytes(), &good[6..]].concat();
    assert!(refused(&reshaped, N, WIDTH) && refused(&good, 2 * N, 1));
    let reshaped = PartialDecryption::from_bytes(&reshaped, 2 * N, 1).unwrap();
    let error = reshaped.verify(&setting.context(1), &setting.list).map(|_| ()).unwrap_err();
    assert!(matches!(error, DecryptionError::Count { .. }), "{error}");
    let widest = [&10u32.to_be_bytes()[..], &(MAX_WIDTH as u16).to_be_bytes(), &good[6..]].concat();
    assert!(MAX_WIDTH == 8 && PartialDecryption::from_bytes(&widest, 10, MAX_WIDTH).is_ok());
    // Shapes that no list has, before anything is read of them.
    let headed = |count: usize, width: usize| {
        [&(count as u32).to_be_bytes()[..], &(width as u16).to_be_bytes(), &good[6..]].concat()
    };
    for (count, width) in [(MAX_LIST + 1, 1), (N, 0), (1, MAX_WIDTH + 1)] {
        assert!(refused(&headed(count, width), count, width), "{count} of {width}");
    }
}

/// A list is combined from `t` different trustees' factors, all of them for it.
#[test]
fn too_few_too_many_or_foreign_factors_are_not_combined() {
    let setting = Setting::new();
    let layout = Layout::new(1 << 20).unwrap();
    let make = |list: &CiphertextList, t: u16| {
        let share = &setting.shares[usize::from(t) - 1];
        PartialDecryption::make(&setting.context(t), share, list, &mut OsRng).unwrap()
    };
    let other = setting.key.public_key().encrypt(&Scalar::ONE, &random_scalar(&mut OsRng));
    let other = CiphertextList::from_vectors(WIDTH, vec![[other; WIDTH]; N].iter().map(|v| &v[..])).unwrap();
    let parts: Vec<_> = (1..=3).map(|t| make(&setting.list, t)).collect();
    let foreign = make(&other, 2);
    let of = |t: u16| parts[usize::from(t) - 1].verify(&setting.context(t), &setting.list).unwrap();
    let combine = |decryptions: &[_]| DecryptedVotes::combine(&setting.key, layout, &setting.list, decryptions);
    for pair in [[1, 2], [3, 1]] {
        let votes = combine(&pair.map(of)).unwrap();
        let numbers: Vec<_> = (0..N as u128).map(|i| Some(i + ((2 * i) << 16)).filter(|n| *n < 1 << 20)).collect();
        assert_eq!((votes.numbers(), votes.list()), (&numbers[..], setting.list.digest()));
        assert!(votes.trustees().len() == 2 && votes.trustees()[0] < votes.trustees()[1]);
    }
    let refused = |decryptions: &[_], found: usize| {
        assert_eq!(combine(decryptions), Err(DecryptionError::Threshold { found, expected: 2 }));
    };
    refused(&[], 0);
    refused(&[of(1)], 1);
    refused(&[of(1), of(2), of(3)], 3);
    refused(&[of(1), of(1)], 1);
    refused(&[of(1), of(1), of(2)], 2);
    refused(&[of(1), foreign.verify(&setting.context(2), &other).unwrap()], 2);
}

/// So many vectors that they are combined in several pieces, each of which has its own place among the factors.
#[test]
fn every_vote_of_a_long_list_is_found_in_its_place() {
    const VOTES: u64 = 800;
    let (key, shares) = trustees();
    let one = |i: u64| [key.public_key().encrypt(&Scalar::from(i), &random_scalar(&mut OsRng))];
    let vectors: Vec<[Ciphertext; 1]> = (0..VOTES).map(one).collect();
    let list = CiphertextList::from_vectors(1, vectors.iter().map(|v| &v[..])).unwrap();
    let contexts = [1, 3].map(|t| {
        let (joint_key, contest, trustee) = (&key, ContestIndex(0), TrusteeIndex(t));
        DecryptionContext { election: &ELECTION, joint_key, contest, trustee }
    });
    let parts: Vec<_> = contexts
        .iter()
        .zip([&shares[0], &shares[2]])
        .map(|(ctx, share)| PartialDecryption::make(ctx, share, &list, &mut OsRng).unwrap())
        .collect();
    let verified: Vec<_> = parts.iter().zip(&contexts).map(|(part, ctx)| part.verify(ctx, &list).unwrap()).collect();
    let layout = Layout::new(VOTES.into()).unwrap();
    let votes = DecryptedVotes::combine(&key, layout, &list, &verified).unwrap();
    assert!(votes.numbers().iter().copied().eq((0..VOTES).map(|i| Some(i.into()))));
}
