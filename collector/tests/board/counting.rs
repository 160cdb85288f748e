//! From the closing to the result, with everything false on the way refused, and the exported record read back.

use crate::stage::{connect, replica, Stage};
use selge_collector::export::export;
use selge_core::codec::Encode;
use selge_core::decryption::{DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::election::Election;
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Decryption, EntryBody, Mix, SignedEntry};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, LeafHash, MixIndex, TrusteeIndex};
use selge_core::note::Checkpoint;
use selge_core::outcome::ElectionResult;
use selge_core::record::{entry_bundles, file_path, hash_tiles, read_bundle};
use selge_core::shuffle::{shuffle, ShuffleContext};
use selge_core::tree::{leaf_hash, Tree};
use selge_node::client::BoardClient;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

type Posted = (SignedEntry, Vec<Vec<u8>>, Arc<CiphertextList>);

fn mix(stage: &Stage, contest: ContestIndex, mix: MixIndex, input: &Arc<CiphertextList>) -> Posted {
    let joint_key = stage.joint_key.public_key();
    let ctx = ShuffleContext { election: stage.manifest.id(), joint_key, contest, mix };
    let (output, proof) = shuffle(&ctx, &Generators::new(input.len()), input, &mut rand::rngs::OsRng).unwrap();
    let files = vec![output.bytes().to_vec(), proof.to_bytes()];
    (mix_entry(stage, contest, mix, input, &files), files, output)
}

fn mix_entry(
    stage: &Stage,
    contest: ContestIndex,
    mix: MixIndex,
    input: &CiphertextList,
    files: &[Vec<u8>],
) -> SignedEntry {
    let (output, proof) = (Digest::of(&files[0]), Digest::of(&files[1]));
    let body = EntryBody::Mix(Mix { contest, mix, input: *input.digest(), output, proof });
    stage.sign(body, &stage.mix_servers[usize::from(mix.0) - 1])
}

fn decrypt(stage: &Stage, contest: ContestIndex, trustee: TrusteeIndex, list: &CiphertextList) -> PartialDecryption {
    let ctx = DecryptionContext { election: stage.manifest.id(), joint_key: &stage.joint_key, contest, trustee };
    let share = &stage.shares[usize::from(trustee.0) - 1];
    PartialDecryption::make(&ctx, share, list, &mut rand::rngs::OsRng).unwrap()
}

fn decryption_entry(
    stage: &Stage,
    contest: ContestIndex,
    trustee: TrusteeIndex,
    list: &CiphertextList,
    factors: &[u8],
) -> SignedEntry {
    let body = Decryption { trustee, contest, input: *list.digest(), factors: Digest::of(factors) };
    stage.sign(EntryBody::Decryption(body), &stage.trustees[usize::from(trustee.0) - 1])
}

fn result_entry(stage: &Stage, bytes: &[u8]) -> SignedEntry {
    stage.sign(EntryBody::Result(Digest::of(bytes)), &stage.commission)
}

async fn refuse(board: &mut BoardClient, entry: &SignedEntry, files: Vec<Vec<u8>>, why: &str) {
    let error = board.post(entry, files).await.unwrap_err().to_string();
    assert!(error.contains("the board refused") && error.contains(why), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_taken_and_every_false_step_of_it_refused() {
    let stage = Stage::new();
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    stage.open(&mut board).await;
    for who in 0..stage.voters.len() {
        board.submit(&stage.ballot(who, LeafHash::NONE, if who < 4 { 2 } else { 0 })).await.unwrap();
    }
    let closing = stage.closing(&mut board).await;
    board.submit(&closing).await.unwrap();
    let state = replica(&stage, &mut board).await;
    let election: &Election = state.election().unwrap();
    let mut lists = BTreeMap::new();
    for set in election.counted() {
        let contest = set.contest();
        let early = stage.shares.first().map(|_| decrypt(&stage, contest, TrusteeIndex(1), set.list()).to_bytes());
        let early = early.unwrap();
        let entry = decryption_entry(&stage, contest, TrusteeIndex(1), set.list(), &early);
        refuse(&mut board, &entry, vec![early], "not all mix servers have mixed").await;
        let (entry, files, first) = mix(&stage, contest, MixIndex(1), set.list());
        // Out of turn, by the wrong server, of the wrong input.
        let (late, late_files, _) = mix(&stage, contest, MixIndex(2), set.list());
        refuse(&mut board, &late, late_files, "place in the chain").await;
        let forged = stage.sign(entry.body.clone(), &stage.mix_servers[1]);
        refuse(&mut board, &forged, files.clone(), "signature").await;
        // A list with one ballot twice, under the proof of the honest one; a proof with one bit changed.
        let mut doubled = files[0].clone();
        let vector = (doubled.len() - CiphertextList::HEADER) / set.list().len();
        doubled.copy_within(CiphertextList::HEADER..CiphertextList::HEADER + vector, CiphertextList::HEADER + vector);
        let doubled = vec![doubled, files[1].clone()];
        let false_entry = mix_entry(&stage, contest, MixIndex(1), set.list(), &doubled);
        refuse(&mut board, &false_entry, doubled, "does not hold").await;
        let mut changed = files.clone();
        let last = changed[1].len() - 32;
        changed[1][last] ^= 1;
        let false_entry = mix_entry(&stage, contest, MixIndex(1), set.list(), &changed);
        refuse(&mut board, &false_entry, changed, "does not hold").await;
        // Files other than the entry's.
        refuse(&mut board, &entry, vec![files[0].clone()], "must come next").await;
        refuse(&mut board, &entry, vec![files[1].clone(), files[0].clone()], "this entry needs exactly").await;
        let mut other = files.clone();
        other[0][40] ^= 1;
        refuse(&mut board, &entry, other, "the entry names").await;
        let more = [&files[..], &[vec![1]]].concat();
        refuse(&mut board, &entry, more, "more follows").await;

        let receipt = board.post(&entry, files.clone()).await.unwrap();
        stage.holds(&receipt, &entry);
        assert_eq!(board.post(&entry, files).await.unwrap().index, receipt.index);
        let (again, files, _) = mix(&stage, contest, MixIndex(1), set.list());
        refuse(&mut board, &again, files, "already on the board").await;
        let (entry, files, second) = mix(&stage, contest, MixIndex(2), &first);
        board.post(&entry, files).await.unwrap();
        lists.insert(contest, second);
    }
    server.stop().await.unwrap();

    // The newest lists come from the files after a start.
    let server = stage.serve().await;
    let mut board = connect(&server).await;
    for (contest, list) in &lists {
        for trustee in [1, 2].map(TrusteeIndex) {
            let factors = decrypt(&stage, *contest, trustee, list).to_bytes();
            let mut changed = factors.clone();
            let last = changed.len() - 32;
            changed[last] ^= 1;
            let entry = decryption_entry(&stage, *contest, trustee, list, &changed);
            refuse(&mut board, &entry, vec![changed], "not made with its share").await;
            let entry = decryption_entry(&stage, *contest, trustee, list, &factors);
            let short = vec![factors[..factors.len() - 32].to_vec()];
            refuse(&mut board, &entry, short, "this entry needs exactly").await;
            let receipt = board.post(&entry, vec![factors]).await.unwrap();
            stage.holds(&receipt, &entry);
        }
    }
    let state = replica(&stage, &mut board).await;
    let result = result(&stage, state.election().unwrap(), &lists);
    let bytes = serde_json::to_vec(&result).unwrap();
    for (from, to) in
        [("\"cast\":6", "\"cast\":7"), ("\"trustees\":[1,2]", "\"trustees\":[1,3]"), ("{\"one\":2}", "{\"one\":1}")]
    {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        let bad = text.replace(from, to).into_bytes();
        refuse(&mut board, &result_entry(&stage, &bad), vec![bad.clone()], "the result").await;
    }
    for bad in [&b"{}"[..], b"garbage", b"\xff"] {
        refuse(&mut board, &result_entry(&stage, bad), vec![bad.to_vec()], "not a valid document").await;
    }
    let entry = result_entry(&stage, &bytes);
    let receipt = board.post(&entry, vec![bytes]).await.unwrap();
    let checkpoint = stage.holds(&receipt, &entry);
    assert_eq!(board.status().await.unwrap().phase, "finished");
    check_record(&stage, &checkpoint);
    server.stop().await.unwrap();
}

fn result(stage: &Stage, election: &Election, lists: &BTreeMap<ContestIndex, Arc<CiphertextList>>) -> ElectionResult {
    let mut votes = BTreeMap::new();
    for (contest, list) in lists {
        let trustees = [1, 2].map(TrusteeIndex);
        let parts: Vec<_> = trustees.iter().map(|t| decrypt(stage, *contest, *t, list)).collect();
        let verified: Vec<_> = trustees
            .iter()
            .zip(&parts)
            .map(|(trustee, part)| {
                let (election, joint_key) = (stage.manifest.id(), &stage.joint_key);
                let ctx = DecryptionContext { election, joint_key, contest: *contest, trustee: *trustee };
                part.verify(&ctx, list).unwrap()
            })
            .collect();
        let layout = stage.manifest.layout(*contest).unwrap();
        let combined = DecryptedVotes::combine(&stage.joint_key, layout, list, &verified).unwrap();
        votes.insert(*contest, combined);
    }
    let result = ElectionResult::compute(election, &votes).unwrap();
    assert_eq!(result.contests[0].counted, 6);
    result
}

fn paths(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            paths(root, &path, found);
        } else {
            found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// Exports while the server runs, and checks that the record holds exactly what its checkpoint needs.
fn check_record(stage: &Stage, checkpoint: &Checkpoint) {
    let out = stage.folder.path().join("record");
    let exported = export(&stage.config, &out).unwrap();
    assert_eq!(&exported.checkpoint, checkpoint);
    let again = export(&stage.config, &out).unwrap_err().to_string();
    assert!(again.contains("is not empty"), "{again}");
    let note = std::fs::read_to_string(out.join("checkpoint")).unwrap();
    assert_eq!(&Checkpoint::open(&note, &stage.manifest.log_key()).unwrap(), checkpoint);
    let mut expected = BTreeSet::from(["checkpoint".to_owned()]);
    let (mut tree, mut size) = (Tree::new(), 0);
    for tile in entry_bundles(checkpoint.size) {
        let bytes = std::fs::read(out.join(tile.path())).unwrap();
        for entry in read_bundle(&bytes, tile.width).unwrap() {
            tree.push(leaf_hash(entry));
            size += 1;
            use selge_core::codec::Decode;
            for digest in SignedEntry::from_bytes(entry).unwrap().body.files() {
                let file = std::fs::read(out.join(file_path(&digest))).unwrap();
                assert_eq!(Digest::of(&file), digest);
                expected.insert(file_path(&digest));
            }
        }
        expected.insert(tile.path());
    }
    assert_eq!((size, tree.root()), (checkpoint.size, checkpoint.root));
    for tile in hash_tiles(checkpoint.size) {
        assert_eq!(std::fs::read(out.join(tile.path())).unwrap(), tile.hashes(&tree).unwrap());
        expected.insert(tile.path());
    }
    let mut found = BTreeSet::new();
    paths(&out, &out, &mut found);
    assert_eq!(found, expected);
}
