//! The listening socket, with a bound on connections, in all and of each peer: each costs memory and a file descriptor.

use crate::metrics::Metrics;
use crate::peers::{Peer, Peers};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_io_timeout::TimeoutStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// How long a connection may take to say anything of HTTP/2.
const OPENING: Duration = Duration::from_secs(10);

/// Bytes with which HTTP/2 opens a connection (RFC 9113, 3.4).
const PREFACE: usize = 24;

/// Longest silence of a client: living ones answer the server's pings more often.
const SILENCE: Duration = Duration::from_secs(90);

/// Longest time in which a client takes nothing of what it is sent.
const STALL: Duration = Duration::from_secs(60);

/// A connection that gives its place back when it ends.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Pin<Box<TimeoutStream<TcpStream>>>,
    /// The time to open it, and the bytes that have come.
    opening: Option<(Pin<Box<Sleep>>, usize)>,
    peer: Peer,
    _place: OwnedSemaphorePermit,
    _counted: Counted,
}

/// A connection among those that the operator sees.
#[derive(Debug)]
struct Counted(Arc<Metrics>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

impl Connected for Connection {
    // A share of the limits, not an address: none can end up beside a voter's pseudonym.
    type ConnectInfo = Peer;
    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl Connection {
    fn new(stream: TcpStream, peer: Peer, place: OwnedSemaphorePermit, metrics: &Arc<Metrics>) -> Self {
        // Small messages go out at once; a failure only makes them slower.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_read_timeout(Some(SILENCE));
        stream.set_write_timeout(Some(STALL));
        metrics.connections.inc();
        Connection {
            stream: Box::pin(stream),
            opening: Some((Box::pin(tokio::time::sleep(OPENING)), 0)),
            peer,
            _place: place,
            _counted: Counted(Arc::clone(metrics)),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = self.stream.as_mut().poll_read(cx, buf);
        if let Some((time, bytes)) = &mut self.opening {
            *bytes += buf.filled().len() - before;
            if *bytes >= PREFACE {
                self.opening = None;
            } else if read.is_pending() {
                ready!(time.as_mut().poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().get_ref().is_write_vectored()
    }
}

/// Listens on `address` for at most `most` connections at a time; returns the address with its real port and the
/// connections.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) async fn listen(
    address: SocketAddr,
    most: usize,
    peers: Arc<Peers>,
    metrics: Arc<Metrics>,
) -> io::Result<(SocketAddr, ReceiverStream<io::Result<Connection>>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let places = Arc::new(Semaphore::new(most));
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            match accepted {
                Ok((stream, from)) => {
                    let Some(peer) = peers.connect(from.ip()) else {
                        metrics.connections_closed.inc();
                        continue;
                    };
                    if sender.send(Ok(Connection::new(stream, peer, place, &metrics))).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    // Out of file descriptors, or a client that is gone again: neither ends the server.
                    tracing::warn!(target: "selge", "a connection cannot be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    });
    Ok((address, ReceiverStream::new(receiver)))
}
