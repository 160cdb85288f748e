//! Starting and ending a program: logs, the runtime, errors as sentences, exit statuses.

use std::future::Future;
use std::io::IsTerminal;
use std::process::ExitCode;

/// Sets up logs on standard error: `RUST_LOG` chooses what is shown, warnings and this program's own news otherwise, and
/// `SELGE_LOG_FORMAT=json` makes every line a JSON object with `timestamp`, `level` and `fields`, for programs that collect
/// logs. Nothing secret and no pair of voter and address is ever logged.
pub fn init_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,selge=info"));
    let json = std::env::var_os("SELGE_LOG_FORMAT").is_some_and(|format| format == "json");
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second call (in tests) finds the subscriber in place, which is what it wanted.
    let _ = if json {
        logs.json().with_span_list(false).try_init()
    } else {
        logs.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
}

/// Runs a program's main job and turns an error into one readable paragraph on standard error and exit status 1.
///
/// Exit statuses: 0 done, 1 failed, 2 wrong usage (by clap, and for an arithmetic that there is not).
pub fn main(job: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    init_logs();
    if let Err(error) = selge_core::check_arithmetic() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(job);
    crate::progress::clear();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, each said once: many libraries repeat the cause in their own words.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if text.is_empty() {
            text = words;
        } else if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
    }
    text
}

/// SIGINT and SIGTERM, caught from the moment that this exists: a program that has said that it serves is asked to end, not
/// ended.
#[derive(Debug)]
pub struct StopSignal {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// Installs the handlers.
    ///
    /// # Errors
    /// If they cannot be installed.
    pub fn install() -> anyhow::Result<Self> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(StopSignal { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for either of them.
    pub async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow::anyhow!("no such file").context("cannot read x: no such file").context("the key");
        assert_eq!(sentence(&error), "the key: cannot read x: no such file");
    }
}
