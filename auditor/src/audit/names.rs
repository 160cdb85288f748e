//! Who is who: parties, contests and entries as a reader knows them.

use selge_core::entry::EntryBody;
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::manifest::Manifest;

pub(super) fn commission(manifest: &Manifest) -> String {
    format!("the election commission ({})", manifest.document().commission.name)
}

pub(super) fn registrar(manifest: &Manifest) -> String {
    format!("the registrar ({})", manifest.document().registrar.name)
}

pub(super) fn collector(manifest: &Manifest) -> String {
    format!("the collector ({})", manifest.document().collector.name)
}

pub(super) fn trustee(manifest: &Manifest, trustee: TrusteeIndex) -> String {
    let name = manifest.trustee(trustee).map_or("not in the manifest", |p| p.name.as_str());
    format!("trustee {trustee} ({name})")
}

pub(super) fn mix_server(manifest: &Manifest, mix: MixIndex) -> String {
    let name = manifest.mix_server(mix).map_or("not in the manifest", |p| p.name.as_str());
    format!("mix server {mix} ({name})")
}

pub(super) fn contest(manifest: &Manifest, contest: ContestIndex) -> String {
    manifest.contest(contest).map_or_else(|| format!("contest {contest}"), |c| format!("contest {:?}", c.id))
}

/// Who is responsible for an entry.
pub(super) fn signer(manifest: &Manifest, body: &EntryBody) -> String {
    match body {
        EntryBody::Commitments(m) => trustee(manifest, m.trustee),
        EntryBody::Shares(m) => trustee(manifest, m.trustee),
        EntryBody::Confirmation(m) => trustee(manifest, m.trustee),
        EntryBody::Complaint(m) => trustee(manifest, m.trustee),
        EntryBody::Roll(_) => registrar(manifest),
        EntryBody::Ballot(m) => format!("voter {}", m.voter),
        EntryBody::Mix(m) => format!("{}, {}", mix_server(manifest, m.mix), contest(manifest, m.contest)),
        EntryBody::Decryption(m) => format!("{}, {}", trustee(manifest, m.trustee), contest(manifest, m.contest)),
        _ => commission(manifest),
    }
}
