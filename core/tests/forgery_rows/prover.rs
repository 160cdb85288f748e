//! A prover for `SHUF-11` to `SHUF-17` that may lie, and the equations, written from the specification: rows, commitments and
//! ciphertexts are folded one by one.

use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::{Identity, IsIdentity};
use curve25519_dalek::{RistrettoPoint as Point, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::elgamal::{Ciphertext, CiphertextList, PublicKey};
use selge_core::group::{random_scalar, Generators};
use selge_core::ids::{ContestIndex, ElectionId, MixIndex};
use selge_core::shuffle::{verify, ShuffleContext, ShuffleProof, ShuffleRejected};
use selge_core::transcript::{label, proof, ProtocolTranscript};
use std::sync::Arc;

pub(crate) const ELECTION: ElectionId = ElectionId([4; 32]);
pub(crate) const EQUATIONS: [char; 8] = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/// Values and, as the last entry, what blinds their commitment.
pub(crate) type Row = Vec<Scalar>;

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
        let vectors: Vec<Vec<Ciphertext>> =
            m.iter().zip(&r).map(|(m, r)| m.iter().zip(r).map(|(m, r)| key.encrypt(m, r)).collect()).collect();
        let list = CiphertextList::from_vectors(m[0].len(), vectors.iter().map(Vec::as_slice)).unwrap();
        Known { m, r, list: Arc::new(list) }
    }

    /// `Σ s_i·m_{i,k}` and `Σ s_i·r_{i,k}`; what continues the list is zero with randomness zero.
    pub(crate) fn weighted(&self, s: &[Scalar], k: usize) -> (Scalar, Scalar) {
        let sum = |values: &[Vec<Scalar>]| values.iter().zip(s).map(|(v, s)| s * v[k]).sum();
        (sum(&self.m), sum(&self.r))
    }

    /// The ciphertexts in rows of `n`, `rows` of them, continued with identities.
    pub(crate) fn rows(&self, rows: usize, n: usize) -> Vec<Vec<Vec<[Point; 2]>>> {
        let decode = |p: &[u8; 32]| CompressedRistretto(*p).decompress().unwrap();
        let w = self.list.width();
        let vector = |i: usize| -> Vec<[Point; 2]> {
            let at = |k: usize| match self.list.points().get(2 * (i * w + k)..2 * (i * w + k) + 2) {
                Some(rc) => [decode(&rc[0]), decode(&rc[1])],
                None => [Point::identity(); 2],
            };
            (0..w).map(at).collect()
        };
        (0..rows).map(|j| (0..n).map(|i| vector(j * n + i)).collect()).collect()
    }
}

pub(crate) struct Scene {
    pub(crate) key: PublicKey,
    pub(crate) generators: Generators,
    pub(crate) g: Vec<Point>,
    pub(crate) input: Known,
    /// Vectors, limbs, rows, columns.
    pub(crate) count: usize,
    pub(crate) w: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) mix: MixIndex,
    /// Vectors and rows as the prover's transcript has them.
    pub(crate) stated: (usize, usize),
}

impl Scene {
    pub(crate) fn new(count: usize, w: usize, m: usize) -> Self {
        let key = PublicKey::new(Point::mul_base(&random_scalar(&mut OsRng))).unwrap();
        let ballots = (0..count).map(|i| (0..w).map(|k| Scalar::from((10 * i + k + 1) as u64)).collect()).collect();
        let input = Known::new(&key, ballots);
        let n = count.div_ceil(m);
        let generators = Generators::new(n.max(w));
        Scene { g: generators.g(), key, generators, input, count, w, m, n, mix: MixIndex(1), stated: (count, m) }
    }

    pub(crate) fn places(&self) -> usize {
        self.m * self.n
    }

    pub(crate) fn ctx(&self) -> ShuffleContext<'_> {
        ShuffleContext { election: &ELECTION, joint_key: &self.key, contest: ContestIndex(0), mix: self.mix }
    }

    pub(crate) fn output(&self, source: &[usize]) -> Known {
        Known::new(&self.key, source.iter().map(|i| self.input.m[*i].clone()).collect())
    }

    /// The input with some ballots exchanged for others of the prover's.
    pub(crate) fn replaced(&self, ballots: &[(usize, Vec<u64>)]) -> Known {
        let mut m = self.input.m.clone();
        for (i, ballot) in ballots {
            m[*i] = ballot.iter().map(|limb| Scalar::from(*limb)).collect();
        }
        Known::new(&self.key, m)
    }

    /// `com(values; blinding)` of a row.
    pub(crate) fn com(&self, row: &[Scalar]) -> Point {
        let (blinding, values) = row.split_last().unwrap();
        values.iter().zip(&self.g).map(|(v, g)| v * g).sum::<Point>() + blinding * self.generators.h()
    }

    pub(crate) fn enc(&self, m: &Scalar, r: &Scalar) -> [Point; 2] {
        let c = self.key.encrypt(m, r);
        [c.r, c.c]
    }

    pub(crate) fn judge(&self, output: &Known, forged: &Forged) -> Result<(), ShuffleRejected> {
        verify(&self.ctx(), &self.generators, &self.input.list, &output.list, &self.encode(forged)).map(|_| ())
    }

    pub(crate) fn encode(&self, forged: &Forged) -> ShuffleProof {
        ShuffleProof::from_bytes_in_rows(&forged.bytes(self), self.count, self.w, self.m).unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Cross {
    pub(crate) zero: Point,
    pub(crate) mask: Point,
    pub(crate) e: Vec<[Point; 2]>,
}

/// `D, δ, Δ, Z_α, Z_β, Z_0, Z_1, S, M_S`.
#[derive(Clone, Copy)]
pub(crate) enum Last {
    D,
    Small,
    Big,
    Alpha,
    Beta,
    Zero0,
    Zero1,
    S,
    Mask,
}

/// A proof, in the order of its bytes (`SHUF-17`).
#[derive(Clone)]
pub(crate) struct Forged {
    pub(crate) a: Vec<Point>,
    pub(crate) p: Vec<Point>,
    pub(crate) b: Vec<Point>,
    pub(crate) folds: Vec<[Cross; 2]>,
    pub(crate) last: [Point; 9],
    pub(crate) e: Vec<[Point; 2]>,
    pub(crate) g: Vec<Scalar>,
    pub(crate) h: Vec<Scalar>,
    pub(crate) alpha: Vec<Scalar>,
    pub(crate) beta: Vec<Scalar>,
    pub(crate) exponents: Vec<Scalar>,
    pub(crate) mu: Vec<Scalar>,
    pub(crate) tau: Vec<Scalar>,
    pub(crate) r: [Scalar; 7],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenges {
    pub(crate) x: Scalar,
    pub(crate) y: Scalar,
    pub(crate) z: Scalar,
    pub(crate) u: Scalar,
    pub(crate) t: Scalar,
    pub(crate) v: Vec<Scalar>,
    pub(crate) c: Scalar,
}

impl Challenges {
    pub(crate) fn product(&self, places: usize) -> Scalar {
        powers(self.x, places).iter().zip(1u64..).map(|(xi, i)| self.y * Scalar::from(i) + xi - self.z).product()
    }

    pub(crate) fn inner(&self, a: &[Scalar], b: &[Scalar], n: usize) -> Scalar {
        powers(self.t, n).iter().zip(a).zip(b).map(|((t, a), b)| t * a * b).sum()
    }
}

pub(crate) fn put_ciphertexts(t: &mut Transcript, label: &'static [u8], ciphertexts: &[[Point; 2]]) {
    for [r, c] in ciphertexts {
        t.put_bytes(label, &[r.compress().to_bytes(), c.compress().to_bytes()].concat());
    }
}

impl Forged {
    /// Identities and zeros.
    pub(crate) fn nothing(scene: &Scene) -> Self {
        let (o, zero, n, w) = (Point::identity(), Scalar::ZERO, scene.n, scene.w);
        let cross = || Cross { zero: o, mask: o, e: vec![[o; 2]; w] };
        Forged {
            a: vec![o; scene.m],
            p: vec![o; scene.m],
            b: vec![o; scene.m - 1],
            folds: (0..scene.m.ilog2()).map(|_| [cross(), cross()]).collect(),
            last: [o; 9],
            e: vec![[o; 2]; w],
            g: vec![zero; n],
            h: vec![zero; n - 2],
            alpha: vec![zero; n],
            beta: vec![zero; n],
            exponents: vec![zero; n],
            mu: vec![zero; w],
            tau: vec![zero; w],
            r: [zero; 7],
        }
    }

    pub(crate) fn bytes(&self, scene: &Scene) -> Vec<u8> {
        let mut out = vec![128];
        out.extend_from_slice(&(scene.count as u32).to_be_bytes());
        out.extend_from_slice(&(scene.w as u16).to_be_bytes());
        out.extend_from_slice(&(scene.m as u16).to_be_bytes());
        let mut points: Vec<Point> = [&self.a[..], &self.p, &self.b].concat();
        for cross in self.folds.iter().flatten() {
            points.extend([cross.zero, cross.mask]);
            points.extend(cross.e.iter().flatten());
        }
        points.extend(self.last);
        points.extend(self.e.iter().flatten());
        points.iter().for_each(|p| out.extend_from_slice(p.compress().as_bytes()));
        for list in [&self.g, &self.h, &self.alpha, &self.beta, &self.exponents, &self.mu, &self.tau] {
            list.iter().for_each(|s| out.extend_from_slice(s.as_bytes()));
        }
        self.r.iter().for_each(|s| out.extend_from_slice(s.as_bytes()));
        out
    }

    /// What the verifier will draw.
    pub(crate) fn challenges(&self, scene: &Scene, output: &Known) -> Challenges {
        let mut t = Transcript::open(proof::SHUFFLE_ROWS, &ELECTION);
        t.put_point(label::JOINT_KEY, scene.key.point());
        t.put_u64(label::CONTEST, 0);
        t.put_u64(label::MIX, scene.mix.0.into());
        t.put_u64(label::COUNT, scene.stated.0 as u64);
        t.put_u64(label::WIDTH, scene.w as u64);
        t.put_digest(label::INPUT, scene.input.list.digest());
        t.put_digest(label::OUTPUT, output.list.digest());
        t.put_u64(label::ROWS, scene.stated.1 as u64);
        self.a.iter().for_each(|p| t.put_point(label::SHUFFLE_A, p));
        let x = t.challenge(label::SHUFFLE_X);
        self.p.iter().for_each(|p| t.put_point(label::SHUFFLE_B, p));
        let (y, z) = (t.challenge(label::SHUFFLE_Y), t.challenge(label::SHUFFLE_Z));
        self.b.iter().for_each(|p| t.put_point(label::HADAMARD_B, p));
        let (u, tt) = (t.challenge(label::HADAMARD_U), t.challenge(label::HADAMARD_T));
        let mut v = Vec::new();
        for [left, right] in &self.folds {
            t.put_point(label::ZERO_L, &left.zero);
            t.put_point(label::MASK_L, &left.mask);
            put_ciphertexts(&mut t, label::MULTIEXP_L, &left.e);
            t.put_point(label::ZERO_R, &right.zero);
            t.put_point(label::MASK_R, &right.mask);
            put_ciphertexts(&mut t, label::MULTIEXP_R, &right.e);
            v.push(t.challenge(label::FOLD_V));
        }
        let labels = [
            label::PRODUCT_D,
            label::PRODUCT_SMALL_DELTA,
            label::PRODUCT_BIG_DELTA,
            label::ZERO_ALPHA,
            label::ZERO_BETA,
            label::ZERO_0,
            label::ZERO_1,
            label::MULTIEXP_A,
            label::MASK_S,
        ];
        labels.into_iter().zip(&self.last).for_each(|(label, p)| t.put_point(label, p));
        put_ciphertexts(&mut t, label::MULTIEXP_E, &self.e);
        Challenges { x, y, z, u, t: tt, v, c: t.challenge(label::SHUFFLE_C) }
    }

    /// Right side less left side of the equations a to h, each alone and without weights; h has one per component.
    pub(crate) fn deficits(&self, scene: &Scene, output: &Known, ch: &Challenges) -> Vec<Vec<Point>> {
        let (m, n, c, o) = (scene.m, scene.n, ch.c, Point::identity());
        let row = |values: &[Scalar], blinding: Scalar| scene.com(&[values, &[blinding]].concat());
        // Rows before n values need the generators beyond them to count nothing.
        let all = |value: Scalar| scene.com(&[vec![value; n], vec![Scalar::ZERO]].concat());
        let f: Vec<Point> = (0..m).map(|j| ch.y * self.a[j] + self.p[j] - all(ch.z)).collect();
        let b: Vec<Point> = [&f[..1], &self.b].concat();
        let us = powers(ch.u, m);
        let mut alpha: Vec<Point> = f[1..].to_vec();
        alpha.push(all(-Scalar::ONE));
        let mut beta: Vec<Point> = (0..m - 1).map(|j| us[j] * b[j]).collect();
        beta.push((0..m - 1).map(|j| us[j] * b[j + 1]).sum());
        let mut p = self.p.clone();
        let mut lists = output.rows(m, n);
        let (mut q, mut mask) = (o, o);
        let xs = powers(ch.x, scene.places());
        let inputs = scene.input.rows(m, n).concat();
        let mut claim: Vec<[Point; 2]> = (0..scene.w)
            .map(|k| [0, 1].map(|half| inputs.iter().zip(&xs).map(|(c, x)| x * c[k][half]).sum()))
            .collect();
        for ([left, right], v) in self.folds.iter().zip(&ch.v) {
            let h = p.len() / 2;
            alpha = (0..h).map(|j| alpha[j] + v * alpha[j + h]).collect();
            p = (0..h).map(|j| p[j] + v * p[j + h]).collect();
            beta = (0..h).map(|j| v * beta[j] + beta[j + h]).collect();
            let fold = |j: usize, i: usize, k: usize| [0, 1].map(|r| v * lists[j][i][k][r] + lists[j + h][i][k][r]);
            lists = (0..h).map(|j| (0..n).map(|i| (0..scene.w).map(|k| fold(j, i, k)).collect()).collect()).collect();
            q = v * q + v * v * right.zero + left.zero;
            mask = v * mask + v * v * right.mask + left.mask;
            for (k, t) in claim.iter_mut().enumerate() {
                *t = [0, 1].map(|r| v * t[r] + v * v * right.e[k][r] + left.e[k][r]);
            }
        }
        let [d, small, big, z_alpha, z_beta, z_0, z_1, s, m_s] = self.last;
        let mut steps = vec![self.g[0]];
        steps.extend(&self.h);
        steps.push(c * ch.product(scene.places()));
        let steps: Vec<_> = (1..n).map(|i| c * steps[i] - steps[i - 1] * self.g[i]).collect();
        let product = ch.inner(&self.alpha, &self.beta, n);
        let single = |k: usize, r: usize| -> Point {
            let sum: Point = lists[0].iter().zip(&self.exponents).map(|(vector, e)| e * vector[k][r]).sum();
            c * claim[k][r] + self.e[k][r] - sum - scene.enc(&self.mu[k], &self.tau[k])[r]
        };
        vec![
            vec![c * b[m - 1] + d - row(&self.g, self.r[0])],
            vec![c * big + small - row(&steps, self.r[1])],
            vec![c * alpha[0] + z_alpha - row(&self.alpha, self.r[2])],
            vec![c * beta[0] + z_beta - row(&self.beta, self.r[3])],
            vec![c * c * q + c * z_1 + z_0 - row(&[product], self.r[4])],
            vec![c * p[0] + s - row(&self.exponents, self.r[5])],
            vec![c * mask + m_s - row(&self.mu, self.r[6])],
            (0..scene.w).flat_map(|k| [single(k, 0), single(k, 1)]).collect(),
        ]
    }
}

/// What a prover may lie about beside the output, `π` and the powers.
#[derive(Default)]
pub(crate) struct Lies {
    /// Running products of rows that are not: the last row's last value is what makes the public product.
    pub(crate) products: bool,
    /// Takes up what the plaintexts lack by a mask that was never committed to.
    pub(crate) mask: bool,
}

/// A prover with all its secrets, which proves whatever it is told with messages as close to honest ones as they get.
pub(crate) struct Liar<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) output: &'a Known,
    pub(crate) proof: Forged,
    pub(crate) ch: Challenges,
}

pub(crate) fn fold_rows(rows: &mut Vec<Row>, fold: impl Fn(&Scalar, &Scalar) -> Scalar) {
    let second = rows.split_off(rows.len() / 2);
    for (first, second) in rows.iter_mut().zip(second) {
        first.iter_mut().zip(&second).for_each(|(a, b)| *a = fold(a, b));
    }
}

impl<'a> Liar<'a> {
    /// Commits to `a`, learns `x`, commits to `b(x)` and answers honestly for these but for the lies.
    pub(crate) fn prove(
        scene: &'a Scene,
        output: &'a Known,
        a: Vec<Scalar>,
        b: impl FnOnce(Scalar) -> Vec<Scalar>,
        lies: &Lies,
    ) -> Self {
        let (m, n, w) = (scene.m, scene.n, scene.w);
        let blind =
            |values: Vec<Scalar>| -> Vec<Row> { values.chunks(n).map(|row| [row, &scalars(1)].concat()).collect() };
        let mut proof = Forged::nothing(scene);
        let a = blind(a);
        proof.a = a.iter().map(|row| scene.com(row)).collect();
        let mut ch = proof.challenges(scene, output);
        let flat = b(ch.x);
        let mut p = blind(flat.clone());
        proof.p = p.iter().map(|row| scene.com(row)).collect();
        ch = proof.challenges(scene, output);

        // Factors, running products, rows of the zero argument.
        let factor = |j: usize, i: usize| ch.y * a[j][i] + p[j][i] - if i < n { ch.z } else { Scalar::ZERO };
        let f: Vec<Row> = (0..m).map(|j| (0..=n).map(|i| factor(j, i)).collect()).collect();
        let mut products = f.clone();
        for j in 1..m {
            for i in 0..n {
                products[j][i] = products[j - 1][i] * f[j][i];
            }
            products[j][n] = random_scalar(&mut OsRng);
        }
        if lies.products {
            let others: Scalar = products[m - 1][..n - 1].iter().product();
            products[m - 1][n - 1] = ch.product(scene.places()) * others.invert();
        }
        proof.b = products[1..].iter().map(|row| scene.com(row)).collect();
        ch = proof.challenges(scene, output);
        let g = products[m - 1].clone();
        let us = powers(ch.u, m);
        let mut alpha = f[1..].to_vec();
        alpha.push([vec![-Scalar::ONE; n], vec![Scalar::ZERO]].concat());
        let mut beta: Vec<Row> = (0..m - 1).map(|j| products[j].iter().map(|b| us[j] * b).collect()).collect();
        beta.push((0..=n).map(|i| (0..m - 1).map(|j| us[j] * products[j + 1][i]).sum()).collect());

        // The claim: blinding of Q, blinding of M, masks, randomness of the encryptions.
        let xs = powers(ch.x, scene.places());
        let mut claim = vec![Scalar::ZERO; 2 + w];
        for k in 0..w {
            let (before, after) = (scene.input.weighted(&xs, k), output.weighted(&flat, k));
            if lies.mask {
                claim[2 + k] = before.0 - after.0;
            }
            claim.push(before.1 - after.1);
        }
        let mut lists = output.rows(m, n);
        let sum = |rows: &[Row], lists: &[Vec<Vec<[Point; 2]>>], claim: &[Scalar]| -> Vec<[Point; 2]> {
            let component = |k: usize, r: usize| -> Point {
                let terms = rows.iter().zip(lists).flat_map(|(row, list)| row.iter().zip(list));
                terms.map(|(e, vector)| e * vector[k][r]).sum::<Point>()
                    + scene.enc(&claim[2 + k], &claim[2 + w + k])[r]
            };
            (0..w).map(|k| [component(k, 0), component(k, 1)]).collect()
        };
        let inner =
            |ch: &Challenges, a: &[Row], b: &[Row]| -> Scalar { a.iter().zip(b).map(|(a, b)| ch.inner(a, b, n)).sum() };
        let mask_com = |claim: &[Scalar]| scene.com(&[&claim[2..2 + w], &claim[1..2]].concat());
        for s in 0..proof.folds.len() {
            let h = p.len() / 2;
            let (left, right) = (scalars(2 + 2 * w), scalars(2 + 2 * w));
            proof.folds[s] = [
                Cross {
                    zero: scene.com(&[inner(&ch, &alpha[..h], &beta[h..]), left[0]]),
                    mask: mask_com(&left),
                    e: sum(&p[..h], &lists[h..], &left),
                },
                Cross {
                    zero: scene.com(&[inner(&ch, &alpha[h..], &beta[..h]), right[0]]),
                    mask: mask_com(&right),
                    e: sum(&p[h..], &lists[..h], &right),
                },
            ];
            ch = proof.challenges(scene, output);
            let v = ch.v[s];
            fold_rows(&mut alpha, |a, b| a + v * b);
            fold_rows(&mut p, |a, b| a + v * b);
            fold_rows(&mut beta, |a, b| v * a + b);
            let fold = |j: usize, i: usize, k: usize| [0, 1].map(|r| v * lists[j][i][k][r] + lists[j + h][i][k][r]);
            lists = (0..h).map(|j| (0..n).map(|i| (0..w).map(|k| fold(j, i, k)).collect()).collect()).collect();
            claim = (0..2 + 2 * w).map(|i| v * claim[i] + v * v * right[i] + left[i]).collect();
        }

        // One row is left.
        let (d, mut delta, r) = (scalars(n + 1), scalars(n), scalars(3));
        delta[0] = d[0];
        delta[n - 1] = Scalar::ZERO;
        let partial: Vec<Scalar> = (1..=n).map(|i| g[..i].iter().product()).collect();
        let small: Vec<_> = (1..n).map(|i| -delta[i - 1] * d[i]).collect();
        let big: Vec<_> = (1..n).map(|i| delta[i] - g[i] * delta[i - 1] - partial[i - 1] * d[i]).collect();
        let (alpha_0, beta_0, e, masks) = (scalars(n + 1), scalars(n + 1), scalars(n + 1), scalars(2 + 2 * w));
        let cross = ch.inner(&alpha_0, &beta[0], n) + ch.inner(&alpha[0], &beta_0, n);
        proof.last = [
            scene.com(&d),
            scene.com(&[small, vec![r[0]]].concat()),
            scene.com(&[big, vec![r[1]]].concat()),
            scene.com(&alpha_0),
            scene.com(&beta_0),
            scene.com(&[ch.inner(&alpha_0, &beta_0, n), masks[0]]),
            scene.com(&[cross, r[2]]),
            scene.com(&e),
            mask_com(&masks),
        ];
        proof.e = sum(&[e[..n].to_vec()], &lists, &masks);
        ch = proof.challenges(scene, output);
        let c = ch.c;
        let answer = |mask: &[Scalar], secret: &[Scalar]| -> Vec<Scalar> {
            mask.iter().zip(secret).map(|(mask, secret)| mask + c * secret).collect()
        };
        let split = |mut row: Row| {
            let blinding = row.pop().unwrap();
            (row, blinding)
        };
        (proof.g, proof.r[0]) = split(answer(&d, &g));
        proof.h = answer(&delta[1..n - 1], &partial[1..n - 1]);
        proof.r[1] = r[0] + c * r[1];
        (proof.alpha, proof.r[2]) = split(answer(&alpha_0, &alpha[0]));
        (proof.beta, proof.r[3]) = split(answer(&beta_0, &beta[0]));
        proof.r[4] = masks[0] + c * r[2] + c * c * claim[0];
        (proof.exponents, proof.r[5]) = split(answer(&e, &p[0]));
        let answers = answer(&masks, &claim);
        proof.r[6] = answers[1];
        proof.mu = answers[2..2 + w].to_vec();
        proof.tau = answers[2 + w..].to_vec();
        Liar { scene, output, proof, ch }
    }

    /// The equations that fail, by their letters.
    pub(crate) fn fails(&self) -> String {
        let deficits = self.proof.deficits(self.scene, self.output, &self.ch);
        let failing = EQUATIONS.iter().zip(deficits).filter(|(_, d)| !d.iter().all(IsIdentity::is_identity));
        failing.map(|(letter, _)| letter).collect()
    }

    /// Asserts that exactly these equations fail, and that the crate's verifier says so of the whole.
    pub(crate) fn must_fail(&self, equations: &str) {
        assert_eq!(self.fails(), equations);
        assert_eq!(self.scene.judge(self.output, &self.proof), Err(ShuffleRejected::False));
    }
}
