//! Forged shuffles, made by a prover that is free to lie in every message and knows every ballot's plaintext and
//! randomness: the position of mix servers who collude with all trustees and all voters.
//!
//! The prover and the equations `SHUF-8` a to d stand here a second time, written from the paper and not from the
//! crate. So each test can show that its forgery is as good as it can be: that it breaks exactly one equation, or
//! none under the challenges which the prover would need.
#![allow(missing_docs)]

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::group::{random_scalar, Generators};
use selge_core::ids::{ContestIndex, ElectionId, MixIndex};
use selge_core::shuffle::{verify, verify_chain, ShuffleContext, ShuffleProof, ShuffleRejected};
use selge_core::transcript::{label, proof, ProtocolTranscript};
use std::sync::Arc;

const ELECTION: ElectionId = ElectionId([4; 32]);
const ALL_HOLD: [bool; 4] = [true; 4];
const PRODUCT_FAILS: [bool; 4] = [true, false, true, true];

fn scalars(n: usize) -> Vec<Scalar> {
    (0..n).map(|_| random_scalar(&mut OsRng)).collect()
}

fn powers(x: Scalar, n: usize) -> Vec<Scalar> {
    std::iter::successors(Some(x), |p| Some(p * x)).take(n).collect()
}

/// A list with everything that is in it: `m[i][k]` under randomness `r[i][k]`.
#[derive(Clone)]
struct Known {
    m: Vec<Vec<Scalar>>,
    r: Vec<Vec<Scalar>>,
    list: Arc<CiphertextList>,
}

impl Known {
    fn new(key: &PublicKey, m: Vec<Vec<Scalar>>) -> Self {
        let r: Vec<_> = m.iter().map(|v| scalars(v.len())).collect();
        Self::with(key, m, r)
    }

    fn with(key: &PublicKey, m: Vec<Vec<Scalar>>, r: Vec<Vec<Scalar>>) -> Self {
        let vectors: Vec<Vec<Ciphertext>> =
            m.iter().zip(&r).map(|(m, r)| m.iter().zip(r).map(|(m, r)| key.encrypt(m, r)).collect()).collect();
        let list = CiphertextList::from_vectors(m[0].len(), vectors.iter().map(Vec::as_slice)).unwrap();
        Known { m, r, list: Arc::new(list) }
    }
}

struct Scene {
    key: PublicKey,
    generators: Generators,
    input: Known,
    n: usize,
    w: usize,
    mix: MixIndex,
}

impl Scene {
    fn new(n: usize, w: usize) -> Self {
        let key = PublicKey::new(RistrettoPoint::mul_base(&random_scalar(&mut OsRng))).unwrap();
        let m = (0..n).map(|i| (0..w).map(|k| Scalar::from((10 * i + k + 1) as u64)).collect()).collect();
        let input = Known::new(&key, m);
        Scene { key, generators: Generators::new(n), input, n, w, mix: MixIndex(1) }
    }

    fn ctx(&self) -> ShuffleContext<'_> {
        ShuffleContext { election: &ELECTION, joint_key: &self.key, contest: ContestIndex(0), mix: self.mix }
    }

    /// The input's plaintexts in the order `source`, encrypted anew.
    fn output(&self, source: &[usize]) -> Known {
        Known::new(&self.key, source.iter().map(|i| self.input.m[*i].clone()).collect())
    }

    fn commit(&self, values: &[Scalar], blinding: &Scalar) -> RistrettoPoint {
        values.iter().zip(self.generators.g()).map(|(v, g)| v * g).sum::<RistrettoPoint>()
            + blinding * self.generators.h()
    }

    fn judge(&self, output: &Known, forged: &Forged) -> Result<(), ShuffleRejected> {
        let proof = ShuffleProof::from_bytes(&forged.bytes(), self.n, self.w).unwrap();
        verify(&self.ctx(), &self.generators, &self.input.list, &output.list, &proof).map(|_| ())
    }
}

/// Column `k` (component `half`) of a list.
fn column(list: &CiphertextList, k: usize, half: usize) -> Vec<RistrettoPoint> {
    let column = list.points().iter().skip(2 * k + half).step_by(2 * list.width());
    column.map(|p| CompressedRistretto(*p).decompress().unwrap()).collect()
}

fn dot(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    scalars.iter().zip(points).map(|(s, p)| s * p).sum()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Challenges {
    x: Scalar,
    y: Scalar,
    z: Scalar,
    c: Scalar,
}

impl Challenges {
    fn product(&self, n: usize) -> Scalar {
        powers(self.x, n).iter().zip(1u64..).map(|(xi, i)| self.y * Scalar::from(i) + xi - self.z).product()
    }
}

/// A proof, in the order of its bytes (`SHUF-9`).
#[derive(Clone)]
struct Forged {
    a: RistrettoPoint,
    p: RistrettoPoint,
    d: RistrettoPoint,
    small: RistrettoPoint,
    big: RistrettoPoint,
    s: RistrettoPoint,
    e: Vec<[RistrettoPoint; 2]>,
    values: Vec<Scalar>,
    partials: Vec<Scalar>,
    exponents: Vec<Scalar>,
    rerandomizers: Vec<Scalar>,
    blindings: [Scalar; 3],
}

impl Forged {
    fn bytes(&self) -> Vec<u8> {
        let mut out = (self.values.len() as u32).to_be_bytes().to_vec();
        out.extend_from_slice(&(self.rerandomizers.len() as u16).to_be_bytes());
        let points = [self.a, self.p, self.d, self.small, self.big, self.s];
        for point in points.iter().chain(self.e.iter().flatten()) {
            out.extend_from_slice(point.compress().as_bytes());
        }
        let scalars = [&self.values, &self.partials, &self.exponents, &self.rerandomizers];
        for scalar in scalars.into_iter().flatten().chain(&self.blindings) {
            out.extend_from_slice(scalar.as_bytes());
        }
        out
    }

    /// What the verifier will draw.
    fn challenges(&self, scene: &Scene, output: &Known) -> Challenges {
        let mut t = Transcript::open(proof::SHUFFLE, &ELECTION);
        t.put_point(label::JOINT_KEY, scene.key.point());
        t.put_u64(label::CONTEST, 0);
        t.put_u64(label::MIX, scene.mix.0.into());
        t.put_u64(label::COUNT, scene.n as u64);
        t.put_u64(label::WIDTH, scene.w as u64);
        t.put_digest(label::INPUT, scene.input.list.digest());
        t.put_digest(label::OUTPUT, output.list.digest());
        t.put_point(label::SHUFFLE_A, &self.a);
        let x = t.challenge(label::SHUFFLE_X);
        t.put_point(label::SHUFFLE_B, &self.p);
        let (y, z) = (t.challenge(label::SHUFFLE_Y), t.challenge(label::SHUFFLE_Z));
        t.put_point(label::PRODUCT_D, &self.d);
        t.put_point(label::PRODUCT_SMALL_DELTA, &self.small);
        t.put_point(label::PRODUCT_BIG_DELTA, &self.big);
        t.put_point(label::MULTIEXP_A, &self.s);
        for [r, c] in &self.e {
            let bytes = [r.compress().to_bytes(), c.compress().to_bytes()].concat();
            t.put_bytes(label::MULTIEXP_E, &bytes);
        }
        Challenges { x, y, z, c: t.challenge(label::SHUFFLE_C) }
    }

    /// Which of the equations a to d hold under these challenges, computed one by one and without weights.
    fn holds(&self, scene: &Scene, output: &Known, ch: &Challenges) -> [bool; 4] {
        let (n, c) = (scene.n, ch.c);
        let zs = vec![ch.z; n];
        let product_key = ch.y * self.a + self.p - scene.commit(&zs, &Scalar::ZERO);
        let a = scene.commit(&self.values, &self.blindings[0]) == c * product_key + self.d;
        let mut chain = vec![self.values[0]];
        chain.extend(&self.partials);
        chain.push(c * ch.product(n));
        let steps: Vec<_> = (1..n).map(|i| c * chain[i] - chain[i - 1] * self.values[i]).collect();
        let b = scene.commit(&steps, &self.blindings[1]) == c * self.big + self.small;
        let third = scene.commit(&self.exponents, &self.blindings[2]) == c * self.p + self.s;
        let xs = powers(ch.x, n);
        let d = (0..scene.w).all(|k| {
            let zero = scene.key.encrypt_zero(&self.rerandomizers[k]);
            [zero.r, zero.c].into_iter().enumerate().all(|(half, zero)| {
                dot(&self.exponents, &column(&output.list, k, half)) + zero
                    == self.e[k][half] + c * dot(&xs, &column(&scene.input.list, k, half))
            })
        });
        [a, b, third, d]
    }
}

/// A prover with all its secrets, which proves whatever it is told with messages as close to honest ones as they get.
struct Liar<'a> {
    scene: &'a Scene,
    output: &'a Known,
    a: Vec<Scalar>,
    b: Vec<Scalar>,
    r: Vec<Scalar>,
    d: Vec<Scalar>,
    delta: Vec<Scalar>,
    e: Vec<Scalar>,
    tau: Vec<Scalar>,
    proof: Forged,
    ch: Challenges,
}

impl<'a> Liar<'a> {
    /// Commits to `a`, learns `x`, commits to `b(x)` and answers honestly for these.
    fn prove(scene: &'a Scene, output: &'a Known, a: Vec<Scalar>, b: impl FnOnce(Scalar) -> Vec<Scalar>) -> Self {
        let (n, w) = (scene.n, scene.w);
        let none = RistrettoPoint::identity();
        let proof = Forged {
            a: none,
            p: none,
            d: none,
            small: none,
            big: none,
            s: none,
            e: vec![[none; 2]; w],
            values: vec![Scalar::ZERO; n],
            partials: vec![Scalar::ZERO; n - 2],
            exponents: vec![Scalar::ZERO; n],
            rerandomizers: vec![Scalar::ZERO; w],
            blindings: [Scalar::ZERO; 3],
        };
        let ch = proof.challenges(scene, output);
        let (d, mut delta) = (scalars(n), scalars(n));
        delta[0] = d[0];
        delta[n - 1] = Scalar::ZERO;
        let mut liar =
            Liar { scene, output, a, b: vec![], r: scalars(6), d, delta, e: scalars(n), tau: scalars(w), proof, ch };
        liar.proof.a = scene.commit(&liar.a, &liar.r[0]);
        liar.draw();
        liar.b = b(liar.ch.x);
        liar.proof.p = scene.commit(&liar.b, &liar.r[1]);
        liar.draw();
        liar.mask();
        liar.draw();
        liar.answer();
        liar
    }

    fn draw(&mut self) {
        self.ch = self.proof.challenges(self.scene, self.output);
    }

    /// The values whose product is claimed.
    fn factors(&self) -> Vec<Scalar> {
        self.a.iter().zip(&self.b).map(|(a, b)| self.ch.y * a + b - self.ch.z).collect()
    }

    /// Partial products of the claimed values; `SHUF-8` b replaces the last by the public product.
    fn running(&self) -> Vec<Scalar> {
        self.factors()
            .iter()
            .scan(Scalar::ONE, |p, f| {
                *p *= f;
                Some(*p)
            })
            .collect()
    }

    fn mask(&mut self) {
        let (n, d, delta) = (self.scene.n, &self.d, &self.delta);
        let (f, run) = (self.factors(), self.running());
        let small: Vec<_> = (1..n).map(|i| -delta[i - 1] * d[i]).collect();
        let big: Vec<_> = (1..n).map(|i| delta[i] - f[i] * delta[i - 1] - run[i - 1] * d[i]).collect();
        self.proof.d = self.scene.commit(d, &self.r[2]);
        self.proof.small = self.scene.commit(&small, &self.r[3]);
        self.proof.big = self.scene.commit(&big, &self.r[4]);
        self.proof.s = self.scene.commit(&self.e, &self.r[5]);
        for (k, tau) in self.tau.iter().enumerate() {
            let zero = self.scene.key.encrypt_zero(tau);
            let half = |h| dot(&self.e, &column(&self.output.list, k, h));
            self.proof.e[k] = [half(0) + zero.r, half(1) + zero.c];
        }
    }

    fn answer(&mut self) {
        let (n, c) = (self.scene.n, self.ch.c);
        let (f, run) = (self.factors(), self.running());
        self.proof.values = f.iter().zip(&self.d).map(|(f, d)| c * f + d).collect();
        self.proof.partials = (1..n - 1).map(|i| c * run[i] + self.delta[i]).collect();
        self.proof.exponents = self.b.iter().zip(&self.e).map(|(b, e)| c * b + e).collect();
        let xs = powers(self.ch.x, n);
        self.proof.rerandomizers = (0..self.scene.w)
            .map(|k| {
                let before: Scalar = xs.iter().zip(&self.scene.input.r).map(|(x, r)| x * r[k]).sum();
                let after: Scalar = self.b.iter().zip(&self.output.r).map(|(b, r)| b * r[k]).sum();
                self.tau[k] + c * (before - after)
            })
            .collect();
        let r = &self.r;
        self.proof.blindings = [c * (self.ch.y * r[0] + r[1]) + r[2], c * r[4] + r[3], c * r[1] + r[5]];
    }

    fn holds(&self) -> [bool; 4] {
        self.proof.holds(self.scene, self.output, &self.ch)
    }

    fn judge(&self) -> Result<(), ShuffleRejected> {
        self.scene.judge(self.output, &self.proof)
    }
}

fn indices(places: &[usize]) -> Vec<Scalar> {
    places.iter().map(|i| Scalar::from(*i as u64 + 1)).collect()
}

fn pick(x: Scalar, places: &[usize], n: usize) -> Vec<Scalar> {
    let xs = powers(x, n);
    places.iter().map(|i| xs[*i]).collect()
}

/// Changes as many entries of `b` as there are limbs, from `at`, so that the sums of plaintexts agree: the
/// multi-exponentiation argument then holds for an output that is no shuffle.
fn balance(scene: &Scene, output: &Known, x: Scalar, mut b: Vec<Scalar>, at: usize) -> Vec<Scalar> {
    let xs = powers(x, scene.n);
    let gap = |b: &[Scalar], k: usize| -> Scalar {
        let before: Scalar = xs.iter().zip(&scene.input.m).map(|(x, m)| x * m[k]).sum();
        before - b.iter().zip(&output.m).map(|(b, m)| b * m[k]).sum::<Scalar>()
    };
    match scene.w {
        1 => {
            let lacking = gap(&b, 0);
            b[at] += lacking * output.m[at][0].invert();
        }
        2 => {
            let (u, v) = (&output.m[at], &output.m[at + 1]);
            let (g, h) = (gap(&b, 0), gap(&b, 1));
            let det = (u[0] * v[1] - v[0] * u[1]).invert();
            b[at] += (g * v[1] - v[0] * h) * det;
            b[at + 1] += (u[0] * h - u[1] * g) * det;
        }
        _ => unreachable!("the tests use one and two limbs"),
    }
    assert!((0..scene.w).all(|k| gap(&b, k) == Scalar::ZERO));
    b
}

#[test]
fn the_forging_prover_proves_true_shuffles() {
    for (n, w) in [(2, 1), (2, 2), (5, 2)] {
        let scene = Scene::new(n, w);
        let places: Vec<_> = (0..n).rev().collect();
        let output = scene.output(&places);
        let liar = Liar::prove(&scene, &output, indices(&places), |x| pick(x, &places, n));
        assert_eq!(liar.holds(), ALL_HOLD);
        liar.judge().unwrap();
    }
}

#[test]
fn ballots_doubled_dropped_or_replaced_break_the_product() {
    for n in [2, 3, 6] {
        // One ballot twice and another not at all, with the "permutation" that says so …
        let scene = Scene::new(n, 1);
        let truth: Vec<_> = (0..n).collect();
        let mut places = truth.clone();
        places[n - 1] = 0;
        let doubled = scene.output(&places);
        let liar = Liar::prove(&scene, &doubled, indices(&places), |x| pick(x, &places, n));
        assert_eq!((liar.holds(), liar.judge()), ([true, false, true, false], Err(ShuffleRejected::False)));
        // … with powers that hide it from the multi-exponentiation, beside a true permutation or not …
        for a in [&truth, &places] {
            let liar = Liar::prove(&scene, &doubled, indices(a), |x| balance(&scene, &doubled, x, pick(x, a, n), 0));
            assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
        }
        // … and a ballot of the mix server's own.
        let mut m = scene.input.m.clone();
        m[0] = vec![Scalar::from(999u64)];
        let replaced = Known::new(&scene.key, m);
        let liar =
            Liar::prove(&scene, &replaced, indices(&truth), |x| balance(&scene, &replaced, x, pick(x, &truth, n), 0));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
        // Ballots that add up to the same: two votes become one vote for each of two others.
        let mut m = scene.input.m.clone();
        m[0][0] += Scalar::ONE;
        m[1][0] -= Scalar::ONE;
        let moved = Known::new(&scene.key, m);
        let liar = Liar::prove(&scene, &moved, indices(&truth), |x| balance(&scene, &moved, x, pick(x, &truth, n), 1));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    }
}

#[test]
fn a_commitment_to_no_permutation_breaks_the_product() {
    let scene = Scene::new(4, 1);
    let mut m = scene.input.m.clone();
    m[2] = vec![Scalar::from(999u64)];
    let replaced = Known::new(&scene.key, m);
    let truth: Vec<_> = (0..4).collect();
    // The sum, and the product, of 1 … 4 without being 1 … 4; nothing at all; numbers beyond the list.
    for a in [[2, 2, 3, 3], [4, 3, 2, 1], [1, 1, 4, 6], [0, 0, 0, 0], [5, 6, 7, 8]] {
        let a = a.iter().map(|i| Scalar::from(*i as u64)).collect();
        let liar = Liar::prove(&scene, &replaced, a, |x| balance(&scene, &replaced, x, pick(x, &truth, 4), 2));
        assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    }
}

#[test]
fn limbs_torn_apart_break_the_product() {
    // Ballots (1, 2) and (11, 12) come out as (1, 12) and (11, 2): every limb is shuffled truly, on its own.
    let scene = Scene::new(3, 2);
    let mut m = scene.input.m.clone();
    let limb = m[0][1];
    m[0][1] = m[1][1];
    m[1][1] = limb;
    let torn = Known::new(&scene.key, m);
    let truth: Vec<_> = (0..3).collect();
    let liar = Liar::prove(&scene, &torn, indices(&truth), |x| balance(&scene, &torn, x, pick(x, &truth, 3), 0));
    assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
    // Honest powers satisfy the first limb's equations and not the second's.
    let liar = Liar::prove(&scene, &torn, indices(&truth), |x| pick(x, &truth, 3));
    assert_eq!((liar.holds(), liar.judge()), ([true, true, true, false], Err(ShuffleRejected::False)));
    // Two limbs exchanged within every ballot alike.
    let m = scene.input.m.iter().map(|v| vec![v[1], v[0]]).collect();
    let exchanged = Known::new(&scene.key, m);
    let liar =
        Liar::prove(&scene, &exchanged, indices(&truth), |x| balance(&scene, &exchanged, x, pick(x, &truth, 3), 0));
    assert_eq!((liar.holds(), liar.judge()), (PRODUCT_FAILS, Err(ShuffleRejected::False)));
}

/// Each commitment is chosen after the challenge that it should precede, so that *every* equation holds under the
/// challenges as they were: what a proof without that commitment in its transcript would accept.
#[test]
fn commitments_chosen_after_their_challenges_are_refused() {
    for n in [2, 4] {
        let scene = Scene::new(n, 1);
        let truth: Vec<_> = (0..n).collect();
        // The last output is an encryption of zero, so that the multi-exponentiation leaves its power free.
        let mut m = scene.input.m.clone();
        m[n - 1] = vec![Scalar::ZERO];
        let output = Known::new(&scene.key, m);
        let lie = |x| balance(&scene, &output, x, pick(x, &truth, n), 0);
        let frozen = |liar: &Liar<'_>| {
            assert_eq!(liar.holds(), ALL_HOLD);
            assert_ne!(liar.proof.challenges(&scene, &output), liar.ch);
            assert_eq!(liar.judge(), Err(ShuffleRejected::False));
        };

        // A after y: it opens to whatever makes the claimed pairs the true ones.
        let mut liar = Liar::prove(&scene, &output, indices(&truth), lie);
        let y_inverse = liar.ch.y.invert();
        liar.a =
            (0..n).map(|i| Scalar::from(i as u64 + 1) + (powers(liar.ch.x, n)[i] - liar.b[i]) * y_inverse).collect();
        liar.proof.a = scene.commit(&liar.a, &liar.r[0]);
        liar.mask();
        liar.answer();
        frozen(&liar);

        // P after y and z: its free power makes the product right.
        let mut liar = Liar::prove(&scene, &output, indices(&truth), lie);
        let others: Scalar = liar.factors()[..n - 1].iter().product();
        liar.b[n - 1] = liar.ch.product(n) * others.invert() + liar.ch.z - liar.ch.y * liar.a[n - 1];
        liar.proof.p = scene.commit(&liar.b, &liar.r[1]);
        liar.mask();
        liar.answer();
        frozen(&liar);

        // Δ or δ after c: it takes up what the product argument lacks.
        for small in [true, false] {
            let mut liar = Liar::prove(&scene, &output, indices(&truth), lie);
            let mut missing = vec![Scalar::ZERO; n - 1];
            missing[n - 2] = liar.ch.c * liar.ch.c * (liar.ch.product(n) - liar.running()[n - 1]);
            let missing = scene.commit(&missing, &Scalar::ZERO);
            if small {
                liar.proof.small += missing;
            } else {
                liar.proof.big += liar.ch.c.invert() * missing;
            }
            frozen(&liar);
        }

        // D after c: values with the right product, whatever a and P hold.
        let mut liar = Liar::prove(&scene, &output, indices(&truth), lie);
        let c = liar.ch.c;
        let xs = powers(liar.ch.x, n);
        let right: Vec<_> = (0..n).map(|i| liar.ch.y * Scalar::from(i as u64 + 1) + xs[i] - liar.ch.z).collect();
        let d: Vec<_> = (0..n).map(|i| liar.d[i] + c * (right[i] - liar.factors()[i])).collect();
        let values: Vec<_> = right.iter().zip(&liar.d).map(|(f, d)| c * f + d).collect();
        liar.b = xs.clone();
        let exponents = liar.proof.exponents.clone();
        let (p, s, e) = (liar.proof.p, liar.proof.s, liar.proof.e.clone());
        let rerandomizers = liar.proof.rerandomizers.clone();
        let blindings = liar.proof.blindings;
        liar.mask();
        liar.answer();
        (liar.proof.p, liar.proof.s, liar.proof.e) = (p, s, e);
        (liar.proof.exponents, liar.proof.rerandomizers) = (exponents, rerandomizers);
        liar.proof.values = values;
        liar.proof.blindings = blindings;
        liar.proof.d = scene.commit(&d, &liar.r[2]);
        frozen(&liar);

        // S and E after c: a true product, and powers that the responses do not have.
        let mut liar = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth, n));
        assert_eq!(liar.holds(), [true, true, true, false]);
        let lacking = lie(liar.ch.x);
        for (i, power) in lacking.iter().enumerate() {
            liar.proof.exponents[i] += liar.ch.c * (power - liar.b[i]);
        }
        let before: Scalar = powers(liar.ch.x, n).iter().zip(&scene.input.r).map(|(x, r)| x * r[0]).sum();
        let after: Scalar = lacking.iter().zip(&output.r).map(|(b, r)| b * r[0]).sum();
        liar.proof.rerandomizers[0] = liar.tau[0] + liar.ch.c * (before - after);
        liar.proof.s = scene.commit(&liar.proof.exponents, &liar.proof.blindings[2]) - liar.ch.c * liar.proof.p;
        frozen(&liar);
        let mut liar = Liar::prove(&scene, &output, indices(&truth), |x| pick(x, &truth, n));
        let zero = scene.key.encrypt_zero(&liar.proof.rerandomizers[0]);
        for (half, zero) in [zero.r, zero.c].iter().enumerate() {
            let xs = powers(liar.ch.x, n);
            liar.proof.e[0][half] = dot(&liar.proof.exponents, &column(&output.list, 0, half)) + zero
                - liar.ch.c * dot(&xs, &column(&scene.input.list, 0, half));
        }
        frozen(&liar);
    }
}

/// Nothing but identity points and zeros is a solution of equations that are all linear in them.
#[test]
fn a_proof_of_nothing_is_refused() {
    for n in [2, 3] {
        let scene = Scene::new(n, 1);
        let output = scene.output(&(0..n).collect::<Vec<_>>());
        let liar = Liar::prove(&scene, &output, vec![Scalar::ZERO; n], |_| vec![Scalar::ZERO; n]);
        assert_eq!(liar.judge(), Err(ShuffleRejected::False));
        let mut nothing = liar.proof.clone();
        let none = RistrettoPoint::identity();
        (nothing.a, nothing.p, nothing.d, nothing.small, nothing.big, nothing.s) = (none, none, none, none, none, none);
        nothing.e = vec![[none; 2]];
        for part in [&mut nothing.values, &mut nothing.partials, &mut nothing.exponents, &mut nothing.rerandomizers] {
            part.fill(Scalar::ZERO);
        }
        nothing.blindings = [Scalar::ZERO; 3];
        assert_eq!(scene.judge(&output, &nothing), Err(ShuffleRejected::False));
    }
}

/// Two mix servers whose errors cancel: the first adds to a ballot, the second takes it away again, so that the last
/// list is a true shuffle of the first. The equations' errors cancel too, in a sum without weights.
#[test]
fn errors_of_two_mixes_do_not_cancel_in_one_sum() {
    let n = 3;
    let mut first = Scene::new(n, 1);
    let truth: Vec<_> = (0..n).collect();
    let mut m = first.input.m.clone();
    m[1][0] += Scalar::ONE;
    let between = Known::new(&first.key, m);
    let after = first.output(&truth);
    let prove = |scene: &Scene, output: &Known| {
        let liar = Liar::prove(scene, output, indices(&truth), |x| pick(x, &truth, n));
        assert_eq!(liar.holds(), [true, true, true, false]);
        let proof = ShuffleProof::from_bytes(&liar.proof.bytes(), n, 1).unwrap();
        (Arc::clone(&output.list), proof)
    };
    let one = prove(&first, &between);
    let input = std::mem::replace(&mut first.input, between);
    first.mix = MixIndex(2);
    let two = prove(&first, &after);
    let ctx = ShuffleContext { mix: MixIndex(1), ..first.ctx() };
    let error = verify_chain(&ctx, &first.generators, &input.list, &[one, two]).unwrap_err();
    assert_eq!((error.mix, error.reason), (MixIndex(1), ShuffleRejected::False));
}

/// The second mix undoes the first exactly, so that one list stands in three places and its terms are added up under
/// one digest. A true chain holds; a proof that leans on the merged terms does not.
#[test]
fn a_list_that_returns_is_still_checked_in_every_place() {
    let n = 3;
    let mut scene = Scene::new(n, 1);
    let places = [1, 2, 0];
    let back = [2, 0, 1];
    let between = scene.output(&places);
    let input = scene.input.clone();
    let encode = |liar: Liar<'_>| ShuffleProof::from_bytes(&liar.proof.bytes(), n, 1).unwrap();
    let one = encode(Liar::prove(&scene, &between, indices(&places), |x| pick(x, &places, n)));
    let skip = encode(Liar::prove(&scene, &input, indices(&places), |x| pick(x, &places, n)));
    scene.input = between.clone();
    scene.mix = MixIndex(2);
    let two = encode(Liar::prove(&scene, &input, indices(&back), |x| pick(x, &back, n)));
    let chain = [(Arc::clone(&between.list), one.clone()), (Arc::clone(&input.list), two.clone())];
    let ctx = ShuffleContext { mix: MixIndex(1), ..scene.ctx() };
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap().len(), 2);
    // Mix 1 "shuffles" the list into itself with a permutation that it did not apply.
    let chain = [(Arc::clone(&input.list), skip), (Arc::clone(&input.list), two)];
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap_err().mix, MixIndex(1));
    // Mix 2 hands in mix 1's own proof and list again.
    let chain = [(Arc::clone(&between.list), one.clone()), (between.list, one)];
    assert_eq!(verify_chain(&ctx, &scene.generators, &input.list, &chain).unwrap_err().mix, MixIndex(2));
}
