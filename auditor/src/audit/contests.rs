//! Every contest: mixes, decryptions and votes. One contest's lists are in memory at a time.

use super::board::Board;
use super::{names, Audit};
use crate::checks::{Check, BALLOT_PROOFS, CHAIN, DECRYPTIONS, DIGESTS, ENOUGH, MIXES, VOTES};
use crate::report::{ContestPassage, Report};
use selge_core::ceremony::JointKey;
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption, VerifiedDecryption};
use selge_core::election::{CountedSet, Election};
use selge_core::elgamal::CiphertextList;
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::manifest::Manifest;
use selge_core::outcome::ElectionResult;
use selge_core::shuffle::{self, verify_chain, ShuffleContext, ShuffleProof};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of factors besides the factors: two counts and the proof.
const FACTORS_EXTRA: u64 = 6 + 96;

impl Audit<'_> {
    /// Checks every contest and returns the votes that follow.
    pub(super) fn contests(
        &mut self,
        board: &Board,
        state: &Election,
        published: Option<&ElectionResult>,
        report: &mut Report,
    ) -> BTreeMap<ContestIndex, DecryptedVotes> {
        let (Some(_), Some(key)) = (state.closing(), state.joint_key()) else {
            self.lack_all(&[CHAIN, MIXES, ENOUGH, DECRYPTIONS, VOTES], "voting has not been closed");
            return BTreeMap::new();
        };
        self.chain(board, state);
        report.contests = state.counted().iter().filter_map(|set| started(&board.manifest, set)).collect();
        let sets: Vec<_> = state.counted().iter().filter(|set| !set.withheld()).collect();
        let votes = if self.scope.wants(BALLOT_PROOFS) && !board.ballots_proven() {
            let problem = "not every ballot's proofs hold, so what is to be counted is not known";
            self.lack_all(&[MIXES, DECRYPTIONS, VOTES], problem);
            BTreeMap::new()
        } else {
            self.each_contest(board, state, key, &sets, published, report)
        };
        if !self.scope.is_all() && self.scope.wants(DIGESTS) {
            sets.iter().for_each(|set| self.unread_files(board, state, set));
        }
        votes
    }

    fn lack_all(&mut self, checks: &[Check], what: &str) {
        checks.iter().filter(|check| self.scope.wants(**check)).for_each(|check| self.ledger.lack(*check, what));
    }

    fn each_contest(
        &mut self,
        board: &Board,
        state: &Election,
        key: &JointKey,
        sets: &[&CountedSet],
        published: Option<&ElectionResult>,
        report: &mut Report,
    ) -> BTreeMap<ContestIndex, DecryptedVotes> {
        let mut votes = BTreeMap::new();
        let watcher = self.ledger.watcher();
        let what = match (self.scope.wants(MIXES), self.scope.wants(DECRYPTIONS)) {
            (true, true) => "mixes and decryptions",
            (true, false) => "mixes",
            _ => "decryptions",
        };
        let work = |set: &CountedSet| (set.list().len() * set.list().width()) as u64;
        let steps = |set: &CountedSet| {
            let wanted = board.manifest.contest(set.contest()).is_some_and(|c| self.scope.wants_contest(&c.id));
            let mixes = if self.scope.wants(MIXES) { state.mixes(set.contest()).len() } else { 0 };
            let decryptions = if self.scope.wants(DECRYPTIONS) { state.decryptions(set.contest()).len() } else { 0 };
            if wanted {
                (mixes as u64 * work(set), decryptions as u64 * work(set))
            } else {
                (0, 0)
            }
        };
        let total = sets.iter().map(|set| steps(set)).map(|(mixes, decryptions)| mixes + decryptions).sum();
        if total > 0 {
            watcher.begin(what, total);
        }
        let mut generators = Generators::new(0);
        for set in sets {
            let contest = Contest { board, state, key, set };
            if !board.manifest.contest(set.contest()).is_some_and(|c| self.scope.wants_contest(&c.id)) {
                self.left_out(&contest, published);
                continue;
            }
            if self.scope.wants(MIXES) {
                generators.extend(shuffle::generators(set.list().len(), set.list().width()));
            }
            let (for_mixes, for_decryptions) = steps(set);
            let from = self.ledger.now();
            let (proven, mixed) = self.mixes(&contest, &generators);
            self.ledger.took(MIXES, from);
            watcher.advance(for_mixes);
            let (decryptions, of) = self.decryptions(&contest, mixed.as_ref(), published);
            if let Some(passage) = passage(report, &board.manifest, set.contest()) {
                (passage.mixed, passage.decryptions) = (proven, decryptions);
            }
            if let Some(of) = of {
                let undecodable = of.numbers().iter().filter(|n| n.is_none()).count();
                if undecodable > 0 {
                    report.notes.push(format!(
                        "{}: {undecodable} ballots hold no valid choice, which only {} trustees together can bring about",
                        contest.name(),
                        key.threshold()
                    ));
                }
                if let Some(passage) = passage(report, &board.manifest, set.contest()) {
                    (passage.decrypted, passage.undecodable) = (Some(of.numbers().len() as u64), undecodable as u64);
                }
                votes.insert(set.contest(), of);
            }
            watcher.advance(for_decryptions);
        }
        watcher.end();
        for check in [MIXES, DECRYPTIONS].into_iter().filter(|check| self.scope.wants(*check)) {
            // With every contest withheld there is nothing to look at, and that is all there is.
            self.ledger.count(check, if check == MIXES { "mixes" } else { "decryptions" }, 0, 0);
            self.ledger.end(check);
        }
        if published.is_some() {
            self.ledger.count(VOTES, "contests", 0, 0);
            self.ledger.end(VOTES);
        } else {
            self.lack_all(&[VOTES], "the published result, which names the trustees whose decryptions are combined");
        }
        votes
    }

    /// Notes what there would be to do for a contest that was not asked for.
    fn left_out(&mut self, contest: &Contest<'_>, published: Option<&ElectionResult>) {
        let posted = contest.state.decryptions(contest.set.contest()).len().max(contest.key.threshold());
        let mixes = contest.board.manifest.mixes();
        for (check, what, n) in [(MIXES, "mixes", mixes), (DECRYPTIONS, "decryptions", posted), (VOTES, "contests", 1)]
        {
            if self.scope.wants(check) && (check != VOTES || published.is_some()) {
                self.ledger.count(check, what, 0, n as u64);
            }
        }
    }

    /// Reads a contest's files that no check has read, for their digests.
    fn unread_files(&mut self, board: &Board, state: &Election, set: &CountedSet) {
        let (list_len, proof_len) = mix_lengths(set);
        for mix in state.mixes(set.contest()).iter().take(board.manifest.mixes()) {
            self.unread(&mix.output, list_len);
            self.unread(&mix.proof, proof_len);
        }
        for decryption in state.decryptions(set.contest()) {
            self.unread(&decryption.factors, factors_len(set.list()));
        }
    }

    /// The mixes on the board: as many as there are mix servers, in order, each on the output before it.
    fn chain(&mut self, board: &Board, state: &Election) {
        let (servers, threshold) = (board.manifest.mixes(), board.manifest.threshold());
        self.ledger.count(CHAIN, "mixes", 0, 0);
        self.ledger.count(ENOUGH, "contests", 0, 0);
        for set in state.counted() {
            let name = names::contest(&board.manifest, set.contest());
            let (mixes, decryptions) = (state.mixes(set.contest()), state.decryptions(set.contest()));
            if set.withheld() {
                // Mixing a contest below the privacy floor would be the first step to decrypting it.
                if !mixes.is_empty() || !decryptions.is_empty() {
                    self.ledger.fail(CHAIN, name, "the contest has too few ballots to be mixed and decrypted, and was");
                }
                continue;
            }
            let mut input = *set.list().digest();
            for (place, mix) in (1u16..).map(MixIndex).zip(mixes) {
                let right = mix.mix == place && mix.input == input;
                input = mix.output;
                self.ledger.count(CHAIN, "mixes", right.into(), 0);
                if !right {
                    let culprit = format!("{}, {name}", names::mix_server(&board.manifest, place));
                    self.ledger.fail(CHAIN, culprit, "the mix did not start from what came before it");
                }
            }
            self.ledger.count(CHAIN, "mixes", 0, servers as u64);
            if mixes.len() < servers {
                let next = MixIndex(u16::try_from(mixes.len() + 1).unwrap_or(u16::MAX));
                self.ledger.lack(CHAIN, format!("{name}: {}", names::mix_server(&board.manifest, next)));
            }
            let enough = decryptions.len() >= threshold;
            self.ledger.count(ENOUGH, "contests", enough.into(), 1);
            if !enough {
                let found = decryptions.len();
                self.ledger.lack(ENOUGH, format!("{name}: {found} trustees decrypted, {threshold} are needed"));
            }
        }
        if board.stopped.is_none() {
            self.ledger.end(CHAIN);
            self.ledger.end(ENOUGH);
        }
    }

    /// Checks a contest's mixes in one sum; returns how many are right, and the last list if all are.
    fn mixes(&mut self, contest: &Contest<'_>, generators: &Generators) -> (u64, Option<Arc<CiphertextList>>) {
        if !self.scope.wants(MIXES) {
            return (0, self.unproven_list(contest));
        }
        let (count, width) = (contest.set.list().len(), contest.set.list().width());
        let (list_len, proof_len) = mix_lengths(contest.set);
        let servers = contest.board.manifest.mixes();
        self.ledger.count(MIXES, "mixes", 0, servers as u64);
        let mut chain = Vec::new();
        for mix in contest.state.mixes(contest.set.contest()) {
            let culprit = format!("{}, {}", names::mix_server(&contest.board.manifest, mix.mix), contest.name());
            let (Some(output), Some(proof)) =
                (self.file(MIXES, &mix.output, list_len), self.file(MIXES, &mix.proof, proof_len))
            else {
                self.ledger.lack(MIXES, format!("{culprit}: its files cannot be used"));
                break;
            };
            let output = CiphertextList::from_bytes(&output, count, width);
            let proof = ShuffleProof::from_bytes(&proof, count, width);
            match (output, proof) {
                (Ok(output), Ok(proof)) => chain.push((Arc::new(output), proof)),
                (Err(error), _) | (_, Err(error)) => {
                    self.ledger.fail(MIXES, culprit, error);
                    break;
                }
            }
        }
        let ctx = ShuffleContext {
            election: contest.board.manifest.id(),
            joint_key: contest.key.public_key(),
            contest: contest.set.contest(),
            mix: MixIndex(1),
        };
        match verify_chain(&ctx, generators, contest.set.list(), &chain) {
            Ok(verified) => {
                self.ledger.count(MIXES, "mixes", verified.len() as u64, 0);
                let last = verified.last().filter(|_| verified.len() == servers);
                (verified.len() as u64, last.map(|last| Arc::clone(last.output())))
            }
            Err(_) if !self.scope.wants(BALLOT_PROOFS) && !holds_points(contest.set.list()) => {
                let problem = "a counted ballot is no ciphertext at all, and no mix of it can be checked";
                self.ledger.lack(MIXES, format!("{}: {problem} ({} names it)", contest.name(), BALLOT_PROOFS.id));
                (0, None)
            }
            Err(error) => {
                let right = u64::from(error.mix.0.saturating_sub(1));
                self.ledger.count(MIXES, "mixes", right, 0);
                let culprit = format!("{}, {}", names::mix_server(&contest.board.manifest, error.mix), contest.name());
                self.ledger.fail(MIXES, culprit, error.reason);
                (right, None)
            }
        }
    }

    /// The last mix's output, where no mix was asked for: it only has to be a list.
    fn unproven_list(&mut self, contest: &Contest<'_>) -> Option<Arc<CiphertextList>> {
        if !self.scope.wants(DECRYPTIONS) {
            return None;
        }
        let mixes = contest.state.mixes(contest.set.contest());
        let last = mixes.last().filter(|_| mixes.len() == contest.board.manifest.mixes())?;
        let bytes = self.file(DECRYPTIONS, &last.output, mix_lengths(contest.set).0)?;
        match CiphertextList::from_bytes(&bytes, contest.set.list().len(), contest.set.list().width()) {
            Ok(list) => Some(Arc::new(list)),
            Err(error) => {
                // What is found wrong on the way is told, whatever was asked for.
                let server = names::mix_server(&contest.board.manifest, last.mix);
                self.ledger.fail(MIXES, format!("{server}, {}", contest.name()), error);
                None
            }
        }
    }

    /// Checks all decryptions of a contest and combines those that the result names; also returns how many are right.
    fn decryptions(
        &mut self,
        contest: &Contest<'_>,
        mixed: Option<&Arc<CiphertextList>>,
        published: Option<&ElectionResult>,
    ) -> (u64, Option<DecryptedVotes>) {
        if !self.scope.wants(DECRYPTIONS) {
            return (0, None);
        }
        let from = self.ledger.now();
        let posted = contest.state.decryptions(contest.set.contest());
        self.ledger.count(DECRYPTIONS, "decryptions", 0, posted.len().max(contest.key.threshold()) as u64);
        let published = published.filter(|_| self.scope.wants(VOTES));
        if published.is_some() {
            self.ledger.count(VOTES, "contests", 0, 1);
        }
        let Some(list) = mixed else {
            self.lack_all(&[DECRYPTIONS, VOTES], &format!("{}: the fully mixed list", contest.name()));
            return (0, None);
        };
        let max = factors_len(list);
        let mut read = Vec::new();
        for decryption in posted {
            let Some(bytes) = self.file(DECRYPTIONS, &decryption.factors, max) else { continue };
            match PartialDecryption::from_bytes(&bytes, list.len(), list.width()) {
                Ok(factors) => read.push((decryption.trustee, factors)),
                Err(error) => self.ledger.fail(DECRYPTIONS, contest.trustee(decryption.trustee), error),
            }
        }
        let mut verified = Vec::new();
        for (trustee, factors) in &read {
            let (election, id) = (contest.board.manifest.id(), contest.set.contest());
            let ctx = DecryptionContext { election, joint_key: contest.key, contest: id, trustee: *trustee };
            match factors.verify(&ctx, list) {
                Ok(factors) => verified.push(factors),
                Err(error) => self.ledger.fail(DECRYPTIONS, contest.trustee(*trustee), error),
            }
        }
        self.ledger.count(DECRYPTIONS, "decryptions", verified.len() as u64, 0);
        self.ledger.took(DECRYPTIONS, from);
        let from = self.ledger.now();
        let votes = published.and_then(|document| self.combine(contest, list, &verified, document));
        self.ledger.took(VOTES, from);
        (verified.len() as u64, votes)
    }

    /// Combines the decryptions that the result names.
    fn combine(
        &mut self,
        contest: &Contest<'_>,
        list: &CiphertextList,
        verified: &[VerifiedDecryption<'_>],
        published: &ElectionResult,
    ) -> Option<DecryptedVotes> {
        let manifest = &contest.board.manifest;
        let id = manifest.contest(contest.set.contest()).map(|c| c.id.as_str())?;
        let commission = format!("{}, {}", names::commission(manifest), contest.name());
        let Some(named) = published.contests.iter().find(|c| c.contest == id).map(|c| &c.trustees) else {
            self.ledger.fail(VOTES, commission, "the published result leaves the contest out");
            return None;
        };
        if named.len() != contest.key.threshold() || !named.is_sorted_by(|a, b| a < b) {
            let problem = format!(
                "the published result names {} trustees; it must name {} different ones in rising order",
                named.len(),
                contest.key.threshold()
            );
            self.ledger.fail(VOTES, commission, problem);
            return None;
        }
        let posted = contest.state.decryptions(contest.set.contest());
        if let Some(absent) = named.iter().find(|t| posted.iter().all(|d| d.trustee != **t)) {
            let problem = format!("the published result names trustee {absent}, whose decryption is not on the board");
            self.ledger.fail(VOTES, commission, problem);
            return None;
        }
        let right = |t: &TrusteeIndex| verified.iter().find(|v| v.trustee() == *t);
        let chosen: Vec<_> = named.iter().filter_map(right).cloned().collect();
        if let Some(unproven) = named.iter().find(|t| right(t).is_none()) {
            self.ledger.lack(VOTES, format!("the right decryption of {}", contest.trustee(*unproven)));
            return None;
        }
        let layout = manifest.layout(contest.set.contest())?;
        match DecryptedVotes::combine(contest.key, layout, list, &chosen) {
            Ok(votes) => {
                self.ledger.count(VOTES, "contests", 1, 0);
                Some(votes)
            }
            Err(error) => {
                self.ledger.fail(VOTES, commission, error);
                None
            }
        }
    }
}

/// The most bytes of a mix's output and of its proof.
fn mix_lengths(set: &CountedSet) -> (u64, u64) {
    let (count, width) = (set.list().len(), set.list().width());
    ((CiphertextList::HEADER + 64 * count * width) as u64, ShuffleProof::encoded_len(count, width) as u64)
}

/// The most bytes of a decryption of a list.
fn factors_len(list: &CiphertextList) -> u64 {
    FACTORS_EXTRA + 32 * (list.len() * list.width()) as u64
}

/// Whether all of a list's points are points, which ballots' proofs would show.
fn holds_points(list: &CiphertextList) -> bool {
    CiphertextList::from_bytes(list.bytes(), list.len(), list.width()).is_ok()
}

/// A contest's line as it is after the closing.
fn started(manifest: &Manifest, set: &CountedSet) -> Option<ContestPassage> {
    let contest = manifest.contest(set.contest())?;
    Some(ContestPassage {
        contest: contest.id.clone(),
        title: contest.title.clone(),
        counted: set.list().len() as u64,
        withheld: set.withheld(),
        mixed: 0,
        decryptions: 0,
        decrypted: None,
        undecodable: 0,
    })
}

/// A contest's line in the report.
fn passage<'r>(report: &'r mut Report, manifest: &Manifest, contest: ContestIndex) -> Option<&'r mut ContestPassage> {
    let id = &manifest.contest(contest)?.id;
    report.contests.iter_mut().find(|passage| passage.contest == *id)
}

/// One contest that is not withheld.
struct Contest<'a> {
    board: &'a Board,
    state: &'a Election,
    key: &'a JointKey,
    set: &'a CountedSet,
}

impl Contest<'_> {
    fn name(&self) -> String {
        names::contest(&self.board.manifest, self.set.contest())
    }

    fn trustee(&self, trustee: TrusteeIndex) -> String {
        format!("{}, {}", names::trustee(&self.board.manifest, trustee), self.name())
    }
}
