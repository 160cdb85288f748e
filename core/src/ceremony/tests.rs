use super::*;
use crate::codec::Decode;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use rand::rngs::OsRng;

const ELECTION: ElectionId = ElectionId([3; 32]);

fn ctx(n: usize, t: usize) -> CeremonyContext<'static> {
    CeremonyContext { election: &ELECTION, trustees: n, threshold: t }
}

struct Held {
    secrets: Vec<DealerSecret>,
    commitments: Vec<Commitments>,
    round1: Round1,
    shares: Vec<Shares>,
}

fn hold(n: usize, t: usize) -> Held {
    let ctx = ctx(n, t);
    let (secrets, commitments): (Vec<_>, Vec<_>) =
        all_trustees(&ctx).map(|i| Commitments::make(&ctx, i, &mut OsRng)).unzip();
    let round1 = Round1::new(&ctx, &commitments).unwrap();
    let shares = all_trustees(&ctx).zip(&secrets).map(|(i, s)| round1.deal(&ctx, i, s).unwrap()).collect();
    Held { secrets, commitments, round1, shares }
}

#[test]
fn every_subset_of_t_shares_makes_the_joint_secret() {
    for (n, t) in [(1, 1), (3, 2), (5, 3)] {
        let ctx = ctx(n, t);
        let held = hold(n, t);
        let key = held.round1.joint_key(&ctx).unwrap();
        let shares: Vec<TrusteeShare> = all_trustees(&ctx)
            .zip(&held.secrets)
            .map(|(i, s)| held.round1.receive(&ctx, i, s, &held.shares).unwrap())
            .collect();
        for (i, share) in all_trustees(&ctx).zip(&shares) {
            assert_eq!(Some(&share.public()), key.share_key(i));
        }
        for mask in 0u32..1 << n {
            let subset: Vec<_> = all_trustees(&ctx).filter(|i| mask >> (i.0 - 1) & 1 == 1).collect();
            let secret: Scalar =
                subset.iter().map(|i| lagrange_at_zero(*i, &subset) * shares[usize::from(i.0) - 1].secret()).sum();
            let matches = RISTRETTO_BASEPOINT_POINT * secret == *key.public_key().point();
            assert_eq!(matches, subset.len() >= t, "{subset:?} of {t}-of-{n}");
        }
    }
}

#[test]
fn commitments_are_bound_to_election_trustee_and_content() {
    let ctx = ctx(3, 2);
    let held = hold(3, 2);
    let good = &held.commitments[0];
    good.verify(&ctx).unwrap();
    let other = ElectionId([4; 32]);
    assert!(good.verify(&CeremonyContext { election: &other, ..ctx }).is_err());
    assert!(good.verify(&CeremonyContext { threshold: 3, ..ctx }).is_err());
    assert!(good.verify(&CeremonyContext { threshold: 1, ..ctx }).is_err());
    let bytes = good.to_bytes();
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        if let Ok(bad) = Commitments::from_bytes(&bad) {
            assert!(bad.verify(&ctx).is_err(), "byte {at}");
        }
    }
    let (_, stranger) = Commitments::make(&ctx, TrusteeIndex(4), &mut OsRng);
    assert_eq!(stranger.verify(&ctx), Err(CeremonyError::Trustee(TrusteeIndex(4))));
    let (_, nobody) = Commitments::make(&ctx, TrusteeIndex(0), &mut OsRng);
    assert!(nobody.verify(&ctx).is_err());
    let twice = [held.commitments[0].clone(), held.commitments[0].clone(), held.commitments[1].clone()];
    let messages = |trustee, found| CeremonyError::Count {
        trustee: TrusteeIndex(trustee),
        what: "commitment messages",
        found,
        expected: 1,
    };
    assert_eq!(Round1::new(&ctx, &twice).unwrap_err(), messages(1, 2));
    assert_eq!(Round1::new(&ctx, &held.commitments[..2]).unwrap_err(), messages(3, 0));
    let mut unproven = held.commitments.clone();
    unproven[1].z += Scalar::ONE;
    assert_eq!(Round1::new(&ctx, &unproven).unwrap_err(), CeremonyError::Possession(TrusteeIndex(2)));
}

/// Its possession is easily proven, and it adds nothing to the joint key.
#[test]
fn a_commitment_to_nothing_is_refused() {
    let ctx = ctx(2, 2);
    let (_, mut empty) = Commitments::make(&ctx, TrusteeIndex(1), &mut OsRng);
    empty.coefficients[0] = RistrettoPoint::default();
    let nonce = random_scalar(&mut OsRng);
    empty.t = RISTRETTO_BASEPOINT_TABLE * &nonce;
    empty.z = nonce;
    assert_eq!(empty.verify(&ctx), Err(CeremonyError::Possession(TrusteeIndex(1))));
}

/// The last to speak chooses its commitment so that the joint key is one whose secret it knows.
#[test]
fn a_key_that_cancels_the_others_is_refused() {
    let ctx = ctx(2, 1);
    let (_, honest) = Commitments::make(&ctx, TrusteeIndex(1), &mut OsRng);
    let (secret, mut rogue) = Commitments::make(&ctx, TrusteeIndex(2), &mut OsRng);
    rogue.coefficients[0] -= honest.coefficients[0];
    let c = possession(&ctx, rogue.trustee, &rogue.transport, &rogue.coefficients, &rogue.t);
    rogue.z += c * secret.coefficients[0];
    assert_eq!(rogue.verify(&ctx), Err(CeremonyError::Possession(TrusteeIndex(2))));
}

#[test]
fn a_transport_key_of_low_order_is_refused() {
    let ctx = ctx(2, 1);
    let (secret, mut bad) = Commitments::make(&ctx, TrusteeIndex(1), &mut OsRng);
    bad.transport = [0; 32];
    let nonce = random_scalar(&mut OsRng);
    bad.t = RISTRETTO_BASEPOINT_TABLE * &nonce;
    bad.z = nonce + possession(&ctx, bad.trustee, &bad.transport, &bad.coefficients, &bad.t) * secret.coefficients[0];
    assert_eq!(bad.verify(&ctx), Err(CeremonyError::TransportKey(TrusteeIndex(1))));
}

#[test]
fn a_wrong_share_names_the_dealer_and_a_false_complaint_the_accuser() {
    let ctx = ctx(3, 2);
    let held = hold(3, 2);
    let (dealer, victim) = (TrusteeIndex(1), TrusteeIndex(3));
    // The dealer encrypts a wrong value, correctly, to trustee 3.
    let mut wrong = held.shares[0].clone();
    wrong.sealed[1] = held.round1.seal(&ctx, dealer, victim, &Scalar::from(5u64).to_bytes()).unwrap();
    let mut messages = held.shares.clone();
    messages[0] = wrong.clone();
    let error = held.round1.receive(&ctx, victim, &held.secrets[2], &messages).unwrap_err();
    assert_eq!(error, CeremonyError::WrongShare { dealer, receiver: victim });
    let complaint = held.round1.complain(victim, dealer, &held.secrets[2]);
    assert_eq!(Complaint::from_bytes(&complaint.to_bytes()).unwrap(), complaint);
    assert_eq!(held.round1.judge(&ctx, &wrong, &complaint), Ok(dealer));
    // The others see nothing wrong.
    held.round1.receive(&ctx, TrusteeIndex(2), &held.secrets[1], &messages).unwrap();
    // The same complaint about an honest message falls back on the accuser.
    assert_eq!(held.round1.judge(&ctx, &held.shares[0], &complaint), Ok(victim));
    // A complaint with somebody else's secret is no complaint.
    let foreign = held.round1.complain(victim, dealer, &held.secrets[1]);
    assert_eq!(held.round1.judge(&ctx, &wrong, &foreign), Err(CeremonyError::ForeignComplaint(victim)));
    // A complaint about a dealer is judged by that dealer's shares, nobody complains about itself, and only trustees do.
    assert_eq!(held.round1.judge(&ctx, &held.shares[1], &complaint), Err(CeremonyError::ForeignComplaint(victim)));
    let own = held.round1.complain(dealer, dealer, &held.secrets[0]);
    assert_eq!(held.round1.judge(&ctx, &wrong, &own), Err(CeremonyError::ForeignComplaint(dealer)));
    for nobody in [TrusteeIndex(0), TrusteeIndex(4)] {
        let strange = Complaint { trustee: nobody, ..complaint.clone() };
        assert_eq!(held.round1.judge(&ctx, &wrong, &strange), Err(CeremonyError::Trustee(nobody)));
    }
    // A share garbled in transit, or one that is not a reduced scalar, is the dealer's fault too.
    let mut garbled = held.shares[0].clone();
    garbled.sealed[1].ciphertext[0] ^= 1;
    assert_eq!(held.round1.judge(&ctx, &garbled, &complaint), Ok(dealer));
    let mut unreduced = held.shares[0].clone();
    unreduced.sealed[1] = held.round1.seal(&ctx, dealer, victim, &[0xff; 32]).unwrap();
    assert_eq!(held.round1.judge(&ctx, &unreduced, &complaint), Ok(dealer));
}

#[test]
fn messages_of_the_wrong_shape_are_refused() {
    let ctx = ctx(3, 2);
    let held = hold(3, 2);
    let mut few = held.shares[0].clone();
    few.sealed.pop();
    assert!(few.check_shape(&ctx).is_err());
    let complaint = held.round1.complain(TrusteeIndex(2), TrusteeIndex(1), &held.secrets[1]);
    assert!(held.round1.judge(&ctx, &few, &complaint).is_err());
    let nobody = Shares { trustee: TrusteeIndex(0), ..held.shares[0].clone() };
    let about_nobody = Complaint { dealer: TrusteeIndex(0), ..complaint };
    assert_eq!(held.round1.judge(&ctx, &nobody, &about_nobody), Err(CeremonyError::Trustee(TrusteeIndex(0))));
    let receive = |of: usize, messages: &[Shares]| {
        held.round1.receive(&ctx, TrusteeIndex(2), &held.secrets[of], messages).map(|_| ()).unwrap_err()
    };
    assert_eq!(receive(0, &held.shares), CeremonyError::ForeignSecret(TrusteeIndex(2)));
    let count = |trustee, what, found, expected| CeremonyError::Count { trustee, what, found, expected };
    assert_eq!(receive(1, &held.shares[..2]), count(TrusteeIndex(3), "share messages", 0, 1));
    // More shares than there are others to have one, the receiver's among them and right.
    let mut many = held.shares.clone();
    let once_more = many[0].sealed[0].clone();
    many[0].sealed.push(once_more);
    assert_eq!(receive(1, &many), many[0].check_shape(&ctx).unwrap_err());
    assert!(held.round1.deal(&ctx, TrusteeIndex(2), &held.secrets[0]).is_err(), "foreign secret");
    let bytes = held.shares[0].to_bytes();
    assert_eq!(Shares::from_bytes(&bytes).unwrap(), held.shares[0]);
    assert!(Shares::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    let stored = held.secrets[0].expose_bytes();
    let again = DealerSecret::from_bytes(&stored).unwrap();
    held.round1.receive(&ctx, TrusteeIndex(1), &again, &held.shares).unwrap();
    assert_eq!(format!("{again:?}"), "DealerSecret(redacted)");
    assert!(DealerSecret::from_bytes(&[&stored[..], &[0]].concat()).is_err());
    assert!(DealerSecret::from_bytes(&stored[..stored.len() - 1]).is_err());
}
