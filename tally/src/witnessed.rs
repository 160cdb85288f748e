//! Says whether the witnesses have cosigned what the commission has put on the board.

use anyhow::Result;
use selge_node::link::Link;
use selge_node::progress::{say, step};
use std::time::Duration;

/// Longest wait for cosignatures that nothing of this command depends on.
const WAIT: Duration = Duration::from_secs(15);

/// Waits a moment for the manifest's quorum on all that has been read, and says what came of it; `what` is the last entry
/// and `waits` what cannot go on without the quorum. Silent where the manifest demands none.
///
/// # Errors
/// If the board does not hold.
pub(crate) async fn report(link: &mut Link, what: &str, waits: &str) -> Result<()> {
    let witnesses = link.replica().manifest().witnesses();
    let (quorum, n) = (witnesses.quorum(), witnesses.keys().len());
    if quorum == 0 {
        return Ok(());
    }
    let waiting = step(format!("{quorum} of {n} witnesses cosigning {what}"));
    let done = link.witnessed_within(WAIT).await?;
    waiting.done();
    if done {
        say(&format!("the quorum of {quorum} of {n} witnesses has cosigned {what}"));
    } else {
        say(&format!(
            "WARNING: the quorum of {quorum} of {n} witnesses is MISSING: {what} is on the board, but {waits} until enough \
             of them have cosigned it. The collector goes on asking; `collector status` says who has not"
        ));
    }
    Ok(())
}
