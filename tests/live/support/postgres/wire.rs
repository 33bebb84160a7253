//! Just enough of PostgreSQL's protocol to hold sessions open and run statements in them.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// A session of a role that needs no password.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
}

/// The server's refusal, with its SQLSTATE in front.
pub type Refused = String;

/// The rows of an answer.
pub type Rows = Vec<Vec<Option<String>>>;

impl Client {
    /// Signs in.
    pub fn connect(port: u16, role: &str, database: &str) -> Result<Self, Refused> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|error| error.to_string())?;
        let mut client = Self { stream };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        for text in ["user", role, "database", database, ""] {
            body.extend(text.as_bytes());
            body.push(0);
        }
        client.write(None, &body).map_err(|error| error.to_string())?;
        client.answer()?;
        Ok(client)
    }

    /// Runs statements and waits for their rows.
    pub fn query(&mut self, sql: &str) -> Result<Rows, Refused> {
        self.send(sql);
        self.answer()
    }

    /// Runs statements without waiting for them; their bytes need not be text.
    pub fn send(&mut self, sql: impl AsRef<[u8]>) {
        let mut body = sql.as_ref().to_vec();
        body.push(0);
        self.write(Some(b'Q'), &body).unwrap();
    }

    /// Reads on until the server is ready for the next statement.
    pub fn answer(&mut self) -> Result<Rows, Refused> {
        let mut rows = Vec::new();
        let mut refusal = None;
        loop {
            let read = self.message();
            match read.map_err(|error| refusal.clone().unwrap_or_else(|| error.to_string()))? {
                (b'Z', _) => return refusal.map_or(Ok(rows), Err),
                (b'D', body) => rows.push(columns(&body)),
                (b'E', body) => refusal = Some(error(&body)),
                _ => {}
            }
        }
    }

    /// Ends the session and waits until the server has given its slot free.
    pub fn close(mut self) {
        self.write(Some(b'X'), &[]).unwrap();
        let _ = self.stream.read_to_end(&mut Vec::new());
    }

    fn write(&mut self, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).unwrap();
        let mut message: Vec<u8> = kind.into_iter().collect();
        message.extend(length.to_be_bytes());
        message.extend(body);
        self.stream.write_all(&message)
    }

    fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; length as usize - 4];
        self.stream.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

fn columns(body: &[u8]) -> Vec<Option<String>> {
    let mut rest = &body[2..];
    let mut values = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        rest = after;
        values.push(usize::try_from(i32::from_be_bytes(*length)).ok().map(|length| {
            let (value, after) = rest.split_at(length);
            rest = after;
            String::from_utf8_lossy(value).into_owned()
        }));
    }
    values
}

fn error(body: &[u8]) -> Refused {
    let fields: Vec<_> = body.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    let field = |kind| fields.iter().find_map(|field| field.strip_prefix(kind)).unwrap_or_default();
    format!("{} {}", field('C'), field('M'))
}
