//! An election whose every ballot is known to the mix servers, plaintext and randomness: voters and trustees collude with
//! them. Nothing else lets a forger come as close to a proof of a false shuffle.

use super::ballot::{lie_with, scalar};
use super::shuffle::{Forged, Known, Scene};
use super::{ballot, context};
use crate::board::stages::{COUNCIL, DONE, MAYOR, PARKS};
use crate::board::Board;
use curve25519_dalek::Scalar;
use rand::rngs::OsRng;
use selge_core::ballot::EncryptedBallot;
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{EntryBody, Mix};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, MixIndex};
use selge_core::plaintext::EncryptedContest;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Voters who cast: those of the town.
const VOTERS: usize = 9;

/// The closed board and what is in two of its lists.
pub(crate) struct KnownBoard {
    pub(crate) board: Board,
    inputs: BTreeMap<ContestIndex, Known>,
}

/// The corpus's election, with other ballots.
pub(crate) static KNOWN: LazyLock<KnownBoard> = LazyLock::new(KnownBoard::new);

/// A contest holding `number`, under randomness that is kept.
fn known_contest(
    board: &Board,
    voter: usize,
    contest: ContestIndex,
    number: u64,
) -> (EncryptedContest, Vec<Scalar>, Vec<Scalar>) {
    let ctx = context(board, voter, contest);
    let rest = u64::try_from(ctx.layout.space() - 1).expect("a small space") - number;
    let limbs = |of: u64| (0..ctx.layout.width()).map(move |i| of >> (16 * i) & 0xffff);
    let (m, d): (Vec<Scalar>, Vec<Scalar>) =
        (limbs(number).map(Scalar::from).collect(), limbs(rest).map(Scalar::from).collect());
    let r: Vec<_> = m.iter().map(|_| scalar()).collect();
    let claimed: Vec<_> = limbs(number).chain(limbs(rest)).collect();
    let made: ballot::Forged = lie_with(&ctx, &m, r.clone(), &d[1..], &claimed, &[]);
    (made.contest().expect("a well-formed contest"), m, r)
}

impl KnownBoard {
    fn new() -> Self {
        let mut board = DONE.clone();
        let opened = board.places(|b| matches!(b, EntryBody::Opening(_)))[0];
        board.entries.truncate(opened + 1);
        board.forget();
        let mut inside: BTreeMap<ContestIndex, [Vec<Vec<Scalar>>; 2]> = BTreeMap::new();
        for voter in 0..VOTERS {
            let council = EncryptedContest::encrypt(&context(&board, voter, COUNCIL), voter as u128, &mut OsRng);
            let mut contests = Vec::new();
            // Nobody's mayor is number 0, and parks differ in both limbs: forgers divide by these.
            for (contest, number) in [(MAYOR, voter % 3 + 1), (PARKS, 7 * voter + 1 + ((voter % 2) << 16))] {
                let (encrypted, m, r) = known_contest(&board, voter, contest, number as u64);
                let of = inside.entry(contest).or_default();
                of[0].push(m);
                of[1].push(r);
                contests.push(encrypted);
            }
            contests.push(council.expect("a number of the space"));
            let (id, style, previous) = (board.keys.voters[voter].0, board.style(voter), board.previous(voter));
            board.cast(voter, EncryptedBallot { voter: id, style, previous, contests });
        }
        board.close();
        let key = board.joint_key.public_key();
        let inputs: BTreeMap<_, _> = inside.into_iter().map(|(c, [m, r])| (c, Known::with(key, m, r))).collect();
        for (contest, known) in &inputs {
            assert_eq!(known.list.digest(), board.lists[contest].digest(), "what is known is what was cast");
        }
        KnownBoard { board, inputs }
    }

    /// The place of a mix of this contest, for a forger who knows its input.
    pub(crate) fn scene(&self, contest: ContestIndex, mix: u16) -> Scene {
        let input = self.inputs[&contest].clone();
        let (n, w) = (input.list.len(), input.list.width());
        let generators = Generators::new(n);
        Scene {
            key: self.board.joint_key.public_key().clone(),
            g: generators.g(),
            h: *generators.h(),
            generators,
            input,
            n,
            w,
            election: *self.board.manifest.id(),
            contest,
            mix: MixIndex(mix),
        }
    }
}

/// Posts a mix with this output and proof.
pub(crate) fn post_mix(board: &mut Board, scene: &Scene, output: &Arc<CiphertextList>, proof: &Forged) {
    let (file, proof) = (board.file(output.to_bytes()), board.file(proof.bytes()));
    let (contest, mix, input) = (scene.contest, scene.mix, *scene.input.list.digest());
    board.put(EntryBody::Mix(Mix { contest, mix, input, output: file, proof }));
    board.lists.insert(contest, Arc::clone(output));
}
