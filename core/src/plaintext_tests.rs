use super::*;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use rand::rngs::OsRng;

fn key() -> PublicKey {
    PublicKey::new(RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng)).unwrap()
}

fn context<'a>(election: &'a ElectionId, key: &'a PublicKey, space: u128) -> ContestContext<'a> {
    ContestContext {
        election,
        joint_key: key,
        voter: VoterId([7; 16]),
        style: StyleIndex(2),
        contest: ContestIndex(3),
        layout: Layout::new(space).unwrap(),
    }
}

const ELECTION: ElectionId = ElectionId([1; 32]);

#[test]
fn layouts_use_the_smallest_proof() {
    for (space, width, bits) in [
        (1, 1, 8),
        (256, 1, 8),
        (257, 1, 16),
        (1 << 16, 1, 16),
        ((1 << 16) + 1, 2, 16),
        (1 << 32, 2, 16),
        (u128::MAX, 8, 16),
    ] {
        let layout = Layout::new(space).unwrap();
        assert_eq!((layout.width, layout.bits), (width, bits), "space {space}");
        let largest = layout.limbs(space - 1);
        assert_eq!(layout.number(&largest), Some(space - 1));
    }
    assert!(Layout::new(0).is_none());
    assert_eq!(Layout::new(10).unwrap().number(&[10]), None);
    assert_eq!(Layout::new(1 << 20).unwrap().number(&[0x1_0000, 0]), None);
}

#[test]
fn every_edge_choice_proves_and_reads_back() {
    let key = key();
    for space in [1, 2, 255, 256, 257, 65_536, 65_537, 1 << 32, (1 << 33) + 5, 1 << 64, u128::MAX] {
        let ctx = context(&ELECTION, &key, space);
        for number in [0, space / 2, space - 1] {
            let contest = EncryptedContest::encrypt(&ctx, number, &mut OsRng).unwrap();
            contest.verify(&ctx).unwrap();
            assert_eq!(EncryptedContest::from_bytes(&contest.to_bytes()).unwrap(), contest);
            assert_eq!(contest.to_bytes().len(), ctx.layout.contest_len());
        }
        assert!(matches!(EncryptedContest::encrypt(&ctx, space, &mut OsRng), Err(ContestError::OutOfSpace { .. })));
    }
}

#[test]
fn the_wrong_context_is_refused() {
    let (key, other_key) = (key(), key());
    let other_election = ElectionId([2; 32]);
    let ctx = context(&ELECTION, &key, 300);
    let contest = EncryptedContest::encrypt(&ctx, 17, &mut OsRng).unwrap();
    contest.verify(&ctx).unwrap();
    for wrong in [
        ContestContext { election: &other_election, ..ctx },
        ContestContext { joint_key: &other_key, ..ctx },
        ContestContext { voter: VoterId([8; 16]), ..ctx },
        ContestContext { style: StyleIndex(1), ..ctx },
        ContestContext { contest: ContestIndex(4), ..ctx },
        ContestContext { layout: Layout::new(301).unwrap(), ..ctx },
        ContestContext { layout: Layout::new(20).unwrap(), ..ctx },
        ContestContext { layout: Layout::new(1 << 20).unwrap(), ..ctx },
    ] {
        assert!(contest.verify(&wrong).is_err(), "{wrong:?}");
    }
}

/// A voter who knows the code and lies: every message honest except that m = M, or that the limbs are out of range.
#[test]
fn a_forged_choice_outside_the_space_is_refused() {
    let key = key();
    for (space, m, d) in [
        (200u128, vec![200u64], vec![0u64]),       // m = M; d would be −1
        (200, vec![201], vec![255]),               // −2 mod 2^8
        (200, vec![256], vec![0]),                 // more than the proof's bits
        (1 << 20, vec![0, 16], vec![0xffff, 0]),   // m = M in two limbs
        (1 << 20, vec![0x1_0000, 3], vec![0, 12]), // a limb too large
    ] {
        let ctx = context(&ELECTION, &key, space);
        let w = ctx.layout.width;
        let r = SecretScalars((0..w).map(|_| random_scalar(&mut OsRng)).collect());
        let mut s = SecretScalars((0..w).map(|_| random_scalar(&mut OsRng)).collect());
        s.0[0] = (0..w).map(|i| -place(i) * r.0[i]).sum::<Scalar>() - (1..w).map(|i| place(i) * s.0[i]).sum::<Scalar>();
        let ciphertexts: Vec<_> = m.iter().zip(&r.0).map(|(m, r)| key.encrypt(&Scalar::from(*m), r)).collect();
        // D_0 is what completes the sum (BALLOT-3), whatever the limbs say.
        let mut complements: Vec<_> = (0..w).map(|i| key.commit(&Scalar::from(d[i]), &s.0[i])).collect();
        let both = ciphertexts.iter().zip(&complements).enumerate();
        let sum: RistrettoPoint = both.map(|(i, (c, d)): (_, (&Ciphertext, _))| place(i) * (c.c + d)).sum();
        complements[0] += Scalar::from(space - 1) * RISTRETTO_BASEPOINT_POINT - sum;
        let forged = EncryptedContest::prove(&ctx, &ciphertexts, &complements, &m, &d, &r, &s, &mut OsRng);
        assert_eq!(forged.verify(&ctx), Err(ContestError::Range), "space {space}, m {m:?}");
    }
}

/// A voter whose R does not belong to C: the plaintext would come out as noise at the count.
#[test]
fn a_ciphertext_whose_halves_do_not_match_is_refused() {
    let key = key();
    let ctx = context(&ELECTION, &key, 10);
    let (r, other) = (random_scalar(&mut OsRng), random_scalar(&mut OsRng));
    let mut ciphertext = key.encrypt(&Scalar::from(4u64), &r);
    ciphertext.r = key.encrypt_zero(&other).r;
    let forged = EncryptedContest::prove(
        &ctx,
        &[ciphertext],
        &[key.commit(&Scalar::from(5u64), &-r)],
        &[4],
        &[5],
        &SecretScalars(vec![r]),
        &SecretScalars(vec![-r]),
        &mut OsRng,
    );
    assert_eq!(forged.verify(&ctx), Err(ContestError::Knowledge));
}

#[test]
fn every_byte_matters() {
    let key = key();
    for space in [100, 1 << 20] {
        let ctx = context(&ELECTION, &key, space);
        let bytes = EncryptedContest::encrypt(&ctx, 42, &mut OsRng).unwrap().to_bytes();
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1 << (at % 8);
            if let Ok(contest) = EncryptedContest::from_bytes(&bad) {
                // The contest number alone is not used here: the ballot compares it with the style (BAL-4).
                assert!(at < 2 || contest.verify(&ctx).is_err(), "byte {at}");
            }
        }
        for at in 0..bytes.len() {
            assert!(EncryptedContest::from_bytes(&bytes[..at]).is_err());
        }
    }
}

#[test]
fn missing_and_extra_parts_are_refused() {
    let key = key();
    let ctx = context(&ELECTION, &key, 1 << 20);
    let good = EncryptedContest::encrypt(&ctx, 42, &mut OsRng).unwrap();
    type Change = fn(&mut EncryptedContest);
    let changes: [Change; 7] = [
        |c| c.ciphertexts.clear(),
        |c| c.ciphertexts.truncate(1),
        |c| c.complements.clear(),
        |c| c.complements.push(CompressedRistretto::identity()),
        |c| c.knowledge.clear(),
        |c| c.knowledge.push(c.knowledge[0].clone()),
        |c| c.range.extend_from_slice(&[0; 64]),
    ];
    for change in changes {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(matches!(bad.verify(&ctx), Err(ContestError::Shape { .. })));
    }
    let mut swapped = good.clone();
    swapped.ciphertexts.swap(0, 1);
    assert!(swapped.verify(&ctx).is_err());
}

/// Errors of two equations that have one weight could cancel: of a proof's 2w + 3 equations and of several proofs', each has its own.
#[test]
fn every_equation_of_every_proof_has_a_weight_of_its_own() {
    let key = key();
    for (space, proofs) in [(200, 1), (200, 3), (1 << 16, 2), ((1 << 33) + 5, 1), (1 << 64, 2)] {
        let ctx = context(&ELECTION, &key, space);
        let w = ctx.layout.width;
        let contests: Vec<_> =
            (0..proofs).map(|i| EncryptedContest::encrypt(&ctx, i as u128, &mut OsRng).unwrap()).collect();
        let read: Vec<_> = contests.iter().map(|contest| contest.read(&ctx).unwrap()).collect();
        let weights = || ProtocolTranscript::weights(&mut Transcript::new(b"weights"), b"test");
        let mut sum = Sum::new(weights());
        describe_all(&key, &read, &mut sum);
        // Equation by equation, each for every proof.
        let drawn: Vec<Scalar> = weights().take((2 * w + 3) * proofs).collect();
        let weight = |equation: usize, proof: usize| drawn[equation * proofs + proof];
        let per_proof = sum.encoded_scalars().len() / proofs;
        let challenges = challenges(Backend::active(), &read);
        for (l, terms) in sum.encoded_scalars().chunks(per_proof).enumerate() {
            let (e, z, x) = (challenges[l][0], challenges[l][2], challenges[l][3]);
            let (range, range_t, in_sum) = (weight(2 * w, l), weight(2 * w + 1, l), weight(2 * w + 2, l));
            // z²·z^j for the commitment at j: all C, then all D.
            let committed: Vec<_> = std::iter::successors(Some(z * z), |power| Some(power * z)).take(2 * w).collect();
            for i in 0..w {
                let of_c = weight(2 * i + 1, l) * e + in_sum * place(i) + range_t * committed[i];
                let of_d = in_sum * place(i) + range_t * committed[w + i];
                let expected = [weight(2 * i, l), weight(2 * i + 1, l), weight(2 * i, l) * e, of_c, of_d];
                assert_eq!(terms[5 * i..5 * (i + 1)], expected, "limb {i} of proof {l} over {space}");
            }
            // A, S, T_1 and T_2 of the range proof.
            let expected = [range, range * x, range_t * x, range_t * x * x];
            assert_eq!(terms[5 * w..5 * w + 4], expected, "range proof {l} over {space}");
        }
    }
}
