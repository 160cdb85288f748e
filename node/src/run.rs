//! Starting and ending a program: logs, the runtime, errors as sentences, exit statuses.

use std::future::Future;
use std::process::ExitCode;

/// Sets up logs on standard error: `RUST_LOG` chooses what is shown, warnings and this program's own news otherwise.
/// Nothing secret and no pair of voter and address is ever logged.
pub fn init_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,selge=info"));
    // A second call (in tests) finds the subscriber in place, which is what it wanted.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).try_init();
}

/// Runs a program's main job and turns an error into one readable paragraph on standard error and exit status 1.
///
/// Exit statuses: 0 done, 1 failed, 2 wrong usage (by clap).
pub fn main(job: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    init_logs();
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
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Waits for SIGINT or SIGTERM.
///
/// # Errors
/// If the signal handlers cannot be installed.
pub async fn stop_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{signal, SignalKind};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
