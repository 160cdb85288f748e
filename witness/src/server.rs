//! The witness over HTTP.

use crate::config::Config;
use crate::judge::{Refusal, Witness};
use crate::record::Record;
use anyhow::{Context, Result};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, ALLOW};
use hyper::{Method, Request, StatusCode};
use selge_core::cosignature::MAX_REQUEST;
use selge_core::sign::SigningKey;
use selge_node::http::{answer, sentence, serve, Answer, HttpServer};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Longest time for a request's body.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Requests that are judged at a time: each waits for the disk.
const AT_A_TIME: usize = 16;

/// Opens the record, listens and answers.
///
/// # Errors
/// If the state folder or the address is not usable.
pub async fn start(config: &Config, key: SigningKey) -> Result<HttpServer> {
    let record = Record::open(&config.state, config.logs()?)?;
    for log in record.logs() {
        tracing::info!(target: "selge", "cosigning the log {}", log.log.origin);
    }
    let witness = Arc::new(Witness::new(&config.name, key, record));
    let turns = Arc::new(Semaphore::new(AT_A_TIME));
    let handler = move |request| {
        let (witness, turns) = (Arc::clone(&witness), Arc::clone(&turns));
        async move { respond(witness, turns, request).await }
    };
    serve(config.listen, handler).await.with_context(|| format!("cannot listen on {}", config.listen))
}

async fn respond(witness: Arc<Witness>, turns: Arc<Semaphore>, request: Request<Incoming>) -> Answer {
    if let Some(id) = request.uri().path().strip_prefix("/checkpoint/") {
        return newest(witness, id.to_owned(), request.method()).await;
    }
    if request.uri().path() != "/add-checkpoint" {
        let text =
            "there is nothing here: a witness answers POST /add-checkpoint and GET /checkpoint/ with the SHA-256 of \
                    a log's origin";
        return sentence(StatusCode::NOT_FOUND, text);
    }
    if request.method() != Method::POST {
        let mut answer = sentence(StatusCode::METHOD_NOT_ALLOWED, "add-checkpoint is asked with POST");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return answer;
    }
    let body = match timeout(BODY_TIME, Limited::new(request.into_body(), MAX_REQUEST).collect()).await {
        Err(_) => return sentence(StatusCode::REQUEST_TIMEOUT, "the request came too slowly"),
        Ok(Err(_)) => return sentence(StatusCode::BAD_REQUEST, "the request is too long or broke off"),
        Ok(Ok(body)) => body.to_bytes(),
    };
    let Ok(text) = String::from_utf8(body.into()) else {
        return sentence(StatusCode::BAD_REQUEST, "the request is not UTF-8");
    };
    let turn = turns.acquire_owned().await;
    let judged = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        witness.add_checkpoint(&text)
    });
    match judged.await {
        Ok(Ok(lines)) => answer(StatusCode::OK, "text/plain; charset=utf-8", lines),
        Ok(Err(refusal)) => refused(&refusal),
        Err(error) => {
            tracing::error!(target: "selge", "a request could not be judged: {error}");
            sentence(StatusCode::INTERNAL_SERVER_ERROR, "the request could not be judged")
        }
    }
}

/// What was cosigned last, for whoever compares it with the board that they see: the log's own signature is proof of it.
async fn newest(witness: Arc<Witness>, id: String, method: &Method) -> Answer {
    if method != Method::GET {
        let mut answer = sentence(StatusCode::METHOD_NOT_ALLOWED, "the newest checkpoint is asked for with GET");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
        return answer;
    }
    match tokio::task::spawn_blocking(move || witness.record().newest(&id)).await {
        Ok(Ok(Some(note))) => answer(StatusCode::OK, "text/plain; charset=utf-8", note),
        Ok(Ok(None)) => sentence(StatusCode::NOT_FOUND, "no checkpoint of such a log has been cosigned here"),
        Ok(Err(error)) => {
            tracing::error!(target: "selge", "the newest checkpoint cannot be read: {error:#}");
            sentence(StatusCode::INTERNAL_SERVER_ERROR, "the newest checkpoint cannot be read at the moment")
        }
        Err(_) => sentence(StatusCode::INTERNAL_SERVER_ERROR, "the newest checkpoint cannot be read at the moment"),
    }
}

/// The specification's status codes.
fn refused(refusal: &Refusal) -> Answer {
    let status = match refusal {
        Refusal::Request(_) | Refusal::Note(_) | Refusal::Sizes { .. } => StatusCode::BAD_REQUEST,
        Refusal::UnknownLog(_) => StatusCode::NOT_FOUND,
        Refusal::Unsigned(_) => StatusCode::FORBIDDEN,
        Refusal::Stale(size) | Refusal::Fork(size) => {
            return answer(StatusCode::CONFLICT, "text/x.tlog.size", format!("{size}\n"));
        }
        Refusal::Inconsistent(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Store(error) => {
            tracing::error!(target: "selge", "nothing is cosigned, make room on the disk: {error:#}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    sentence(status, &refusal.to_string())
}
