//! Plurality, approval and score: the candidates with the most votes.

use super::{ties, Amount, ContestTotals, CountError, Mandate, Outcome, TieOrder};

/// A candidate without a vote takes no seat: it stays vacant.
pub(super) fn count(seats: u32, order: &TieOrder, contest: &ContestTotals) -> Result<Outcome, CountError> {
    if seats == 0 {
        return Err(CountError::NoSeats);
    }
    let places = order.places(&contest.candidates)?;
    let mut ranked: Vec<_> = contest.checked()?.into_iter().zip(places).filter(|((_, votes), _)| *votes > 0).collect();
    ranked.sort_by_key(|((_, votes), place)| (std::cmp::Reverse(*votes), *place));
    let ranked: Vec<_> = ranked.into_iter().map(|(entry, _)| entry).collect();
    let cut = ties::cut(&ranked, usize::try_from(seats).map_err(|_| CountError::Overflow)?);
    let elected: Vec<_> = cut
        .taken
        .iter()
        .map(|(c, votes)| c.elected(&contest.id, Amount::new(u128::from(*votes), 0), Mandate::Votes))
        .collect();
    let tie = cut.tie.map(|tie| tie.report(&contest.id, order.name()));
    Ok(Outcome {
        contests: vec![contest.outcome(None)],
        lists: Vec::new(),
        rounds: Vec::new(),
        vacant: u64::from(seats).saturating_sub(elected.len() as u64),
        elected,
        ties: tie.into_iter().collect(),
    })
}
