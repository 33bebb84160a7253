//! Stands between this program and a server, and makes one of its queries fail.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// In the text of every query of this program.
const SIGNATURE: &[u8] = b"/* scale-advisor */";
/// How questions to PgBouncer's console begin.
const SHOW: &[u8] = b"SHOW ";

/// The protocol's number in the message that begins a session.
const SESSION: [u8; 4] = 196_608_u32.to_be_bytes();

/// A way to a server on which one query of a session fails.
#[derive(Debug)]
pub struct Saboteur {
    /// Where it listens.
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Saboteur {
    /// Lets one session pass to the server at `server`, but for the query with this number, counted from zero:
    /// another one takes its place, which divides by zero.
    pub fn start(server: u16, failing: Option<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut answers, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut answers, &mut back));
            let _ = forward(client, server, failing, &noted); // ends with the session
        });
        Self { port, asked }
    }

    /// The queries of this program so far, the failing one as well.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    failing: Option<usize>,
    asked: &Mutex<Vec<String>>,
) -> io::Result<()> {
    // Before the session there may be a question whether the server speaks TLS.
    loop {
        let opening = message(&mut client)?;
        server.write_all(&opening)?;
        if opening.get(4..8) == Some(&SESSION[..]) {
            break;
        }
    }
    loop {
        let mut kind = [0];
        client.read_exact(&mut kind)?;
        let mut sent = message(&mut client)?;
        let show = sent[4..].starts_with(SHOW);
        if kind == *b"Q" && (show || sent.windows(SIGNATURE.len()).any(|part| part == SIGNATURE)) {
            let mut asked = asked.lock().unwrap();
            if failing == Some(asked.len()) {
                let body: &[u8] = if show { b"SHOW NOTHING\0" } else { b"BEGIN; SELECT 1/0\0" };
                sent = u32::try_from(body.len() + 4).unwrap().to_be_bytes().to_vec();
                sent.extend(body);
            }
            asked.push(String::from_utf8_lossy(&sent).into_owned());
        }
        server.write_all(&kind)?;
        server.write_all(&sent)?;
    }
}

/// A message with its length in front.
fn message(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut whole = vec![0; 4];
    from.read_exact(&mut whole)?;
    let length = u32::from_be_bytes([whole[0], whole[1], whole[2], whole[3]]);
    whole.resize(length as usize, 0);
    from.read_exact(&mut whole[4..])?;
    Ok(whole)
}
