//! Every contest: mixes, decryptions and votes. One contest's lists are in memory at a time; with several workers, those of
//! the next ones too, so that no worker waits.

use super::board::Board;
use super::{blame, names, Audit};
use crate::checks::{Check, BALLOT_PROOFS, CHAIN, DECRYPTIONS, DIGESTS, ENOUGH, MIXES, VOTES};
use crate::report::{ContestPassage, Report};
use crate::work::{Answer, Begun, Decrypted, Ground, ListFile, Task};
use selge_core::ceremony::JointKey;
use selge_core::decryption::DecryptedVotes;
use selge_core::election::{CountedSet, Election};
use selge_core::elgamal::CiphertextList;
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::manifest::Manifest;
use selge_core::outcome::ElectionResult;
use selge_core::shuffle::ShuffleProof;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Bytes of factors besides the factors: two counts and the proof.
const FACTORS_EXTRA: u64 = 6 + 96;

impl Audit<'_> {
    /// Checks every contest and returns the votes that follow.
    pub(super) async fn contests(
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
            self.each_contest(board, state, key, &sets, published, report).await
        };
        if !self.scope.is_all() && self.scope.wants(DIGESTS) {
            sets.iter().for_each(|set| self.unread_files(board, state, set));
        }
        votes
    }

    fn lack_all(&mut self, checks: &[Check], what: &str) {
        checks.iter().filter(|check| self.scope.wants(**check)).for_each(|check| self.ledger.lack(*check, what));
    }

    async fn each_contest(
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
        let steps = |set: &CountedSet| {
            let wanted = board.manifest.contest(set.contest()).is_some_and(|c| self.scope.wants_contest(&c.id));
            let mixes = if self.scope.wants(MIXES) { state.mixes(set.contest()).len() } else { 0 };
            let decryptions = if self.scope.wants(DECRYPTIONS) { state.decryptions(set.contest()).len() } else { 0 };
            if wanted {
                (mixes + decryptions) as u64 * work(set)
            } else {
                0
            }
        };
        let total = sets.iter().map(|set| steps(set)).sum();
        if total > 0 {
            watcher.begin(what, total);
        }
        let Some(ground) = &board.ground else { return votes };
        // Alone there is nobody to give the next contest to.
        let ahead = if self.workers.many() == 1 { 0 } else { AHEAD };
        let mut begun = VecDeque::new();
        let mut sets = sets.iter();
        loop {
            if let Some(set) = sets.next() {
                let contest = Contest { board, state, key, ground, set };
                if !board.manifest.contest(set.contest()).is_some_and(|c| self.scope.wants_contest(&c.id)) {
                    self.left_out(&contest, published);
                    continue;
                }
                begun.push_back(self.begin(contest, published));
                if begun.len() <= ahead {
                    self.workers.room().await;
                    continue;
                }
            }
            let Some(checking) = begun.pop_front() else { break };
            let id = checking.contest.set.contest();
            let (passage, of) = self.finish(checking, published).await;
            if let Some(line) = line(report, &board.manifest, id) {
                (line.mixed, line.decryptions) = passage;
            }
            if let Some(of) = of {
                let undecodable = of.numbers().iter().filter(|n| n.is_none()).count();
                if undecodable > 0 {
                    report.notes.push(format!(
                        "{}: {undecodable} ballots hold no valid choice, which only {} trustees together can bring about",
                        names::contest(&board.manifest, id),
                        key.threshold()
                    ));
                }
                if let Some(line) = line(report, &board.manifest, id) {
                    (line.decrypted, line.undecodable) = (Some(of.numbers().len() as u64), undecodable as u64);
                }
                votes.insert(id, of);
            }
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
                    let culprit = blame::unread(&board.manifest, &format!("mixes or decryptions of {name}"));
                    self.ledger.fail(
                        CHAIN,
                        culprit,
                        "the contest has too few ballots to be mixed and decrypted, and was",
                    );
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
                    let culprit = blame::with_collector(&board.manifest, &culprit);
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

    /// Reads a contest's files and lets its proofs be checked.
    fn begin<'a>(&mut self, contest: Contest<'a>, published: Option<&ElectionResult>) -> Checking<'a> {
        let from = self.ledger.now();
        let mixes_asked = self.scope.wants(MIXES);
        let (culprits, mixes) = if mixes_asked { self.begin_mixes(&contest) } else { Default::default() };
        self.ledger.took(MIXES, from);
        let from = self.ledger.now();
        let list = if mixes_asked {
            // With the mixes known to be false there is nothing to decrypt; where they are still being checked, that is found
            // out afterwards.
            let wrong = mixes.iter().any(|m| !matches!(&m.begun, Begun::Later(_)) && !m.holds());
            let complete = culprits.len() == contest.board.manifest.mixes();
            mixes.last().and_then(|m| m.outputs.last()).filter(|_| complete && !wrong).cloned()
        } else {
            self.unproven_list(&contest)
        };
        let mut decryptions = None;
        if self.scope.wants(DECRYPTIONS) {
            let posted = contest.state.decryptions(contest.set.contest());
            self.ledger.count(DECRYPTIONS, "decryptions", 0, posted.len().max(contest.key.threshold()) as u64);
            let published = published.filter(|_| self.scope.wants(VOTES));
            if published.is_some() {
                self.ledger.count(VOTES, "contests", 0, 1);
            }
            let begun = self.begin_decryptions(&contest, list.as_ref(), published);
            decryptions = list.is_some().then_some(begun);
        }
        self.ledger.took(DECRYPTIONS, from);
        Checking { contest, culprits, mixes, decryptions }
    }

    /// The mixes in one task, or each in its own where there are several workers; and who made each.
    fn begin_mixes(&mut self, contest: &Contest<'_>) -> (Vec<String>, Vec<Mixing>) {
        let (count, width) = (contest.set.list().len(), contest.set.list().width());
        let (list_len, proof_len) = mix_lengths(contest.set);
        let alone = self.workers.many() == 1;
        self.ledger.count(MIXES, "mixes", 0, contest.board.manifest.mixes() as u64);
        let (mut culprits, mut chain) = (Vec::new(), Vec::new());
        for mix in contest.state.mixes(contest.set.contest()) {
            let culprit = format!("{}, {}", names::mix_server(&contest.board.manifest, mix.mix), contest.name());
            let (Some(output), Some(proof)) =
                (self.file(MIXES, &mix.output, list_len), self.file(MIXES, &mix.proof, proof_len))
            else {
                self.ledger.lack(MIXES, format!("{culprit}: its files cannot be used"));
                break;
            };
            let output = ListFile::new(output, count, width);
            let output = if alone { output.read() } else { output };
            culprits.push(culprit);
            chain.push((Arc::new(output), Arc::new(proof)));
        }
        let mut input = Arc::new(ListFile::of(contest.set.list()));
        let (ground, id) = (contest.ground, contest.set.contest());
        let size = if alone { chain.len().max(1) } else { 1 };
        let mut mixes = Vec::new();
        for (first, chunk) in (1u16..).step_by(size).map(MixIndex).zip(chain.chunks(size)) {
            let outputs: Vec<_> = chunk.iter().map(|(output, _)| Arc::clone(output)).collect();
            let task = Task::Mixes { ground, contest: id, first, input: Arc::clone(&input), mixes: chunk.to_vec() };
            if let Some(last) = outputs.last() {
                input = Arc::clone(last);
            }
            mixes.push(Mixing { begun: self.workers.begin(&task), outputs });
        }
        (culprits, mixes)
    }

    /// Reads the decryptions, whatever became of the mixes. Those that the result names are one task, which also combines them;
    /// the others go with them or, where there are several workers, are a task each.
    fn begin_decryptions(
        &mut self,
        contest: &Contest<'_>,
        list: Option<&Arc<ListFile>>,
        published: Option<&ElectionResult>,
    ) -> Vec<Decrypting> {
        let max = factors_len(contest.set.list());
        let mut read = Vec::new();
        for decryption in contest.state.decryptions(contest.set.contest()) {
            let Some(bytes) = self.file(DECRYPTIONS, &decryption.factors, max) else { continue };
            read.push((decryption.trustee, Arc::new(bytes)));
        }
        let Some(list) = list else { return Vec::new() };
        // What is wrong with the names is said when they are judged.
        let combine: Vec<TrusteeIndex> = published
            .and_then(|document| contest.named(document).ok())
            .filter(|named| named.iter().all(|t| read.iter().any(|(trustee, _)| trustee == t)))
            .unwrap_or_default()
            .to_vec();
        let (together, rest): (Vec<_>, Vec<_>) =
            read.into_iter().partition(|(t, _)| self.workers.many() == 1 || combine.contains(t));
        let (ground, id) = (contest.ground, contest.set.contest());
        let groups = std::iter::once((together, combine)).chain(rest.into_iter().map(|one| (vec![one], Vec::new())));
        let begin = |(factors, combine): (Vec<Factors>, Vec<TrusteeIndex>)| {
            let trustees = factors.iter().map(|(trustee, _)| *trustee).collect();
            let task = Task::Decryptions { ground, contest: id, list: Arc::clone(list), factors, combine };
            Decrypting { begun: self.workers.begin(&task), trustees }
        };
        groups.filter(|(factors, _)| !factors.is_empty()).map(begin).collect()
    }

    /// Judges what came of a contest's proofs: how many mixes and decryptions are right, and the votes.
    async fn finish(
        &mut self,
        checking: Checking<'_>,
        published: Option<&ElectionResult>,
    ) -> ((u64, u64), Option<DecryptedVotes>) {
        let Checking { contest, culprits, mixes, decryptions } = checking;
        let from = self.ledger.now();
        let right = self.judge_mixes(&contest, &culprits, mixes).await;
        self.ledger.took(MIXES, from);
        if !self.scope.wants(DECRYPTIONS) {
            return ((right as u64, 0), None);
        }
        let mixed = right == contest.board.manifest.mixes() || !self.scope.wants(MIXES);
        let Some(decryptions) = decryptions.filter(|_| mixed) else {
            self.lack_all(&[DECRYPTIONS, VOTES], &format!("{}: the fully mixed list", contest.name()));
            return ((right as u64, 0), None);
        };
        let from = self.ledger.now();
        let (proven, votes) = self.judge_decryptions(&contest, decryptions).await;
        self.ledger.took(DECRYPTIONS, from);
        let from = self.ledger.now();
        let published = published.filter(|_| self.scope.wants(VOTES));
        let votes = published.and_then(|document| self.judge_votes(&contest, &proven, votes, document));
        self.ledger.took(VOTES, from);
        ((right as u64, proven.len() as u64), votes)
    }

    /// How many mixes are right, in a row from the first on.
    async fn judge_mixes(&mut self, contest: &Contest<'_>, culprits: &[String], mixes: Vec<Mixing>) -> usize {
        if !self.scope.wants(MIXES) {
            return 0;
        }
        let mut right = 0;
        for Mixing { begun, outputs } in mixes {
            let before = right;
            let outcome = begun.outcome().await;
            self.ledger.watcher().advance(outputs.len() as u64 * work(contest.set));
            match outcome {
                Ok(Answer::Mixes(0, wrong)) if wrong.is_empty() && !outputs.is_empty() => {
                    // Only where ballots' proofs are no part of the audit, which would show it.
                    let problem = "a counted ballot is no ciphertext at all, and no mix of it can be checked";
                    self.ledger.lack(MIXES, format!("{}: {problem} ({} names it)", contest.name(), BALLOT_PROOFS.id));
                }
                Ok(Answer::Mixes(own, wrong)) => {
                    right += own;
                    for wrong in wrong {
                        if let Some(culprit) = culprits.get(before + wrong.place) {
                            let culprit = blame::with_collector(&contest.board.manifest, culprit);
                            self.ledger.fail(MIXES, culprit, wrong.problem);
                        }
                    }
                }
                Ok(_) => self.ledger.lack(MIXES, "an answer that is none of mixes"),
                Err(lost) => self.ledger.lack(MIXES, lost.to_string()),
            }
            // What comes after a mix that is not right starts from nothing that is known.
            if right < before + outputs.len() {
                break;
            }
        }
        self.ledger.count(MIXES, "mixes", right as u64, 0);
        right
    }

    /// The trustees whose factors are right, and the votes as far as there are some.
    async fn judge_decryptions(
        &mut self,
        contest: &Contest<'_>,
        decryptions: Vec<Decrypting>,
    ) -> (Vec<TrusteeIndex>, Option<Result<DecryptedVotes, String>>) {
        let (mut proven, mut all) = (Vec::new(), None);
        for Decrypting { begun, trustees } in decryptions {
            let outcome = begun.outcome().await;
            self.ledger.watcher().advance(trustees.len() as u64 * work(contest.set));
            match outcome {
                Ok(Answer::Decryptions(Decrypted { wrong, votes })) => {
                    let of = |place: &usize| wrong.iter().all(|wrong| wrong.place != *place);
                    proven.extend((0..trustees.len()).filter(of).filter_map(|place| trustees.get(place).copied()));
                    for wrong in wrong {
                        if let Some(trustee) = trustees.get(wrong.place) {
                            let culprit = contest.trustee(*trustee);
                            let culprit = blame::with_collector(&contest.board.manifest, &culprit);
                            self.ledger.fail(DECRYPTIONS, culprit, wrong.problem);
                        }
                    }
                    all = all.or(votes);
                }
                Ok(_) => self.ledger.lack(DECRYPTIONS, "an answer that is none of decryptions"),
                Err(lost) => self.ledger.lack(DECRYPTIONS, lost.to_string()),
            }
        }
        self.ledger.count(DECRYPTIONS, "decryptions", proven.len() as u64, 0);
        (proven, all)
    }

    /// The votes of the trustees that the result names.
    fn judge_votes(
        &mut self,
        contest: &Contest<'_>,
        proven: &[TrusteeIndex],
        votes: Option<Result<DecryptedVotes, String>>,
        published: &ElectionResult,
    ) -> Option<DecryptedVotes> {
        let manifest = &contest.board.manifest;
        let commission = format!("{}, {}", names::commission(manifest), contest.name());
        let commission = blame::with_collector(manifest, &commission);
        let named = match contest.named(published) {
            Ok(named) => named,
            Err(problem) => {
                self.ledger.fail(VOTES, commission, problem);
                return None;
            }
        };
        if let Some(unproven) = named.iter().find(|t| !proven.contains(t)) {
            self.ledger.lack(VOTES, format!("the right decryption of {}", contest.trustee(*unproven)));
            return None;
        }
        match votes {
            // Of this list and of these trustees, whoever combined them.
            Some(Ok(votes)) if contest.is_of(&votes, named) => {
                self.ledger.count(VOTES, "contests", 1, 0);
                Some(votes)
            }
            Some(Err(problem)) => {
                self.ledger.fail(VOTES, commission, problem);
                None
            }
            Some(Ok(_)) | None => {
                self.ledger.lack(VOTES, format!("{}: the combined decryptions", contest.name()));
                None
            }
        }
    }

    /// The last mix's output, where no mix was asked for: it only has to be a list.
    fn unproven_list(&mut self, contest: &Contest<'_>) -> Option<Arc<ListFile>> {
        if !self.scope.wants(DECRYPTIONS) {
            return None;
        }
        let mixes = contest.state.mixes(contest.set.contest());
        let last = mixes.last().filter(|_| mixes.len() == contest.board.manifest.mixes())?;
        let bytes = self.file(DECRYPTIONS, &last.output, mix_lengths(contest.set).0)?;
        let list = ListFile::new(bytes, contest.set.list().len(), contest.set.list().width()).read();
        match list.list().err() {
            None => Some(Arc::new(list)),
            Some(error) => {
                // What is found wrong on the way is told, whatever was asked for.
                let server = names::mix_server(&contest.board.manifest, last.mix);
                let culprit = format!("{server}, {}", contest.name());
                self.ledger.fail(MIXES, blame::with_collector(&contest.board.manifest, &culprit), error);
                None
            }
        }
    }
}

/// Contests that are begun before the first of them is finished, where there are several workers.
const AHEAD: usize = 2;

/// A contest whose proofs somebody is checking.
struct Checking<'a> {
    contest: Contest<'a>,
    /// Who made each mix that could be read.
    culprits: Vec<String>,
    mixes: Vec<Mixing>,
    /// Nothing if they were not asked for, or there is no list that they can be of.
    decryptions: Option<Vec<Decrypting>>,
}

/// Mixes in a row whose proofs somebody is checking.
struct Mixing {
    begun: Begun,
    outputs: Vec<Arc<ListFile>>,
}

impl Mixing {
    /// Whether all are known to be right.
    fn holds(&self) -> bool {
        matches!(&self.begun, Begun::Done(Ok(Answer::Mixes(right, wrong))) if *right == self.outputs.len() && wrong.is_empty())
    }
}

/// A trustee's factors as they are in their file.
type Factors = (TrusteeIndex, Arc<Vec<u8>>);

/// Decryptions whose proofs somebody is checking.
struct Decrypting {
    begun: Begun,
    trustees: Vec<TrusteeIndex>,
}

/// How much work a mix or a decryption of these ballots is to check, in ciphertexts.
fn work(set: &CountedSet) -> u64 {
    (set.list().len() * set.list().width()) as u64
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
fn line<'r>(report: &'r mut Report, manifest: &Manifest, contest: ContestIndex) -> Option<&'r mut ContestPassage> {
    let id = &manifest.contest(contest)?.id;
    report.contests.iter_mut().find(|passage| passage.contest == *id)
}

/// One contest that is not withheld.
struct Contest<'a> {
    board: &'a Board,
    state: &'a Election,
    key: &'a JointKey,
    ground: &'a Ground,
    set: &'a CountedSet,
}

impl Contest<'_> {
    fn name(&self) -> String {
        names::contest(&self.board.manifest, self.set.contest())
    }

    fn trustee(&self, trustee: TrusteeIndex) -> String {
        format!("{}, {}", names::trustee(&self.board.manifest, trustee), self.name())
    }

    /// The trustees whose decryptions the result says were combined, if they can be.
    fn named<'r>(&self, published: &'r ElectionResult) -> Result<&'r [TrusteeIndex], String> {
        let id = self.board.manifest.contest(self.set.contest()).map(|c| c.id.as_str());
        let Some(named) = published.contests.iter().find(|c| Some(c.contest.as_str()) == id).map(|c| &c.trustees)
        else {
            return Err("the published result leaves the contest out".into());
        };
        if named.len() != self.key.threshold() || !named.is_sorted_by(|a, b| a < b) {
            return Err(format!(
                "the published result names {} trustees; it must name {} different ones in rising order",
                named.len(),
                self.key.threshold()
            ));
        }
        let posted = self.state.decryptions(self.set.contest());
        match named.iter().find(|t| posted.iter().all(|d| d.trustee != **t)) {
            Some(absent) => {
                Err(format!("the published result names trustee {absent}, whose decryption is not on the board"))
            }
            None => Ok(named),
        }
    }

    /// Whether these are the votes of the last mix on the board, from these trustees.
    fn is_of(&self, votes: &DecryptedVotes, named: &[TrusteeIndex]) -> bool {
        let mixes = self.state.mixes(self.set.contest());
        let last = mixes.last().map_or(self.set.list().digest(), |mix| &mix.output);
        votes.list() == last && votes.trustees() == named && votes.numbers().len() == self.set.list().len()
    }
}
