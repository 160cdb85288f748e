//! Exact numbers with one written form: fractions and decimals.

use core::fmt;
use core::str::FromStr;

use num_integer::Integer;
use serde::{Deserialize, Serialize};

/// A fraction, such as a share of the votes, written `"5/100"`; kept in lowest terms. The default is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    /// The fraction in lowest terms, or `None` with a denominator of 0.
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        let common = numerator.gcd(&denominator).max(1);
        (denominator != 0).then_some(Self { numerator: numerator / common, denominator: denominator / common })
    }

    /// Whether `part` is at least this fraction of `whole`.
    pub fn reached_by(&self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) >= u128::from(whole) * u128::from(self.numerator)
    }
}

impl Default for Fraction {
    fn default() -> Self {
        Self { numerator: 0, denominator: 1 }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl From<Fraction> for String {
    fn from(fraction: Fraction) -> Self {
        fraction.to_string()
    }
}

impl FromStr for Fraction {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(n, d)| Some((digits(n)?, digits(d)?)));
        parts
            .and_then(|(numerator, denominator)| Self::new(numerator.try_into().ok()?, denominator.try_into().ok()?))
            .ok_or_else(|| format!("`{text}` is not a fraction such as 5/100"))
    }
}

impl TryFrom<String> for Fraction {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// A number of votes with a fixed number of decimal places, written `"177.5192"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount {
    units: u128,
    places: u32,
}

/// Most decimal places: 2^64 votes in units of 10^-9, times 10^9 once more in a division, stay below 2^128.
pub(super) const MAX_PLACES: u32 = 9;

impl Amount {
    pub(super) fn new(units: u128, places: u32) -> Self {
        Self { units, places: places.min(MAX_PLACES) }
    }

    /// The number in units of the last decimal place.
    pub fn units(&self) -> u128 {
        self.units
    }

    /// Number of decimal places.
    pub fn places(&self) -> u32 {
        self.places
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = 10_u128.pow(self.places);
        let (whole, rest) = self.units.div_rem(&scale);
        match usize::try_from(self.places) {
            Ok(width) if width > 0 => write!(f, "{whole}.{rest:0width$}"),
            _ => write!(f, "{whole}"),
        }
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let places = u32::try_from(rest.len()).ok().filter(|places| *places <= MAX_PLACES);
        let pointless = rest.is_empty() && text.contains('.');
        let units = places.filter(|_| !pointless).and_then(|places| {
            let rest = if rest.is_empty() { 0 } else { digits(rest)? };
            Some((digits(whole)?.checked_mul(10_u128.pow(places))?.checked_add(rest)?, places))
        });
        units
            .map(|(units, places)| Self { units, places })
            .ok_or_else(|| format!("`{text}` is not a number with at most {MAX_PLACES} decimal places"))
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Decimal digits and nothing else: `parse` alone would take a sign.
fn digits(text: &str) -> Option<u128> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
