//! Shuffles with several rows: SHUF-11 to SHUF-17.

use super::{bytes, challenge, integer, number, point, scalar, shuffle_statement, Bytes, B};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use selge_core::group::Generators;
use serde_json::{json, Value};

struct Challenges {
    x: Scalar,
    y: Scalar,
    z: Scalar,
    u: Scalar,
    t: Scalar,
    v: Vec<Scalar>,
    c: Scalar,
}

fn powers(x: Scalar, n: usize) -> Vec<Scalar> {
    std::iter::successors(Some(x), |p| Some(p * x)).take(n).collect()
}

/// SHUF-11 to SHUF-15.
fn challenges(v: &Value) -> Challenges {
    let (w, m) = (number(v, "/width"), number(v, "/rows"));
    let mut t = shuffle_statement(b"shuffle rows", v);
    integer(&mut t, b"rows", v, "/rows");
    let mut b = Bytes(bytes(v, "/proof"), 9);
    let append = |t: &mut Transcript, b: &mut Bytes, label: &'static [u8], size: usize, times: usize| {
        (0..times).for_each(|_| t.append_message(label, b.take(size)));
    };
    append(&mut t, &mut b, b"shuffle-A", 32, m);
    let x = challenge(&mut t, b"shuffle-x");
    append(&mut t, &mut b, b"shuffle-B", 32, m);
    let (y, z) = (challenge(&mut t, b"shuffle-y"), challenge(&mut t, b"shuffle-z"));
    append(&mut t, &mut b, b"hadamard-B", 32, m - 1);
    let (u, tt) = (challenge(&mut t, b"hadamard-u"), challenge(&mut t, b"hadamard-t"));
    let fold = |_| {
        for labels in [[&b"zero-L"[..], b"mask-L", b"multiexp-L"], [&b"zero-R"[..], b"mask-R", b"multiexp-R"]] {
            append(&mut t, &mut b, labels[0], 32, 1);
            append(&mut t, &mut b, labels[1], 32, 1);
            append(&mut t, &mut b, labels[2], 64, w);
        }
        challenge(&mut t, b"fold-v")
    };
    let folds: Vec<Scalar> = (0..m.ilog2()).map(fold).collect();
    for label in [
        &b"product-d"[..],
        b"product-delta",
        b"product-Delta",
        b"zero-alpha",
        b"zero-beta",
        b"zero-0",
        b"zero-1",
        b"multiexp-A",
        b"mask-S",
    ] {
        append(&mut t, &mut b, label, 32, 1);
    }
    append(&mut t, &mut b, b"multiexp-E", 64, w);
    Challenges { x, y, z, u, t: tt, v: folds, c: challenge(&mut t, b"shuffle-c") }
}

/// Adds the challenges to a vector.
pub(crate) fn put_challenges(value: &mut Value) {
    let ch = challenges(value);
    for (name, challenge) in ["x", "y", "z", "u", "t", "c"].iter().zip([ch.x, ch.y, ch.z, ch.u, ch.t, ch.c]) {
        value[*name] = json!(scalar(&challenge));
    }
    value["v"] = ch.v.iter().map(scalar).collect::<Vec<_>>().into();
}

/// SHUF-16 and SHUF-17, with the coefficient that each row has in the folded row.
pub(crate) fn shuffle(v: &Value) {
    let (count, w, m) = (number(v, "/count"), number(v, "/width"), number(v, "/rows"));
    let n = count.div_ceil(m);
    let Challenges { x, y, z, u, t, v: folds, c } = challenges(v);
    assert_eq!(Bytes(bytes(v, "/c"), 0).s(), c);
    let generators = Generators::new(n.max(w));
    let g = generators.g();
    let com = |values: &[Scalar], blinding: Scalar| -> RistrettoPoint {
        values.iter().zip(&g).map(|(v, g)| g * v).sum::<RistrettoPoint>() + generators.h() * blinding
    };
    let key = point(v, "/joint_key");

    let mut b = Bytes(bytes(v, "/proof"), 9);
    let header = [&[128][..], &(count as u32).to_be_bytes(), &(w as u16).to_be_bytes(), &(m as u16).to_be_bytes()];
    assert_eq!(b.0[..9], header.concat());
    assert_eq!(b.0.len(), 9 + 32 * (3 * m + 5 * n + folds.len() * (4 + 4 * w) + 4 * w + 13));
    let (a_com, p_com, b_com) = (b.many(m, Bytes::p), b.many(m, Bytes::p), b.many(m - 1, Bytes::p));
    let crosses = b.many(2 * folds.len(), |b| (b.p(), b.p(), b.many(2 * w, Bytes::p)));
    let [d, small, big, z_alpha, z_beta, z_0, z_1, s, m_s] = [(); 9].map(|()| b.p());
    let masked = b.many(2 * w, Bytes::p);
    let (g_row, h) = (b.many(n, Bytes::s), b.many(n - 2, Bytes::s));
    let (alpha, beta, e) = (b.many(n, Bytes::s), b.many(n, Bytes::s), b.many(n, Bytes::s));
    let (mu, tau) = (b.many(w, Bytes::s), b.many(w, Bytes::s));
    let r = [(); 7].map(|()| b.s());
    assert_eq!(b.1, b.0.len());

    // Coefficients: the first fold decides by a row's highest bit.
    let bit = |row: usize, s: usize| row >> (folds.len() - 1 - s) & 1;
    let coefficient = |row: usize, half: usize| -> Scalar {
        folds.iter().enumerate().filter(|(s, _)| bit(row, *s) == half).map(|(_, v)| v).product()
    };
    let left: Vec<Scalar> = (0..m).map(|row| coefficient(row, 1)).collect();
    let right: Vec<Scalar> = (0..m).map(|row| coefficient(row, 0)).collect();
    let claim = |message: &dyn Fn(usize) -> RistrettoPoint| -> RistrettoPoint {
        let later = |s: usize| folds[s + 1..].iter().product::<Scalar>();
        (0..folds.len()).map(|s| (message(2 * s) + message(2 * s + 1) * (folds[s] * folds[s])) * later(s)).sum()
    };
    let sum = |scalars: &[Scalar], points: &[RistrettoPoint]| -> RistrettoPoint {
        scalars.iter().zip(points).map(|(s, p)| p * s).sum()
    };

    // (a), (b)
    assert_eq!(com(&g_row, r[0]), b_com[m - 2] * c + d);
    let x_powers = powers(x, m * n);
    let product: Scalar = x_powers.iter().zip(1u64..).map(|(xi, i)| y * Scalar::from(i) + xi - z).product();
    let all: Vec<Scalar> = [&[g_row[0]], &h[..], &[c * product]].concat();
    let steps: Vec<Scalar> = (0..n - 1).map(|i| c * all[i + 1] - all[i] * g_row[i + 1]).collect();
    assert_eq!(com(&steps, r[1]), big * c + small);
    // (c), (d)
    let f: Vec<RistrettoPoint> =
        a_com.iter().zip(&p_com).map(|(a, p)| a * y + p - com(&vec![z; n], Scalar::ZERO)).collect();
    let alpha_coms = [&f[1..], &[com(&vec![-Scalar::ONE; n], Scalar::ZERO)]].concat();
    assert_eq!(com(&alpha, r[2]), sum(&left, &alpha_coms) * c + z_alpha);
    let b_coms = [&f[..1], &b_com].concat();
    let us = powers(u, m - 1);
    let mut beta_coms: Vec<RistrettoPoint> = us.iter().zip(&b_coms).map(|(u, b)| b * u).collect();
    beta_coms.push(sum(&us, &b_coms[1..]));
    assert_eq!(com(&beta, r[3]), sum(&right, &beta_coms) * c + z_beta);
    // (e), (f), (g)
    let inner = powers(t, n).iter().zip(&alpha).zip(&beta).map(|((t, a), b)| t * a * b).sum();
    assert_eq!(com(&[inner], r[4]), claim(&|i| crosses[i].0) * (c * c) + z_1 * c + z_0);
    assert_eq!(com(&e, r[5]), sum(&left, &p_com) * c + s);
    assert_eq!(com(&mu, r[6]), claim(&|i| crosses[i].1) * c + m_s);
    // (h)
    let list = |name: &str| Bytes(bytes(v, name), 6).many(2 * count * w, Bytes::p);
    let (input, output) = (list("/input"), list("/output"));
    let of_output: Vec<Scalar> = (0..count).map(|i| right[i / n] * e[i % n]).collect();
    for at in 0..2 * w {
        let column = |list: &[RistrettoPoint]| list.iter().skip(at).step_by(2 * w).copied().collect::<Vec<_>>();
        let zero = if at % 2 == 0 { B * tau[at / 2] } else { B * mu[at / 2] + key * tau[at / 2] };
        let first = sum(&x_powers, &column(&input)) * folds.iter().product::<Scalar>();
        let claimed = first + claim(&|i| crosses[i].2[at]);
        assert_eq!(sum(&of_output, &column(&output)) + zero, claimed * c + masked[at]);
    }
}
