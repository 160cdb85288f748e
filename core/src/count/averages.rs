//! Highest averages: the next seat goes to the greatest quotient of votes and a power of 1, 2, 3 ….

use core::cmp::Ordering;

use num_bigint::BigUint;

/// What a quotient divides by: `j` to the power `p/q`. Quotients `a / j^(p/q)` are compared exactly, as `a^q / j^p`.
#[derive(Clone, Copy)]
pub(super) struct Power {
    pub(super) p: u32,
    pub(super) q: u32,
}

/// A list that takes part, in the order that decides between equal quotients.
pub(super) struct Party {
    pub(super) votes: u64,
    /// Seats it already has: its next divisor is one more.
    pub(super) won: u32,
    /// Seats that it can still take.
    pub(super) capacity: usize,
}

/// One seat given.
pub(super) struct Seat {
    pub(super) party: usize,
    pub(super) divisor: u32,
    /// The parties with the same quotient, where it mattered which came first.
    pub(super) tied: Vec<usize>,
}

/// Gives up to `seats` seats; a list without votes or candidates gets none, so fewer may be given.
pub(super) fn allocate(parties: &[Party], seats: u64, power: Power) -> Vec<Seat> {
    let raised: Vec<BigUint> = parties.iter().map(|p| BigUint::from(p.votes).pow(power.q)).collect();
    let mut next: Vec<(u32, usize)> = parties.iter().map(|p| (p.won.saturating_add(1), p.capacity)).collect();
    let mut given = Vec::new();
    while (given.len() as u64) < seats {
        let mut best: Vec<(usize, u32)> = Vec::new();
        for (i, ((party, votes), (divisor, capacity))) in parties.iter().zip(&raised).zip(&next).enumerate() {
            if party.votes == 0 || *capacity == 0 {
                continue;
            }
            let against = best.first().and_then(|(b, d)| raised.get(*b).map(|v| (v, *d)));
            let order = against.map_or(Ordering::Greater, |(other, d)| {
                (votes * BigUint::from(d).pow(power.p)).cmp(&(other * BigUint::from(*divisor).pow(power.p)))
            });
            match order {
                Ordering::Greater => best = vec![(i, *divisor)],
                Ordering::Equal => best.push((i, *divisor)),
                Ordering::Less => {}
            }
        }
        let Some(&(party, divisor)) = best.first() else { break };
        if let Some((divisor, capacity)) = next.get_mut(party) {
            *divisor = divisor.saturating_add(1);
            *capacity = capacity.saturating_sub(1);
        }
        // With a seat left for each of them the order among equals decides nothing.
        let decisive = best.len() as u64 > seats - given.len() as u64;
        let tied = if decisive { best.into_iter().map(|(i, _)| i).collect() } else { Vec::new() };
        given.push(Seat { party, divisor, tied });
    }
    given
}
