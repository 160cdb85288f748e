//! The listening socket, with a bound on connections: each costs memory and a file descriptor.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

/// Connections at a time; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 4096;

/// A connection that gives its place back when it ends.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl Connected for Connection {
    // Nobody here asks for a client's address, so none can end up beside a voter's pseudonym.
    type ConnectInfo = ();
    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Listens on `address`; returns the address with its real port and the connections.
///
/// # Errors
/// If the address cannot be listened on.
pub async fn listen(address: SocketAddr) -> io::Result<(SocketAddr, ReceiverStream<io::Result<Connection>>)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    // Small messages go out at once; a failure only makes them slower.
                    let _ = stream.set_nodelay(true);
                    if sender.send(Ok(Connection { stream, _place: place })).await.is_err() {
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
