//! Scores and approvals: one digit for each candidate, the first candidate's the least significant.

/// `base^n`, the number of lists of `n` digits, or `None` above `2^128 − 1`.
pub(super) fn count(n: u32, base: u128) -> Option<u128> {
    base.checked_pow(n)
}

/// `Σ_c digit_c · base^c`; `None` above `2^128 − 1`.
pub(super) fn rank(digits: &[u32], base: u128) -> Option<u128> {
    digits.iter().rev().try_fold(0_u128, |value, &digit| value.checked_mul(base)?.checked_add(u128::from(digit)))
}

/// The `n` digits of an index; `None` for an index of `base^n` or more.
pub(super) fn unrank(n: u32, base: u128, mut index: u128) -> Option<Vec<u32>> {
    let mut digits = Vec::new();
    for _ in 0..n {
        digits.push(u32::try_from(index.checked_rem(base)?).ok()?);
        index = index.checked_div(base)?;
    }
    (index == 0).then_some(digits)
}
