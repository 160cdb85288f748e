//! The record over HTTP for anybody (`LOG-6`): <https://c2sp.org/tlog-tiles>, and files by their digest. It only reads,
//! and what it shows of the tree is never more than the newest signed checkpoint covers.

use crate::board::{read, Board};
use crate::body::{streamed, CHUNK};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, CONTENT_LENGTH};
use hyper::{Method, Request, StatusCode};
use selge_core::ids::Digest;
use selge_core::record::{file_path, TileRef, CHECKPOINT, TILE_WIDTH};
use selge_node::http::{answer, sentence, serve, Answer, Body, HttpServer};
use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;

/// Longest path that names something: the tile of the largest index there can be is shorter.
const MAX_PATH: usize = 128;

/// Tiles and files never change; a year is the longest that caches understand.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

const BYTES: &str = "application/octet-stream";

/// Serves the record of `board` on `address`.
///
/// # Errors
/// If the address cannot be listened on.
pub async fn start(board: Arc<Board>, address: SocketAddr) -> std::io::Result<HttpServer> {
    serve(address, move |request| respond(Arc::clone(&board), request)).await
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    Checkpoint,
    Tile(TileRef),
    File(Digest),
}

/// Reads a path. No path leads to the disk as it is: a name is understood, and what it names has one name only.
fn resource(path: &str) -> Option<Resource> {
    let name = path.strip_prefix('/').filter(|name| name.len() <= MAX_PATH)?;
    if name == CHECKPOINT {
        return Some(Resource::Checkpoint);
    }
    if let Some(hex) = name.strip_prefix("files/") {
        let digest = Digest::from_hex(hex).ok()?;
        return (file_path(&digest) == name).then_some(Resource::File(digest));
    }
    TileRef::parse(name).map(Resource::Tile)
}

/// Whether a tree of `size` leaves has all of this tile.
fn covers(size: u64, tile: &TileRef) -> bool {
    let count = size.checked_shr(8 * u32::from(tile.level.unwrap_or(0))).unwrap_or(0);
    let end = tile.index.checked_mul(TILE_WIDTH).and_then(|first| first.checked_add(tile.width));
    end.is_some_and(|end| end <= count)
}

/// What everybody may read, pages from elsewhere may: such as the one that audits in a browser.
async fn respond(board: Arc<Board>, request: Request<Incoming>) -> Answer {
    let mut answer = look_up(board, request).await;
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer
}

async fn look_up(board: Arc<Board>, request: Request<Incoming>) -> Answer {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut answer = sentence(StatusCode::METHOD_NOT_ALLOWED, "the record can be read, with GET and HEAD alone");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let Some(resource) = resource(request.uri().path()) else {
        return missing("there is nothing here: the record has /checkpoint, /tile/… and /files/… (C2SP tlog-tiles)");
    };
    match resource {
        Resource::Checkpoint => {
            let note = board.head().checkpoint.clone();
            with_cache(answer(StatusCode::OK, "text/plain; charset=utf-8", note), HeaderValue::from_static("no-cache"))
        }
        // Locks and the disk may block.
        Resource::Tile(tile) => blocking(move || tile_answer(board, tile)).await,
        Resource::File(digest) => blocking(move || file_answer(&board, &digest)).await,
    }
}

async fn blocking(job: impl FnOnce() -> std::io::Result<Answer> + Send + 'static) -> Answer {
    let done = tokio::task::spawn_blocking(job).await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
    done.unwrap_or_else(|error| {
        tracing::error!(target: "selge", "the record cannot be read: {error}");
        sentence(StatusCode::INTERNAL_SERVER_ERROR, "the record cannot be read at the moment")
    })
}

fn with_cache(mut answer: Answer, value: HeaderValue) -> Answer {
    answer.headers_mut().insert(CACHE_CONTROL, value);
    answer
}

/// What is not there may be there soon: nobody is to remember it.
fn missing(text: &str) -> Answer {
    with_cache(sentence(StatusCode::NOT_FOUND, text), HeaderValue::from_static("no-store"))
}

/// An answer of `length` bytes that come by and by.
fn long(length: u64, body: Body) -> Answer {
    let mut answer = answer(StatusCode::OK, BYTES, "").map(|_| body);
    answer.headers_mut().insert(CONTENT_LENGTH, length.into());
    with_cache(answer, FOREVER)
}

fn tile_answer(board: Arc<Board>, tile: TileRef) -> std::io::Result<Answer> {
    let size = board.head().size;
    if !covers(size, &tile) {
        return Ok(missing(&format!("the newest checkpoint covers {size} entries, which is not all of this tile")));
    }
    if tile.level.is_some() {
        let hashes = {
            let tree = read(&board.tree);
            tile.hashes_from(|level, index| tree.node(level, index)).map_err(std::io::Error::other)?
        };
        return Ok(with_cache(answer(StatusCode::OK, BYTES, hashes.unwrap_or_default()), FOREVER));
    }
    let (mut next, end) = (tile.first_entry(), tile.first_entry() + tile.width);
    let length = {
        let entries = read(&board.entries);
        let lengths: Vec<usize> = (next..end).map(|at| entries.entry_len(at)).collect::<Result<_, _>>()?;
        lengths.iter().map(|length| 2 + *length as u64).sum()
    };
    Ok(long(
        length,
        streamed(move || {
            let mut bytes = Vec::new();
            while next < end && bytes.len() < CHUNK {
                // One at a time, so that the sequencer never waits for a reader.
                let entry = read(&board.entries).read(next)?;
                bytes.extend(selge_core::record::bundle([entry.as_slice()]).map_err(std::io::Error::other)?);
                next += 1;
            }
            Ok(bytes)
        }),
    ))
}

fn file_answer(board: &Board, digest: &Digest) -> std::io::Result<Answer> {
    let mut file = match std::fs::File::open(board.files.path(digest)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(missing(&format!("the board has no file {digest}")));
        }
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut left = length;
    Ok(long(
        length,
        streamed(move || {
            let mut bytes = vec![0; usize::try_from(left).unwrap_or(CHUNK).min(CHUNK)];
            file.read_exact(&mut bytes)?;
            left -= bytes.len() as u64;
            Ok(bytes)
        }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_a_record_is_understood() {
        let tile = |level, index, width| Some(Resource::Tile(TileRef { level, index, width }));
        for (path, expected) in [
            ("/checkpoint", Some(Resource::Checkpoint)),
            ("/tile/0/x001/x234/067", tile(Some(0), 1_234_067, 256)),
            ("/tile/entries/000.p/12", tile(None, 0, 12)),
            ("/tile/63/000.p/1", tile(Some(63), 0, 1)),
            ("/tile/entries/x018/x446/x744/x073/x709/x551/615", tile(None, u64::MAX, 256)),
            (&format!("/files/{}", "0a".repeat(32)), Some(Resource::File(Digest([10; 32])))),
        ] {
            assert_eq!(resource(path), expected, "{path}");
        }
    }

    #[test]
    fn nothing_has_a_second_name_or_leads_out() {
        for path in [
            "",
            "/",
            "checkpoint",
            "/checkpoint/",
            "//checkpoint",
            "/../checkpoint",
            "/journal",
            "/lock",
            "/key",
            "/files/",
            "/files/..",
            "/files/../journal",
            "/files/0A",
            "/tile/",
            "/tile/0/",
            "/tile/0",
            "/tile/00/000",
            "/tile/0/0",
            "/tile/0/00",
            "/tile/0/0000",
            "/tile/0/+00",
            "/tile/0/x000/000",
            "/tile/0/001/000",
            "/tile/0/x001",
            "/tile/0/000.p/0",
            "/tile/0/000.p/256",
            "/tile/0/000.p/01",
            "/tile/0/000.p/",
            "/tile/-1/000",
            "/tile/0/000.p/1/..",
            "/tile/0/../0/000",
            "/tile/256/000",
            "/tile/data/000",
            "/tile/0/%30%30%30",
            "/tile/0/x999/x999/x999/x999/x999/x999/999",
            "/tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert_eq!(resource(path), None, "{path}");
        }
        for hex in ["0A".repeat(32), "0a".repeat(31), "0a".repeat(33), format!("{}/..", "0a".repeat(32))] {
            assert_eq!(resource(&format!("/files/{hex}")), None, "{hex}");
        }
    }

    #[test]
    fn a_tree_covers_its_own_tiles_alone() {
        for size in [0u64, 1, 255, 256, 257, 70_000] {
            let own: Vec<_> = selge_core::record::hash_tiles(size).collect();
            for level in 0..9u8 {
                for index in 0..280 {
                    for width in [1, 17, 112, 255, 256] {
                        let tile = TileRef { level: Some(level), index, width };
                        // Any width up to that of the tree's own tile in this place.
                        let place = |t: &&TileRef| t.level == tile.level && t.index == index;
                        let there = own.iter().find(place).is_some_and(|t| width <= t.width);
                        assert_eq!(covers(size, &tile), there, "{tile:?} of {size}");
                    }
                }
            }
        }
        assert!(!covers(u64::MAX, &TileRef { level: None, index: u64::MAX, width: 256 }));
        assert!(!covers(u64::MAX, &TileRef { level: Some(63), index: 0, width: 1 }));
    }
}
