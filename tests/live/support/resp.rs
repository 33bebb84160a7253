//! A member of the Redis family that gives recorded answers: what cannot be installed, or is a provider's own.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Gives the answer to a command as it travels, such as `+PONG\r\n`; the words are joined by spaces.
type Play = dyn Fn(&str) -> String + Send + Sync;

/// Starts a server that answers commands by `play`, and gives its port. It ends with the test.
pub fn start(play: impl Fn(&str) -> String + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let play: Arc<Play> = Arc::new(play);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, play) = (stream.unwrap(), Arc::clone(&play));
            thread::spawn(move || serve(&stream, play.as_ref())); // ends when the client goes
        }
    });
    port
}

/// A text of any length as an answer.
pub fn bulk(text: &str) -> String {
    format!("${}\r\n{text}\r\n", text.len())
}

/// Several texts as one answer.
pub fn array(texts: &[&str]) -> String {
    let parts: String = texts.iter().map(|text| bulk(text)).collect();
    format!("*{}\r\n{parts}", texts.len())
}

fn serve(stream: &TcpStream, play: &Play) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let parts = number(&mut reader)?;
        let words = (0..parts).map(|_| word(&mut reader)).collect::<io::Result<Vec<String>>>()?;
        writer.write_all(play(&words.join(" ")).as_bytes())?;
    }
}

fn word(reader: &mut impl BufRead) -> io::Result<String> {
    let length = number(reader)?;
    let mut bytes = vec![0; length + 2];
    reader.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The number behind the letter with which a line begins.
fn number(reader: &mut impl BufRead) -> io::Result<usize> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.trim_end()[1..].parse().map_err(io::Error::other)
}

/// A way to a real server on which single commands fail.
#[derive(Debug)]
pub struct Way {
    /// Where it listens.
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Lets commands pass to the server at `server`, but for the `number`th with this text, counted from zero, of which the
/// answer is an error.
pub fn between(server: u16, failing: Option<(String, usize)>) -> Way {
    let asked = Arc::new(Mutex::new(Vec::<String>::new()));
    let noted = Arc::clone(&asked);
    let behind = Mutex::new(TcpStream::connect(("127.0.0.1", server)).unwrap());
    let port = start(move |command| {
        let earlier = {
            let mut asked = noted.lock().unwrap();
            asked.push(command.to_owned());
            asked.iter().filter(|other| *other == command).count() - 1
        };
        if failing.as_ref().is_some_and(|(text, number)| text == command && *number == earlier) {
            return "-ERR sabotaged\r\n".to_owned();
        }
        let mut behind = behind.lock().unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        behind.write_all(array(&words).as_bytes()).unwrap();
        answer(&mut BufReader::with_capacity(1, &*behind)).unwrap()
    });
    Way { port, asked }
}

impl Way {
    /// The commands so far, with how often each was asked before.
    pub fn asked(&self) -> Vec<(String, usize)> {
        let asked = self.asked.lock().unwrap();
        let earlier = |index: usize| asked[..index].iter().filter(|other| **other == asked[index]).count();
        (0..asked.len()).map(|index| (asked[index].clone(), earlier(index))).collect()
    }
}

/// One answer as it travels.
fn answer(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let count = line[1..].trim_end().parse::<i64>().unwrap_or(-1);
    match line.as_bytes()[0] {
        b'$' if count >= 0 => {
            let mut bytes = vec![0; usize::try_from(count).unwrap() + 2];
            reader.read_exact(&mut bytes)?;
            line.push_str(&String::from_utf8_lossy(&bytes));
        }
        b'*' => {
            for _ in 0..count.max(0) {
                line.push_str(&answer(reader)?);
            }
        }
        _ => {}
    }
    Ok(line)
}
