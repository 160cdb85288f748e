//! The key ceremony, recomputed from its messages alone.

use super::board::Board;
use super::{blame, names, Audit};
use crate::checks::{COMMITMENTS, CONFIRMATIONS, JOINT_KEY};
use selge_core::ceremony::{Commitments, Round1, Shares};
use selge_core::codec::Encode;
use selge_core::election::Election;
use selge_core::entry::{Confirmation, EntryBody};
use selge_core::ids::{Digest, TrusteeIndex};
use std::collections::BTreeMap;

#[derive(Default)]
struct Messages<'a> {
    commitments: BTreeMap<TrusteeIndex, &'a Commitments>,
    shares: BTreeMap<TrusteeIndex, &'a Shares>,
    confirmations: BTreeMap<TrusteeIndex, &'a Confirmation>,
}

impl<'a> Messages<'a> {
    fn new(bodies: &'a [EntryBody]) -> Self {
        let mut messages = Messages::default();
        for body in bodies {
            match body {
                EntryBody::Commitments(m) => drop(messages.commitments.insert(m.trustee, m)),
                EntryBody::Shares(m) => drop(messages.shares.insert(m.trustee, m)),
                EntryBody::Confirmation(m) => drop(messages.confirmations.insert(m.trustee, m)),
                _ => {}
            }
        }
        messages
    }

    /// `KEY-7`: the digest that every confirmation must name.
    fn digest(&self) -> Digest {
        let mut bytes = Vec::new();
        self.commitments.values().for_each(|m| m.encode(&mut bytes));
        self.shares.values().for_each(|m| m.encode(&mut bytes));
        Digest::of(&bytes)
    }
}

impl Audit<'_> {
    pub(super) fn ceremony(&mut self, board: &Board, state: &Election) {
        let from = self.ledger.now();
        self.recompute(board, state);
        self.ledger.took(JOINT_KEY, from);
    }

    fn recompute(&mut self, board: &Board, state: &Election) {
        let manifest = &board.manifest;
        let trustees = manifest.trustees() as u64;
        let messages = Messages::new(&board.ceremony);
        if let Some(culprit) = state.culprit() {
            let problem = "a complaint shows that this trustee dealt a wrong share or accused falsely: the ceremony \
                           ended, and the election must be prepared anew";
            self.ledger.fail(CONFIRMATIONS, names::trustee(manifest, culprit), problem);
        }
        let ctx = state.ceremony();
        let right = messages.commitments.values().filter(|m| m.verify(&ctx).is_ok()).count() as u64;
        self.ledger.count(COMMITMENTS, "commitments", right, trustees);
        self.ledger.count(CONFIRMATIONS, "share messages", messages.shares.len() as u64, trustees);
        self.ledger.end(COMMITMENTS);
        for trustee in (1..=manifest.trustees()).filter_map(|i| u16::try_from(i).ok()).map(TrusteeIndex) {
            let name = names::trustee(manifest, trustee);
            if !messages.commitments.contains_key(&trustee) {
                self.ledger.lack(COMMITMENTS, name.clone());
            }
            if !messages.confirmations.contains_key(&trustee) {
                self.ledger.lack(CONFIRMATIONS, name);
            }
        }
        if right < trustees {
            self.ledger.count(CONFIRMATIONS, "confirmations", 0, trustees);
            return;
        }
        let commitments: Vec<_> = messages.commitments.values().map(|m| (*m).clone()).collect();
        let key = match Round1::new(&ctx, &commitments).and_then(|round1| round1.joint_key(&ctx)) {
            Ok(key) => key,
            Err(error) => {
                self.ledger.fail(JOINT_KEY, blame::with_collector(manifest, "the trustees"), error);
                return;
            }
        };
        let digest = messages.digest();
        for (trustee, m) in &messages.confirmations {
            let right = m.ceremony == digest && m.joint_key == *key.public_key().point();
            self.ledger.count(CONFIRMATIONS, "confirmations", right.into(), 0);
            if !right {
                let name = blame::with_collector(manifest, &names::trustee(manifest, *trustee));
                self.ledger.fail(CONFIRMATIONS, name, "the confirmation is not of this ceremony's messages and key");
            }
        }
        self.ledger.count(CONFIRMATIONS, "confirmations", 0, trustees);
        self.ledger.end(CONFIRMATIONS);
        let Some(opening) = state.opening() else {
            self.ledger.lack(JOINT_KEY, "the opening, which names the key that ballots are encrypted under");
            return;
        };
        let same = opening.joint_key == *key.public_key().point()
            && state.joint_key().is_some_and(|of| of.public_key() == key.public_key());
        self.ledger.count(JOINT_KEY, "key", same.into(), 1);
        self.ledger.end(JOINT_KEY);
        if !same {
            let culprit = blame::with_collector(manifest, &names::commission(manifest));
            self.ledger.fail(JOINT_KEY, culprit, "the opening names another joint key");
        }
    }
}
