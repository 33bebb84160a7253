//! Pages in a real browser.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::Value;

/// A server of a few pages, which remembers what it was asked for.
pub(crate) struct Pages {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    pub(crate) fn serve<const N: usize>(pages: [(&'static str, String); N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (pages, seen) = (BTreeMap::from(pages), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &pages, &seen);
            }
        });
        Self { port, asked }
    }

    /// What was asked for so far, in the order of the names.
    pub(crate) fn asked(&self) -> Vec<String> {
        let mut asked = self.asked.lock().unwrap().clone();
        asked.retain(|path| path != "/favicon.ico"); // of the page around it
        asked.sort();
        asked
    }
}

fn answer(
    mut stream: TcpStream,
    pages: &BTreeMap<&str, String>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    let body = pages.get(path.as_str()).map_or("", String::as_str);
    asked.lock().unwrap().push(path);
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// What the page at `/look` says in the browser, which is told a width.
pub(crate) fn look(pages: &Pages, width: u32, folder: &Path) -> Value {
    let mut command = Command::new("chromium");
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--virtual-time-budget=5000",
    ]);
    command.arg(format!("--user-data-dir={}", folder.join(format!("browser-{width}")).display()));
    command.args([
        "--window-size=1600,1000",
        "--dump-dom",
        &format!("http://127.0.0.1:{}/look?width={width}", pages.port),
    ]);
    let output = command.output().expect("chromium is installed by scripts/test");
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = said.lines().filter(|line| line.contains(":CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    let dom = String::from_utf8(output.stdout).unwrap();
    let json = dom.split_once("<pre id=\"said\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (json, _) = json.unwrap_or_else(|| panic!("nothing was seen: {dom}\n{said}"));
    serde_json::from_str(&json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).unwrap()
}
