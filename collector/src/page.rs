//! The voting page: the files that `make web` has made, read once at the start and answered from memory, at the board's
//! own address and behind the same door. What is not a file of the page goes on to the board.

use anyhow::{ensure, Context as _, Result};
use hyper::body::Bytes;
use hyper::header::{
    HeaderName, HeaderValue, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use hyper::{Method, Request, Response, StatusCode};
use selge_core::ids::Digest;
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tower::{Layer, Service};

/// What a folder of a page must hold.
const INDEX: &str = "index.html";

/// Most bytes of a page, all files together.
const MAX_PAGE: u64 = 64 << 20;

/// Most folders below each other.
const MAX_DEPTH: usize = 8;

/// Files below this folder have names that change with their bytes.
const VERSIONED: &str = "/a/";

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// What the page may do: run its own scripts, compile its own module, and ask its own origin. Nothing inline, nothing from
/// anybody else, in nobody's frame. The worker is a blob because that is how its bytes can be compared with a digest
/// before they run.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types selge",
);

/// What every answer of the page says besides.
const HEADERS: [(&str, HeaderValue); 7] = [
    // These are public files and nobody is logged in: an auditor's page may read them and compare them with the signed release.
    // Answers of the board do not pass here; a page from elsewhere cannot call it.
    ("access-control-allow-origin", HeaderValue::from_static("*")),
    ("x-content-type-options", HeaderValue::from_static("nosniff")),
    ("referrer-policy", HeaderValue::from_static("no-referrer")),
    ("cross-origin-opener-policy", HeaderValue::from_static("same-origin")),
    ("cross-origin-resource-policy", HeaderValue::from_static("same-origin")),
    ("x-frame-options", HeaderValue::from_static("DENY")),
    (
        "permissions-policy",
        HeaderValue::from_static(
            "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
        ),
    ),
];

/// How a file's bytes may travel; the first that a browser takes is used.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// One file.
#[derive(Debug)]
struct File {
    content_type: HeaderValue,
    etag: HeaderValue,
    cache: HeaderValue,
    plain: Bytes,
    /// The same, compressed, beside the encoding's name.
    encoded: Vec<(&'static str, Bytes)>,
}

/// A page in memory.
#[derive(Debug)]
pub(crate) struct Page {
    files: HashMap<String, File>,
    encrypted: bool,
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "ftl" | "txt" | "note" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

/// All files below a folder, by their path on the web.
fn collect(folder: &Path, prefix: &str, depth: usize, left: &mut u64, into: &mut HashMap<String, Bytes>) -> Result<()> {
    ensure!(depth < MAX_DEPTH, "the page's folders are more than {MAX_DEPTH} deep at {}", folder.display());
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the [page] folder {shown}"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the [page] folder {shown}"))?;
        let name = entry.file_name();
        let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name =
            name.to_str().filter(|name| name.chars().all(usable) && !name.starts_with('.')).with_context(|| {
                format!(
                    "{} in the [page] folder has a name that a page's file does not have: remove it",
                    entry.path().display()
                )
            })?;
        let path = format!("{prefix}/{name}");
        // Links are followed: it is the operator's folder.
        let metadata =
            std::fs::metadata(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
        if metadata.is_dir() {
            collect(&entry.path(), &path, depth + 1, left, into)?;
            continue;
        }
        *left = left.checked_sub(metadata.len()).with_context(|| {
            format!("the [page] folder holds more than {} MiB: is it the one that `make web` makes?", MAX_PAGE >> 20)
        })?;
        let bytes = std::fs::read(entry.path()).with_context(|| format!("cannot read {}", entry.path().display()))?;
        into.insert(path, bytes.into());
    }
    Ok(())
}

impl Page {
    /// Reads a page; `encrypted` says whether it is served with TLS.
    ///
    /// # Errors
    /// If the folder is no page, naming what is wrong.
    pub(crate) fn read(folder: &Path, encrypted: bool) -> Result<Self> {
        let mut raw = HashMap::new();
        collect(folder, "", 0, &mut MAX_PAGE.clone(), &mut raw)?;
        ensure!(
            raw.contains_key(&format!("/{INDEX}")),
            "the [page] folder {} has no {INDEX}: make the page with `make web` and name the folder that it prints",
            folder.display()
        );
        let mut files = HashMap::new();
        for (path, plain) in &raw {
            if ENCODINGS.iter().any(|(_, ending)| path.ends_with(ending)) {
                continue;
            }
            let content_type = content_type(path)
                .with_context(|| format!("the [page] folder holds {path}, which is of no kind that a page has"))?;
            let encoded = ENCODINGS
                .iter()
                .filter_map(|(name, ending)| Some((*name, raw.get(&format!("{path}{ending}"))?.clone())));
            let file = File {
                content_type: HeaderValue::from_static(content_type),
                etag: HeaderValue::from_str(&format!("\"{}\"", Digest::of(plain)))?,
                cache: if path.starts_with(VERSIONED) { FOREVER } else { REVALIDATE },
                plain: plain.clone(),
                encoded: encoded.collect(),
            };
            files.insert(path.clone(), file);
        }
        Ok(Page { files, encrypted })
    }

    /// The answer to a request, if it is the page's to answer.
    fn answer<B>(&self, request: &Request<B>) -> Option<Response<Body>> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            return None;
        }
        let path = request.uri().path();
        let found = self.files.get_key_value(if path == "/" { "/index.html" } else { path });
        let mut response = match found {
            Some((_, file)) => self.file(file, request),
            None => {
                let mut response = Response::new(body("There is nothing here. The voting page is at /\n".into()));
                *response.status_mut() = StatusCode::NOT_FOUND;
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
        };
        let headers = response.headers_mut();
        headers.insert("content-security-policy", POLICY);
        for (name, value) in HEADERS {
            headers.insert(HeaderName::from_static(name), value);
        }
        if self.encrypted {
            headers.insert("strict-transport-security", HeaderValue::from_static("max-age=31536000"));
        }
        if request.method() == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        Some(response)
    }

    fn file<B>(&self, file: &File, request: &Request<B>) -> Response<Body> {
        let known = request.headers().get_all(IF_NONE_MATCH).iter().any(|etag| etag == file.etag);
        let taken = |name: &str| {
            let accepted = request.headers().get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
            accepted.flat_map(|list| list.split(',')).any(|one| {
                let mut parts = one.split(';').map(str::trim);
                parts.next() == Some(name)
                    && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        };
        let encoded = file.encoded.iter().find(|(name, _)| taken(name));
        let bytes = encoded.map_or(&file.plain, |(_, bytes)| bytes).clone();
        let length = bytes.len();
        let mut response = Response::new(if known { Body::empty() } else { body(bytes) });
        let headers = response.headers_mut();
        headers.insert(ETAG, file.etag.clone());
        headers.insert(CACHE_CONTROL, file.cache.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, file.content_type.clone());
        headers.insert(CONTENT_LENGTH, length.into());
        if let Some((name, _)) = encoded {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}

fn body(bytes: Bytes) -> Body {
    Body::new(http_body_util::Full::new(bytes))
}

/// Puts a page before the board; without one everything goes to the board.
#[derive(Clone, Debug)]
pub(crate) struct PageLayer(pub(crate) Option<Arc<Page>>);

impl<S> Layer<S> for PageLayer {
    type Service = WithPage<S>;
    fn layer(&self, inner: S) -> WithPage<S> {
        WithPage { inner, page: self.0.clone() }
    }
}

/// A board with a page before it.
#[derive(Clone, Debug)]
pub(crate) struct WithPage<S> {
    inner: S,
    page: Option<Arc<Page>>,
}

impl<S> Service<Request<Body>> for WithPage<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match self.page.as_ref().and_then(|page| page.answer(&request)) {
            Some(response) => Box::pin(std::future::ready(Ok(response))),
            None => Box::pin(self.inner.call(request)),
        }
    }
}
