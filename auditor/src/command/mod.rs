//! The commands.

pub(crate) mod evidence;
pub(crate) mod follow;
mod key;
pub(crate) mod release;
pub(crate) mod verify;

use crate::mirror::Trouble;
use crate::Ending;

/// Prints to standard output; whoever reads only part of it still gets the exit status.
fn print(text: &str) -> Result<(), std::io::Error> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Says what a fork is and what to do with its evidence, and how other troubles end.
fn ending(trouble: &Trouble, folder: &crate::mirror::Folder) -> Ending {
    match trouble {
        Trouble::Fork(evidence) => {
            let kept = match folder.evidence(&evidence.text()) {
                Ok(path) => format!("{}", path.display()),
                Err(error) => {
                    // The proof is worth more than tidy output.
                    eprintln!("error: the evidence cannot be written ({error}); here it is:\n{}", evidence.text());
                    "the lines above".to_owned()
                }
            };
            eprintln!(
                "\nFORK: the board has signed two states that contradict each other.\n\
                 Whoever holds the collector's key has shown different boards to different people, or has taken back what \
                 was on the board.\nEvidence: {kept}\nAnybody can check it with `auditor evidence check FILE --log-key {}`.\n\
                 Make copies, give it to other observers and to the election commission, and make it public.",
                evidence.log
            );
            Ending::Forked
        }
        Trouble::Fetch(_) => {
            eprintln!("error: {trouble}");
            Ending::Undecided
        }
        Trouble::Bad(_) => {
            eprintln!(
                "error: {trouble}\nThis may be a broken server or connection, or somebody in between: try again, and from \
                 another place. It proves nothing to others."
            );
            Ending::Fails
        }
        Trouble::Disk(_) => {
            eprintln!("error: {trouble}");
            Ending::Undecided
        }
        Trouble::Usage(_) => {
            eprintln!("error: {trouble}");
            Ending::Usage
        }
    }
}
