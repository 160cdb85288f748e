//! gRPC-Web (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md>): the frames of a body, and what a status
//! means.

use crate::message::{Ask, Heard};
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::Engine;
use prost::Message;
use std::time::Duration;

/// Marks the frame that holds trailers.
const TRAILERS: u8 = 0x80;

/// Bytes before each frame: flags and length.
const HEAD: usize = 5;

/// The type of the detail that says how long to wait (`google.rpc.RetryInfo`).
const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// Nothing came back.
    #[error("the board did not answer: {0}")]
    Lost(String),
    /// The board did not do it.
    #[error("the board said: {message} (status {code})")]
    Status {
        /// The gRPC status code.
        code: u32,
        /// Its sentence.
        message: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// What came back is no answer.
    #[error("the board's answer cannot be read: {0}")]
    Malformed(&'static str),
}

/// The gRPC status codes that an answer turns on.
pub(crate) mod code {
    pub(crate) const CANCELLED: u32 = 1;
    pub(crate) const UNKNOWN: u32 = 2;
    pub(crate) const DEADLINE_EXCEEDED: u32 = 4;
    pub(crate) const NOT_FOUND: u32 = 5;
    pub(crate) const RESOURCE_EXHAUSTED: u32 = 8;
    pub(crate) const ABORTED: u32 = 10;
    pub(crate) const INTERNAL: u32 = 13;
    pub(crate) const UNAVAILABLE: u32 = 14;
}

impl WireError {
    /// Whether sending the same bytes again may help.
    pub fn passing(&self) -> bool {
        match self {
            WireError::Lost(_) => true,
            WireError::Malformed(_) => false,
            WireError::Status { code, .. } => matches!(
                *code,
                code::CANCELLED
                    | code::UNKNOWN
                    | code::DEADLINE_EXCEEDED
                    | code::RESOURCE_EXHAUSTED
                    | code::ABORTED
                    | code::INTERNAL
                    | code::UNAVAILABLE
            ),
        }
    }
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct Details {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

/// A question with one message to a service.
pub fn ask(service: &'static str, method: &'static str, message: &impl Message) -> Ask {
    let mut body = vec![0; HEAD];
    body.extend(message.encode_to_vec());
    let length = u32::try_from(body.len() - HEAD).unwrap_or(u32::MAX);
    body[1..HEAD].copy_from_slice(&length.to_be_bytes());
    Ask { service, method, body: STANDARD.encode(body), tell: None }
}

/// The messages of an answer, in order.
///
/// # Errors
/// [`WireError`].
pub fn messages<M: Message + Default>(heard: &Heard) -> Result<Vec<M>, WireError> {
    if let Some(why) = &heard.lost {
        return Err(WireError::Lost(why.clone()));
    }
    // Anything else than 200 comes from something between the page and the board.
    let body = if heard.http == 200 { heard.body.as_str() } else { "" };
    let body = STANDARD.decode(body).map_err(|_| WireError::Malformed("the body is no base64"))?;
    let mut trailers =
        Trailers { status: heard.status.clone(), message: heard.message.clone(), details: heard.details.clone() };
    let mut messages = Vec::new();
    let mut rest = body.as_slice();
    while let Some((head, after)) = rest.split_first_chunk::<HEAD>() {
        let [flags, a, b, c, d] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let (frame, after) = after.split_at_checked(length).ok_or(WireError::Malformed("a frame is cut off"))?;
        match flags {
            0 => messages.push(M::decode(frame).map_err(|_| WireError::Malformed("a message is damaged"))?),
            TRAILERS => trailers.read(frame),
            _ => return Err(WireError::Malformed("a frame of an unknown kind")),
        }
        rest = after;
    }
    if !rest.is_empty() {
        return Err(WireError::Malformed("a frame is cut off"));
    }
    trailers.verdict(heard.http)?;
    Ok(messages)
}

/// The only message of an answer.
///
/// # Errors
/// [`WireError`].
pub fn message<M: Message + Default>(heard: &Heard) -> Result<M, WireError> {
    let mut messages = messages(heard)?.into_iter();
    match (messages.next(), messages.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(WireError::Malformed("not one message")),
    }
}

/// What an answer ends with, in its headers or in its last frame.
struct Trailers {
    status: Option<String>,
    message: Option<String>,
    details: Option<String>,
}

impl Trailers {
    fn read(&mut self, frame: &[u8]) {
        for line in String::from_utf8_lossy(frame).lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = Some(value.trim().to_owned());
            match name.trim().to_ascii_lowercase().as_str() {
                "grpc-status" => self.status = value,
                "grpc-message" => self.message = value,
                "grpc-status-details-bin" => self.details = value,
                _ => {}
            }
        }
    }

    fn verdict(self, http: u16) -> Result<(), WireError> {
        let code = match self.status.as_deref().map(str::parse::<u32>) {
            Some(Ok(0)) if http == 200 => return Ok(()),
            Some(Ok(code)) if code != 0 => code,
            // Without a gRPC status it is something between the page and the board that answers.
            _ => code::UNAVAILABLE,
        };
        let message = self.message.map_or_else(|| format!("HTTP status {http}"), |text| percent_decoded(&text));
        Err(WireError::Status { code, message, retry_after: self.details.as_deref().and_then(retry_after) })
    }
}

/// How long the details of a status ask to wait.
fn retry_after(details: &str) -> Option<Duration> {
    let bytes = STANDARD_NO_PAD.decode(details.trim_end_matches('=')).ok()?;
    let details = Details::decode(bytes.as_slice()).ok()?.details;
    let info = details.iter().find(|detail| detail.type_url == RETRY_INFO)?;
    let delay = RetryInfo::decode(info.value.as_slice()).ok()?.retry_delay?;
    let nanos = u32::try_from(delay.nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    Some(Duration::new(u64::try_from(delay.seconds).ok()?, nanos))
}

/// Undoes the percent-encoding of a status message; what is none stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use selge_proto::v1::{EntriesResponse, SubmitResponse};

    fn frame(flags: u8, bytes: &[u8]) -> Vec<u8> {
        [&[flags], &u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
    }

    fn heard(frames: &[Vec<u8>]) -> Heard {
        Heard { http: 200, body: STANDARD.encode(frames.concat()), ..Heard::default() }
    }

    fn ok() -> Vec<u8> {
        frame(TRAILERS, b"grpc-status:0\r\n")
    }

    #[test]
    fn messages_come_back_in_order_and_only_with_a_good_status() {
        let entries = |n: u8| EntriesResponse { entries: vec![vec![n]] };
        let two = [frame(0, &entries(1).encode_to_vec()), frame(0, &entries(2).encode_to_vec())];
        let read = messages::<EntriesResponse>(&heard(&[two.concat(), ok()])).unwrap();
        assert_eq!(read, [entries(1), entries(2)]);
        assert_eq!(
            message::<EntriesResponse>(&heard(&[two.concat(), ok()])).unwrap_err(),
            WireError::Malformed("not one message")
        );
        // A stream that was cut off between two frames has no status.
        assert!(messages::<EntriesResponse>(&heard(&two)).unwrap_err().passing());
        assert_eq!(message::<EntriesResponse>(&heard(&[ok()])).unwrap_err(), WireError::Malformed("not one message"));
        let whole = [two.concat(), ok()].concat();
        for cut in 1..whole.len() {
            let part = Heard { http: 200, body: STANDARD.encode(&whole[..cut]), ..Heard::default() };
            assert!(messages::<EntriesResponse>(&part).is_err(), "{cut} bytes of {}", whole.len());
        }
    }

    #[test]
    fn a_refusal_keeps_its_code_its_words_and_its_wait() {
        let retry = RetryInfo { retry_delay: Some(prost_types::Duration { seconds: 2, nanos: 500_000_000 }) };
        let any = prost_types::Any { type_url: RETRY_INFO.into(), value: retry.encode_to_vec() };
        let details = Details { code: 8, message: String::new(), details: vec![any] };
        let details = STANDARD_NO_PAD.encode(details.encode_to_vec());
        let expected = WireError::Status {
            code: 8,
            message: "too much, at once: 100 %".into(),
            retry_after: Some(Duration::from_millis(2500)),
        };
        let words = "too much%2C at once: 100 %25";
        let text = format!("grpc-status: 8\r\ngrpc-message: {words}\r\ngrpc-status-details-bin: {details}\r\n");
        let in_body = heard(&[frame(TRAILERS, text.as_bytes())]);
        let in_head = Heard {
            http: 200,
            status: Some("8".into()),
            message: Some(words.into()),
            details: Some(details),
            ..Heard::default()
        };
        for refusal in [in_body, in_head] {
            let error = message::<SubmitResponse>(&refusal).unwrap_err();
            assert_eq!(error, expected);
            assert!(error.passing());
        }
    }

    #[test]
    fn what_is_no_answer_of_a_board_is_an_error_and_never_a_panic() {
        let lost = Heard { lost: Some("offline".into()), ..Heard::default() };
        assert_eq!(message::<SubmitResponse>(&lost).unwrap_err(), WireError::Lost("offline".into()));
        let proxy = Heard { http: 502, body: STANDARD.encode("<html>Bad gateway"), ..Heard::default() };
        assert!(message::<SubmitResponse>(&proxy).unwrap_err().passing());
        let empty = Heard { http: 503, ..Heard::default() };
        assert!(message::<SubmitResponse>(&empty).unwrap_err().passing());
        let garbage = Heard { http: 200, body: "%".into(), ..Heard::default() };
        assert_eq!(message::<SubmitResponse>(&garbage).unwrap_err(), WireError::Malformed("the body is no base64"));
        assert_eq!(
            message::<SubmitResponse>(&heard(&[frame(0, &[0xff]), ok()])).unwrap_err(),
            WireError::Malformed("a message is damaged")
        );
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
    }
}
