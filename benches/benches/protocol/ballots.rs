//! Ballots of one contest, with the voter's signature: making them, and checking them from bytes to verdict.

use crate::goals::BALLOT;
use crate::table::{Row, Table};
use crate::Settings;
use rand::rngs::OsRng;
use rayon::prelude::*;
use selge_benches::measure::wall;
use selge_benches::{ballots, contest_context, key, manifest, CastBallot, CHOICES, ELECTION};
use selge_core::ballot::{verify_all, EncryptedBallot};
use selge_core::codec::{Decode, Encode};
use selge_core::elgamal::PublicKey;
use selge_core::manifest::Manifest;
use selge_core::plaintext::EncryptedContest;
use selge_core::sign::{verify_each, SignatureCheck, SigningKey};
use selge_core::transcript::domain;

/// Different ballots. Larger numbers of them repeat these: making a ballot takes long, and to its verifier one is like
/// another.
const DIFFERENT: usize = 2000;

/// Ballots that are read and checked at a time, as an auditor does.
const SLICE: usize = 1 << 12;

struct Cast {
    manifest: Manifest,
    key: PublicKey,
    ballots: Vec<CastBallot>,
}

impl Cast {
    fn verify(&self, n: usize) {
        let mut left = n;
        let mut all = self.ballots.iter().cycle();
        while left > 0 {
            let cast: Vec<&CastBallot> = all.by_ref().take(left.min(SLICE)).collect();
            left -= cast.len();
            verify_signatures(&self.manifest, &cast);
            let read = |b: &&CastBallot| EncryptedBallot::from_bytes(&b.bytes).expect("a ballot");
            let ballots: Vec<_> = cast.par_iter().map(read).collect();
            let ballots: Vec<_> = ballots.iter().collect();
            verify_all(&self.manifest, &self.key, &ballots).expect("valid");
        }
    }
}

/// Signatures that share a sum, as `Election::check_signatures` has it.
const BATCH: usize = 1024;

fn verify_signatures(manifest: &Manifest, cast: &[&CastBallot]) {
    cast.par_chunks(BATCH).for_each(|cast| {
        let check =
            |b: &&CastBallot| SignatureCheck::new(&b.signature, &b.signer, domain::ENTRY, manifest.id(), &b.bytes);
        let checks: Vec<_> = cast.par_iter().with_min_len(64).map(check).collect();
        assert!(verify_each(&checks).iter().all(Result::is_ok), "signed");
    });
}

/// Ballots at every size.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let meter = &settings.meter;
    let one = key();
    let signer = SigningKey::generate(&mut OsRng);
    for space in [CHOICES as u128, 65_536] {
        let ctx = contest_context(&one, space);
        let make = || {
            let bytes = EncryptedContest::encrypt(&ctx, 42, &mut OsRng).expect("a ballot").to_bytes();
            let signature = signer.sign(domain::ENTRY, &ELECTION, &bytes);
            (bytes, signature)
        };
        let (bytes, signature) = make();
        let length = Some(bytes.len() as f64);
        settings.single.install(|| {
            let made = meter.measure(make);
            table.time(&format!("make a ballot, {space} choices, and sign it"), 1, made).bytes = length;
            let verified = meter.measure(|| {
                signature.verify(&signer.verifying_key(), domain::ENTRY, &ELECTION, &bytes).expect("signed");
                EncryptedContest::from_bytes(&bytes).expect("a ballot").verify(&ctx).map(|_| ()).expect("valid");
            });
            table.time(&format!("verify one ballot alone, {space} choices"), 1, verified).bytes = length;
        });
    }

    let manifest = manifest(CHOICES);
    let (key, most) = (key(), settings.sizes.iter().max().copied().unwrap_or(1));
    let cast = Cast { ballots: ballots(&manifest, &key, DIFFERENT.min(most)), key, manifest };
    for n in settings.sizes.iter().copied() {
        let time = settings.single.install(|| meter.measure(|| cast.verify(n)));
        let bytes: usize = cast.ballots.iter().map(|b| b.bytes.len() + 64).sum();
        table.time(BALLOT, n, time.per(n)).bytes = Some(bytes as f64 / cast.ballots.len() as f64);
    }
    if settings.two_cores {
        // Every batch of ballots costs the same: no need for as many as of ciphertexts.
        let n = settings.wall_n().min(10_000);
        let seconds = wall(&[&settings.single, &settings.double], settings.rounds, || cast.verify(n));
        let each = seconds[1] / n as f64;
        table.push(Row {
            operation: BALLOT.to_owned(),
            n,
            cores: 2,
            microseconds: Some(each * 1e6),
            speedup: Some(seconds[0] / seconds[1]),
            ..Row::default()
        });
    }
}
