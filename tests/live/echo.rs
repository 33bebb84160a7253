//! Servers that repeat what they were told in every message they can send, at any length and over several lines:
//! nothing of it comes out of the program.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use crate::{
    check::program::{Project, Run},
    support::{
        fake::{Asked, Fake, Played},
        resp::{self, array, bulk},
    },
};

/// Needs escapes in addresses, forms and HTML.
const SECRET: &str = "hunter2/Passw0rd&more";
const IN_ADDRESS: &str = "hunter2%2FPassw0rd%26more";
/// What nobody may find in any output: parts of the secret and of what encodings make of it.
const TRACES: [&str; 7] = [
    "hunter2",
    "Passw0rd",
    "68756e7465723",
    // Base64 of the secret, of `x` and the secret, and of the sign-in.
    "aHVudGVyMi9QYXNzdzByZCZtb3Jl",
    "h1bnRlcjIvUGFzc3cwcmQmbW9yZ",
    "c29tZWJvZHk6aHVudGVy",
    "t0ken-in-a-file",
];

/// What a server says that was told all of this: in every form, over several lines, and without end.
fn told(words: &str) -> String {
    format!(
        "{words} {SECRET} '{SECRET}' {IN_ADDRESS} {} hunter2/Passw0rd&amp;more \
         aHVudGVyMi9QYXNzdzByZCZtb3Jl eGh1bnRlcjIvUGFzc3cwcmQmbW9yZQ== \
         68756e746572322f5061737377307264266d6f7265 cut 'hunter2/Passw0\n::error::forged\n##[error]forged \u{1b}[2J{}",
        IN_ADDRESS.to_lowercase().replace("passw0rd", "Passw0rd"),
        "x".repeat(50_000)
    )
}

#[track_caller]
fn is_quiet(text: &str) {
    for trace in TRACES {
        if let Some(place) = text.find(trace) {
            let around: String = text[..place].chars().rev().take(120).collect();
            panic!("{trace} behind {}", around.chars().rev().collect::<String>());
        }
    }
    let forged = text.lines().find(|line| line.trim_start().starts_with("::error::forged"));
    assert_eq!(forged, None);
    assert!(!text.contains("##[error]") && !text.contains('\u{1b}'));
    assert!(text.len() < 500_000, "{} bytes", text.len());
}

/// Runs everything that reads sources.
#[track_caller]
fn stays_quiet(project: &Project) {
    let short = "--timeout 10s --sample 100ms --step 60s --window 10m --past 1h";
    for command in ["check --format json", "doctor", "collect -o snapshot.json", "record"] {
        let Run { code, out, err } = project.run(&format!("{command} {short}"));
        assert!((0..=3).contains(&code), "{command}: {code}");
        is_quiet(&out);
        is_quiet(&err);
    }
    is_quiet(&std::fs::read_to_string(project.path("snapshot.json")).unwrap_or_default());
    let exported = project.run("history export --format jsonl");
    is_quiet(&exported.out);
    is_quiet(&exported.err);
}

/// Repeats the headers of a request.
fn headers(asked: &Asked) -> String {
    let lines: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    told(&lines.join("\n"))
}

fn http_settings(url: &str, project: &str) -> String {
    format!(
        "{project}\n[sources.prometheus]\nurl = \"{url}\"\nusername = \"somebody\"\npassword = \"{SECRET}\"\n\
         headers = {{ X-Key = \"Key {SECRET}\" }}\n"
    )
}

#[test]
fn an_http_server_that_repeats_headers_in_errors() {
    let kinds = ["application/json", "text/plain", "text/html"];
    for (number, status) in [200, 302, 400, 401, 403, 404, 422, 500, 503].into_iter().enumerate() {
        for kind in [kinds[0], kinds[1 + number % 2]] {
            let fake = Fake::start(move |asked, _| {
                let body = match kind {
                    "application/json" => {
                        let error = serde_json::to_string(&headers(asked)).unwrap();
                        format!(r#"{{"status":"error","errorType":{error},"error":{error}}}"#)
                    }
                    _ => headers(asked),
                };
                Played::new(status, kind, &body).header("Location", &format!("/{IN_ADDRESS}/?a={SECRET}"))
            });
            stays_quiet(&Project::new(&http_settings(&fake.url(), "")));
        }
    }
}

#[test]
fn a_prometheus_that_repeats_headers_in_names_labels_and_warnings() {
    let fake = Fake::start(|asked, _| {
        let words = serde_json::to_string(&headers(asked)).unwrap();
        let now = asked.parameters.get("time").or(asked.parameters.get("end")).cloned().unwrap_or_default();
        let result = match asked.path.as_str() {
            "/api/v1/query_range" => format!(
                r#"{{"resultType":"matrix","result":[{{"metric":{{"instance":{words},"queue":{words}}},"values":[[{now},"0.5"]]}}]}}"#
            ),
            "/api/v1/query" => r#"{"resultType":"vector","result":[]}"#.to_owned(),
            "/api/v1/status/buildinfo" => format!(r#"{{"version":{words}}}"#),
            "/api/v1/targets" => r#"{"activeTargets":[]}"#.to_owned(),
            path if path.contains("__name__") => {
                r#"["node_cpu_seconds_total","redis_memory_used_bytes","redis_memory_max_bytes"]"#.to_owned()
            }
            _ => r#"["instance","queue"]"#.to_owned(),
        };
        Played::json(
            200,
            &format!(r#"{{"status":"success","data":{result},"warnings":[{words}],"infos":[{words}]}}"#),
        )
    });
    let settings = http_settings(&fake.url(), "[signals.\"queue.depth\"]\nprometheus = \"depth\"");
    stays_quiet(&Project::new(&settings));
}

#[test]
fn a_health_endpoint_and_a_token_in_a_file() {
    let fake = Fake::start(|asked, _| {
        let words = serde_json::to_string(&headers(asked)).unwrap();
        Played::json(200, &format!(r#"{{"status":{words},"pool":{words}}}"#))
    });
    let project = Project::new(&format!(
        "[[sources.health]]\nname = \"api\"\nurl = \"{0}/health\"\ntoken_file = \"token\"\nstatus = \"/status\"\n\
         [sources.health.values]\n\"app.pool\" = \"/pool\"\n\
         [remote_write]\nurl = \"{0}/write?api_key={IN_ADDRESS}\"\nusername = \"somebody\"\npassword = \"{SECRET}\"\n",
        fake.url()
    ));
    std::fs::write(project.path("token"), "t0ken-in-a-file\n").unwrap();
    stays_quiet(&project);
    assert!(!fake.asked_at("/health").is_empty(), "it was not asked");
}

#[test]
fn a_redis_that_repeats_the_arguments_of_auth() {
    type Play = Box<dyn Fn(&str) -> String + Send + Sync>;
    // As `rename-command AUTH ""` makes a server answer; it knows no way around a line, but another one may.
    let line = || told("").replace('\n', " ");
    let refuses = move |command: &str| match command {
        "PING" => "-NOAUTH Authentication required.\r\n".to_owned(),
        _ => format!(
            "-ERR unknown command 'AUTH', with args beginning with: 'somebody' '{SECRET}' {}\r\n",
            line()
        ),
    };
    let letting_in = move |command: &str| match command {
        "PING" => "+PONG\r\n".to_owned(),
        command if command.starts_with("AUTH") => "+OK\r\n".to_owned(),
        command if command.starts_with("INFO") => bulk(&format!(
            "# Server\r\nredis_version:{SECRET}\r\nmaxmemory_policy:{SECRET}\r\nused_memory:1\r\nmaxmemory:2\r\n"
        )),
        command if command.starts_with("SCAN") => {
            format!("*2\r\n{}{}", bulk("0"), array(&[&format!("bull:{SECRET}:id")]))
        }
        _ => format!("-ERR {}\r\n", line()),
    };
    let plays: [Play; 2] = [Box::new(refuses), Box::new(letting_in)];
    for play in plays {
        let port = resp::start(play);
        let url = format!("redis://somebody:{IN_ADDRESS}@127.0.0.1:{port}");
        stays_quiet(&Project::new(&format!("[sources.redis]\nurl = \"{url}\"")));
    }
}

#[test]
fn a_postgres_that_repeats_the_password() {
    for lets_in in [false, true] {
        let port = postgres(lets_in);
        for key in ["sources.postgres", "sources.pgbouncer"] {
            let url = format!("postgres://somebody:{IN_ADDRESS}@127.0.0.1:{port}/shop?sslmode=disable");
            stays_quiet(&Project::new(&format!("[{key}]\nurl = \"{url}\"")));
        }
        let url = format!("postgres://somebody:{IN_ADDRESS}@127.0.0.1:{port}/shop?sslmode=disable");
        for command in ["history show", "history verify", "record --demo"] {
            let run = Project::new(&format!("history = \"{url}\"")).run(command);
            assert_eq!(run.code, 2, "{command}: {}", run.err);
            is_quiet(&run.out);
            is_quiet(&run.err);
        }
    }
}

/// A server that asks for the password in clear text and repeats it when it refuses, at the door or at every question.
fn postgres(lets_in: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || serve(stream, lets_in)); // ends when the client goes
        }
    });
    port
}

fn serve(mut stream: TcpStream, lets_in: bool) -> io::Result<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut startup)?;
    send(&mut stream, b'R', &3_u32.to_be_bytes())?;
    receive(&mut stream)?;
    if !lets_in {
        return refuse(&mut stream, "28P01");
    }
    send(&mut stream, b'R', &0_u32.to_be_bytes())?;
    send(&mut stream, b'S', format!("server_version\0{SECRET}\0").as_bytes())?;
    send(&mut stream, b'Z', b"I")?;
    loop {
        match receive(&mut stream)? {
            b'X' => return Ok(()),
            b'Q' | b'S' => {
                refuse(&mut stream, "42501")?;
                send(&mut stream, b'Z', b"I")?;
            }
            _ => {}
        }
    }
}

fn refuse(stream: &mut TcpStream, code: &str) -> io::Result<()> {
    let fields =
        format!("SFATAL\0C{code}\0M{}\0D{SECRET}\0H{SECRET}\0\0", told("password authentication failed"));
    send(stream, b'E', fields.as_bytes())
}

fn send(stream: &mut TcpStream, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len() + 4).unwrap();
    stream.write_all(&[&[kind][..], &length.to_be_bytes(), body].concat())
}

/// The kind of the next message.
fn receive(stream: &mut TcpStream) -> io::Result<u8> {
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    let mut body = vec![0; u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize - 4];
    stream.read_exact(&mut body)?;
    Ok(head[0])
}

/// Everything that signs in by a file, to servers that repeat it: the one that gives tokens, and the one that is read.
#[test]
fn servers_that_repeat_what_a_client_configuration_file_holds() {
    let fake = Fake::start(|asked, earlier| {
        let all = format!("{}\n{}\n{}", headers(asked), told(&asked.body), told(&asked.query));
        match asked.path.as_str() {
            "/token" if earlier < 2 => Played::json(
                200,
                &format!(
                    r#"{{"access_token":"t0ken-in-a-file","expires_in":3600,"about":{}}}"#,
                    serde_json::json!(all)
                ),
            ),
            "/token" => Played::new(403, "text/plain", &all),
            _ => Played::json(401, &serde_json::json!({ "status": "error", "error": all }).to_string()),
        }
    });
    let url = fake.url();
    for file in [
        "basic_auth:\n  username: somebody\n  password_file: secret\n".to_owned(),
        "authorization:\n  type: Key\n  credentials_file: secret\n".to_owned(),
        format!("authorization:\n  credentials: {SECRET}\n"),
        "http_headers:\n  X-Key:\n    files: [secret]\n".to_owned(),
        format!("http_headers:\n  X-Key:\n    secrets: ['{SECRET}']\n"),
        format!("oauth2:\n  client_id: somebody\n  client_secret_file: secret\n  token_url: {url}/token\n"),
        format!("oauth2:\n  client_id: somebody\n  client_secret: {SECRET}\n  token_url: {url}/token\n"),
        format!("sigv4:\n  region: a\n  access_key: AKID\n  secret_key: {SECRET}\n"),
        format!("proxy_url: http://somebody:{IN_ADDRESS}@{}\n", url.replace("http://", "")),
    ] {
        let project = Project::new(&format!(
            "[sources.prometheus]\nurl = \"{url}\"\nhttp_config_file = \"http.yml\"\n"
        ));
        std::fs::write(project.path("http.yml"), file).unwrap();
        std::fs::write(project.path("secret"), format!("{SECRET}\n")).unwrap();
        stays_quiet(&project);
    }
    assert!(fake.asked_at("/token").len() > 2, "no token was asked for");
}
