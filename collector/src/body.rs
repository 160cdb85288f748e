//! Answers that are read from the disk while they are sent: a reader, however slow, holds one piece in memory and no
//! thread.

use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use selge_node::http::Body;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of a piece.
pub(crate) const CHUNK: usize = 64 << 10;

/// A body of the pieces that `next` gives, until one is empty.
pub(crate) fn streamed(mut next: impl FnMut() -> std::io::Result<Vec<u8>> + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        // A place first: nothing is read before it can be sent, and nothing once the client is gone.
        while let Ok(place) = sender.reserve().await {
            let work = tokio::task::spawn_blocking(move || {
                let piece = next();
                (next, piece)
            });
            let Ok((again, piece)) = work.await else { return };
            next = again;
            match piece {
                Ok(bytes) if bytes.is_empty() => return,
                Ok(bytes) => place.send(Ok(Frame::data(Bytes::from(bytes)))),
                Err(error) => {
                    tracing::error!(target: "selge", "an answer breaks off, the record cannot be read: {error}");
                    return place.send(Err(error));
                }
            }
        }
    });
    StreamBody::new(ReceiverStream::new(receiver)).boxed_unsync()
}
