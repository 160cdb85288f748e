//! The rows, as a table and as JSON.

use crate::goals::Goal;
use selge_benches::measure::{growth, Time};
use serde::Serialize;
use std::path::Path;

/// One measurement.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) operation: String,
    /// Items that it was done to; everything below is for one of them.
    pub(crate) n: usize,
    /// Threads that worked.
    pub(crate) cores: usize,
    /// What computed sums of public points.
    pub(crate) backend: String,
    /// Processor time on one core, wall time on more.
    pub(crate) microseconds: Option<f64>,
    /// The same in scalar multiplications, on one core: wall time on a busy machine says nothing beside them.
    pub(crate) sm: Option<f64>,
    /// Length of what was made or read.
    pub(crate) bytes: Option<f64>,
    /// Peak memory beyond what the process had before.
    pub(crate) peak_bytes: Option<f64>,
    /// How many times faster than on one core.
    pub(crate) speedup: Option<f64>,
    /// Exponent of N in the time, over all N.
    pub(crate) growth: Option<f64>,
    /// The peer that does the same.
    pub(crate) peer: Option<String>,
    /// How many times longer the peer takes, at the largest N that both were measured at.
    pub(crate) times_faster: Option<f64>,
    /// What must be reached, and whether it is.
    pub(crate) goals: Vec<Goal>,
}

/// All rows, in order.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    backend: String,
}

impl Table {
    pub(crate) fn new(backend: &str) -> Self {
        eprintln!("measuring: {:<52} {:>9} {:>12} {:>9}", "operation", "N", "µs", "SM");
        Table { rows: Vec::new(), backend: backend.to_owned() }
    }

    /// Adds a row and says so, since the whole table takes minutes.
    pub(crate) fn push(&mut self, row: Row) -> &mut Row {
        let shown = |v: Option<f64>| v.map_or_else(String::new, figure);
        eprintln!("           {:<52} {:>9} {:>12} {:>9}", row.operation, row.n, shown(row.microseconds), shown(row.sm));
        self.rows.push(Row { backend: self.backend.clone(), ..row });
        let last = self.rows.len() - 1;
        &mut self.rows[last]
    }

    /// Adds what one item takes on one core.
    pub(crate) fn time(&mut self, operation: &str, n: usize, time: Time) -> &mut Row {
        let operation = operation.to_owned();
        self.push(Row {
            operation,
            n,
            cores: 1,
            microseconds: Some(time.seconds * 1e6),
            sm: Some(time.sm),
            ..Row::default()
        })
    }

    fn of<'a>(&'a self, operation: &'a str) -> impl DoubleEndedIterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.operation == operation && row.cores == 1)
    }

    /// The SM of an operation on one core at the largest N.
    pub(crate) fn sm(&self, operation: &str) -> Option<(usize, f64)> {
        let largest = self.of(operation).filter(|row| row.sm.is_some()).max_by_key(|row| row.n)?;
        Some((largest.n, largest.sm?))
    }

    /// Brings the rows in order and fills in what follows from several: growth, and the comparison with the peers, each beside the largest N.
    pub(crate) fn conclude(&mut self, peers: &[(&str, &str)]) {
        let mut operations: Vec<String> = Vec::new();
        for row in &self.rows {
            if !operations.contains(&row.operation) {
                operations.push(row.operation.clone());
            }
        }
        let place = |row: &Row| operations.iter().position(|o| *o == row.operation);
        self.rows.sort_by_key(|row| (place(row), row.cores, row.n));
        for operation in operations {
            let times: Vec<(usize, f64)> =
                self.of(&operation).filter_map(|row| Some((row.n, row.microseconds? * row.n as f64))).collect();
            let fit = growth(&times);
            let peer = peers.iter().find(|(own, _)| *own == operation).map(|(_, peer)| (*peer).to_owned());
            let faster = peer.as_ref().and_then(|peer| {
                let common = self.of(&operation).filter_map(|own| {
                    let theirs = self.of(peer).find(|row| row.n == own.n)?;
                    Some((own.n, theirs.sm? / own.sm?))
                });
                common.max_by_key(|(n, _)| *n).map(|(_, ratio)| ratio)
            });
            let own = self.rows.iter_mut().filter(|row| row.operation == operation && row.cores == 1);
            if let Some(last) = own.max_by_key(|row| row.n) {
                (last.growth, last.peer, last.times_faster) = (fit, peer, faster);
            }
        }
    }

    /// Prints the table and writes it to `path`. Says whether every goal is reached.
    pub(crate) fn finish(&self, path: &Path) -> bool {
        println!(
            "{:<54} {:>8} {:>5} {:>10} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8}  goals",
            "operation, per item", "N", "cores", "µs", "SM", "bytes", "memory", "growth", "× peer", "× 1 core"
        );
        for row in &self.rows {
            let shown = |v: Option<f64>| v.map_or_else(String::new, figure);
            let goals: Vec<String> = row.goals.iter().map(Goal::to_string).collect();
            println!(
                "{:<54} {:>8} {:>5} {:>10} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8}  {}",
                row.operation,
                row.n,
                row.cores,
                shown(row.microseconds),
                shown(row.sm),
                shown(row.bytes),
                shown(row.peak_bytes),
                shown(row.growth),
                shown(row.times_faster),
                shown(row.speedup),
                goals.join(", "),
            );
        }
        match serde_json::to_string_pretty(&self.rows)
            .map_err(std::io::Error::other)
            .and_then(|json| std::fs::write(path, json + "\n"))
        {
            Ok(()) => println!("\nwritten to {}", path.display()),
            Err(error) => println!("\n{} could not be written: {error}", path.display()),
        }
        self.rows.iter().flat_map(|row| &row.goals).all(|goal| goal.reached)
    }
}

/// Three digits, more before the point.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}
