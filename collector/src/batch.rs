//! Ballots that wait to be checked are checked together: a ballot alone at once, under load as many as have come while
//! the batch before was checked. Nobody waits for a batch to fill.
//!
//! For each batch, in this order: decode, look for ballots that the board has already, signatures (one sum), the
//! voters' places, the state's rules, proofs (one sum). A stranger's bytes end at the signatures; who gets as far as the
//! proofs is a voter on the roll, and one who has sent a false proof is checked after the others and alone from then on.

use crate::admission::known;
use crate::admitted::{decode, Admitted, Decoded};
use crate::board::Board;
use crate::closing::InHand;
use crate::peers::Peer;
use crate::refusal;
use crate::voters::{VoterPlace, Voters};
use selge_core::ballot::BallotError;
use selge_core::election::{EntryError, SignedBallotEntry};
use selge_core::elgamal::PublicKey;
use selge_core::entry::EntryKind;
use selge_core::receipt::Receipt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tonic::Status;

/// Most ballots of one batch: enough that the generators' share of each is small.
const MOST: usize = 128;

/// Most bytes of one batch, so that ballots with many contests do not wait for each other.
const MOST_BYTES: usize = 256 << 10;

/// A ballot that waits to be checked.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) bytes: Vec<u8>,
    pub(crate) peer: Option<Peer>,
    pub(crate) in_hand: InHand,
    pub(crate) answer: oneshot::Sender<Result<Receipt, Status>>,
}

/// A ballot on its way to the sequencer.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) admitted: Admitted,
    pub(crate) place: Places,
    pub(crate) answer: oneshot::Sender<Result<Receipt, Status>>,
}

/// What a ballot holds until it is answered.
#[derive(Debug)]
pub(crate) struct Places {
    _in_hand: InHand,
    _voter: Option<VoterPlace>,
}

/// What the verifiers' queue carries.
#[derive(Debug)]
pub(crate) enum Work {
    /// A ballot.
    Check(Box<Waiting>),
    /// Take nothing more, check what is in the queue, and end.
    Stop,
}

/// The ballot of a message. A stop closes the queue behind it, and what is before the close still comes out.
fn waiting(work: Work, queue: &mut mpsc::Receiver<Work>) -> Option<Waiting> {
    match work {
        Work::Check(waiting) => Some(*waiting),
        Work::Stop => {
            queue.close();
            None
        }
    }
}

/// Checks batches until it is told to stop or nobody can send any more ballots.
#[derive(Debug)]
pub(crate) struct Verifier<F> {
    pub(crate) board: Arc<Board>,
    pub(crate) voters: Arc<Voters>,
    pub(crate) queue: Arc<Mutex<mpsc::Receiver<Work>>>,
    /// Takes what holds.
    pub(crate) forward: F,
}

/// Who waits for a ballot in the middle of its checks, and with what.
struct Client {
    peer: Option<Peer>,
    in_hand: InHand,
    voter: Option<VoterPlace>,
    answer: oneshot::Sender<Result<Receipt, Status>>,
}

/// A ballot in the middle of its checks; its type says how far they have come.
type Ballot<T = Decoded> = (T, Client);

impl Client {
    fn refuse(self, status: Status, fault: bool) {
        if let (true, Some(peer)) = (fault, &self.peer) {
            peer.fault();
        }
        self.answer(Err(status));
    }

    /// Whoever has the answer has no place any more.
    fn answer(self, answer: Result<Receipt, Status>) {
        drop((self.in_hand, self.voter));
        let _ = self.answer.send(answer);
    }

    fn checked(self, admitted: Admitted) -> Checked {
        let Client { in_hand, voter, answer, .. } = self;
        Checked { admitted, place: Places { _in_hand: in_hand, _voter: voter }, answer }
    }
}

/// How many ballots are checked together. Batches that fail make it smaller, so that whoever sends false ballots makes
/// few others be checked again.
#[derive(Debug)]
struct Size(usize);

impl Size {
    fn failed(&mut self) {
        self.0 = (self.0 / 2).max(1);
    }

    fn held(&mut self) {
        self.0 = (self.0 + 4).min(MOST);
    }
}

impl<F: Fn(Checked)> Verifier<F> {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(self) {
        let mut size = Size(MOST);
        while let Some(batch) = self.take(size.0) {
            let started = Instant::now();
            let ballots = batch.len();
            let again = self.check(batch);
            if again {
                size.failed();
            } else {
                size.held();
            }
            self.board.metrics.verified(ballots, started.elapsed(), again);
        }
    }

    /// The next ballot, and those behind it that are there already.
    fn take(&self, most: usize) -> Option<Vec<Waiting>> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let first = loop {
            let work = queue.blocking_recv()?;
            if let Some(first) = waiting(work, &mut queue) {
                break first;
            }
        };
        let mut bytes = first.bytes.len();
        let mut batch = vec![first];
        while batch.len() < most && bytes < MOST_BYTES {
            let Ok(work) = queue.try_recv() else { break };
            let Some(next) = waiting(work, &mut queue) else { continue };
            bytes += next.bytes.len();
            batch.push(next);
        }
        Some(batch)
    }

    /// Checks and answers or forwards each; returns whether a false proof made the sum fail.
    fn check(&self, batch: Vec<Waiting>) -> bool {
        let now = self.board.clock.now();
        let mut ballots: Vec<Ballot> = Vec::with_capacity(batch.len());
        for Waiting { bytes, peer, in_hand, answer } in batch {
            // Nobody waits for the answer any more, and nobody has been told anything.
            if answer.is_closed() {
                continue;
            }
            let client = Client { peer, in_hand, voter: None, answer };
            match decode(bytes) {
                Ok(decoded) => ballots.push((decoded, client)),
                Err(status) => client.refuse(status, true),
            }
        }
        let ballots: Vec<_> = ballots.into_iter().filter_map(|ballot| self.unless_known(ballot)).collect();
        let ballots = self.signatures(ballots);
        let (key, ballots) = self.rules(ballots, now);
        self.proofs(key, ballots)
    }

    fn unless_known(&self, (ballot, client): Ballot) -> Option<Ballot> {
        let Some(receipt) = known(&self.board, &ballot.leaf()) else { return Some((ballot, client)) };
        self.board.metrics.known();
        client.answer(Ok(receipt));
        None
    }

    /// Refuses a ballot that the state does not admit, unless that is because the same bytes have just been sequenced:
    /// then the sequencer has the receipt when it is signed.
    fn not_now<T>(&self, (ballot, client): Ballot<Decoded<T>>, error: &EntryError, fault: bool) {
        if self.board.find(&ballot.leaf()).is_some() {
            return (self.forward)(client.checked(ballot.on_the_board()));
        }
        client.refuse(refusal::entry(EntryKind::Ballot, error), fault);
    }

    /// Those whose voter is on the roll and has signed.
    fn signatures(&self, ballots: Vec<Ballot>) -> Vec<Ballot<Decoded<SignedBallotEntry>>> {
        let signers: Vec<_> = {
            let election = self.board.election();
            let signer = |(ballot, _): &Ballot| {
                let body = ballot.ballot()?;
                Some((body.voter, election.ballot_voter(body)))
            };
            ballots.iter().map(signer).collect()
        };
        let (mut claimed, mut of) = (Vec::with_capacity(ballots.len()), Vec::with_capacity(ballots.len()));
        for ((ballot, client), signer) in ballots.into_iter().zip(signers) {
            match signer {
                Some((id, Ok(voter))) => {
                    claimed.push((ballot, voter.key));
                    of.push((id, client));
                }
                Some((_, Err(error))) => self.not_now((ballot, client), &error, true),
                None => client.refuse(refusal::misplaced(), true),
            }
        }
        let verdicts = Decoded::check_signatures(self.board.manifest.id(), claimed);
        let mut signed = Vec::with_capacity(of.len());
        for ((voter, client), verdict) in of.into_iter().zip(verdicts) {
            match verdict {
                Ok(ballot) => signed.push((ballot, client)),
                Err(source) => {
                    let error = EntryError::Signature { signer: format!("voter {voter}"), source };
                    client.refuse(refusal::entry(EntryKind::Ballot, &error), true);
                }
            }
        }
        signed
    }

    /// Those that may come next, each with a place among its voter's; and the joint key.
    fn rules(
        &self,
        ballots: Vec<Ballot<Decoded<SignedBallotEntry>>>,
        time: time::OffsetDateTime,
    ) -> (Option<PublicKey>, Vec<Ballot<Decoded<SignedBallotEntry>>>) {
        let (now, period) = (Instant::now(), crate::admission::in_period(&self.board, time));
        let mut placed = Vec::with_capacity(ballots.len());
        for (ballot, mut client) in ballots {
            match self.voters.enter(ballot.entry().ballot().voter, now) {
                Ok(place) => {
                    client.voter = Some(place);
                    placed.push((ballot, client));
                }
                Err(status) => client.refuse(status, false),
            }
        }
        let (key, errors): (_, Vec<_>) = {
            let election = self.board.election();
            let errors = placed.iter().map(|(ballot, _)| election.check_signed(&ballot.entry().signed()).err());
            let errors = errors.collect();
            (election.joint_key().map(|key| key.public_key().clone()), errors)
        };
        let mut next = Vec::with_capacity(placed.len());
        for ((ballot, client), error) in placed.into_iter().zip(errors) {
            match (error, &period) {
                (None, Ok(())) => next.push((ballot, client)),
                (None, Err(status)) => client.refuse(status.clone(), false),
                (Some(error), _) => self.not_now((ballot, client), &error, false),
            }
        }
        (key, next)
    }

    /// Forwards those whose proofs hold.
    fn proofs(&self, key: Option<PublicKey>, ballots: Vec<Ballot<Decoded<SignedBallotEntry>>>) -> bool {
        let Some(key) = key else {
            for (_, client) in ballots {
                client.refuse(Status::failed_precondition("the key ceremony is not complete"), false);
            }
            return false;
        };
        let suspect = |(_, client): &Ballot<_>| client.voter.as_ref().is_some_and(|voter| voter.suspect);
        let (apart, together): (Vec<_>, Vec<_>) = ballots.into_iter().partition(suspect);
        let again = self.verify(&key, together);
        for ballot in apart {
            self.verify(&key, vec![ballot]);
        }
        again
    }

    /// Checks the proofs of ballots together, forwards those that hold and refuses the others; returns whether the sum
    /// over more than one has failed.
    fn verify(&self, key: &PublicKey, ballots: Vec<Ballot<Decoded<SignedBallotEntry>>>) -> bool {
        let (ballots, clients): (Vec<_>, Vec<_>) = ballots.into_iter().unzip();
        let verdicts = Decoded::verify_each(&self.board.manifest, key, ballots);
        let again = verdicts.len() > 1 && verdicts.iter().any(Result::is_err);
        clients.into_iter().zip(verdicts).for_each(|(client, verdict)| self.answer(client, verdict));
        again
    }

    fn answer(&self, client: Client, verdict: Result<Admitted, BallotError>) {
        match verdict {
            Ok(admitted) => (self.forward)(client.checked(admitted)),
            Err(error) => {
                client.voter.iter().for_each(|voter| voter.is_false(Instant::now()));
                client.refuse(refusal::not_true(error), true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_batches_make_the_next_ones_smaller() {
        let mut size = Size(MOST);
        (0..20).for_each(|_| size.failed());
        assert_eq!(size.0, 1);
        (0..1000).for_each(|_| size.held());
        assert_eq!(size.0, MOST);
    }
}
