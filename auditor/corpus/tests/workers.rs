//! The audit with workers that share no memory with it: the same report for every record of the corpus, and never a passed
//! check that nobody has done.

use rand::rngs::OsRng;
use rayon::prelude::*;
use selge_auditor::work::remote::{Order, Remote, Worker};
use selge_auditor::{
    render, verify, verify_part, verify_with, Part, RecordSource, Report, Scope, Silent, Status, Verdict,
};
use selge_core::handover::HandoverKey;
use selge_core::ids::ElectionId;
use selge_corpus::board::stages::DONE;
use std::future::Future;
use std::task::{Context, Poll, Waker};

/// Audits with one worker; `carry` is what happens to an answer on its way, nothing for a worker that ends.
fn with_worker(
    source: &dyn RecordSource,
    id: ElectionId,
    scope: &Scope,
    mut carry: impl FnMut(&Order, Vec<u8>) -> Option<Vec<u8>>,
) -> Report {
    let remote = Remote::new(3, HandoverKey::random(&mut OsRng));
    let mut audit = std::pin::pin!(verify_with(source, Some(id), scope, &Silent, &remote));
    let mut worker = None;
    loop {
        if let Poll::Ready(report) = audit.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return report;
        }
        let breathes = remote.breathes();
        if let Some(set_up) = remote.set_up() {
            worker = Some(Worker::new(&set_up).expect("the audit's own ground"));
        }
        let mut orders = remote.orders();
        assert!(breathes || !orders.is_empty(), "the audit waits for nothing");
        // Answers may come in any order.
        orders.reverse();
        for order in orders {
            let answer = worker.as_ref().expect("the ground comes before the tasks").run(&order.task).expect("a task");
            match carry(&order, answer) {
                Some(answer) => remote.answer(order.number, &answer),
                None => remote.lost(order.number, "it ran out of memory"),
            }
        }
    }
}

#[test]
fn every_manipulated_record_gets_the_same_report() {
    let id = *DONE.manifest.id();
    let honest = with_worker(&DONE.record(), id, &Scope::all(), |_, answer| Some(answer));
    assert_eq!(honest, verify(&DONE.record(), Some(id), &Silent));
    assert_eq!(honest.verdict, Verdict::Passed);
    selge_corpus::all().into_par_iter().for_each(|manipulation| {
        let record = (manipulation.make)();
        let (here, there) =
            (verify(&record, Some(id), &Silent), with_worker(&record, id, &Scope::all(), |_, answer| Some(answer)));
        assert_eq!(there, here, "{}:\n{}\n{}", manipulation.name, render(&there), render(&here));
    });
}

#[test]
fn a_part_of_a_manipulated_record_gets_the_same_report() {
    let id = *DONE.manifest.id();
    let contest = DONE.manifest.contests().map(|(_, contest)| contest.id.clone()).next();
    let scopes = [
        Scope::new([Part::Mix], None),
        Scope::new([Part::Decrypt], None),
        Scope::new([Part::Outcome], None),
        Scope::new(None, contest),
    ];
    let some: Vec<_> = selge_corpus::all().into_iter().step_by(7).collect();
    some.into_par_iter().for_each(|manipulation| {
        let record = (manipulation.make)();
        for scope in &scopes {
            let here = verify_part(&record, Some(id), scope, &Silent);
            let there = with_worker(&record, id, scope, |_, answer| Some(answer));
            assert_eq!(there, here, "{} {scope:?}", manipulation.name);
        }
    });
}

/// What must come out if the `n`-th task of kind `kind` has no answer: its check is not done, and nothing has failed.
fn incomplete(report: &Report, check: &str) {
    assert_eq!(report.verdict, Verdict::Incomplete, "{}", render(report));
    let check = report.check(check).expect("a known check");
    assert_eq!(check.status, Status::NotRun, "{}", render(report));
    assert!(report.checks.iter().all(|c| c.status != Status::Failed), "{}", render(report));
    assert!(check.missing.iter().any(|m| m.contains("the proofs were not checked")), "{:?}", check.missing);
    assert!(report.result.is_none(), "a result that is not proven is shown");
}

#[test]
fn a_worker_that_ends_or_answers_anything_else_leaves_the_audit_incomplete() {
    let (id, record) = (*DONE.manifest.id(), DONE.record());
    for (kind, check) in [(1, "CAST-1"), (2, "MIX-2"), (3, "DECRYPT-2")] {
        let of = |order: &Order| order.task.first() == Some(&kind);
        let sabotage = |spoil: &mut dyn FnMut(Vec<u8>) -> Option<Vec<u8>>| {
            let mut done = false;
            let report = with_worker(&record, id, &Scope::all(), |order, answer| {
                if of(order) && !std::mem::replace(&mut done, true) {
                    return spoil(answer);
                }
                Some(answer)
            });
            assert!(done, "the record has such a task");
            incomplete(&report, check);
        };
        sabotage(&mut |_| None);
        sabotage(&mut |_| Some(Vec::new()));
        sabotage(&mut |_| Some(vec![0; 100]));
        // "Everything is right", from somebody who does not hold the key.
        sabotage(&mut |_| Some([&[kind, 0, 0, 0, 0][..], &[0; 32]].concat()));
        sabotage(&mut |mut answer| {
            answer[1] ^= 1;
            Some(answer)
        });
        sabotage(&mut |mut answer| {
            answer.pop();
            Some(answer)
        });
    }
}

#[test]
fn an_answer_to_another_task_is_none() {
    let (id, record) = (*DONE.manifest.id(), DONE.record());
    // Every mix gets the first one's answer, which is true of that one.
    let mut first = None;
    let report = with_worker(&record, id, &Scope::all(), |order, answer| match order.task.first() {
        Some(2) => Some(first.get_or_insert(answer).clone()),
        _ => Some(answer),
    });
    incomplete(&report, "MIX-2");
}

#[test]
fn an_answer_of_another_audit_is_none() {
    let (id, record) = (*DONE.manifest.id(), DONE.record());
    let mut earlier = Vec::new();
    with_worker(&record, id, &Scope::all(), |order, answer| {
        earlier.push((order.task.clone(), answer.clone()));
        Some(answer)
    });
    let report = with_worker(&record, id, &Scope::all(), |order, answer| {
        let old = earlier.iter().find(|(task, _)| *task == order.task).map(|(_, answer)| answer.clone());
        old.filter(|_| order.task.first() == Some(&1)).or(Some(answer))
    });
    incomplete(&report, "CAST-1");
}
