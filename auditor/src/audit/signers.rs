//! Who signed what, for readers: the signatures themselves are [`crate::checks::SIGNED`]'s.

use super::board::Board;
use crate::report::{Signer, WitnessReport};
use selge_core::election::{Election, Phase};
use selge_core::ids::{MixIndex, TrusteeIndex};

/// One line for each party, in the manifest's order, without what there is none of.
pub(super) fn of(board: &Board, state: &Election, witnesses: Option<&WitnessReport>) -> Vec<Signer> {
    let manifest = board.manifest.document();
    let numbers = board.recount.numbers();
    let one = |there: bool| u64::from(there);
    let line = |role: &str, name: Option<&str>, signed: Vec<(&str, u64)>| Signer {
        role: role.to_owned(),
        name: name.map(str::to_owned),
        signed: signed.into_iter().filter(|(_, n)| *n > 0).map(|(what, n)| (what.to_owned(), n)).collect(),
    };
    let mut lines = vec![
        line(
            "commission",
            Some(&manifest.commission.name),
            vec![
                ("manifest", 1),
                ("opening", one(state.opening().is_some())),
                ("cancellations", board.recount.cancelled_voters()),
                ("closing", one(state.closing().is_some())),
                ("result", one(state.phase() == Phase::Finished)),
            ],
        ),
        line("registrar", Some(&manifest.registrar.name), vec![("roll", one(state.roll().is_some()))]),
        line("voters", None, vec![("ballots", numbers.cast)]),
        line("collector", Some(&manifest.collector.name), vec![("checkpoint", 1)]),
    ];
    for (index, party) in (1u16..).map(MixIndex).zip(&manifest.mix_servers) {
        let mixes = state.counted().iter().flat_map(|set| state.mixes(set.contest()));
        let own = mixes.filter(|mix| mix.mix == index).count() as u64;
        lines.push(line("mix_server", Some(&party.name), vec![("mixes", own)]));
    }
    for (index, party) in (1u16..).map(TrusteeIndex).zip(&manifest.trustees) {
        let decryptions = state.counted().iter().flat_map(|set| state.decryptions(set.contest()));
        let own = decryptions.filter(|decryption| decryption.trustee == index).count() as u64;
        let ceremony = one(state.commitments().any(|message| message.trustee == index))
            + one(state.shares().any(|message| message.trustee == index))
            + one(state.confirmed(index));
        lines.push(line("trustee", Some(&party.name), vec![("ceremony", ceremony), ("decryptions", own)]));
    }
    for name in witnesses.map_or(&[][..], |found| &found.cosigned) {
        lines.push(line("witness", Some(name), vec![("cosignature", 1)]));
    }
    lines.retain(|line| !line.signed.is_empty());
    lines
}
