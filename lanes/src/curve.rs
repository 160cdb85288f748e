//! Points of -x² + y² = 1 + d·x²·y² on lanes: Hisil, Wong, Carter, Dawson, *Twisted Edwards curves revisited*
//! (ASIACRYPT 2008). The formulas are complete: they hold for equal, opposite and identity points.
//!
//! A ristretto255 element is a coset of four such points; any of them may stand for it.
#![forbid(unsafe_code)]

use crate::field::{invsqrt, mul, square, Field, Words, INVSQRT_A_MINUS_D, MAX_LANES, ONE, P, SQRT_M1, TWO_D, ZERO};

/// An affine point as it lies in memory: (y + x, y - x, 2d·x·y), 96 bytes.
pub(crate) type Packed = [Words; 3];

/// The identity, packed.
pub(crate) const PACKED_IDENTITY: Packed = [ONE, ONE, ZERO];

/// A point in extended coordinates in memory, (X, Y, Z, T) or in the form of [`Cached`]: 128 bytes.
pub(crate) type Wide = [Words; 4];

/// The identity as (X, Y, Z, T).
pub(crate) const WIDE_IDENTITY: Wide = [ZERO, ONE, ONE, ZERO];

/// The identity as (Y + X, Y - X, Z, 2d·T).
pub(crate) const CACHED_IDENTITY: Wide = [ONE, ONE, ONE, ZERO];

/// Extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.
#[derive(Clone, Copy)]
pub(crate) struct Extended<F: Field> {
    pub(crate) x: F::Fe,
    pub(crate) y: F::Fe,
    pub(crate) z: F::Fe,
    pub(crate) t: F::Fe,
}

/// (Y + X, Y - X, Z, 2d·T): a point prepared for additions.
#[derive(Clone, Copy)]
pub(crate) struct Cached<F: Field> {
    pub(crate) plus: F::Fe,
    pub(crate) minus: F::Fe,
    pub(crate) z: F::Fe,
    pub(crate) t2d: F::Fe,
}

/// (y + x, y - x, 2d·x·y).
#[derive(Clone, Copy)]
pub(crate) struct Affine<F: Field> {
    pub(crate) plus: F::Fe,
    pub(crate) minus: F::Fe,
    pub(crate) t2d: F::Fe,
}

/// Rows of one coordinate of some records.
#[inline(always)]
pub(crate) fn rows<'a, const N: usize>(at: &[&'a [Words; N]; MAX_LANES], coordinate: usize) -> [&'a Words; MAX_LANES] {
    let mut rows = [&at[0][coordinate]; MAX_LANES];
    for l in 1..MAX_LANES {
        rows[l] = &at[l][coordinate];
    }
    rows
}

impl<F: Field> Affine<F> {
    #[inline(always)]
    pub(crate) fn gather(f: F, at: &[&Packed; MAX_LANES]) -> Self {
        Affine { plus: f.gather(&rows(at, 0)), minus: f.gather(&rows(at, 1)), t2d: f.gather(&rows(at, 2)) }
    }
}

impl<F: Field> Cached<F> {
    #[inline(always)]
    pub(crate) fn gather(f: F, at: &[&Wide; MAX_LANES]) -> Self {
        Cached {
            plus: f.gather(&rows(at, 0)),
            minus: f.gather(&rows(at, 1)),
            z: f.gather(&rows(at, 2)),
            t2d: f.gather(&rows(at, 3)),
        }
    }

    #[inline(always)]
    pub(crate) fn scatter(self, f: F) -> [Wide; MAX_LANES] {
        interleave([f.scatter(self.plus), f.scatter(self.minus), f.scatter(self.z), f.scatter(self.t2d)])
    }
}

#[inline(always)]
fn interleave(columns: [[Words; MAX_LANES]; 4]) -> [Wide; MAX_LANES] {
    let mut out = [WIDE_IDENTITY; MAX_LANES];
    for (l, wide) in out.iter_mut().enumerate() {
        *wide = [columns[0][l], columns[1][l], columns[2][l], columns[3][l]];
    }
    out
}

impl<F: Field> Extended<F> {
    #[inline(always)]
    pub(crate) fn identity(f: F) -> Self {
        let (zero, one) = (f.splat(&ZERO), f.splat(&ONE));
        Extended { x: zero, y: one, z: one, t: zero }
    }

    #[inline(always)]
    pub(crate) fn gather(f: F, at: &[&Wide; MAX_LANES]) -> Self {
        Extended {
            x: f.gather(&rows(at, 0)),
            y: f.gather(&rows(at, 1)),
            z: f.gather(&rows(at, 2)),
            t: f.gather(&rows(at, 3)),
        }
    }

    #[inline(always)]
    pub(crate) fn scatter(self, f: F) -> [Wide; MAX_LANES] {
        interleave([f.scatter(self.x), f.scatter(self.y), f.scatter(self.z), f.scatter(self.t)])
    }

    /// ±Q, scaled to Z = 4: the start of a run of additions. Negative in the lanes of `negative`.
    #[inline(always)]
    pub(crate) fn from_affine(f: F, q: Affine<F>, negative: u8) -> Self {
        let plus = f.select(negative, q.plus, q.minus);
        let minus = f.select(negative, q.minus, q.plus);
        let (x2, y2) = (f.sub(plus, minus), f.add(plus, minus));
        Extended { x: f.add(x2, x2), y: f.add(y2, y2), z: f.splat(&[4, 0, 0, 0]), t: f.mul(x2, y2) }
    }

    /// P ± Q, negative in the lanes of `negative`: 7 multiplications. Several at once, like with like.
    #[inline(always)]
    pub(crate) fn add_affine<const K: usize>(f: F, p: [Self; K], q: [Affine<F>; K], negative: [u8; K]) -> [Self; K] {
        let mut out = p;
        let (mut a, mut b, mut c) = ([q[0].plus; K], [q[0].plus; K], [q[0].plus; K]);
        for k in 0..K {
            a[k] = f.mul(f.sub_loose(p[k].y, p[k].x), f.select(negative[k], q[k].minus, q[k].plus));
        }
        for k in 0..K {
            b[k] = f.mul(f.add_loose(p[k].y, p[k].x), f.select(negative[k], q[k].plus, q[k].minus));
        }
        for k in 0..K {
            c[k] = f.mul(p[k].t, q[k].t2d);
        }
        let (mut e, mut ff, mut g, mut h) = (a, a, a, a);
        for k in 0..K {
            let d = f.add_loose(p[k].z, p[k].z);
            let (less, more) = (f.sub_loose(d, c[k]), f.add_loose(d, c[k]));
            // -Q has -c.
            (ff[k], g[k]) = (f.select(negative[k], less, more), f.select(negative[k], more, less));
            (e[k], h[k]) = (f.sub_loose(b[k], a[k]), f.add_loose(b[k], a[k]));
        }
        for k in 0..K {
            out[k].x = f.mul(e[k], ff[k]);
        }
        for k in 0..K {
            out[k].y = f.mul(g[k], h[k]);
        }
        for k in 0..K {
            out[k].z = f.mul(ff[k], g[k]);
        }
        for k in 0..K {
            out[k].t = f.mul(e[k], h[k]);
        }
        out
    }

    /// P + Q: 8 multiplications.
    #[inline(always)]
    pub(crate) fn add(self, f: F, q: Cached<F>) -> Self {
        let a = f.mul(f.sub_loose(self.y, self.x), q.minus);
        let b = f.mul(f.add_loose(self.y, self.x), q.plus);
        let c = f.mul(self.t, q.t2d);
        let zz = f.mul(self.z, q.z);
        let d = f.add_loose(zz, zz);
        Self::complete(f, f.sub_loose(b, a), f.sub_loose(d, c), f.add_loose(d, c), f.add_loose(b, a))
    }

    /// P ± Q, negative in the lanes of `negative`: 8 multiplications.
    #[inline(always)]
    pub(crate) fn add_signed(self, f: F, q: Cached<F>, negative: u8) -> Self {
        let a = f.mul(f.sub_loose(self.y, self.x), f.select(negative, q.minus, q.plus));
        let b = f.mul(f.add_loose(self.y, self.x), f.select(negative, q.plus, q.minus));
        let c = f.mul(self.t, q.t2d);
        let zz = f.mul(self.z, q.z);
        let d = f.add_loose(zz, zz);
        let (less, more) = (f.sub_loose(d, c), f.add_loose(d, c));
        // -Q has -c.
        let (ff, g) = (f.select(negative, less, more), f.select(negative, more, less));
        Self::complete(f, f.sub_loose(b, a), ff, g, f.add_loose(b, a))
    }

    /// 2·P.
    #[inline(always)]
    pub(crate) fn double(self, f: F) -> Self {
        let (xx, yy, zz) = (f.square(self.x), f.square(self.y), f.square(self.z));
        let h = f.add_loose(xx, yy);
        let e = f.sub_loose(h, f.square(f.add_loose(self.x, self.y)));
        let g = f.sub_loose(xx, yy);
        Self::complete(f, e, f.add_loose(f.add_loose(zz, zz), g), g, h)
    }

    #[inline(always)]
    fn complete(f: F, e: F::Fe, ff: F::Fe, g: F::Fe, h: F::Fe) -> Self {
        Extended { x: f.mul(e, ff), y: f.mul(g, h), z: f.mul(ff, g), t: f.mul(e, h) }
    }

    /// Prepared for additions: 1 multiplication.
    #[inline(always)]
    pub(crate) fn cached(self, f: F) -> Cached<F> {
        Cached {
            plus: f.add(self.y, self.x),
            minus: f.sub(self.y, self.x),
            z: self.z,
            t2d: f.mul(self.t, f.splat(&TWO_D)),
        }
    }

    /// The lanes that hold the identity *of ristretto255*: any of (0, ±1), (±i, 0).
    #[inline(always)]
    pub(crate) fn is_identity(self, f: F) -> u8 {
        f.is_zero(self.x) | f.is_zero(self.y)
    }

    /// The encodings (RFC 9496, section 4.3.2) of `K` vectors, without a branch that depends on the points.
    #[inline(always)]
    pub(crate) fn encode<const K: usize>(f: F, p: [Self; K]) -> [[[u8; 32]; MAX_LANES]; K] {
        let (mut u1, mut u2) = (p.map(|p| p.x), p.map(|p| p.x));
        for k in 0..K {
            u1[k] = f.mul(f.add_loose(p[k].z, p[k].y), f.sub_loose(p[k].z, p[k].y));
            u2[k] = f.mul(p[k].x, p[k].y);
        }
        let (invsqrt, _) = invsqrt(f, mul(f, u1, square(f, u2)));
        let i = f.splat(&SQRT_M1);
        let mut out = [[[0; 32]; MAX_LANES]; K];
        for k in 0..K {
            let p = p[k];
            let (den1, den2) = (f.mul(invsqrt[k], u1[k]), f.mul(invsqrt[k], u2[k]));
            let z_inv = f.mul(f.mul(den1, den2), p.t);
            let rotate = f.is_negative(f.mul(p.t, z_inv));
            let x = f.select(rotate, p.x, f.mul(p.y, i));
            let y = f.select(rotate, p.y, f.mul(p.x, i));
            let den_inv = f.select(rotate, den2, f.mul(den1, f.splat(&INVSQRT_A_MINUS_D)));
            let y = negate(f, f.is_negative(f.mul(x, z_inv)), y);
            let s = f.mul(den_inv, f.sub_loose(p.z, y));
            let s = negate(f, f.is_negative(s), s);
            for (bytes, words) in out[k].iter_mut().zip(f.scatter(s)).take(F::LANES) {
                for (eight, word) in bytes.chunks_exact_mut(8).zip(canonical(words)) {
                    eight.copy_from_slice(&word.to_le_bytes());
                }
            }
        }
        out
    }
}

/// -a in the lanes of `mask`.
#[inline(always)]
pub(crate) fn negate<F: Field>(f: F, mask: u8, a: F::Fe) -> F::Fe {
    f.select(mask, a, f.sub(f.splat(&ZERO), a))
}

/// (y + x, y - x, 2d·x·y) from x, y and x·y.
#[inline(always)]
pub(crate) fn pack<F: Field>(f: F, x: F::Fe, y: F::Fe, t: F::Fe) -> [Packed; MAX_LANES] {
    let plus = f.scatter(f.add(y, x));
    let minus = f.scatter(f.sub(y, x));
    let t2d = f.scatter(f.mul(t, f.splat(&TWO_D)));
    let mut out = [PACKED_IDENTITY; MAX_LANES];
    for (l, packed) in out.iter_mut().enumerate() {
        *packed = [plus[l], minus[l], t2d[l]];
    }
    out
}

/// The representative in [0, p), without a branch.
#[inline(always)]
pub(crate) fn canonical(mut a: Words) -> Words {
    // Below 2^256 < 3p.
    for _ in 0..2 {
        let (mut less, mut borrow) = (a, 0);
        for (less, p) in less.iter_mut().zip(P) {
            let difference = u128::from(*less).wrapping_sub(u128::from(p)).wrapping_sub(borrow);
            (*less, borrow) = (difference as u64, difference >> 127);
        }
        // All ones if p was too much.
        let keep = std::hint::black_box(borrow as u64).wrapping_neg();
        a.iter_mut().zip(less).for_each(|(a, less)| *a = less ^ (keep & (*a ^ less)));
    }
    a
}

/// Whether a < p.
#[inline(always)]
pub(crate) fn below_p(a: &Words) -> bool {
    a[3] < P[3] || (a[3] == P[3] && !(a[2] == P[2] && a[1] == P[1] && a[0] >= P[0]))
}
