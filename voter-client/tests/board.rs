//! The library against boards that cheat, fail or are of another election.

mod support;

use curve25519_dalek as curve;
use rand::rngs::OsRng;
use selge_core::codec::{Decode, Encode};
use selge_core::election::{CheckInput, Election};
use selge_core::entry::{Closing, EntryBody, Mix, SignedEntry};
use selge_core::evidence::{Evidence, Verified, VerifiedProof};
use selge_core::ids::{ContestIndex, Digest, LeafHash, MixIndex, StyleIndex};
use selge_core::rules::Choice;
use selge_core::sign::SigningKey;
use selge_node::client::BoardClient;
use selge_voter_client::check::{complaint, offline, online, Owner, Report, Verdict};
use selge_voter_client::{cast, prepare, CastError, ElectionInfo, Patience, Voter};
use std::sync::Arc;
use std::time::Duration;
use support::{FakeBoard, Fault, Set};

const QUICK: Patience = Patience {
    attempt: Duration::from_secs(5),
    total: Duration::from_secs(10),
    wait: Duration::from_millis(5),
    longest: Duration::from_millis(20),
};

fn choices(mayor: u32) -> Vec<Choice> {
    vec![Choice::One(mayor), Choice::Ranking(vec![2, 0])]
}

struct Ready {
    set: Set,
    fake: FakeBoard,
    board: BoardClient,
    info: ElectionInfo,
}

impl Ready {
    async fn new() -> Self {
        Self::of(Set::new("Town election", 3)).await
    }

    async fn of(set: Set) -> Self {
        let fake = FakeBoard::serve(&set).await;
        let mut board = fake.args().connect().await.unwrap();
        let info = ElectionInfo::fetch(&mut board, Arc::clone(&set.manifest)).await.unwrap();
        Ready { set, fake, board, info }
    }

    fn ballot(&self, voter: usize, previous: LeafHash, mayor: u32) -> SignedEntry {
        let voter: &Voter = &self.set.voters[voter];
        prepare(&self.info, voter, StyleIndex(0), previous, &choices(mayor), &mut OsRng).unwrap()
    }

    async fn cast(&mut self, ballot: &SignedEntry) -> Result<selge_voter_client::VerifiedReceipt, CastError> {
        cast(&mut self.board, &self.set.manifest, ballot, &QUICK).await
    }
}

async fn fetch_error(fake: &FakeBoard, set: &Set) -> String {
    let mut board = fake.args().connect().await.unwrap();
    let error = ElectionInfo::fetch(&mut board, Arc::clone(&set.manifest)).await.unwrap_err();
    format!("{error:#}")
}

#[tokio::test]
async fn a_ballot_is_cast_replaced_and_its_receipts_hold() {
    let mut ready = Ready::new().await;
    let first = ready.ballot(0, LeafHash::NONE, 1);
    let receipt = ready.cast(&first).await.unwrap();
    assert_eq!(receipt.receipt().index, 12);
    assert_eq!(*receipt.leaf(), first.leaf_hash());
    let EntryBody::Ballot(encrypted) = &first.body else { panic!("not a ballot") };
    encrypted.verify(&ready.set.manifest, ready.info.joint_key()).unwrap();
    let again = ready.cast(&first).await.unwrap();
    assert_eq!(again.receipt().index, 12);
    let state = ready.board.voter(&ready.set.voters[0].id).await.unwrap();
    let second = ready.ballot(0, state.newest, 2);
    assert_eq!(ready.cast(&second).await.unwrap().receipt().index, 13);
}

#[tokio::test]
async fn one_info_serves_many_voters_at_once() {
    let ready = Arc::new(Ready::new().await);
    let tasks: Vec<_> = (0..3)
        .map(|i| {
            let ready = Arc::clone(&ready);
            tokio::spawn(async move {
                let ballot = ready.ballot(i, LeafHash::NONE, 0);
                cast(&mut ready.board.clone(), &ready.set.manifest, &ballot, &QUICK).await.unwrap().receipt().index
            })
        })
        .collect();
    let mut places = Vec::new();
    for task in tasks {
        places.push(task.await.unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, [12, 13, 14]);
}

#[tokio::test]
async fn a_lost_answer_leads_to_the_same_place() {
    let mut ready = Ready::new().await;
    ready.fake.set(Fault::CutAfterStoring);
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    let receipt = ready.cast(&ballot).await.unwrap();
    assert_eq!(receipt.receipt().index, 12);
    let state = ready.fake.lock();
    assert_eq!((state.submissions, state.entries.len()), (2, 13));
}

#[tokio::test]
async fn a_busy_board_is_waited_for_and_a_dead_one_given_up() {
    let mut ready = Ready::new().await;
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    ready.fake.set(Fault::Busy(3));
    ready.cast(&ballot).await.unwrap();
    assert_eq!(ready.fake.lock().submissions, 4);
    ready.fake.set(Fault::Down);
    let short = Patience { total: Duration::from_millis(100), ..QUICK };
    let error = cast(&mut ready.board, &ready.set.manifest, &ballot, &short).await.unwrap_err();
    assert!(matches!(error, CastError::Unanswered { attempts, .. } if attempts > 1), "{error}");
}

#[tokio::test]
async fn false_receipts_are_never_taken() {
    for fault in [Fault::OtherIndex, Fault::OtherLeaf, Fault::ForgedCheckpoint, Fault::Garbage, Fault::Unpublished] {
        let mut ready = Ready::new().await;
        ready.fake.set(fault);
        let ballot = ready.ballot(0, LeafHash::NONE, 1);
        let error = ready.cast(&ballot).await.unwrap_err();
        assert!(matches!(error, CastError::FalseReceipt { .. }), "{fault:?}: {error}");
    }
}

#[tokio::test]
async fn another_ballot_in_between_is_told() {
    let mut ready = Ready::new().await;
    let other_device = ready.ballot(0, LeafHash::NONE, 1);
    let late = ready.ballot(0, LeafHash::NONE, 2);
    ready.cast(&other_device).await.unwrap();
    let error = ready.cast(&late).await.unwrap_err();
    assert!(matches!(&error, CastError::Stale { newest } if *newest == other_device.leaf_hash()), "{error}");
    assert!(error.to_string().contains("vote again"), "{error}");
}

#[tokio::test]
async fn a_ballot_stored_just_before_the_close_still_gets_its_receipt() {
    let mut ready = Ready::new().await;
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    ready.fake.lock().push(ballot.to_bytes());
    ready.fake.set(Fault::Closed);
    assert_eq!(ready.cast(&ballot).await.unwrap().receipt().index, 12);
    let other = ready.ballot(1, LeafHash::NONE, 1);
    let error = ready.cast(&other).await.unwrap_err();
    assert!(matches!(&error, CastError::Refused(_)), "{error}");
    assert!(error.to_string().contains("voting has ended"), "{error}");
}

#[tokio::test]
async fn another_elections_board_is_refused() {
    let set = Set::new("Town election", 1);
    let fake = FakeBoard::serve(&Set::new("Village election", 1)).await;
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("check the address and the file"), "{error}");
    // The right manifest shown over another election's log.
    fake.lock().manifest_bytes = set.manifest_bytes.clone();
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("not signed by this election's collector"), "{error}");
}

#[tokio::test]
async fn a_joint_key_of_somebody_elses_making_is_refused() {
    let set = Set::new("Town election", 1);
    let fake = FakeBoard::serve(&set).await;
    let strange = *selge_core::elgamal::PublicKey::new(curve_point()).unwrap().point();
    let bend_opening = |body: &mut EntryBody| {
        if let EntryBody::Opening(opening) = body {
            opening.joint_key = strange;
        }
    };
    // The collector alone: it cannot sign an opening.
    let mut shown = set.entries.clone();
    let last = shown.len() - 1;
    let mut opening = SignedEntry::from_bytes(&shown[last]).unwrap().body;
    bend_opening(&mut opening);
    shown[last] = opening.sign(set.manifest.id(), &SigningKey::generate(&mut OsRng)).to_bytes();
    fake.lock().shown = Some(shown);
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("the election commission"), "{error}");
    // With the commission: the trustees have not made that key.
    fake.lock().shown = Some(set.set_up(bend_opening));
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("another joint key than the trustees made"), "{error}");
    // With everybody: a whole second ceremony, shown to this voter alone, is not in the signed log.
    fake.lock().shown = Some(set.set_up(|_| {}));
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("the opening"), "{error}");
    // The true opening after other entries: the proof's left side gives that away.
    let mut mixed = set.entries.clone();
    mixed.swap(1, 2);
    fake.lock().shown = Some(mixed);
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("not those of its signed checkpoint"), "{error}");
    fake.lock().shown = None;
    let mut board = fake.args().connect().await.unwrap();
    ElectionInfo::fetch(&mut board, Arc::clone(&set.manifest)).await.unwrap();
}

/// A point of which nobody told the voter the secret.
fn curve_point() -> curve::RistrettoPoint {
    curve::constants::RISTRETTO_BASEPOINT_POINT * curve::Scalar::from(7u8)
}

#[tokio::test]
async fn an_incomplete_or_endless_set_up_is_refused() {
    let mut set = Set::new("Town election", 1);
    let opening = set.entries.pop().unwrap();
    let fake = FakeBoard::serve(&set).await;
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("voting has not begun"), "{error}");
    set.entries.pop();
    set.entries.push(opening);
    let fake = FakeBoard::serve(&set).await;
    let error = fetch_error(&fake, &set).await;
    assert!(error.contains("before all trustees had confirmed"), "{error}");
}

#[tokio::test]
async fn a_receipt_is_checked_again_and_every_later_lie_is_seen() {
    let mut ready = Ready::new().await;
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    let other = ready.ballot(1, LeafHash::NONE, 1);
    let receipt = ready.cast(&ballot).await.unwrap().receipt().clone();
    ready.cast(&other).await.unwrap();
    let owner = Owner { id: Some(ready.set.voters[0].id), key: ready.set.voters[0].key.verifying_key() };
    let mut look = async |fault: Fault| -> Report {
        ready.fake.set(fault);
        let mut report = offline(&ready.set.manifest, &receipt, &ballot, Some(&owner));
        assert!(!report.wrong());
        online(&mut report, &mut ready.board, &ready.set.manifest, &receipt, &ballot, Some(&owner)).await.unwrap();
        report
    };
    let wrong = |report: &Report| -> Vec<&'static str> {
        report.findings.iter().filter(|f| f.verdict == Verdict::Fails).map(|f| f.check).collect()
    };
    assert_eq!(wrong(&look(Fault::None).await), Vec::<&str>::new());
    let forgotten = look(Fault::Forgets).await;
    assert_eq!(wrong(&forgotten), ["place"]);
    assert_eq!(forgotten.evidence.len(), 1);
    let lied = look(Fault::OthersNewest).await;
    assert_eq!(wrong(&lied), ["newest"]);
    assert!(lied.findings.iter().any(|f| f.words.contains("not signed with your key")), "{lied:?}");
    ready.fake.lock().cancelled.push(ready.set.voters[0].id);
    let mut report = offline(&ready.set.manifest, &receipt, &ballot, None);
    assert_eq!(report.findings.last().unwrap().verdict, Verdict::NotChecked);
    ready.fake.set(Fault::None);
    online(&mut report, &mut ready.board, &ready.set.manifest, &receipt, &ballot, None).await.unwrap();
    assert!(!report.wrong(), "a paper vote that overrides is no fault");
    let cancelled = report.findings.iter().find(|f| f.check == "cancelled").unwrap();
    assert!(cancelled.verdict == Verdict::Replaced && cancelled.words.contains("if you did not vote on paper"));
}

#[tokio::test]
async fn a_rolled_back_or_forked_board_is_evidence() {
    let mut ready = Ready::new().await;
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    let other = ready.ballot(1, LeafHash::NONE, 1);
    let receipt = ready.cast(&ballot).await.unwrap().receipt().clone();
    let manifest = &ready.set.manifest;
    for (entries, expected) in [(vec![], "rolled back"), (vec![other.to_bytes()], "forked")] {
        let fake = FakeBoard::serve(&ready.set).await;
        for entry in entries {
            fake.lock().push(entry);
        }
        let mut board = fake.args().connect().await.unwrap();
        let mut report = offline(manifest, &receipt, &ballot, None);
        online(&mut report, &mut board, manifest, &receipt, &ballot, None).await.unwrap();
        assert!(report.wrong());
        assert!(report.findings.iter().any(|f| f.check == "log" && f.words.contains(expected)), "{report:?}");
        assert!(!report.evidence.is_empty());
        // The complaint is one that strangers can check; a fork of one size is proven by it alone.
        let evidence = complaint(manifest, &receipt, &ballot, &report).unwrap();
        let read = Evidence::parse(evidence.text().as_bytes()).unwrap();
        let Ok(Verified::Complaint(verified)) = read.verify(&manifest.log_key()) else { panic!("{read:?}") };
        assert_eq!(*verified.ballot(), ballot);
        let forks = verified.proofs().iter().filter(|proof| matches!(proof, VerifiedProof::Fork(_))).count();
        let replaced = verified.proofs().iter().filter(|p| matches!(p, VerifiedProof::ReplacedEntry(_))).count();
        assert_eq!((forks, replaced), if expected == "forked" { (1, 1) } else { (0, 0) });
    }
}

/// Closes the board honestly; the election that its entries make.
fn close(ready: &Ready) -> Election {
    let set = &ready.set;
    let mut state = ready.fake.lock();
    let closing = Closing { time: 4_200_000_000, size: state.tree.size(), root: state.tree.root() };
    let entry = EntryBody::Closing(closing).sign(set.manifest.id(), &set.commission);
    state.push(entry.to_bytes());
    state.phase = "counting";
    let entries: Vec<_> = state.entries.iter().map(|bytes| SignedEntry::from_bytes(bytes).unwrap()).collect();
    let roll = Arc::new(set.roll());
    let mut election = Election::start(Arc::clone(&set.manifest), &entries[0]).unwrap();
    for entry in &entries[1..] {
        let input = CheckInput { roll: Some(&roll), root: None };
        election.apply(entry.clone(), entry.leaf_hash(), &input).unwrap();
    }
    election
}

fn mix(ready: &Ready, contest: u16, input: Digest) {
    let (contest, mix) = (ContestIndex(contest), MixIndex(1));
    let body = EntryBody::Mix(Mix { contest, mix, input, output: Digest([1; 32]), proof: Digest([2; 32]) });
    let entry = body.sign(ready.set.manifest.id(), &ready.set.mix);
    ready.fake.lock().push(entry.to_bytes());
}

#[tokio::test]
async fn after_the_closing_nobodys_word_is_taken() {
    let mut ready = Ready::new().await;
    let ballots: Vec<_> = (0..3).map(|i| ready.ballot(i, LeafHash::NONE, 1)).collect();
    let mut receipts = Vec::new();
    for ballot in &ballots {
        receipts.push(ready.cast(ballot).await.unwrap().receipt().clone());
    }
    let again = ready.ballot(1, ballots[1].leaf_hash(), 2);
    ready.cast(&again).await.unwrap();
    let look = async |ready: &Ready, who: usize| -> Report {
        let owner = Owner { id: Some(ready.set.voters[who].id), key: ready.set.voters[who].key.verifying_key() };
        let mut report = offline(&ready.set.manifest, &receipts[who], &ballots[who], Some(&owner));
        let (mut board, manifest) = (ready.board.clone(), &ready.set.manifest);
        online(&mut report, &mut board, manifest, &receipts[who], &ballots[who], Some(&owner)).await.unwrap();
        report
    };
    let said = |report: &Report, check: &str| -> Vec<(Verdict, String)> {
        report.findings.iter().filter(|f| f.check == check).map(|f| (f.verdict, f.words.clone())).collect()
    };
    // Before the closing the question of the mix is open, and said to be.
    assert_eq!(said(&look(&ready, 0).await, "mix")[0].0, Verdict::NotChecked);
    let election = close(&ready);
    let waiting = look(&ready, 0).await;
    assert!(!waiting.wrong() && said(&waiting, "mix")[0].1.contains("not mixed yet"), "{waiting:?}");
    let counted = |contest: u16| *election.counted_in(ContestIndex(contest)).unwrap().list().digest();
    mix(&ready, 0, counted(0));
    let half = look(&ready, 0).await;
    let mixed = said(&half, "mix");
    assert!(mixed[0].0 == Verdict::Holds && mixed[0].1.contains("one of the 3 that the first mix server took in"));
    assert_eq!(mixed[1].0, Verdict::NotChecked);
    // The board may say what it likes of newest ballots and cancellations.
    ready.fake.set(Fault::OthersNewest);
    ready.fake.lock().cancelled.push(ready.set.voters[0].id);
    assert!(!look(&ready, 0).await.wrong());
    ready.fake.set(Fault::None);
    let replaced = look(&ready, 1).await;
    assert_eq!(said(&replaced, "newest")[0].0, Verdict::Replaced);
    assert!(said(&replaced, "mix").is_empty() && !replaced.wrong());
    // A first mix of something else is a complaint.
    mix(&ready, 1, Digest([9; 32]));
    let cheated = look(&ready, 0).await;
    assert!(cheated.wrong() && said(&cheated, "mix")[1].0 == Verdict::Fails, "{cheated:?}");
    let evidence = complaint(&ready.set.manifest, &receipts[0], &ballots[0], &cheated).unwrap();
    assert!(!evidence.proves() && evidence.verify(&ready.set.manifest.log_key()).is_ok());
}

#[tokio::test]
async fn a_receipt_of_another_ballot_or_election_does_not_hold() {
    let mut ready = Ready::new().await;
    let ballot = ready.ballot(0, LeafHash::NONE, 1);
    let other = ready.ballot(1, LeafHash::NONE, 1);
    let receipt = ready.cast(&ballot).await.unwrap().receipt().clone();
    let owner = |i: usize| {
        let voter: &Voter = &ready.set.voters[i];
        Owner { id: Some(voter.id), key: voter.key.verifying_key() }
    };
    let wrong = offline(&ready.set.manifest, &receipt, &other, None);
    assert!(wrong.wrong());
    assert!(complaint(&ready.set.manifest, &receipt, &other, &wrong).is_none(), "nothing was promised");
    assert!(offline(&ready.set.manifest, &receipt, &ballot, Some(&owner(1))).wrong());
    let key_alone = Owner { id: None, ..owner(1) };
    assert!(offline(&ready.set.manifest, &receipt, &ballot, Some(&key_alone)).wrong());
    assert!(!offline(&ready.set.manifest, &receipt, &ballot, Some(&owner(0))).wrong());
    let elsewhere = Set::new("Village election", 1);
    assert!(offline(&elsewhere.manifest, &receipt, &ballot, Some(&owner(0))).wrong());
}

#[tokio::test]
async fn how_many_witnesses_have_seen_the_ballot_is_told() {
    let mut ready = Ready::of(Set::witnessed("Town election", 3, 3, 2)).await;
    let ballot = ready.ballot(0, LeafHash::NONE, 0);
    let receipt = ready.cast(&ballot).await.unwrap().receipt().clone();
    let manifest = Arc::clone(&ready.set.manifest);
    let found = |report: &Report, check: &str| {
        let finding = report.findings.iter().find(|finding| finding.check == check);
        finding.map(|finding| (finding.verdict, finding.words.clone()))
    };
    let check = async |ready: &mut Ready, receipt: &selge_core::receipt::Receipt| {
        let mut report = offline(&manifest, receipt, &ballot, None);
        online(&mut report, &mut ready.board, &manifest, receipt, &ballot, None).await.unwrap();
        report
    };
    // At the time of the vote nobody has cosigned, and nothing is wrong.
    let report = check(&mut ready, &receipt).await;
    let (verdict, words) = found(&report, "witnesses").unwrap();
    assert_eq!(verdict, Verdict::NotChecked);
    assert!(words.contains("0 of 3 witnesses have cosigned it, 2 must"), "{words}");
    assert_eq!(found(&report, "witnessed").unwrap().0, Verdict::NotChecked);
    assert!(!report.wrong());
    // Later the board shows it in a checkpoint that the quorum has cosigned.
    ready.fake.lock().cosigning = vec![0, 2];
    let report = check(&mut ready, &receipt).await;
    let (verdict, words) = found(&report, "witnessed").unwrap();
    assert_eq!(verdict, Verdict::Holds, "{words}");
    assert!(
        words.contains("cosigned: w0.example, w2.example") && words.contains("not cosigned: w1.example"),
        "{words}"
    );
    // A board that calls witnessed what is not, or shows the ballot elsewhere there.
    for (cosigning, fault) in [
        (vec![0], Fault::None),
        (vec![0, 0], Fault::None),
        (vec![0, 2], Fault::OtherIndex),
        (vec![0, 2], Fault::ForgedCheckpoint),
    ] {
        ready.fake.lock().cosigning = cosigning;
        ready.fake.set(fault);
        let mut report = Report::default();
        let _ = online(&mut report, &mut ready.board, &manifest, &receipt, &ballot, None).await;
        if fault != Fault::ForgedCheckpoint {
            assert_eq!(found(&report, "witnessed").unwrap().0, Verdict::Fails, "{report:?}");
            assert!(report.wrong() && !report.evidence.is_empty());
        }
        assert!(found(&report, "witnessed").is_none_or(|(verdict, _)| verdict != Verdict::Holds));
    }
    ready.fake.set(Fault::None);
    // A receipt that has the quorum itself needs no other.
    let mut complete = receipt.clone();
    complete.checkpoint += &ready.fake.lock().cosignatures(&[1, 2]);
    let report = check(&mut ready, &complete).await;
    assert_eq!(found(&report, "witnesses").unwrap().0, Verdict::Holds);
    assert!(found(&report, "witnessed").is_none());
}
