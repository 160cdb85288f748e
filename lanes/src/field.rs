//! What every backend must offer: arithmetic modulo p = 2^255 - 19 on a few elements at a time.
#![forbid(unsafe_code)]

/// Most lanes of any backend; arrays over lanes have this length and a backend uses the first [`Field::LANES`] slots.
pub(crate) const MAX_LANES: usize = 8;

/// Entries of a table that is looked up in constant time.
pub(crate) const ENTRIES: usize = 32;

/// A field element in memory: a little-endian number of four words, of which the top one is at most [`TOP_WORD`], so
/// that the top limb of every backend stays reduced; not always below p.
pub(crate) type Words = [u64; 4];

/// The largest top word of an element in memory.
#[cfg(test)]
pub(crate) const TOP_WORD: u64 = (1 << 63) + (1 << 40) - 1;

/// p.
pub(crate) const P: Words = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];
/// 0.
pub(crate) const ZERO: Words = [0; 4];
/// 1.
pub(crate) const ONE: Words = [1, 0, 0, 0];
/// -d, where the curve is -x² + y² = 1 + d·x²·y².
pub(crate) const MINUS_D: Words = [0x8a14b235eca6874a, 0xff8ff5b2bebe2754, 0x7338bf8688861767, 0x2dfc9311d490018c];
/// 2d.
pub(crate) const TWO_D: Words = [0xebd69b9426b2f159, 0x00e0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7];
/// A square root of -1.
pub(crate) const SQRT_M1: Words = [0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7, 0x2b8324804fc1df0b];
/// 1/sqrt(a - d) with a = -1 (RFC 9496, section 4.1).
pub(crate) const INVSQRT_A_MINUS_D: Words =
    [0x99c8fdaa805d40ea, 0x9d2f16175a4172be, 0x16c27b91fe01d840, 0x786c8905cfaffca2];

/// Arithmetic on [`Field::LANES`] elements at once. A value of the type is the proof that the CPU can do it.
///
/// Every operation takes and gives *reduced* elements, unless it says otherwise: each backend bounds its limbs and keeps the
/// bound, so any result may go into any operation (`docs/lanes.md` has the bounds). Masks have one bit per lane, lane 0 lowest.
pub(crate) trait Field: Copy + Send + Sync {
    /// Reduced elements, one per lane.
    type Fe: Copy;

    /// How many elements one `Fe` holds.
    const LANES: usize;

    /// The same element in all lanes.
    fn splat(self, words: &Words) -> Self::Fe;

    /// One element from each of the first `LANES` rows.
    fn gather(self, rows: &[&Words; MAX_LANES]) -> Self::Fe;

    /// The elements, one per row; rows beyond `LANES` are zero.
    fn scatter(self, a: Self::Fe) -> [Words; MAX_LANES];

    /// a + b.
    fn add(self, a: Self::Fe, b: Self::Fe) -> Self::Fe;

    /// a - b.
    fn sub(self, a: Self::Fe, b: Self::Fe) -> Self::Fe;

    /// a + b, *loose*: to be multiplied, squared, selected, or an operand of one more such sum. Each operand is reduced or the
    /// loose sum or difference of two that are.
    #[inline(always)]
    fn add_loose(self, a: Self::Fe, b: Self::Fe) -> Self::Fe {
        self.add(a, b)
    }

    /// a - b, loose, with an `a` as for [`Field::add_loose`] and a reduced `b`.
    #[inline(always)]
    fn sub_loose(self, a: Self::Fe, b: Self::Fe) -> Self::Fe {
        self.sub(a, b)
    }

    /// a · b; either may be loose.
    fn mul(self, a: Self::Fe, b: Self::Fe) -> Self::Fe;

    /// a²; a may be loose.
    fn square(self, a: Self::Fe) -> Self::Fe;

    /// In each lane `b` where the mask is set, else `a`.
    fn select(self, mask: u8, a: Self::Fe, b: Self::Fe) -> Self::Fe;

    /// The lanes that are zero modulo p.
    fn is_zero(self, a: Self::Fe) -> u8;

    /// The lanes whose representative in [0, p) is odd ("negative", RFC 9496).
    fn is_negative(self, a: Self::Fe) -> u8;

    /// In each of the first `LANES` lanes the entry that `at` names, below [`ENTRIES`]; the table has an element's four
    /// words one after another. Neither branches nor addresses depend on `at`.
    fn lookup(self, table: &[[u64; ENTRIES]; 4], at: &[u64; MAX_LANES]) -> Self::Fe;

    /// Each limb's weight, as a power of two, and the number that a reduced limb stays below.
    #[cfg(test)]
    const LIMBS: &'static [(u32, u64)];

    /// An element from its limbs, limb by limb.
    #[cfg(test)]
    fn gather_limbs(self, limbs: &[[u64; MAX_LANES]]) -> Self::Fe;

    /// The limbs of an element; lanes beyond `LANES` are zero.
    #[cfg(test)]
    fn scatter_limbs(self, a: Self::Fe) -> Vec<[u64; MAX_LANES]>;
}

/// a^(2^n).
#[inline(always)]
pub(crate) fn square_times<F: Field, const K: usize>(f: F, mut a: [F::Fe; K], n: usize) -> [F::Fe; K] {
    for _ in 0..n {
        a = square(f, a);
    }
    a
}

/// Element by element: `K` independent elements keep the multipliers of one core busy.
#[inline(always)]
pub(crate) fn square<F: Field, const K: usize>(f: F, mut a: [F::Fe; K]) -> [F::Fe; K] {
    for x in &mut a {
        *x = f.square(*x);
    }
    a
}

/// Element by element.
#[inline(always)]
pub(crate) fn mul<F: Field, const K: usize>(f: F, mut a: [F::Fe; K], b: [F::Fe; K]) -> [F::Fe; K] {
    for k in 0..K {
        a[k] = f.mul(a[k], b[k]);
    }
    a
}

/// a^((p-5)/8) = a^(2^252 - 3), as in RFC 8032's implementations.
#[inline(always)]
pub(crate) fn pow_p58<F: Field, const K: usize>(f: F, a: [F::Fe; K]) -> [F::Fe; K] {
    let a2 = square(f, a);
    let a9 = mul(f, square_times(f, a2, 2), a);
    let a11 = mul(f, a9, a2);
    let e5 = mul(f, square(f, a11), a9); // 2^5 - 1
    let e10 = mul(f, square_times(f, e5, 5), e5);
    let e20 = mul(f, square_times(f, e10, 10), e10);
    let e40 = mul(f, square_times(f, e20, 20), e20);
    let e50 = mul(f, square_times(f, e40, 10), e10);
    let e100 = mul(f, square_times(f, e50, 50), e50);
    let e200 = mul(f, square_times(f, e100, 100), e100);
    let e250 = mul(f, square_times(f, e200, 50), e50);
    mul(f, square_times(f, e250, 2), a)
}

/// ±1/sqrt(a), and the lanes where a is a nonzero square. Elsewhere the value means nothing.
#[inline(always)]
pub(crate) fn invsqrt<F: Field, const K: usize>(f: F, a: [F::Fe; K]) -> ([F::Fe; K], [u8; K]) {
    let (one, i) = (f.splat(&ONE), f.splat(&SQRT_M1));
    let a3 = mul(f, square(f, a), a);
    let a7 = mul(f, square(f, a3), a);
    let mut r = mul(f, a3, pow_p58(f, a7));
    // a·r² is a fourth root of one, or zero if a is: 1 and -1 belong to squares.
    let check = mul(f, a, square(f, r));
    let mut ok = [0; K];
    for k in 0..K {
        let flipped = f.is_zero(f.add(check[k], one));
        ok[k] = f.is_zero(f.sub(check[k], one)) | flipped;
        r[k] = f.select(flipped, r[k], f.mul(r[k], i));
    }
    (r, ok)
}

/// ±sqrt(u/v), and the lanes where u/v is a square, zero included. Elsewhere the value means nothing. v must not be zero.
#[inline(always)]
pub(crate) fn sqrt_ratio<F: Field, const K: usize>(f: F, u: [F::Fe; K], v: [F::Fe; K]) -> ([F::Fe; K], [u8; K]) {
    let i = f.splat(&SQRT_M1);
    let v3 = mul(f, square(f, v), v);
    let v7 = mul(f, square(f, v3), v);
    let mut r = mul(f, mul(f, u, v3), pow_p58(f, mul(f, u, v7)));
    // v·r² is u times a fourth root of one: u and -u belong to squares.
    let check = mul(f, v, square(f, r));
    let mut ok = [0; K];
    for k in 0..K {
        let flipped = f.is_zero(f.add(check[k], u[k]));
        ok[k] = f.is_zero(f.sub(check[k], u[k])) | flipped;
        r[k] = f.select(flipped, r[k], f.mul(r[k], i));
    }
    (r, ok)
}
