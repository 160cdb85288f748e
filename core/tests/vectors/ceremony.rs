//! The key ceremony of three trustees, two of whom decrypt, with a complaint, and a list decrypted with its key.

use super::blocks::{point, scalar};
use super::{bytes, rng, ELECTION};
use selge_core::ceremony::{
    CeremonyContext, Commitments, Complaint, DealerSecret, JointKey, Round1, Shares, TrusteeShare,
};
use selge_core::codec::{Decode, Encode};
use selge_core::decryption::{DecryptedVotes, DecryptionContext, DecryptionError, PartialDecryption};
use selge_core::elgamal::{Ciphertext, CiphertextList};
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, TrusteeIndex};
use selge_core::plaintext::Layout;
use serde_json::{json, Value};

const CONTEXT: CeremonyContext<'static> = CeremonyContext { election: &ELECTION, trustees: 3, threshold: 2 };

pub(crate) fn trustees() -> impl Iterator<Item = TrusteeIndex> {
    (1..=3).map(TrusteeIndex)
}

/// Encrypted shares cannot be made anew: the stored ones are verified, or new ones made where none are stored.
fn shares(round1: &Round1, secrets: &[DealerSecret], stored: Option<&Value>) -> Vec<Shares> {
    let made = trustees().zip(secrets).map(|(i, secret)| match stored {
        Some(stored) => Shares::from_bytes(&bytes(stored, &format!("/shares/{}", i.0 - 1))).unwrap(),
        None => round1.deal(&CONTEXT, i, secret).unwrap(),
    });
    made.collect()
}

fn complaints(round1: &Round1, secrets: &[DealerSecret], shares: &[Shares]) -> Value {
    let (dealer, accuser) = (TrusteeIndex(1), TrusteeIndex(3));
    let complaint = round1.complain(accuser, dealer, &secrets[2]);
    assert_eq!(Complaint::from_bytes(&complaint.to_bytes()).unwrap(), complaint);
    // The last byte belongs to the share for trustee 3.
    let mut garbled = shares[0].to_bytes();
    *garbled.last_mut().unwrap() ^= 1;
    let judge = |shares: &Shares| round1.judge(&CONTEXT, shares, &complaint).unwrap();
    let (wrong, right) = (judge(&Shares::from_bytes(&garbled).unwrap()), judge(&shares[0]));
    assert_eq!((wrong, right), (dealer, accuser));
    json!({
        "complaint": hex::encode(complaint.to_bytes()),
        "garbled_shares": hex::encode(garbled),
        "at_fault_for_garbled_shares": wrong,
        "at_fault_for_shares_of_trustee_1": right,
    })
}

fn decryption(key: &JointKey, shares: &[TrusteeShare]) -> Value {
    let mut rng = rng("decryption");
    let layout = Layout::new(70_000).unwrap();
    let numbers = [0u128, 66_000, 69_999];
    let vectors: Vec<Vec<Ciphertext>> = numbers
        .iter()
        .map(|n| {
            let limbs = [n & 0xffff, n >> 16];
            limbs.iter().map(|m| key.public_key().encrypt(&(*m).into(), &random_scalar(&mut rng))).collect()
        })
        .collect();
    let list = CiphertextList::from_vectors(2, vectors.iter().map(Vec::as_slice)).unwrap();
    let context =
        |trustee| DecryptionContext { election: &ELECTION, joint_key: key, contest: ContestIndex(2), trustee };
    let made: Vec<(TrusteeIndex, Vec<u8>)> = trustees()
        .zip(shares)
        .map(|(i, share)| (i, PartialDecryption::make(&context(i), share, &list, &mut rng).unwrap().to_bytes()))
        .collect();
    let foreign = PartialDecryption::make(&context(TrusteeIndex(1)), &shares[1], &list, &mut rng);
    assert_eq!(foreign, Err(DecryptionError::ForeignShare { trustee: TrusteeIndex(1) }));
    let read: Vec<_> =
        made.iter().map(|(i, bytes)| (*i, PartialDecryption::from_bytes(bytes, 3, 2).unwrap())).collect();
    let verified: Vec<_> = read.iter().map(|(i, d)| d.verify(&context(*i), &list).unwrap()).collect();
    for pair in [[0, 1], [0, 2], [1, 2]] {
        let pair = pair.map(|i| verified[i].clone());
        let votes = DecryptedVotes::combine(key, layout, &list, &pair).unwrap();
        assert_eq!(votes.numbers(), numbers.map(Some));
    }
    json!({
        "contest": 2, "space": "70000", "count": 3, "width": 2,
        "list": hex::encode(list.to_bytes()), "numbers": numbers.map(|n| n.to_string()),
        "factors": made.iter().map(|(i, b)| json!({"trustee": i, "bytes": hex::encode(b)})).collect::<Vec<_>>(),
    })
}

pub(crate) fn ceremony(stored: Option<&Value>) -> Value {
    let mut rng = rng("ceremony");
    let (secrets, commitments): (Vec<_>, Vec<_>) = trustees().map(|i| Commitments::make(&CONTEXT, i, &mut rng)).unzip();
    let round1 = Round1::new(&CONTEXT, &commitments).unwrap();
    let key = round1.joint_key(&CONTEXT).unwrap();
    let messages = shares(&round1, &secrets, stored);
    let shares: Vec<TrusteeShare> =
        trustees().zip(&secrets).map(|(i, secret)| round1.receive(&CONTEXT, i, secret, &messages).unwrap()).collect();
    for (i, share) in trustees().zip(&shares) {
        assert_eq!(Some(&share.public()), key.share_key(i));
    }
    json!({
        "election": ELECTION, "trustees": 3, "threshold": 2,
        // Transport secret, count and coefficients: test data, so that a reader can follow every step.
        "dealer_secrets": secrets.iter().map(|s| hex::encode(&*s.expose_bytes())).collect::<Vec<_>>(),
        "round1": commitments.iter().map(|m| hex::encode(m.to_bytes())).collect::<Vec<_>>(),
        "round1_digest": round1.digest(),
        "joint_key": point(key.public_key().point()),
        "share_keys": trustees().map(|i| point(key.share_key(i).unwrap())).collect::<Vec<_>>(),
        "shares": messages.iter().map(|m| hex::encode(m.to_bytes())).collect::<Vec<_>>(),
        "trustee_shares": shares.iter().map(|s| scalar(s.secret())).collect::<Vec<_>>(),
        "complaints": complaints(&round1, &secrets, &messages),
        "decryption": decryption(&key, &shares),
    })
}
