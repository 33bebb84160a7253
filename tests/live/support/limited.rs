//! A small HTTP server that answers one request after the other, each after the same time, like a build that is limited
//! by its processor.
//!
//! Its throughput is one over that time, whatever else the machine does: what it missed while others had the processor
//! it catches up.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How far it may catch up after others had the processor.
const BURST: Duration = Duration::from_millis(500);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/// A server that runs until the test's process ends.
#[derive(Debug, Clone, Copy)]
pub struct Limited {
    /// The port it listens on.
    pub port: u16,
}

impl Limited {
    /// Starts a server that takes so long for each request.
    pub fn start(service_time: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, work) = channel();
        thread::spawn(move || answer(&work, service_time));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let asked = asked.clone();
                thread::spawn(move || read(stream, &asked));
            }
        });
        Self { port }
    }

    /// Where it listens.
    pub fn url(self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

/// Hands in each request of a connection when its empty line has come.
fn read(stream: TcpStream, asked: &Sender<Arc<TcpStream>>) {
    stream.set_nodelay(true).unwrap();
    let stream = Arc::new(stream);
    let lines = BufReader::new(&*stream).lines().map_while(Result::ok);
    for _ in lines.filter(String::is_empty) {
        asked.send(Arc::clone(&stream)).unwrap();
    }
}

/// The one thread that works.
fn answer(asked: &Receiver<Arc<TcpStream>>, service_time: Duration) {
    let mut free = Instant::now();
    for stream in asked {
        let now = Instant::now();
        free = free.max(now.checked_sub(BURST).unwrap_or(now)) + service_time;
        while let Some(rest) = free.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            thread::park_timeout(rest);
        }
        // A client that has gone away needs no answer.
        let _ = (&*stream).write_all(ANSWER);
    }
}
