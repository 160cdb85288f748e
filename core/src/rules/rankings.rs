//! Rankings: partial permutations in lexicographic order by their Lehmer code, shorter ones first.

/// `P(n, k) = n (n−1) … (n−k+1)`, the number of rankings of exactly `k` of `n`, or `None` above `2^128 − 1`.
fn of_length(n: u32, k: u32) -> Option<u128> {
    if k > n {
        return Some(0);
    }
    (0..k).try_fold(1_u128, |product, i| product.checked_mul(u128::from(n - i)))
}

/// The number of rankings of 1 to `max` of `n` candidates, or `None` above `2^128 − 1`.
pub(super) fn count(n: u32, max: u32) -> Option<u128> {
    let (mut sum, mut product) = (0_u128, 1_u128);
    for i in 0..max.min(n) {
        product = product.checked_mul(u128::from(n - i))?;
        sum = sum.checked_add(product)?;
    }
    Some(sum)
}

/// The index of distinct candidates below `n`, best first; `None` above `2^128 − 1`.
pub(super) fn rank(n: u32, ranking: &[u32]) -> Option<u128> {
    let length = u32::try_from(ranking.len()).ok()?;
    let shorter = count(n, length.checked_sub(1)?)?;
    let mut value = 0_u128;
    let mut used: Vec<u32> = Vec::with_capacity(ranking.len());
    for (j, &c) in (0..length).zip(ranking) {
        let below = used.partition_point(|&u| u < c);
        let digit = c.checked_sub(u32::try_from(below).ok()?)?;
        used.insert(below, c);
        // Horner's form of Σ d_j · P(n−j, k−j).
        value = value.checked_mul(u128::from(n.checked_sub(j)?))?.checked_add(u128::from(digit))?;
    }
    shorter.checked_add(value)
}

/// The ranking at an index below [`count`]; `None` for an index that is not.
pub(super) fn unrank(n: u32, max: u32, mut index: u128) -> Option<Vec<u32>> {
    let mut length = 0;
    for k in 1..=max.min(n) {
        let of_length = of_length(n, k)?;
        if index < of_length {
            length = k;
            break;
        }
        index -= of_length;
    }
    if length == 0 {
        return None;
    }
    let mut digits = Vec::new();
    for j in (0..length).rev() {
        let radix = u128::from(n.checked_sub(j)?);
        digits.push(u32::try_from(index % radix).ok()?);
        index /= radix;
    }
    let mut used: Vec<u32> = Vec::with_capacity(digits.len());
    let mut ranking = Vec::with_capacity(digits.len());
    for &digit in digits.iter().rev() {
        // The candidate with `digit` unused ones below it: step over each used one at or below it, in order.
        let mut c = digit;
        let mut place = 0;
        for &u in &used {
            if u > c {
                break;
            }
            c = c.checked_add(1)?;
            place += 1;
        }
        used.insert(place, c);
        ranking.push(c);
    }
    Some(ranking)
}
