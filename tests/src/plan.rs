//! Who will vote how: synthetic voters whose choices add up to real shares.

use crate::data::{
    contest_id, mayor_ballots, mayor_candidates, mayor_rule, DistrictData, RiigikoguData, ELECTRONIC_VOTES,
};
use anyhow::{Context, Result};
use rand::seq::SliceRandom;
use rand::Rng;
use selge_core::count::{CandidateRef, CountingRule, Fraction, InstantRunoff, TieOrder, WithinList};
use selge_core::manifest::{BallotStyle, Contest, TallyRule};
use selge_core::rules::{Choice, VotingRule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One planned voter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedVoter {
    /// Id of the ballot style.
    pub style: String,
    /// The choices that should count, in the style's order.
    pub choices: Vec<Choice>,
    /// Choices of an earlier ballot that this voter casts first.
    pub earlier: Option<Vec<Choice>>,
    /// Whether the voter will also vote on paper, so that the ballots do not count.
    pub cancelled: bool,
}

/// What is voted on, and by whom.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Title of the election.
    pub title: String,
    /// The contests.
    pub contests: Vec<Contest>,
    /// The ballot styles.
    pub styles: Vec<BallotStyle>,
    /// The counts.
    pub tallies: Vec<TallyRule>,
    /// Everybody who casts at least one ballot.
    pub voters: Vec<PlannedVoter>,
    /// Voters on the roll who stay at home.
    pub absent: usize,
    /// Number of trustees and how many decrypt.
    pub trustees: (u16, u16),
    /// Number of mix servers.
    pub mixes: u16,
    /// Days that voting may last.
    pub days: u32,
    /// Number of witnesses, and how many of them must cosign.
    pub witnesses: (u16, u16),
    /// Fewest ballots that are decrypted.
    pub privacy_floor: u32,
}

/// Shares `seats` among `weights` by largest remainder; equal remainders go to the earlier. With `seats` equal to the
/// sum of the weights everybody gets exactly its weight.
pub fn largest_remainder(weights: &[u64], seats: u64) -> Vec<u64> {
    let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let exact = |w: &u64| u128::from(*w) * u128::from(seats);
    let mut shares: Vec<u64> = weights.iter().map(|w| (exact(w) / total) as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(exact(&weights[*i]) % total), *i));
    let missing = seats - shares.iter().sum::<u64>();
    order.iter().take(missing as usize).for_each(|i| shares[*i] += 1);
    shares
}

impl Plan {
    /// The demonstration: `voters` counted ballots whose candidates have the shares of the 312,181 electronic votes of
    /// 2023; a share of the voters also ranks the candidates of a pilot contest with the ballots of Minneapolis 2013.
    /// Two in a hundred vote twice; one in a hundred more also votes on paper.
    ///
    /// # Errors
    /// If the built-in data is damaged.
    pub fn riigikogu<R: Rng>(data: &RiigikoguData, voters: u64, rng: &mut R) -> Result<Self> {
        let mut contests = districts(data);
        contests.push(Contest {
            id: "mayor".into(),
            title: "Pilot: rank up to three (Minneapolis mayor 2013)".into(),
            rule: VotingRule::Rank { max: 3, blank: true },
            candidates: mayor_candidates(),
        });
        let styles = data
            .districts
            .iter()
            .flat_map(|d| {
                let id = contest_id(d.number);
                let both = BallotStyle { id: format!("{id}+mayor"), contests: vec![id.clone(), "mayor".into()] };
                [BallotStyle { id: id.clone(), contests: vec![id] }, both]
            })
            .collect();
        let tallies = vec![
            parliament(data),
            TallyRule {
                id: "mayor".into(),
                title: "Pilot: mayor by instant runoff".into(),
                contests: vec!["mayor".into()],
                rule: mayor_rule(),
            },
        ];
        Ok(Plan {
            title: format!("Riigikogu 2023, replayed with {voters} electronic voters"),
            contests,
            styles,
            tallies,
            voters: draw(data, voters, rng)?,
            absent: (voters / 50 + 3) as usize,
            trustees: (3, 2),
            mixes: 3,
            days: 1,
            witnesses: (3, 2),
            privacy_floor: 10,
        })
    }

    /// The electronic votes of 2023 and nothing beside them: `counted` ballots count, of these `voters`, who are what
    /// [`draw_electorate`] has drawn. Voting may last ten years, so that ballots that are kept stay good.
    pub fn national(data: &RiigikoguData, counted: u64, voters: Vec<PlannedVoter>) -> Self {
        let style = |d: &DistrictData| BallotStyle { id: contest_id(d.number), contests: vec![contest_id(d.number)] };
        Plan {
            title: format!("Riigikogu 2023, {counted} of its {ELECTRONIC_VOTES} electronic votes"),
            contests: districts(data),
            styles: data.districts.iter().map(style).collect(),
            tallies: vec![parliament(data)],
            voters,
            absent: (counted / 50 + 3) as usize,
            trustees: (3, 2),
            mixes: 3,
            days: 3650,
            witnesses: (0, 0),
            privacy_floor: 10,
        }
    }

    /// A small election with every voting rule, one contest of several ciphertexts, and one with too few ballots to be
    /// decrypted; every third voter votes twice and every seventh also on paper.
    ///
    /// # Errors
    /// Never for fewer than 2^32 voters.
    pub fn every_rule<R: Rng>(voters: u32, trustees: (u16, u16), rng: &mut R) -> Result<Self> {
        let candidates = |prefix: &str, n: u32, lists: bool| -> Vec<CandidateRef> {
            (1..=n)
                .map(|i| CandidateRef {
                    id: format!("{prefix}{i}"),
                    name: format!("{} {i}", prefix.to_uppercase()),
                    list: lists.then(|| format!("List {}", i % 3)),
                })
                .collect()
        };
        let ties = TieOrder::default;
        let rules: Vec<(&str, VotingRule, u32, CountingRule)> = vec![
            ("question", VotingRule::ChooseOne { blank: true }, 2, CountingRule::Plurality { seats: 1, ties: ties() }),
            (
                "board",
                VotingRule::ChooseUpTo { max: 3, blank: false },
                8,
                CountingRule::Plurality { seats: 3, ties: ties() },
            ),
            ("film", VotingRule::Approve { blank: true }, 9, CountingRule::Approval { seats: 1, ties: ties() }),
            (
                "chair",
                VotingRule::Rank { max: 3, blank: true },
                5,
                CountingRule::InstantRunoff(InstantRunoff::default()),
            ),
            (
                "budget",
                VotingRule::Score { max_score: 10, blank: false },
                10,
                CountingRule::Score { seats: 2, ties: ties() },
            ),
            (
                "council",
                VotingRule::PartyList { blank: false },
                9,
                CountingRule::DHondt {
                    seats: 4,
                    threshold: Fraction::default(),
                    within_list: WithinList::default(),
                    ties: ties(),
                },
            ),
            ("village", VotingRule::ChooseOne { blank: false }, 2, CountingRule::Plurality { seats: 1, ties: ties() }),
        ];
        let contests: Vec<Contest> = rules
            .iter()
            .map(|(id, rule, n, _)| Contest {
                id: (*id).into(),
                title: format!("Contest {id}"),
                rule: rule.clone(),
                candidates: candidates(id.get(..1).unwrap_or("x"), *n, *id == "council"),
            })
            .collect();
        let tallies = rules
            .iter()
            .map(|(id, _, _, rule)| TallyRule {
                id: format!("{id}-count"),
                title: format!("Count of {id}"),
                contests: vec![(*id).into()],
                rule: rule.clone(),
            })
            .collect();
        let ids = |all: &[&str]| all.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let styles = vec![
            BallotStyle { id: "town".into(), contests: ids(&["question", "board", "film", "chair", "budget"]) },
            BallotStyle { id: "city".into(), contests: ids(&["council", "question"]) },
            BallotStyle { id: "village".into(), contests: ids(&["village", "council"]) },
        ];
        let choose = |style: &BallotStyle, rng: &mut R| -> Result<Vec<Choice>> {
            style
                .contests
                .iter()
                .map(|id| {
                    let contest = contests.iter().find(|c| c.id == *id).context("no such contest")?;
                    let space = contest.rule.space(u32::try_from(contest.candidates.len())?)?;
                    Ok(space.unrank(rng.gen_range(0..space.size()))?)
                })
                .collect()
        };
        let planned = (0..voters)
            .map(|i| {
                // Three villagers: fewer than the privacy floor.
                let style = &styles[if i < 3 { 2 } else { (i % 2) as usize }];
                Ok(PlannedVoter {
                    style: style.id.clone(),
                    choices: choose(style, rng)?,
                    earlier: if i % 3 == 0 { Some(choose(style, rng)?) } else { None },
                    cancelled: i % 7 == 6,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Plan {
            title: "Every rule".into(),
            contests: contests.clone(),
            styles: styles.clone(),
            tallies,
            voters: planned,
            absent: 2,
            trustees,
            mixes: 3,
            days: 1,
            witnesses: (3, 2),
            privacy_floor: 5,
        })
    }

    /// Keeps `voters` of the voters, at least two: one whose ballots are cancelled and one who votes twice are among
    /// them if there were any.
    #[must_use]
    pub fn cut_to(mut self, voters: usize) -> Self {
        let kinds: [fn(&PlannedVoter) -> bool; 2] = [|v| v.cancelled, |v| v.earlier.is_some() && !v.cancelled];
        for (to, kind) in kinds.into_iter().enumerate() {
            if let Some(at) = self.voters.iter().position(kind) {
                self.voters.swap(to.min(at), at);
            }
        }
        self.voters.truncate(voters.max(kinds.len()));
        self
    }

    /// The choices that must come out, per contest in the manifest's order.
    pub fn expected(&self) -> BTreeMap<String, BTreeMap<Choice, u64>> {
        let mut expected: BTreeMap<String, BTreeMap<Choice, u64>> = BTreeMap::new();
        for voter in self.voters.iter().filter(|v| !v.cancelled) {
            let Some(style) = self.styles.iter().find(|s| s.id == voter.style) else { continue };
            for (contest, choice) in style.contests.iter().zip(&voter.choices) {
                *expected.entry(contest.clone()).or_default().entry(choice.clone()).or_default() += 1;
            }
        }
        expected
    }
}

fn districts(data: &RiigikoguData) -> Vec<Contest> {
    data.districts
        .iter()
        .map(|d| Contest {
            id: contest_id(d.number),
            title: format!("Riigikogu 2023, electoral district {}", d.number),
            rule: VotingRule::PartyList { blank: false },
            candidates: d.candidates.iter().map(|c| c.candidate.clone()).collect(),
        })
        .collect()
}

fn parliament(data: &RiigikoguData) -> TallyRule {
    TallyRule {
        id: "riigikogu".into(),
        title: "Riigikogu: 101 seats".into(),
        contests: data.districts.iter().map(|d| contest_id(d.number)).collect(),
        rule: data.rule(),
    }
}

/// Votes of every candidate, district by district, if `voters` vote as the electronic voters of 2023 did.
pub fn shares(data: &RiigikoguData, voters: u64) -> Vec<Vec<u64>> {
    let weights: Vec<u64> = data.districts.iter().flat_map(|d| &d.candidates).map(|c| c.electronic).collect();
    let mut shares = largest_remainder(&weights, voters).into_iter();
    data.districts.iter().map(|d| shares.by_ref().take(d.candidates.len()).collect()).collect()
}

/// `voters` voters of the Riigikogu election in random order, with the shares of 2023.
fn draw_voters<R: Rng>(data: &RiigikoguData, voters: u64, rng: &mut R) -> Vec<PlannedVoter> {
    let mut planned = Vec::new();
    for (district, shares) in data.districts.iter().zip(shares(data, voters)) {
        for (at, n) in (0..).zip(shares) {
            let voter = PlannedVoter {
                style: contest_id(district.number),
                choices: vec![Choice::One(at)],
                earlier: None,
                cancelled: false,
            };
            planned.extend(std::iter::repeat_n(voter, n as usize));
        }
    }
    planned.shuffle(rng);
    planned
}

/// Voters of [`Plan::national`]: `counted` whose ballots count, and one in a hundred more who also vote on paper. Two in
/// a hundred vote twice.
pub fn draw_electorate<R: Rng>(data: &RiigikoguData, counted: u64, rng: &mut R) -> Vec<PlannedVoter> {
    let mut planned = draw_voters(data, counted, rng);
    change_minds(&mut planned, counted, rng);
    planned
}

fn draw<R: Rng>(data: &RiigikoguData, voters: u64, rng: &mut R) -> Result<Vec<PlannedVoter>> {
    let mut planned = draw_voters(data, voters, rng);
    // As many also rank as there were ballots in Minneapolis for each electronic vote in Estonia.
    let rankings = mayor_ballots()?;
    let cast: u64 = rankings.iter().map(|(_, n)| n).sum();
    let ranking_voters = (u128::from(voters) * u128::from(cast) / u128::from(ELECTRONIC_VOTES)) as u64;
    let weights: Vec<u64> = rankings.iter().map(|(_, n)| *n).collect();
    let drawn = rankings
        .iter()
        .zip(largest_remainder(&weights, ranking_voters))
        .flat_map(|((choice, _), n)| std::iter::repeat_n(choice, n as usize));
    for (voter, ranking) in planned.iter_mut().zip(drawn) {
        voter.style.push_str("+mayor");
        voter.choices.push(ranking.clone());
    }
    change_minds(&mut planned, voters, rng);
    Ok(planned)
}

/// Some change their minds; some more also vote on paper, and their electronic ballots must not count.
fn change_minds<R: Rng>(planned: &mut Vec<PlannedVoter>, voters: u64, rng: &mut R) {
    let copies: Vec<_> = planned.choose_multiple(rng, (voters / 100 + 2) as usize).cloned().collect();
    let revoters = (voters / 50 + 2) as usize;
    for voter in planned.iter_mut().take(revoters) {
        let mut earlier = copies.choose(rng).filter(|c| c.style == voter.style).map(|c| c.choices.clone());
        voter.earlier = earlier.take().or_else(|| Some(voter.choices.clone()));
    }
    planned.extend(copies.into_iter().map(|copy| PlannedVoter { cancelled: true, ..copy }));
    planned.shuffle(rng);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_at_full_size_and_add_up_at_any() {
        let weights = [5, 0, 3, 2];
        assert_eq!(largest_remainder(&weights, 10), weights);
        assert_eq!(largest_remainder(&weights, 3), [1, 0, 1, 1]);
        assert_eq!(largest_remainder(&weights, 1), [1, 0, 0, 0]);
        assert_eq!(largest_remainder(&[0, 0], 4), [0, 0]);
    }

    #[test]
    fn whoever_is_cut_away_somebody_is_cancelled_and_somebody_votes_twice() {
        let data = RiigikoguData::read().unwrap();
        let plan = Plan::riigikogu(&data, 600, &mut rand::thread_rng()).unwrap();
        let kind = |plan: &Plan, kind: fn(&PlannedVoter) -> bool| plan.voters.iter().filter(|v| kind(v)).count();
        for turn in 0..plan.voters.len() {
            let mut plan = plan.clone();
            plan.voters.rotate_left(turn);
            let cut = plan.clone().cut_to(2);
            assert_eq!(cut.voters.len(), 2);
            assert_eq!(kind(&cut, |v| v.cancelled), 1);
            assert_eq!(kind(&cut, |v| v.earlier.is_some()), 1);
            let all = plan.clone().cut_to(plan.voters.len());
            assert_eq!(all.expected(), plan.expected(), "nobody is lost");
        }
    }

    #[test]
    fn the_plan_has_the_real_shares() {
        let data = RiigikoguData::read().unwrap();
        let plan = Plan::riigikogu(&data, 1000, &mut rand::thread_rng()).unwrap();
        let expected = plan.expected();
        let riigikogu: u64 = expected.iter().filter(|(id, _)| *id != "mayor").flat_map(|(_, c)| c.values()).sum();
        assert_eq!(riigikogu, 1000);
        assert_eq!(expected["mayor"].values().sum::<u64>(), 1000 * 80_101 / ELECTRONIC_VOTES);
    }

    #[test]
    fn at_full_size_every_candidate_and_ranking_has_exactly_the_real_number() {
        let data = RiigikoguData::read().unwrap();
        let plan = Plan::riigikogu(&data, ELECTRONIC_VOTES, &mut rand::thread_rng()).unwrap();
        let expected = plan.expected();
        for district in &data.districts {
            let votes = &expected[&contest_id(district.number)];
            for (at, candidate) in (0..).zip(&district.candidates) {
                assert_eq!(votes.get(&Choice::One(at)).copied().unwrap_or(0), candidate.electronic);
            }
        }
        let rankings = expected["mayor"].clone();
        assert_eq!(rankings.into_iter().collect::<Vec<_>>(), mayor_ballots().unwrap());
    }
}
