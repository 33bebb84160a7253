//! A small HTTP server that works for each request, with a part of a processor at its disposal, as in a container.
//!
//! Its throughput is that part divided by the work. On a machine that has other things to do as well, it hardly changes:
//! who asks for a quarter of a processor gets it.

use std::{
    hint::black_box,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// The share of a processor.
const SHARE: f64 = 0.25;
/// How far it may catch up after others had the processor.
const BURST: Duration = Duration::from_millis(200);
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/// A server that runs until the test's process ends.
#[derive(Debug, Clone, Copy)]
pub struct Limited {
    /// The port it listens on.
    pub port: u16,
}

impl Limited {
    /// Starts a server that takes so many steps of work for each request.
    pub fn start(steps: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, work) = channel();
        thread::spawn(move || answer(&work, steps));
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
fn answer(asked: &Receiver<Arc<TcpStream>>, steps: u64) {
    let (mut free, mut spent) = (Instant::now(), own_time());
    for stream in asked {
        work(steps);
        // A client that has gone away needs no answer.
        let _ = (&*stream).write_all(ANSWER);
        let now = Instant::now();
        let total = own_time();
        free = free.max(now.checked_sub(BURST).unwrap_or(now)) + total.saturating_sub(spent).div_f64(SHARE);
        spent = total;
        while let Some(rest) = free.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            thread::park_timeout(rest);
        }
    }
}

/// A chain in which each step waits for the one before, so that what else the processor does hardly matters.
fn work(steps: u64) {
    let (mut value, mut step) = (1_u64, 0);
    while step < steps {
        value = black_box(value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
        step += 1;
    }
}

/// How long this thread has had a processor, by the kernel's count.
fn own_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
