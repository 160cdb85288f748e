//! A web server that serves a record's files, and does as badly as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What is answered for a path instead of its file.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes without end and without a length.
    Endless,
    /// A length that nothing can have, and bytes without end.
    Huge,
    /// A head without end.
    EndlessHead,
    /// A redirect.
    Redirect(String),
    /// A status.
    Status(u16),
    /// The file, called compressed.
    Gzip,
    /// Half of the file, and an end.
    Half,
    /// Not HTTP at all.
    Garbage,
    /// Nothing, and the connection stays.
    Silent,
    /// Half of the file, and then nothing, and the connection stays.
    Stalled,
    /// The file, a byte now and then.
    Dripping,
}

#[derive(Default)]
pub struct Site {
    pub files: BTreeMap<String, Vec<u8>>,
    pub special: BTreeMap<String, Reply>,
    /// All paths asked for.
    pub asked: Vec<String>,
    /// Before every answer.
    pub delay: Duration,
    stopped: bool,
}

/// The server. It ends when it is dropped.
pub struct Server {
    pub address: SocketAddr,
    site: Arc<Mutex<Site>>,
}

impl Server {
    pub fn start(files: BTreeMap<String, Vec<u8>>) -> Server {
        Self::start_at("127.0.0.1:0", files)
    }

    /// Serves at an address: for servers that come back.
    pub fn start_at(address: &str, files: BTreeMap<String, Vec<u8>>) -> Server {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let site = Arc::new(Mutex::new(Site { files, ..Site::default() }));
        let served = Arc::clone(&site);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if served.lock().unwrap().stopped {
                    return;
                }
                let site = Arc::clone(&served);
                std::thread::spawn(move || answer(stream, &site));
            }
        });
        Server { address, site }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap()
    }

    pub fn set(&self, path: &str, reply: Reply) {
        self.site().special.insert(path.to_owned(), reply);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.site().stopped = true;
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, site: &Mutex<Site>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
            if line == "\r\n" {
                break;
            }
        }
        let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
        let (file, special, delay) = {
            let mut site = site.lock().unwrap();
            site.asked.push(path.clone());
            if site.stopped {
                return None;
            }
            (site.files.get(&path).cloned(), site.special.get(&path).cloned(), site.delay)
        };
        std::thread::sleep(delay);
        let whole = |bytes: &[u8], more: &str| {
            let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{more}\r\n", bytes.len()).into_bytes();
            answer.extend(bytes);
            answer
        };
        let endless = |stream: &mut TcpStream, head: &str, part: &[u8]| -> Option<()> {
            stream.write_all(head.as_bytes()).ok()?;
            while stream.write_all(part).is_ok() {}
            None
        };
        let pause = |stream: &mut TcpStream, part: &[u8]| -> Option<()> {
            std::thread::sleep(Duration::from_millis(50));
            (!site.lock().unwrap().stopped).then_some(())?;
            stream.write_all(part).ok()
        };
        match (special, file) {
            (Some(Reply::Silent), _) => while pause(&mut stream, &[]).is_some() {},
            (Some(Reply::Stalled), file) => {
                let bytes = whole(&file.unwrap_or_default(), "");
                stream.write_all(&bytes[..bytes.len() - 5]).ok()?;
                while pause(&mut stream, &[]).is_some() {}
            }
            (Some(Reply::Dripping), file) => {
                let bytes = whole(&file.unwrap_or_default(), "");
                let (head, body) = bytes.split_at(bytes.len().saturating_sub(2000));
                stream.write_all(head).ok()?;
                body.chunks(1).try_for_each(|part| pause(&mut stream, part))?;
            }
            (Some(Reply::Bytes(bytes)), _) | (None, Some(bytes)) => stream.write_all(&whole(&bytes, "")).ok()?,
            (Some(Reply::Endless), _) => {
                endless(&mut stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &[b'x'; 4096])?
            }
            (Some(Reply::Huge), _) => {
                endless(&mut stream, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", &[b'x'; 4096])?;
            }
            (Some(Reply::EndlessHead), _) => endless(&mut stream, "HTTP/1.1 200 OK\r\n", b"X-More: more and more\r\n")?,
            (Some(Reply::Redirect(to)), _) => {
                let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
                stream.write_all(head.as_bytes()).ok()?;
            }
            (Some(Reply::Status(status)), _) => {
                stream.write_all(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n").as_bytes()).ok()?;
            }
            (Some(Reply::Gzip), file) => {
                stream.write_all(&whole(&file.unwrap_or_default(), "Content-Encoding: gzip\r\n")).ok()?;
            }
            (Some(Reply::Half), file) => {
                let bytes = whole(&file.unwrap_or_default(), "");
                stream.write_all(&bytes[..bytes.len() - 5]).ok()?;
                let _ = stream.shutdown(Shutdown::Both);
                return None;
            }
            (Some(Reply::Garbage), _) => {
                stream.write_all(b"\x00\x01\x02 this is no web server\n\n").ok()?;
                return None;
            }
            (None, None) => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").ok()?,
        }
    }
}
