//! A small election's board, which anybody's entries can be tried on.

use super::*;

pub(crate) const OPENS: u64 = 1_900_000_000;
pub(crate) const CLOSES: u64 = 1_900_086_400;

pub(crate) fn signer(of: u8) -> SigningKey {
    SigningKey::from_seed([of; 32])
}

pub(crate) const COMMISSION: u8 = 1;
pub(crate) const REGISTRAR: u8 = 2;
pub(crate) const COLLECTOR: u8 = 3;
pub(crate) const TRUSTEE: u8 = 10;
pub(crate) const MIXER: u8 = 20;
pub(crate) const VOTER: u8 = 100;

pub(crate) fn voter(i: u8) -> VoterId {
    VoterId([i; 16])
}

pub(crate) fn document() -> serde_json::Value {
    let party = |of: u8| json!({"name": format!("party{of}.example"), "key": signer(of).verifying_key()});
    let candidates = json!([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "c", "name": "C"}]);
    let rule = json!({"type": "choose_one", "blank": true});
    json!({
        "format": "selge-manifest/1",
        "title": "An election",
        "opens": "2030-03-17T17:46:40Z",
        "closes": "2030-03-18T17:46:40Z",
        "commission": party(COMMISSION),
        "registrar": party(REGISTRAR),
        "collector": party(COLLECTOR),
        "trustees": [party(TRUSTEE + 1), party(TRUSTEE + 2), party(TRUSTEE + 3)],
        "threshold": 2,
        "mix_servers": [party(MIXER + 1), party(MIXER + 2)],
        "privacy_floor": 2,
        "contests": [
            {"id": "all", "title": "All", "rule": rule, "candidates": candidates},
            {"id": "few", "title": "Few", "rule": rule, "candidates": candidates},
        ],
        "ballot_styles": [{"id": "long", "contests": ["all", "few"]}, {"id": "short", "contests": ["all"]}],
        "tallies": [{"id": "t", "title": "T", "contests": ["all"], "rule": {"type": "plurality", "seats": 1}}],
    })
}

pub(crate) struct Board {
    pub(crate) election: Election,
    pub(crate) tree: Tree,
    pub(crate) roll: Arc<Roll>,
    pub(crate) secrets: Vec<DealerSecret>,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self::beginning_with(|election| election)
    }

    pub(crate) fn beginning_with(change: impl FnOnce(Election) -> Election) -> Self {
        Self::of(&document(), change)
    }

    pub(crate) fn of(document: &serde_json::Value, change: impl FnOnce(Election) -> Election) -> Self {
        let manifest = Arc::new(Manifest::parse(document.to_string().as_bytes()).unwrap());
        let first = EntryBody::Manifest(Digest(manifest.id().0)).sign(manifest.id(), &signer(COMMISSION));
        let election = change(Election::start(manifest, &first).unwrap());
        let mut tree = Tree::new();
        tree.push(first.leaf_hash());
        let roll = (1..=5u8)
            .map(|i| RollEntry {
                voter: voter(i),
                key: signer(VOTER + i).verifying_key(),
                style: StyleIndex(u16::from(i > 1)),
            })
            .collect();
        Board { election, tree, roll: Arc::new(Roll::new(roll).unwrap()), secrets: Vec::new() }
    }

    pub(crate) fn id(&self) -> ElectionId {
        *self.election.manifest().id()
    }

    pub(crate) fn sign(&self, body: EntryBody, of: u8) -> SignedEntry {
        body.sign(&self.id(), &signer(of))
    }

    pub(crate) fn check(&self, entry: &SignedEntry) -> Result<(), EntryError> {
        let again = SignedEntry::from_bytes(&entry.to_bytes()).unwrap();
        assert_eq!(&again, entry);
        self.election.check(&again, &CheckInput { roll: Some(&self.roll), root: Some(self.tree.root()) })
    }

    pub(crate) fn refused(&self, body: EntryBody, of: u8) -> EntryError {
        self.check(&self.sign(body, of)).unwrap_err()
    }

    pub(crate) fn take(&mut self, entry: &SignedEntry) {
        self.check(entry).unwrap();
        let input = CheckInput { roll: Some(&self.roll), root: Some(self.tree.root()) };
        self.election.apply(entry.clone(), entry.leaf_hash(), &input).unwrap();
        self.tree.push(entry.leaf_hash());
    }

    pub(crate) fn put(&mut self, body: EntryBody, of: u8) {
        let entry = self.sign(body, of);
        self.take(&entry);
    }

    pub(crate) fn trustees() -> impl Iterator<Item = (TrusteeIndex, u8)> {
        (1..=3u8).map(|i| (TrusteeIndex(i.into()), TRUSTEE + i))
    }

    pub(crate) fn commit(&mut self) {
        for (trustee, key) in Self::trustees() {
            let (secret, message) = Commitments::make(&self.election.ceremony(), trustee, &mut OsRng);
            self.secrets.push(secret);
            self.put(EntryBody::Commitments(message), key);
        }
    }

    pub(crate) fn deal(&mut self) {
        for (trustee, key) in Self::trustees() {
            let secret = &self.secrets[usize::from(trustee.0) - 1];
            let shares = self.election.round1().unwrap().deal(&self.election.ceremony(), trustee, secret).unwrap();
            self.put(EntryBody::Shares(shares), key);
        }
    }

    pub(crate) fn confirmation(&self, trustee: TrusteeIndex) -> EntryBody {
        EntryBody::Confirmation(Confirmation {
            trustee,
            ceremony: self.election.ceremony_digest().unwrap(),
            joint_key: self.joint_key(),
        })
    }

    pub(crate) fn joint_key(&self) -> RistrettoPoint {
        *self.election.joint_key().unwrap().public_key().point()
    }

    pub(crate) fn complete_setup(&mut self) {
        self.commit();
        self.deal();
        for (trustee, key) in Self::trustees() {
            self.put(self.confirmation(trustee), key);
        }
        self.put(EntryBody::Roll(Digest::of(&self.roll.to_bytes())), REGISTRAR);
    }

    pub(crate) fn opening(&self, time: u64) -> EntryBody {
        let roll = Digest::of(&self.roll.to_bytes());
        EntryBody::Opening(Opening { roll, joint_key: self.joint_key(), time })
    }

    pub(crate) fn voting() -> Self {
        Self::new().opened()
    }

    pub(crate) fn opened(self) -> Self {
        let mut board = self;
        board.complete_setup();
        board.put(board.opening(OPENS), COMMISSION);
        board
    }

    pub(crate) fn ballot(&self, i: u8, candidate: u32) -> SignedEntry {
        let previous = self.election.voter(&voter(i)).newest.map_or(LeafHash::NONE, |(_, leaf)| leaf);
        let style = self.roll.get(&voter(i)).unwrap().style;
        let choices: Vec<_> = (0..if style.0 == 0 { 2 } else { 1 }).map(|_| Choice::One(candidate)).collect();
        let manifest = self.election.manifest();
        let key = self.election.joint_key().unwrap().public_key();
        let ballot = EncryptedBallot::encrypt(manifest, key, voter(i), style, previous, &choices, &mut OsRng).unwrap();
        ballot.verify(manifest, key).unwrap();
        self.sign(EntryBody::Ballot(ballot), VOTER + i)
    }

    pub(crate) fn cast(&mut self, i: u8) -> SignedEntry {
        let entry = self.ballot(i, 0);
        self.take(&entry);
        entry
    }

    pub(crate) fn closing(&self, time: u64) -> Closing {
        Closing { time, size: self.election.size(), root: self.tree.root() }
    }

    pub(crate) fn close(&mut self) {
        self.put(EntryBody::Closing(self.closing(CLOSES)), COMMISSION);
    }

    pub(crate) fn cancel(i: u8) -> EntryBody {
        EntryBody::Cancellation(Cancellation { voter: voter(i), reason: CancellationReason::PaperVote })
    }

    pub(crate) fn mix(&self, contest: u16, mix: u16, input: Digest, output: u8) -> EntryBody {
        EntryBody::Mix(Mix {
            contest: ContestIndex(contest),
            mix: MixIndex(mix),
            input,
            output: Digest([output; 32]),
            proof: Digest([9; 32]),
        })
    }
}

pub(crate) fn ballot_of(entry: &SignedEntry) -> EncryptedBallot {
    match &entry.body {
        EntryBody::Ballot(ballot) => ballot.clone(),
        _ => unreachable!("only ballots are given"),
    }
}
