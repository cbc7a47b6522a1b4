//! A web server on 127.0.0.1 that answers as scripted and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// One scripted answer.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    length: Option<usize>,
    cut: Option<usize>,
    raw: Option<Vec<u8>>,
}

impl Answer {
    /// These bytes, whatever they are; then the connection is closed.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { raw: Some(bytes.as_ref().to_vec()), ..Self::default() }
    }

    /// Status 200 with a body.
    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self { body: body.as_ref().to_vec(), ..Self::status(200) }
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// With another status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With a header; `Content-Length` and `Connection` are set by the server.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another `Content-Length` than the body has.
    pub(crate) fn length(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }

    /// The connection is closed after `bytes` of the body; 0 sends not even the status.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `GET /path?query HTTP/1.1`.
    pub(crate) line: String,
    /// Header lines as sent.
    pub(crate) headers: Vec<String>,
    /// Body.
    pub(crate) body: Vec<u8>,
    /// When.
    pub(crate) at: Instant,
}

impl Request {
    /// The text of a header, named in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.iter().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, text)| text.trim())
    }
}

/// A connection, plain or encrypted.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A running server; it lives as long as the test's process.
pub(crate) struct Server {
    scheme: &'static str,
    address: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that gives `answers` in turn, the last one again and again.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::serve("http", &listener, answers, |stream| Some(Box::new(stream)))
    }

    /// The same on a listener, its connections made by `wrap`; nothing where that fails.
    pub(crate) fn serve(
        scheme: &'static str,
        listener: &TcpListener,
        answers: Vec<Answer>,
        wrap: impl Fn(TcpStream) -> Option<Box<dyn Stream>> + Send + 'static,
    ) -> Self {
        let listener = listener.try_clone().unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for (stream, number) in listener.incoming().zip(0..) {
                let answer = &answers[answers.len().min(number + 1) - 1];
                // A client that goes away early is part of some tests.
                let _ = wrap(stream.unwrap()).map(|mut stream| serve(&mut *stream, answer, &log));
            }
        });
        Self { scheme, address, seen }
    }

    /// Scheme, host and port with `path` after it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(stream: &mut dyn Stream, answer: &Answer, log: &Mutex<Vec<Request>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut *stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim_end().is_empty() {
            break;
        }
        headers.push(header.trim_end().to_owned());
    }
    let length = headers.iter().find_map(|h| {
        h.to_ascii_lowercase().strip_prefix("content-length:").and_then(|v| v.trim().parse().ok())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    log.lock().unwrap().push(Request { line: line.trim_end().to_owned(), headers, body, at: Instant::now() });
    if let Some(raw) = &answer.raw {
        stream.write_all(raw)?;
        return stream.flush();
    }
    if answer.cut == Some(0) {
        return Ok(());
    }
    write!(stream, "HTTP/1.1 {} Scripted\r\n", answer.status)?;
    for (name, value) in &answer.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    write!(
        stream,
        "Content-Length: {}\r\nConnection: close\r\n\r\n",
        answer.length.unwrap_or(answer.body.len())
    )?;
    stream.write_all(&answer.body[..answer.cut.unwrap_or(answer.body.len())])?;
    stream.flush()
}
