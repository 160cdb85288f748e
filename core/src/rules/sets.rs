//! Sets of candidates: the combinatorial number system, smaller sets first.
//!
//! Among sets of size `k`, `c_1 < … < c_k` has the number `Σ_{j=1}^{k} C(c_j, j)` (Knuth, TAOCP 4A, 7.2.1.3,
//! theorem L). Read back from the largest element: `c_k` is the greatest `c` with `C(c, k) ≤` what is left.

use num_integer::Integer;

/// `C(n, k)`, or `None` above `2^128 − 1`.
pub(super) fn binomial(n: u32, k: u32) -> Option<u128> {
    if k > n {
        return Some(0);
    }
    // The intermediate values C(n, 1), C(n, 2), … grow up to n/2: with the smaller of k and n−k none exceeds the last.
    let k = k.min(n - k);
    let mut value: u128 = 1;
    for i in 1..=k {
        // C(n, i) = C(n, i−1) · (n−i+1) / i, divided first so that the product is the result itself.
        let common = value.gcd(&u128::from(i));
        let factor = u128::from(n - i + 1) / (u128::from(i) / common);
        value = (value / common).checked_mul(factor)?;
    }
    Some(value)
}

/// The number of sets of 1 to `max` of `n` candidates, or `None` above `2^128 − 1`.
pub(super) fn count(n: u32, max: u32) -> Option<u128> {
    (1..=max.min(n)).try_fold(0_u128, |sum, k| sum.checked_add(binomial(n, k)?))
}

/// The index of ascending, distinct candidates below `n`; `None` above `2^128 − 1`.
pub(super) fn rank(n: u32, set: &[u32]) -> Option<u128> {
    let size = u32::try_from(set.len()).ok()?;
    let smaller = count(n, size.checked_sub(1)?)?;
    (1..=size).zip(set).try_fold(smaller, |sum, (j, &c)| sum.checked_add(binomial(c, j)?))
}

/// The set at an index below [`count`]; `None` for an index that is not.
pub(super) fn unrank(n: u32, max: u32, mut index: u128) -> Option<Vec<u32>> {
    let mut size = 0;
    for k in 1..=max.min(n) {
        let of_size = binomial(n, k)?;
        if index < of_size {
            size = k;
            break;
        }
        index -= of_size;
    }
    if size == 0 {
        return None;
    }
    let mut set = Vec::new();
    let mut above = n;
    for j in (1..=size).rev() {
        above = greatest(above, j, index)?;
        index = index.checked_sub(binomial(above, j)?)?;
        set.push(above);
    }
    set.reverse();
    Some(set)
}

/// The greatest `c` below `above` with `C(c, j) ≤ index`, by bisection.
fn greatest(above: u32, j: u32, index: u128) -> Option<u32> {
    let (mut low, mut high) = (0_u32, above);
    // C(low, j) ≤ index holds (C(0, j) = 0 for j ≥ 1), and it fails at `high` or `high` is not allowed.
    while high.checked_sub(low)? > 1 {
        let middle = low + (high - low) / 2;
        if binomial(middle, j).is_some_and(|b| b <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}
