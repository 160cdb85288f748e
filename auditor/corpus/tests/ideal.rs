//! Random elections against an ideal one: a model that knows everybody's vote counts them in the plainest way, and the
//! audited result must be the same.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use selge_auditor::{render, verify, Silent, Verdict};
use selge_core::entry::CancellationReason;
use selge_core::rules::Choice;
use selge_corpus::board::plan::candidates;
use selge_corpus::board::{Board, Plan};
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Elections that are tried; `PROPTEST_CASES=1000` tries so many others besides.
const CASES: u32 = 48;

/// How much the elections had of what must be right, lest all of them be trivial.
#[derive(Default)]
struct Seen {
    superseded: AtomicU64,
    cancelled: AtomicU64,
    withheld: AtomicU64,
    counted: AtomicU64,
}

/// How a contest is filled in.
#[derive(Clone, Copy, Debug)]
enum Rule {
    One { blank: bool },
    Approve { blank: bool },
    Rank { max: u32 },
    Score { most: u32 },
}

/// A contest: its rule and its number of candidates.
#[derive(Clone, Copy, Debug)]
struct Contest {
    rule: Rule,
    candidates: u32,
}

/// What somebody does; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Act {
    /// A voter votes; the numbers say what.
    Vote(usize, Vec<u32>),
    Cancel(usize, bool),
}

#[derive(Clone, Debug)]
struct Election {
    trustees: u16,
    threshold: u16,
    /// Who decrypts: the threshold's trustees from this one, and so many more.
    decrypting: (u16, u16),
    mixes: usize,
    floor: u32,
    contests: Vec<Contest>,
    /// The contests of each style, as bits; what no style has the first gets.
    styles: Vec<u8>,
    voters: Vec<u16>,
    acts: Vec<Act>,
}

impl Contest {
    fn json(&self) -> Value {
        match self.rule {
            Rule::One { blank } => json!({"type": "choose_one", "blank": blank}),
            Rule::Approve { blank } => json!({"type": "approve", "blank": blank}),
            Rule::Rank { max } => json!({"type": "rank", "max": max, "blank": false}),
            Rule::Score { most } => json!({"type": "score", "max_score": most, "blank": false}),
        }
    }

    fn tally(&self) -> Value {
        match self.rule {
            Rule::One { .. } => json!({"type": "plurality", "seats": 1}),
            Rule::Approve { .. } => json!({"type": "approval", "seats": 1}),
            Rule::Rank { .. } => json!({"type": "instant_runoff"}),
            Rule::Score { .. } => json!({"type": "score", "seats": 1}),
        }
    }

    /// The choice that a number stands for here.
    fn choice(&self, number: u32) -> Choice {
        let n = self.candidates;
        match self.rule {
            Rule::One { blank: true } if number.is_multiple_of(n + 1) => Choice::Blank,
            Rule::One { .. } => Choice::One(number % n),
            Rule::Approve { blank } => {
                let chosen: Vec<u32> = (0..n).filter(|c| number >> c & 1 == 1).collect();
                match (chosen.is_empty(), blank) {
                    (true, true) => Choice::Blank,
                    (true, false) => Choice::set([number % n]),
                    _ => Choice::set(chosen),
                }
            }
            Rule::Rank { max } => {
                let first = number % n;
                let all = (0..n).map(|i| (first + i * (1 + number % 2) * (n - 1)) % n);
                let mut seen = BTreeSet::new();
                Choice::Ranking(all.filter(|c| seen.insert(*c)).take((1 + number % max) as usize).collect())
            }
            Rule::Score { most } => Choice::Scores((0..n).map(|c| (number >> c) % (most + 1)).collect()),
        }
    }

    /// What a choice gives to each candidate, where votes are added up.
    fn points(&self, choice: &Choice) -> Option<Vec<u64>> {
        let given = |of: &[u32]| (0..self.candidates).map(|c| u64::from(of.contains(&c))).collect();
        match choice {
            Choice::Blank => Some(vec![0; self.candidates as usize]),
            Choice::One(c) => Some(given(&[*c])),
            Choice::Set(of) => Some(given(of)),
            Choice::Scores(of) => Some(of.iter().map(|s| u64::from(*s)).collect()),
            Choice::Ranking(_) => None,
        }
    }
}

fn id(contest: usize) -> String {
    format!("q{contest}")
}

impl Election {
    /// The contests of a style.
    fn style(&self, style: u16) -> Vec<usize> {
        let all = 0..self.contests.len();
        let has = |style: usize, c: usize| self.styles[style] >> c & 1 == 1;
        let nobody = |c: usize| (0..self.styles.len()).all(|s| !has(s, c));
        let own: Vec<_> = all.clone().filter(|c| has(style.into(), *c) || (style == 0 && nobody(*c))).collect();
        if own.is_empty() {
            vec![0]
        } else {
            own
        }
    }

    fn plan(&self) -> Plan {
        let titled = |c: usize| json!({"id": id(c), "title": "A question", "contests": [id(c)]});
        let contests = self.contests.iter().enumerate();
        Plan {
            trustees: self.trustees.into(),
            threshold: self.threshold,
            mixes: self.mixes,
            floor: self.floor,
            witnesses: 0,
            quorum: 0,
            contests: contests
                .clone()
                .map(|(i, c)| {
                    let candidates = candidates(c.candidates as usize);
                    json!({"id": id(i), "title": "A question", "rule": c.json(), "candidates": candidates})
                })
                .collect(),
            styles: (0..self.styles.len() as u16)
                .map(|s| {
                    let contests: Vec<_> = self.style(s).into_iter().map(id).collect();
                    json!({"id": format!("s{s}"), "contests": contests})
                })
                .collect(),
            tallies: contests
                .map(|(i, c)| {
                    let mut tally = titled(i);
                    tally["rule"] = c.tally();
                    tally
                })
                .collect(),
            voters: self.voters.clone(),
        }
    }

    fn voter(&self, number: usize) -> usize {
        number % self.voters.len()
    }

    fn choices(&self, voter: usize, numbers: &[u32]) -> Vec<Choice> {
        let of = |c: usize| self.contests[c].choice(numbers[c % numbers.len()]);
        self.style(self.voters[voter]).into_iter().map(of).collect()
    }
}

/// What everybody's votes come to, in the plainest way.
#[derive(Default)]
struct Ideal {
    cast: u64,
    newest: BTreeMap<usize, Vec<Choice>>,
    cancelled: BTreeSet<usize>,
}

impl Ideal {
    fn counted(&self) -> impl Iterator<Item = (&usize, &Vec<Choice>)> {
        self.newest.iter().filter(|(voter, _)| !self.cancelled.contains(voter))
    }

    fn choices<'a>(&'a self, election: &'a Election, contest: usize) -> Vec<&'a Choice> {
        let of = |(voter, choices): (&usize, &'a Vec<Choice>)| {
            let place = election.style(election.voters[*voter]).iter().position(|c| *c == contest)?;
            Some(&choices[place])
        };
        self.counted().filter_map(of).collect()
    }
}

/// Holds the election and the ideal one, and compares what they come to.
fn compare(election: &Election, seen: &Seen) -> Result<(), TestCaseError> {
    let (mut board, mut ideal) = (Board::prepare(&election.plan()), Ideal::default());
    for act in &election.acts {
        match act {
            Act::Vote(voter, numbers) => {
                let voter = election.voter(*voter);
                if !ideal.cancelled.contains(&voter) {
                    let choices = election.choices(voter, numbers);
                    let ballot = board.ballot_of(voter, &choices);
                    board.cast(voter, ballot);
                    ideal.cast += 1;
                    ideal.newest.insert(voter, choices);
                }
            }
            Act::Cancel(voter, paper) => {
                let voter = election.voter(*voter);
                let reason = if *paper { CancellationReason::PaperVote } else { CancellationReason::Ineligible };
                if ideal.cancelled.insert(voter) {
                    board.cancel(voter, reason);
                }
            }
        }
    }
    let (first, more) = election.decrypting;
    let many = (election.threshold + more % election.trustees).min(election.trustees);
    let trustees: Vec<u16> = (0..many).map(|i| 1 + (first + i) % election.trustees).collect();
    board.finish_with(&trustees);
    let report = verify(&board.record(), Some(*board.manifest.id()), &Silent);
    prop_assert_eq!(report.verdict, Verdict::Passed, "{}", render(&report));
    let result = report.result.expect("a passed audit has a result");

    let counted = ideal.counted().count() as u64;
    let cancelled = ideal.newest.keys().filter(|voter| ideal.cancelled.contains(voter)).count() as u64;
    let superseded = ideal.cast - ideal.newest.len() as u64;
    let numbers = result.ballots;
    prop_assert_eq!(
        (numbers.cast, numbers.superseded, numbers.cancelled, numbers.counted),
        (ideal.cast, superseded, cancelled, counted)
    );
    seen.superseded.fetch_add(superseded, Relaxed);
    seen.cancelled.fetch_add(cancelled, Relaxed);
    for (at, contest) in election.contests.iter().enumerate() {
        let (found, choices) = (&result.contests[at], ideal.choices(election, at));
        let withheld = choices.len() < election.floor as usize;
        prop_assert_eq!((found.counted, found.withheld, found.undecodable), (choices.len() as u64, withheld, 0));
        let outcome = &result.tallies[at].outcome;
        if withheld {
            prop_assert!(found.votes.is_empty() && outcome.is_none());
            seen.withheld.fetch_add(1, Relaxed);
            continue;
        }
        seen.counted.fetch_add(1, Relaxed);
        let mut votes: BTreeMap<&Choice, u64> = BTreeMap::new();
        choices.iter().for_each(|choice| *votes.entry(choice).or_default() += 1);
        let published: BTreeMap<_, _> = found.votes.iter().map(|v| (&v.choice, v.count)).collect();
        prop_assert!(published == votes && published.len() == found.votes.len(), "contest {} differs", at);
        let points: Option<Vec<_>> = choices.iter().map(|choice| contest.points(choice)).collect();
        if let (Some(points), Some(outcome)) = (points, outcome) {
            let sums: Vec<u64> = (0..contest.candidates as usize).map(|c| points.iter().map(|p| p[c]).sum()).collect();
            let published: Vec<u64> = outcome.contests[0].votes.iter().map(|v| v.votes).collect();
            prop_assert_eq!(&published, &sums);
            let most = sums.iter().max().copied().unwrap_or_default();
            let winner = sums.iter().position(|sum| *sum == most).unwrap_or_default();
            if most > 0 {
                prop_assert_eq!(&outcome.elected[0].candidate, &format!("c{winner}"));
            }
        }
    }
    Ok(())
}

fn contest() -> impl Strategy<Value = Contest> {
    let rule = prop_oneof![
        any::<bool>().prop_map(|blank| Rule::One { blank }),
        any::<bool>().prop_map(|blank| Rule::Approve { blank }),
        (1..4u32).prop_map(|max| Rule::Rank { max }),
        (1..4u32).prop_map(|most| Rule::Score { most }),
    ];
    (rule, 1..6u32).prop_map(|(rule, candidates)| Contest { rule, candidates })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (any::<usize>(), prop::collection::vec(any::<u32>(), 3)).prop_map(|(v, n)| Act::Vote(v, n)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(v, paper)| Act::Cancel(v, paper)),
    ]
}

prop_compose! {
    fn election()(
        (trustees, threshold) in (1..5u16).prop_flat_map(|n| (Just(n), 1..=n)),
        decrypting in (0..5u16, 0..5u16),
        mixes in 1..4usize,
        floor in 2..5u32,
        contests in prop::collection::vec(contest(), 1..4),
        styles in prop::collection::vec(any::<u8>(), 1..3),
        voters in prop::collection::vec(any::<u16>(), 1..8),
        acts in prop::collection::vec(act(), 0..16),
    ) -> Election {
        let voters = voters.into_iter().map(|v| v % styles.len() as u16).collect();
        Election { trustees, threshold, decrypting, mixes, floor, contests, styles, voters, acts }
    }
}

#[test]
fn audited_results_are_the_ideal_ones() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut fixed = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seen = Seen::default();
    fixed.run(&election(), |election| compare(&election, &seen)).unwrap();
    for number in [&seen.superseded, &seen.cancelled, &seen.withheld, &seen.counted] {
        assert!(number.load(Relaxed) >= 10, "the elections are too simple");
    }
    if std::env::var_os("PROPTEST_CASES").is_some() {
        let config = Config { failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&election(), |election| compare(&election, &seen)).unwrap();
    }
}
