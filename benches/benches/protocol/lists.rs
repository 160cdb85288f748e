//! Lists of ciphertexts: shuffling, decrypting, and checking it, at one size.

use crate::goals::{CHAIN, DECRYPTION, ONE_ROW, SHUFFLE};
use crate::table::{Row, Table};
use crate::Settings;
use rand::rngs::OsRng;
use selge_benches::measure::{wall, Time};
use selge_benches::{list, shuffle_context, trustees, CHOICES, ELECTION};
use selge_core::ceremony::{JointKey, TrusteeShare};
use selge_core::codec::Encode;
use selge_core::decryption::{verify_each, DecryptedVotes, DecryptionContext, PartialDecryption, VerifiedDecryption};
use selge_core::elgamal::CiphertextList;
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::plaintext::Layout;
use selge_core::shuffle::{rows, shuffle, shuffle_in_rows, verify, verify_chain, ShuffleContext, ShuffleProof};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

pub(crate) const COMBINE: &str = "combine 2 trustees' factors into numbers";

/// What is shuffled and decrypted: keys and a list of `n`, and what the chain of three mixes made of it.
pub(crate) struct Lists {
    n: usize,
    joint_key: JointKey,
    shares: Vec<TrusteeShare>,
    generators: Generators,
    input: Arc<CiphertextList>,
    /// Bytes of the list and of the proof.
    chain: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A chain as a verifier gets it: from bytes.
fn decode(chain: &[(Vec<u8>, Vec<u8>)], n: usize) -> Vec<(Arc<CiphertextList>, ShuffleProof)> {
    let each = |(list, proof): &(Vec<u8>, Vec<u8>)| {
        let list = CiphertextList::from_bytes(list, n, 1).expect("a list");
        (Arc::new(list), ShuffleProof::from_bytes(proof, n, 1).expect("a proof"))
    };
    chain.iter().map(each).collect()
}

impl Lists {
    /// On all cores: this part is not measured.
    pub(crate) fn make(n: usize) -> Self {
        let (joint_key, shares) = trustees();
        let key = joint_key.public_key();
        let (generators, input) = (Generators::new(n), list(key, n));
        let mut lists = vec![Arc::clone(&input)];
        let mut chain = Vec::new();
        for mix in 1..=3 {
            let ctx = ShuffleContext { mix: MixIndex(mix), ..shuffle_context(key) };
            let (output, proof) = shuffle(&ctx, &generators, &lists[chain.len()], &mut OsRng).expect("a shuffle");
            chain.push((output.to_bytes(), proof.to_bytes()));
            lists.push(output);
        }
        Lists { n, joint_key, shares, generators, input, chain }
    }

    fn context(&self, trustee: u16) -> DecryptionContext<'_> {
        let trustee = TrusteeIndex(trustee);
        DecryptionContext { election: &ELECTION, joint_key: &self.joint_key, contest: ContestIndex(0), trustee }
    }

    fn decrypt(&self, trustee: u16) -> PartialDecryption {
        let share = &self.shares[usize::from(trustee) - 1];
        PartialDecryption::make(&self.context(trustee), share, &self.input, &mut OsRng).expect("factors")
    }

    /// From bytes; several trustees' together.
    fn verify_decryptions(&self, factors: &[Vec<u8>]) {
        let read = |(trustee, bytes): (u16, &Vec<u8>)| {
            (self.context(trustee), PartialDecryption::from_bytes(bytes, self.n, 1).expect("factors"))
        };
        let read: Vec<_> = (1..).zip(factors).map(read).collect();
        assert!(verify_each(&read, &self.input).iter().all(Result::is_ok), "true factors");
    }

    fn verify_chain(&self) {
        let ctx = shuffle_context(self.joint_key.public_key());
        verify_chain(&ctx, &self.generators, &self.input, &decode(&self.chain, self.n)).expect("true proofs");
    }

    fn shuffle(&self, rows: usize) -> ShuffleProof {
        let ctx = shuffle_context(self.joint_key.public_key());
        shuffle_in_rows(&ctx, &self.generators, &self.input, rows, &mut OsRng).expect("a shuffle").1
    }

    /// Everything about lists on one core, and the largest jobs on two.
    pub(crate) fn measure(&self, settings: &Settings, table: &mut Table) {
        let n = self.n;
        settings.single.install(|| self.measure_single(settings, table));
        let pools = [&settings.single, &settings.double];
        let mut both = |operation: &str, items: usize, job: &(dyn Fn() + Sync)| {
            let seconds = wall(&pools, settings.rounds, job);
            let each = seconds[1] / items as f64;
            table.push(Row {
                operation: operation.to_owned(),
                n,
                cores: 2,
                microseconds: Some(each * 1e6),
                speedup: Some(seconds[0] / seconds[1]),
                ..Row::default()
            });
        };
        if settings.two_cores && n == settings.wall_n() {
            both(SHUFFLE, n, &|| drop(black_box(self.shuffle(rows(n)))));
            both(CHAIN, 3 * n, &|| self.verify_chain());
            let factors = [1, 2, 3].map(|trustee| self.decrypt(trustee).to_bytes());
            both(DECRYPTION, 3 * n, &|| self.verify_decryptions(&factors));
        }
    }

    fn measure_single(&self, settings: &Settings, table: &mut Table) {
        let (n, meter) = (self.n, &settings.meter);
        let (input, key) = (self.input.to_bytes(), self.joint_key.public_key());
        let each = |time: Time| time.per(n);
        let decoded = meter.measure(|| CiphertextList::from_bytes(black_box(&input), n, 1).expect("a list"));
        table.time("decode a ciphertext", n, each(decoded)).bytes = Some(input.len() as f64 / n as f64);
        table.time("derive a generator", n, each(meter.measure(|| Generators::new(black_box(n)))));
        for (operation, m) in [(SHUFFLE, rows(n)), (ONE_ROW, 1)] {
            table.time(operation, n, each(meter.measure(|| self.shuffle(m)))).bytes =
                Some(ShuffleProof::encoded_len_in_rows(n, 1, m) as f64 / n as f64);
        }
        // From bytes, of output and proof: the input is the output before it and was decoded with that.
        let ctx = shuffle_context(key);
        let verified = meter.measure(|| {
            let (output, proof) = decode(&self.chain[..1], n).remove(0);
            verify(&ctx, &self.generators, &self.input, &output, &proof).expect("a true proof")
        });
        table.time("verify a shuffle alone", n, each(verified));
        table.time(CHAIN, n, meter.measure(|| self.verify_chain()).per(3 * n));

        let made = table.time("decrypt, by a trustee", n, each(meter.measure(|| self.decrypt(1))));
        let factors = [self.decrypt(1), self.decrypt(3)];
        let bytes = [factors[0].to_bytes(), self.decrypt(2).to_bytes(), factors[1].to_bytes()];
        made.bytes = Some(bytes[0].len() as f64 / n as f64);
        let alone = meter.measure(|| self.verify_decryptions(&bytes[..1]));
        table.time("verify a trustee's decryption alone", n, each(alone));
        table.time(DECRYPTION, n, meter.measure(|| self.verify_decryptions(&bytes)).per(3 * n));
        let verified: Vec<VerifiedDecryption<'_>> = [1, 3]
            .into_iter()
            .zip(&factors)
            .map(|(trustee, factors)| factors.verify(&self.context(trustee), &self.input).expect("true factors"))
            .collect();
        let layout = Layout::new(CHOICES as u128).expect("choices");
        let combine = || {
            let votes = DecryptedVotes::combine(&self.joint_key, layout, &self.input, &verified).expect("factors");
            assert!(votes.numbers().iter().enumerate().all(|(i, m)| *m == Some((i % CHOICES) as u128)));
        };
        table.time(COMBINE, n, each(meter.measure(combine)));
    }

    /// Writes what another process needs to shuffle and verify.
    pub(crate) fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::write(folder.join("key"), self.joint_key.public_key().point().compress().as_bytes())?;
        std::fs::write(folder.join("input"), self.input.to_bytes())?;
        for (k, (list, proof)) in self.chain.iter().enumerate() {
            std::fs::write(folder.join(format!("list-{k}")), list)?;
            std::fs::write(folder.join(format!("proof-{k}")), proof)?;
        }
        Ok(())
    }
}
