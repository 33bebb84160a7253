//! A server that answers as a test tells it to: everything that real servers do only on bad days.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// From the address or the form.
    pub parameters: BTreeMap<String, String>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// What follows the `?` of the address.
    pub query: String,
    pub body: String,
}

/// What to send back.
#[derive(Debug, Clone)]
pub struct Played {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Instead of the body's own length.
    declared_length: Option<u64>,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The connection is closed behind the body.
    Close,
    /// Nothing further is sent, but the connection stays open.
    Hang,
    /// The connection is closed without an answer.
    Drop,
}

impl Played {
    /// An answer with a body of some type.
    pub fn new(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.to_owned(), declared_length: None, end: End::Close }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: &str) -> Self {
        Self::new(status, "application/json", body)
    }

    /// No answer: the connection closes.
    pub fn dropped() -> Self {
        Self { end: End::Drop, ..Self::json(200, "") }
    }

    /// With a further header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Declares another length than the body has.
    pub fn declaring(mut self, length: u64) -> Self {
        self.declared_length = Some(length);
        self
    }

    /// Sends what there is and then keeps the connection open in silence.
    pub fn then_hang(mut self) -> Self {
        self.end = End::Hang;
        self
    }
}

/// The server; it ends with the test.
pub struct Fake {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
}

impl Fake {
    /// Starts a server that answers each request by `play`, which also learns how many requests with the same
    /// method and path came before.
    pub fn start(play: impl Fn(&Asked, usize) -> Played + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let fake = Self { port, asked: Arc::clone(&asked), ended: Arc::clone(&ended) };
        let play = Arc::new(play);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (play, asked) = (Arc::clone(&play), Arc::clone(&asked));
                thread::spawn(move || serve(stream.unwrap(), &*play, &asked));
            }
        });
        fake
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far, in the order of their arrival.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Every request to a path.
    pub fn asked_at(&self, path: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path == path).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes the listener up
    }
}

fn serve(mut stream: TcpStream, play: &dyn Fn(&Asked, usize) -> Played, asked: &Mutex<Vec<Asked>>) {
    let Some(request) = receive(&stream) else { return };
    let earlier = {
        let mut asked = asked.lock().unwrap();
        let same = |other: &&Asked| (&other.method, &other.path) == (&request.method, &request.path);
        let earlier = asked.iter().filter(same).count();
        asked.push(request.clone());
        earlier
    };
    let played = play(&request, earlier);
    if played.end == End::Drop {
        return;
    }
    let length = played.declared_length.unwrap_or(played.body.len() as u64);
    let mut head =
        format!("HTTP/1.1 {} X\r\nContent-Length: {length}\r\nConnection: close\r\n", played.status);
    for (name, value) in &played.headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    // A client that has heard enough may be gone already.
    let _ = stream.write_all(format!("{head}\r\n{}", played.body).as_bytes());
    if played.end == End::Hang {
        let _ = stream.read(&mut [0]); // until the client gives up
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn receive(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let body = String::from_utf8_lossy(&body).into_owned();
    let form = if query.is_empty() { &body } else { query };
    let url = reqwest::Url::parse(&format!("http://x/?{form}")).ok()?;
    let parameters = url.query_pairs().into_owned().collect();
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Asked { method, path, parameters, headers, query, body })
}
