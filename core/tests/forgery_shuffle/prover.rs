//! A prover for `SHUF-3` to `SHUF-9` that may lie in every message, and the equations, written from the paper: neither is
//! the crate's.

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::group::{random_scalar, Generators};
use selge_core::ids::{ContestIndex, ElectionId, MixIndex};
use selge_core::shuffle::{verify, ShuffleContext, ShuffleProof, ShuffleRejected};
use selge_core::transcript::{label, proof, ProtocolTranscript};
use std::sync::Arc;

pub(crate) const ELECTION: ElectionId = ElectionId([4; 32]);
pub(crate) const ALL_HOLD: [bool; 4] = [true; 4];
pub(crate) const PRODUCT_FAILS: [bool; 4] = [true, false, true, true];

pub(crate) fn scalars(n: usize) -> Vec<Scalar> {
    (0..n).map(|_| random_scalar(&mut OsRng)).collect()
}

pub(crate) fn powers(x: Scalar, n: usize) -> Vec<Scalar> {
    std::iter::successors(Some(x), |p| Some(p * x)).take(n).collect()
}

/// A list with everything that is in it: `m[i][k]` under randomness `r[i][k]`.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) m: Vec<Vec<Scalar>>,
    pub(crate) r: Vec<Vec<Scalar>>,
    pub(crate) list: Arc<CiphertextList>,
}

impl Known {
    pub(crate) fn new(key: &PublicKey, m: Vec<Vec<Scalar>>) -> Self {
        let r: Vec<_> = m.iter().map(|v| scalars(v.len())).collect();
        Self::with(key, m, r)
    }

    pub(crate) fn with(key: &PublicKey, m: Vec<Vec<Scalar>>, r: Vec<Vec<Scalar>>) -> Self {
        let vectors: Vec<Vec<Ciphertext>> =
            m.iter().zip(&r).map(|(m, r)| m.iter().zip(r).map(|(m, r)| key.encrypt(m, r)).collect()).collect();
        let list = CiphertextList::from_vectors(m[0].len(), vectors.iter().map(Vec::as_slice)).unwrap();
        Known { m, r, list: Arc::new(list) }
    }
}

pub(crate) struct Scene {
    pub(crate) key: PublicKey,
    pub(crate) generators: Generators,
    /// The commitment key: that of the generators, unless the prover has one of its own.
    pub(crate) g: Vec<RistrettoPoint>,
    pub(crate) h: RistrettoPoint,
    pub(crate) input: Known,
    pub(crate) n: usize,
    pub(crate) w: usize,
    pub(crate) election: ElectionId,
    pub(crate) contest: ContestIndex,
    pub(crate) mix: MixIndex,
}

impl Scene {
    pub(crate) fn new(n: usize, w: usize) -> Self {
        let key = PublicKey::new(RistrettoPoint::mul_base(&random_scalar(&mut OsRng))).unwrap();
        let m = (0..n).map(|i| (0..w).map(|k| Scalar::from((10 * i + k + 1) as u64)).collect()).collect();
        let input = Known::new(&key, m);
        let (election, contest, mix) = (ELECTION, ContestIndex(0), MixIndex(1));
        let generators = Generators::new(n);
        let (g, h) = (generators.g(), *generators.h());
        Scene { key, generators, g, h, input, n, w, election, contest, mix }
    }

    pub(crate) fn ctx(&self) -> ShuffleContext<'_> {
        ShuffleContext { election: &self.election, joint_key: &self.key, contest: self.contest, mix: self.mix }
    }

    /// The input's plaintexts in the order `source`, encrypted anew.
    pub(crate) fn output(&self, source: &[usize]) -> Known {
        Known::new(&self.key, source.iter().map(|i| self.input.m[*i].clone()).collect())
    }

    pub(crate) fn commit(&self, values: &[Scalar], blinding: &Scalar) -> RistrettoPoint {
        values.iter().zip(&self.g).map(|(v, g)| v * g).sum::<RistrettoPoint>() + blinding * self.h
    }

    pub(crate) fn judge(&self, output: &Known, forged: &Forged) -> Result<(), ShuffleRejected> {
        let proof = ShuffleProof::from_bytes(&forged.bytes(), self.n, self.w).unwrap();
        verify(&self.ctx(), &self.generators, &self.input.list, &output.list, &proof).map(|_| ())
    }
}

/// Column `k` (component `half`) of a list.
pub(crate) fn column(list: &CiphertextList, k: usize, half: usize) -> Vec<RistrettoPoint> {
    let column = list.points().iter().skip(2 * k + half).step_by(2 * list.width());
    column.map(|p| CompressedRistretto(*p).decompress().unwrap()).collect()
}

pub(crate) fn dot(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    scalars.iter().zip(points).map(|(s, p)| s * p).sum()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Challenges {
    pub(crate) x: Scalar,
    pub(crate) y: Scalar,
    pub(crate) z: Scalar,
    pub(crate) c: Scalar,
}

impl Challenges {
    pub(crate) fn product(&self, n: usize) -> Scalar {
        powers(self.x, n).iter().zip(1u64..).map(|(xi, i)| self.y * Scalar::from(i) + xi - self.z).product()
    }
}

/// A proof, in the order of its bytes (`SHUF-9`).
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) a: RistrettoPoint,
    pub(crate) p: RistrettoPoint,
    pub(crate) d: RistrettoPoint,
    pub(crate) small: RistrettoPoint,
    pub(crate) big: RistrettoPoint,
    pub(crate) s: RistrettoPoint,
    pub(crate) e: Vec<[RistrettoPoint; 2]>,
    pub(crate) values: Vec<Scalar>,
    pub(crate) partials: Vec<Scalar>,
    pub(crate) exponents: Vec<Scalar>,
    pub(crate) rerandomizers: Vec<Scalar>,
    pub(crate) blindings: [Scalar; 3],
}

impl Forged {
    pub(crate) fn bytes(&self) -> Vec<u8> {
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
    pub(crate) fn challenges(&self, scene: &Scene, output: &Known) -> Challenges {
        let mut t = Transcript::open(proof::SHUFFLE, &scene.election);
        t.put_point(label::JOINT_KEY, scene.key.point());
        t.put_u64(label::CONTEST, scene.contest.0.into());
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
    pub(crate) fn holds(&self, scene: &Scene, output: &Known, ch: &Challenges) -> [bool; 4] {
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
pub(crate) struct Liar<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) output: &'a Known,
    pub(crate) a: Vec<Scalar>,
    pub(crate) b: Vec<Scalar>,
    pub(crate) r: Vec<Scalar>,
    pub(crate) d: Vec<Scalar>,
    pub(crate) delta: Vec<Scalar>,
    pub(crate) e: Vec<Scalar>,
    pub(crate) tau: Vec<Scalar>,
    pub(crate) proof: Forged,
    pub(crate) ch: Challenges,
}

impl<'a> Liar<'a> {
    /// Commits to `a`, learns `x`, commits to `b(x)` and answers honestly for these.
    pub(crate) fn prove(
        scene: &'a Scene,
        output: &'a Known,
        a: Vec<Scalar>,
        b: impl FnOnce(Scalar) -> Vec<Scalar>,
    ) -> Self {
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

    pub(crate) fn draw(&mut self) {
        self.ch = self.proof.challenges(self.scene, self.output);
    }

    /// The values whose product is claimed.
    pub(crate) fn factors(&self) -> Vec<Scalar> {
        self.a.iter().zip(&self.b).map(|(a, b)| self.ch.y * a + b - self.ch.z).collect()
    }

    /// Partial products of the claimed values; `SHUF-8` b replaces the last by the public product.
    pub(crate) fn running(&self) -> Vec<Scalar> {
        self.factors()
            .iter()
            .scan(Scalar::ONE, |p, f| {
                *p *= f;
                Some(*p)
            })
            .collect()
    }

    pub(crate) fn mask(&mut self) {
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

    pub(crate) fn answer(&mut self) {
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

    pub(crate) fn holds(&self) -> [bool; 4] {
        self.proof.holds(self.scene, self.output, &self.ch)
    }

    pub(crate) fn judge(&self) -> Result<(), ShuffleRejected> {
        self.scene.judge(self.output, &self.proof)
    }
}

pub(crate) fn indices(places: &[usize]) -> Vec<Scalar> {
    places.iter().map(|i| Scalar::from(*i as u64 + 1)).collect()
}

pub(crate) fn pick(x: Scalar, places: &[usize], n: usize) -> Vec<Scalar> {
    let xs = powers(x, n);
    places.iter().map(|i| xs[*i]).collect()
}

/// Changes as many entries of `b` as there are limbs, from `at`, so that the sums of plaintexts agree: the
/// multi-exponentiation argument then holds for an output that is no shuffle.
pub(crate) fn balance(scene: &Scene, output: &Known, x: Scalar, mut b: Vec<Scalar>, at: usize) -> Vec<Scalar> {
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

/// The message that a prover chooses after the challenge that it should precede.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    A,
    P,
    SmallDelta,
    BigDelta,
    D,
    S,
    E,
}

impl Late {
    pub(crate) const ALL: [Late; 7] = [Late::A, Late::P, Late::SmallDelta, Late::BigDelta, Late::D, Late::S, Late::E];
}

/// A forgery in which *every* equation holds under the challenges as they were: what a proof without the late message in
/// its transcript would accept. The output's last vector, of one limb, must be an encryption of zero: the
/// multi-exponentiation then leaves its power free.
pub(crate) fn late<'a>(scene: &'a Scene, output: &'a Known, message: Late) -> Liar<'a> {
    let n = scene.n;
    let truth: Vec<_> = (0..n).collect();
    let lie = |x| balance(scene, output, x, pick(x, &truth, n), 0);
    let honest_powers = matches!(message, Late::S | Late::E);
    let b = |x| if honest_powers { pick(x, &truth, n) } else { lie(x) };
    let mut liar = Liar::prove(scene, output, indices(&truth), b);
    let (c, xs) = (liar.ch.c, powers(liar.ch.x, n));
    match message {
        // It opens to whatever makes the claimed pairs the true ones.
        Late::A => {
            let y_inverse = liar.ch.y.invert();
            liar.a = (0..n).map(|i| Scalar::from(i as u64 + 1) + (xs[i] - liar.b[i]) * y_inverse).collect();
            liar.proof.a = scene.commit(&liar.a, &liar.r[0]);
            liar.mask();
            liar.answer();
        }
        // Its free power makes the product right.
        Late::P => {
            let others: Scalar = liar.factors()[..n - 1].iter().product();
            liar.b[n - 1] = liar.ch.product(n) * others.invert() + liar.ch.z - liar.ch.y * liar.a[n - 1];
            liar.proof.p = scene.commit(&liar.b, &liar.r[1]);
            liar.mask();
            liar.answer();
        }
        // It takes up what the product argument lacks.
        Late::SmallDelta | Late::BigDelta => {
            let mut missing = vec![Scalar::ZERO; n - 1];
            missing[n - 2] = c * c * (liar.ch.product(n) - liar.running()[n - 1]);
            let missing = scene.commit(&missing, &Scalar::ZERO);
            if message == Late::SmallDelta {
                liar.proof.small += missing;
            } else {
                liar.proof.big += c.invert() * missing;
            }
        }
        // Values with the right product, whatever A and P hold.
        Late::D => {
            let right: Vec<_> = (0..n).map(|i| liar.ch.y * Scalar::from(i as u64 + 1) + xs[i] - liar.ch.z).collect();
            let d: Vec<_> = (0..n).map(|i| liar.d[i] + c * (right[i] - liar.factors()[i])).collect();
            let values: Vec<_> = right.iter().zip(&liar.d).map(|(f, d)| c * f + d).collect();
            let honest = liar.proof.clone();
            liar.b = xs;
            liar.mask();
            liar.answer();
            let product = liar.proof.clone();
            let (partials, small, big) = (product.partials, product.small, product.big);
            let d = scene.commit(&d, &liar.r[2]);
            liar.proof = Forged { values, partials, small, big, d, ..honest };
            liar.proof.blindings[1] = product.blindings[1];
        }
        // A true product, and powers that the answers do not have.
        Late::S => {
            let lacking = lie(liar.ch.x);
            for (i, power) in lacking.iter().enumerate() {
                liar.proof.exponents[i] += c * (power - liar.b[i]);
            }
            let before: Scalar = xs.iter().zip(&scene.input.r).map(|(x, r)| x * r[0]).sum();
            let after: Scalar = lacking.iter().zip(&output.r).map(|(b, r)| b * r[0]).sum();
            liar.proof.rerandomizers[0] = liar.tau[0] + c * (before - after);
            liar.proof.s = scene.commit(&liar.proof.exponents, &liar.proof.blindings[2]) - c * liar.proof.p;
        }
        Late::E => {
            let zero = scene.key.encrypt_zero(&liar.proof.rerandomizers[0]);
            for (half, zero) in [zero.r, zero.c].iter().enumerate() {
                liar.proof.e[0][half] = dot(&liar.proof.exponents, &column(&output.list, 0, half)) + zero
                    - c * dot(&xs, &column(&scene.input.list, 0, half));
            }
        }
    }
    liar
}
