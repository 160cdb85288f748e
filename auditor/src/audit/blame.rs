//! Who is responsible for what is wrong.
//!
//! The collector answers for every entry (`STATE-4`): it signed the board that holds it. Whoever the entry says made it
//! answers besides, if the signature is really theirs and what they signed is wrong wherever it stands. Where it is wrong
//! only because of what stands before it, that may have been changed instead: then the sentence says who else it can be, and
//! that the record does not tell.

use super::names;
use selge_core::election::{Election, EntryError};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::{LeafHash, MixIndex, TrusteeIndex};
use selge_core::manifest::Manifest;
use selge_core::sign::VerifyingKey;
use selge_core::tree::Tree;

/// What ends every sentence that leaves it open who it was.
const OPEN: &str = "the record does not tell which";

/// Whoever handed the record out: files are copied by anybody, and damaged on the way.
pub(super) fn copier(path: &str) -> String {
    format!("whoever made this copy ({path})")
}

/// Somebody who signed what does not hold, and the collector, which checks everything before it takes it.
pub(super) fn with_collector(manifest: &Manifest, who: &str) -> String {
    format!("{who}, and {}, which took it", names::collector(manifest))
}

/// Who put an entry on the board of which no more is known.
pub(super) fn unread(manifest: &Manifest, entry: &str) -> String {
    format!("{}, which put {entry} on the board", names::collector(manifest))
}

/// Who answers for an entry that the state before it does not take, at the place after `tree`.
pub(super) fn refused(
    manifest: &Manifest,
    state: Option<&Election>,
    tree: &Tree,
    leaf: &LeafHash,
    entry: &SignedEntry,
    error: &EntryError,
) -> String {
    let (at, body) = (tree.size(), &entry.body);
    let (collector, signer) = (names::collector(manifest), names::signer(manifest, body));
    let bare = format!("entry {at} ({})", body.kind());
    let Some(key) = key(manifest, state, body) else {
        return format!("{collector}, which put {bare} on the board: there is no key of {signer}");
    };
    if entry.verify(manifest.id(), &key).is_err() {
        return match forger(manifest, entry) {
            Some(forger) if forger == collector => {
                format!("{collector}, which signed {bare} itself: {signer} did not sign it for this election")
            }
            Some(forger) => format!(
                "{forger}, whose signature {bare} bears, and {collector}, which took it: {signer} did not sign it for this \
                 election"
            ),
            None => {
                format!("{collector}, which put {bare} on the board: {signer} did not sign it for this election")
            }
        };
    }
    if let Some(first) = (0..at).find(|place| tree.leaf(*place).as_ref() == Some(leaf)) {
        return format!("{collector}, which repeated entry {first} as {bare}: {signer} signed it once");
    }
    let with_signer = format!("or {collector} and {signer}, which signed it like that: {OPEN}");
    match (body, error) {
        (EntryBody::Ballot(_), EntryError::Phase { .. }) => {
            format!("{collector}, which took {bare} when no ballot may be taken")
        }
        (EntryBody::Ballot(_), EntryError::Stale { .. } | EntryError::Cancelled { .. }) => format!(
            "{collector}, which left out, repeated or moved what concerns this voter before {bare}; {with_signer}"
        ),
        (EntryBody::Closing(_), EntryError::Mismatch { .. }) => {
            format!("{collector}, which changed the entries before {bare}; {with_signer}")
        }
        (EntryBody::Mix(m), EntryError::Mismatch { .. }) => {
            let done = state.map_or(&[][..], |state| state.mixes(m.contest));
            let counted = state.and_then(|state| state.counted_in(m.contest)).map(|set| *set.list().digest());
            let newest = done.last().map(|mix| mix.output).or(counted);
            if usize::from(m.mix.0) == done.len() + 1 {
                let other = match done.last() {
                    Some(before) => {
                        format!("{}, which signed another mix before it", names::mix_server(manifest, before.mix))
                    }
                    None => format!("{}, which signed a closing of other ballots", names::commission(manifest)),
                };
                either(&collector, &format!("{bare}, a mix of another list than the board has"), &signer, &other)
            } else if newest == Some(m.input) {
                // It started from what is on the board: it knew that nothing had been mixed since, or what was there put
                // out its own input.
                let left_out = names::mix_server(manifest, MixIndex(m.mix.0 - 1));
                let other = format!("{left_out}, whose mix was left out and had changed nothing");
                either(&collector, &format!("{bare}, a mix in a later place than its own"), &signer, &other)
            } else {
                format!("{collector}, which left out the mix before {bare}; {with_signer}")
            }
        }
        (EntryBody::Mix(_) | EntryBody::Decryption(_), EntryError::Phase { .. }) if withheld(state, body) => {
            let other = format!("{}, which signed a closing of other ballots", names::commission(manifest));
            either(&collector, &format!("{bare} of a contest that may not be decrypted"), &signer, &other)
        }
        (EntryBody::Decryption(_), EntryError::Mismatch { .. }) => {
            let last = MixIndex(u16::try_from(manifest.mixes()).unwrap_or(u16::MAX));
            let other = format!("{}, which signed another mix", names::mix_server(manifest, last));
            either(&collector, &format!("{bare} of another list than the last mix's"), &signer, &other)
        }
        (_, EntryError::Mismatch { .. } | EntryError::JointKey { .. }) => either(
            &collector,
            &format!("{bare}, which does not fit what stands before it"),
            &signer,
            &before(manifest, body),
        ),
        (_, EntryError::Phase { .. }) => {
            format!("{collector}, which moved {bare} or left out what must stand before it; {with_signer}")
        }
        // Wrong wherever it stands.
        _ => with_collector(manifest, &format!("{signer}, which signed {bare}")),
    }
}

/// The collector, which cannot have done it alone.
fn either(collector: &str, entry: &str, signer: &str, other: &str) -> String {
    format!(
        "{collector}, which took {entry}, and with it either {signer}, which signed it like that, or {other}: {OPEN}"
    )
}

/// Who signed what an entry of the set-up refers to.
fn before(manifest: &Manifest, body: &EntryBody) -> String {
    match body {
        EntryBody::Opening(_) => {
            format!("{} or a trustee, whose roll or message was another", names::registrar(manifest))
        }
        _ => "another trustee, whose message was another".to_owned(),
    }
}

fn withheld(state: Option<&Election>, body: &EntryBody) -> bool {
    let contest = match body {
        EntryBody::Mix(m) => m.contest,
        EntryBody::Decryption(m) => m.contest,
        _ => return false,
    };
    state.and_then(|state| state.counted_in(contest)).is_some_and(|set| set.withheld())
}

/// The key that manifest or roll give the party that an entry says it is of.
fn key(manifest: &Manifest, state: Option<&Election>, body: &EntryBody) -> Option<VerifyingKey> {
    let document = manifest.document();
    let trustee = |index: TrusteeIndex| manifest.trustee(index).map(|party| party.key);
    match body {
        EntryBody::Commitments(m) => trustee(m.trustee),
        EntryBody::Shares(m) => trustee(m.trustee),
        EntryBody::Confirmation(m) => trustee(m.trustee),
        EntryBody::Complaint(m) => trustee(m.trustee),
        EntryBody::Decryption(m) => trustee(m.trustee),
        EntryBody::Mix(m) => manifest.mix_server(m.mix).map(|party| party.key),
        EntryBody::Roll(_) => Some(document.registrar.key),
        EntryBody::Ballot(m) => state?.roll()?.get(&m.voter).map(|voter| voter.key),
        // As names::signer: the rest is the commission's.
        _ => Some(document.commission.key),
    }
}

/// Whether an entry bears the signature of the party that it says it is of.
pub(super) fn is_signed(manifest: &Manifest, state: &Election, entry: &SignedEntry) -> bool {
    key(manifest, Some(state), &entry.body).is_some_and(|key| entry.verify(manifest.id(), &key).is_ok())
}

/// The party of the manifest whose signature an entry bears in another's name. Voters are too many to try.
fn forger(manifest: &Manifest, entry: &SignedEntry) -> Option<String> {
    let document = manifest.document();
    let mixes = (1u16..).map(MixIndex).zip(&document.mix_servers);
    let trustees = (1u16..).map(TrusteeIndex).zip(&document.trustees);
    [
        (names::collector(manifest), document.collector.key),
        (names::commission(manifest), document.commission.key),
        (names::registrar(manifest), document.registrar.key),
    ]
    .into_iter()
    .chain(mixes.map(|(index, party)| (names::mix_server(manifest, index), party.key)))
    .chain(trustees.map(|(index, party)| (names::trustee(manifest, index), party.key)))
    .find(|(_, key)| entry.verify(manifest.id(), key).is_ok())
    .map(|(name, _)| name)
}
