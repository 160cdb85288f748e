//! The steps of an election, each as a honest board takes it.

use super::{smallest, town, Board, CLOSES};
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::codec::Encode;
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Cancellation, CancellationReason, Closing, Decryption, EntryBody, Mix};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, LeafHash, MixIndex, StyleIndex, TrusteeIndex};
use selge_core::outcome::ElectionResult;
use selge_core::rules::Choice;
use selge_core::shuffle::{shuffle, ShuffleContext};
use selge_core::tree::Tree;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Board {
    /// The whole town election: revotes, cancellations, a withheld contest.
    pub fn town() -> Board {
        let mut board = Board::town_voted();
        board.finish();
        board
    }

    /// The town election up to the last ballot: voters 0 to 10 vote (10 in the village), 0 and 1 again; 2 and 3 are
    /// cancelled.
    pub fn town_voted() -> Board {
        let mut board = Board::prepare(&town());
        for voter in 0..11 {
            board.vote(voter);
        }
        board.vote(0);
        board.cancel(2, CancellationReason::PaperVote);
        board.vote(1);
        board.vote(0);
        board.cancel(3, CancellationReason::Ineligible);
        board
    }

    /// Closing, mixes, decryptions, result.
    pub fn finish(&mut self) {
        self.finish_with(&[1, 3, 4]);
    }

    /// The same, decrypted by these trustees.
    pub fn finish_with(&mut self, trustees: &[u16]) {
        self.close();
        self.mix_all();
        self.decrypt_all(trustees);
        self.publish();
    }

    /// The smallest whole election.
    pub fn smallest() -> Board {
        let mut board = Board::prepare(&smallest());
        board.vote(0);
        board.vote(1);
        board.finish_with(&[1]);
        board
    }

    /// A voter's choices: different ones for different voters, and another at every revote.
    pub fn choices(&self, voter: usize) -> Vec<Choice> {
        let style = usize::from(self.style(voter).0);
        let salt = voter + self.entries.len();
        match (self.manifest.document().contests.len(), style) {
            (1, _) => vec![Choice::One(voter as u32 % self.manifest.document().contests[0].candidates.len() as u32)],
            (_, 0) => vec![
                if voter == 5 { Choice::Blank } else { Choice::One(salt as u32 % 3) },
                Choice::set([voter as u32, 16]),
                Choice::Ranking(vec![salt as u32 % 4, (salt as u32 + 1) % 4]),
            ],
            _ => vec![Choice::One(salt as u32 % 3), Choice::Ranking(vec![3, 0, 1]), Choice::One(1)],
        }
    }

    /// A voter's ballot style.
    pub fn style(&self, voter: usize) -> StyleIndex {
        self.roll.get(&self.keys.voters[voter].0).unwrap().style
    }

    /// The leaf that a voter's next ballot must name.
    pub fn previous(&self, voter: usize) -> LeafHash {
        self.newest.get(&self.keys.voters[voter].0).copied().unwrap_or(LeafHash::NONE)
    }

    /// A voter's next ballot.
    pub fn ballot(&self, voter: usize) -> EncryptedBallot {
        self.ballot_of(voter, &self.choices(voter))
    }

    /// A voter's next ballot, with these choices.
    pub fn ballot_of(&self, voter: usize, choices: &[Choice]) -> EncryptedBallot {
        let (id, previous) = (self.keys.voters[voter].0, self.previous(voter));
        let key = self.joint_key.public_key();
        EncryptedBallot::encrypt(&self.manifest, key, id, self.style(voter), previous, choices, &mut OsRng).unwrap()
    }

    /// Casts a ballot that this voter signs.
    pub fn cast(&mut self, voter: usize, ballot: EncryptedBallot) {
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Ballot(ballot), &keys.voters[voter].1);
        self.newest.insert(keys.voters[voter].0, self.entries.last().unwrap().leaf_hash());
    }

    /// Votes honestly.
    pub fn vote(&mut self, voter: usize) {
        self.cast(voter, self.ballot(voter));
    }

    /// Cancels a voter's ballots.
    pub fn cancel(&mut self, voter: usize, reason: CancellationReason) {
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Cancellation(Cancellation { voter: keys.voters[voter].0, reason }), &keys.commission);
    }

    /// Closes the board as it is; the lists to mix are those that count.
    pub fn close(&mut self) {
        let keys = Arc::clone(&self.keys);
        let tree = self.tree();
        self.post(EntryBody::Closing(Closing { time: CLOSES, size: tree.size(), root: tree.root() }), &keys.commission);
        let state = self.state();
        self.lists =
            state.counted().iter().filter(|s| !s.withheld()).map(|s| (s.contest(), Arc::clone(s.list()))).collect();
    }

    /// Makes the closing fit whatever is before it now: the commission colludes.
    pub fn close_again(&mut self) {
        let at = self.entries.iter().position(|e| matches!(e.body, EntryBody::Closing(_))).unwrap();
        let mut tree = Tree::new();
        self.entries[..at].iter().for_each(|e| tree.push(e.leaf_hash()));
        let closing = Closing { time: CLOSES, size: at as u64, root: tree.root() };
        self.entries[at] = EntryBody::Closing(closing).sign(self.manifest.id(), &self.keys.commission);
    }

    /// What a mix's proof is bound to.
    pub fn mix_context(&self, contest: ContestIndex, mix: u16) -> ShuffleContext<'_> {
        let (election, joint_key) = (self.manifest.id(), self.joint_key.public_key());
        ShuffleContext { election, joint_key, contest, mix: MixIndex(mix) }
    }

    /// Mixes one contest's newest list honestly.
    pub fn mix(&mut self, contest: ContestIndex, mix: u16) {
        let input = Arc::clone(&self.lists[&contest]);
        self.mix_as_if(contest, mix, &input.clone(), &input);
    }

    /// Shuffles `real` and says that the input was `claimed`.
    pub fn mix_as_if(
        &mut self,
        contest: ContestIndex,
        mix: u16,
        real: &Arc<CiphertextList>,
        claimed: &Arc<CiphertextList>,
    ) {
        let generators = Generators::new(real.len());
        let (output, proof) = shuffle(&self.mix_context(contest, mix), &generators, real, &mut OsRng).unwrap();
        let (output_file, proof_file) = (self.file(output.bytes().to_vec()), self.file(proof.to_bytes()));
        let body =
            Mix { contest, mix: MixIndex(mix), input: *claimed.digest(), output: output_file, proof: proof_file };
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Mix(body), &keys.mixes[usize::from(mix) - 1]);
        self.lists.insert(contest, output);
    }

    /// All mixes of all contests that are not withheld, honestly.
    pub fn mix_all(&mut self) {
        for contest in self.lists.keys().copied().collect::<Vec<_>>() {
            (1..=self.manifest.mixes() as u16).for_each(|mix| self.mix(contest, mix));
        }
    }

    /// Posts a trustee's factors, made and proven with the share of trustee `share`.
    pub fn decrypt(&mut self, contest: ContestIndex, trustee: u16, share: u16) {
        let list = Arc::clone(&self.lists[&contest]);
        let (election, joint_key) = (self.manifest.id(), &*self.joint_key);
        let ctx = DecryptionContext { election, joint_key, contest, trustee: TrusteeIndex(share) };
        let share = &self.shares[usize::from(share) - 1];
        let factors = PartialDecryption::make(&ctx, share, &list, &mut OsRng).unwrap();
        let factors = self.file(factors.to_bytes());
        let body = Decryption { trustee: TrusteeIndex(trustee), contest, input: *list.digest(), factors };
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Decryption(body), &keys.trustees[usize::from(trustee) - 1]);
    }

    /// All contests, honestly, by these trustees.
    pub fn decrypt_all(&mut self, trustees: &[u16]) {
        for contest in self.lists.keys().copied().collect::<Vec<_>>() {
            trustees.iter().for_each(|t| self.decrypt(contest, *t, *t));
        }
    }

    /// The result that the record gives, from each contest's first decryptions.
    pub fn compute(&self) -> ElectionResult {
        let state = self.state();
        let mut votes = BTreeMap::new();
        for (contest, list) in &self.lists {
            let posted = state.decryptions(*contest);
            let factors: Vec<_> = posted[..self.manifest.threshold()]
                .iter()
                .map(|d| {
                    let bytes = &self.files[&d.factors];
                    (d.trustee, PartialDecryption::from_bytes(bytes, list.len(), list.width()).unwrap())
                })
                .collect();
            let verified: Vec<_> = factors
                .iter()
                .map(|(trustee, f)| {
                    let election = self.manifest.id();
                    let (joint_key, contest, trustee) = (&*self.joint_key, *contest, *trustee);
                    f.verify(&DecryptionContext { election, joint_key, contest, trustee }, list).unwrap()
                })
                .collect();
            let layout = self.manifest.layout(*contest).unwrap();
            let of = DecryptedVotes::combine(&self.joint_key, layout, list, &verified).unwrap();
            votes.insert(*contest, of);
        }
        ElectionResult::compute(&state, &votes).unwrap()
    }

    /// Publishes the result.
    pub fn publish(&mut self) {
        let result = serde_json::to_vec_pretty(&self.compute()).unwrap();
        self.publish_bytes(result);
    }

    /// Publishes these bytes as the result.
    pub fn publish_bytes(&mut self, bytes: Vec<u8>) {
        let digest = self.file(bytes);
        let keys = Arc::clone(&self.keys);
        self.post(EntryBody::Result(digest), &keys.commission);
    }

    /// The published result's bytes; the entry is taken off the board.
    pub fn unpublish(&mut self) -> Vec<u8> {
        let Some(EntryBody::Result(digest)) = self.entries.pop().map(|e| e.body) else { panic!("not finished") };
        self.files.remove(&digest).unwrap()
    }
}
