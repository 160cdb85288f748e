//! The door that every gRPC request passes before anything of it is read: a place for it, among all and among its
//! peer's, a bound on its bytes, and a time in which it must be done.

use crate::limits::Limits;
use crate::metrics::{Metrics, Reason};
use crate::peers::Peer;
use crate::refusal;
use http_body::{Frame, SizeHint};
use hyper::body::Bytes;
use hyper::{Request, Response};
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tonic::transport::server::TlsConnectInfo;
use tonic::Status;
use tower::{Layer, Service};

/// Longest time of a request that is one message and gets one, from its arrival to its answer.
const UNARY_TIME: Duration = Duration::from_secs(75);

/// Most bytes of such a request: the longest entry with its framing.
const MAX_UNARY: usize = selge_core::entry::MAX_ENTRY + 1024;

/// What a request takes of the collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// One message, one answer.
    Unary,
    /// One message, an answer of any length.
    Reader,
    /// A request of any length. It has its own bounds, by what its entry can need.
    Upload,
}

fn class(path: &str) -> Class {
    match path.rsplit('/').next() {
        Some("Entries" | "File" | "Watch") => Class::Reader,
        Some("Post") => Class::Upload,
        _ => Class::Unary,
    }
}

/// Puts the door before a service.
#[derive(Clone, Debug)]
pub(crate) struct DoorLayer {
    metrics: Arc<Metrics>,
    readers: Arc<Semaphore>,
}

impl DoorLayer {
    pub(crate) fn new(limits: &Limits, metrics: Arc<Metrics>) -> Self {
        DoorLayer { metrics, readers: Arc::new(Semaphore::new(limits.readers)) }
    }
}

impl<S> Layer<S> for DoorLayer {
    type Service = Door<S>;
    fn layer(&self, inner: S) -> Door<S> {
        Door { inner, door: self.clone() }
    }
}

/// A service behind the door.
#[derive(Clone, Debug)]
pub(crate) struct Door<S> {
    inner: S,
    door: DoorLayer,
}

/// The connection that a request came over, with or without TLS.
fn peer<B>(request: &Request<B>) -> Option<Peer> {
    let extensions = request.extensions();
    let within = extensions.get::<TlsConnectInfo<Peer>>().map(TlsConnectInfo::get_ref);
    within.or_else(|| extensions.get::<Peer>()).cloned()
}

/// Places that last until the answer is sent.
#[derive(Debug)]
struct Places {
    _request: Option<OwnedSemaphorePermit>,
    _reader: Option<OwnedSemaphorePermit>,
}

impl DoorLayer {
    fn places(&self, class: Class, peer: Option<&Peer>) -> Result<Places, Status> {
        let request = peer.map(Peer::request).transpose()?;
        let reader = match class {
            Class::Reader => Some(Arc::clone(&self.readers).try_acquire_owned().map_err(|_| {
                refusal::busy(Reason::Busy, "too many are reading at the moment", Duration::from_secs(2))
            })?),
            Class::Unary | Class::Upload => None,
        };
        Ok(Places { _request: request, _reader: reader })
    }
}

impl<S> Service<Request<Body>> for Door<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let class = class(request.uri().path());
        let peer = peer(&request);
        let places = match self.door.places(class, peer.as_ref()) {
            Ok(places) => places,
            Err(status) => {
                self.door.metrics.refused(refusal::reason(&status));
                return Box::pin(std::future::ready(Ok(status.into_http())));
            }
        };
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        let request = match class {
            Class::Unary | Class::Reader => request.map(|inner| Body::new(Short { inner, left: MAX_UNARY })),
            Class::Upload => request,
        };
        // The service that was ready is the one to call.
        let mut service = self.inner.clone();
        std::mem::swap(&mut service, &mut self.inner);
        let work = service.call(request);
        Box::pin(async move {
            let response = match class {
                Class::Unary | Class::Reader => match tokio::time::timeout(UNARY_TIME, work).await {
                    Ok(response) => response?,
                    Err(_) => {
                        let text = "no answer in time: hand the same bytes in again, nothing is counted twice";
                        Status::deadline_exceeded(text).into_http()
                    }
                },
                Class::Upload => work.await?,
            };
            Ok(response.map(|inner| Body::new(Held { inner, _places: places })))
        })
    }
}

/// A request's body of bounded length.
#[derive(Debug)]
struct Short {
    inner: Body,
    left: usize,
}

impl http_body::Body for Short {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref)) {
            let Some(left) = self.left.checked_sub(data.map_or(0, Bytes::len)) else {
                let text = format!("a request of more than {MAX_UNARY} bytes: an entry has at most 65,535");
                return Poll::Ready(Some(Err(Status::out_of_range(text))));
            };
            self.left = left;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body, with the places that end when it does.
#[derive(Debug)]
struct Held {
    inner: Body,
    _places: Places,
}

impl http_body::Body for Held {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_has_its_class() {
        assert_eq!(class("/selge.v1.Board/Submit"), Class::Unary);
        assert_eq!(class("/selge.v1.Board/Entries"), Class::Reader);
        assert_eq!(class("/selge.v1.Board/File"), Class::Reader);
        assert_eq!(class("/selge.v1.Board/Post"), Class::Upload);
        assert_eq!(class("/grpc.health.v1.Health/Watch"), Class::Reader);
        assert_eq!(class(""), Class::Unary);
    }
}
