//! Signing in to Prometheus as its hosts want it, against servers that check every signature and every token.

use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ring::{digest, hmac, signature};
use serde_json::Value;

use crate::{
    check::program::{Project, Run},
    support::{
        fake::{Asked, Fake, Played},
        run,
    },
};

const SHORT: &str = "--timeout 20s --step 60s --window 10m --past 1h";

/// What a Prometheus without any metrics answers.
fn nothing(asked: &Asked) -> Played {
    let data = match asked.path.rsplit_once("/api/v1/").map(|(_, rest)| rest) {
        Some("query_range") => r#"{"resultType":"matrix","result":[]}"#,
        Some("query") => r#"{"resultType":"vector","result":[]}"#,
        Some("status/buildinfo") => r#"{"version":"3.0.0"}"#,
        Some("targets") => r#"{"activeTargets":[]}"#,
        Some(_) => "[]",
        None => return Played::json(404, r#"{"status":"error","error":"no such path"}"#),
    };
    Played::json(200, &format!(r#"{{"status":"success","data":{data}}}"#))
}

fn refused(words: &str) -> Played {
    Played::json(401, &format!(r#"{{"status":"error","error":{}}}"#, Value::from(words)))
}

fn header<'a>(asked: &'a Asked, name: &str) -> &'a str {
    asked.headers.get(name).map(String::as_str).unwrap_or_default()
}

/// A project that reads this server with this HTTP client configuration.
fn project(server: &Fake, http: &str) -> Project {
    let project = Project::new(&format!(
        "[sources.prometheus]\nurl = \"{}\"\nhttp_config_file = \"http.yml\"\n",
        server.url()
    ));
    std::fs::write(project.path("http.yml"), http).unwrap();
    project
}

fn read(project: &Project, arguments: &str, environment: &[(&str, &str)]) -> Run {
    let mut command = project.command(&format!("check -q -o json {SHORT} {arguments}"));
    command.envs(environment.iter().copied()).output().unwrap().into()
}

/// Settings that hold secrets are for their owner alone, or a warning says so.
fn private(project: &Project) {
    std::fs::set_permissions(project.path("scale-advisor.toml"), std::fs::Permissions::from_mode(0o600))
        .unwrap();
}

#[track_caller]
fn is_answered(run: &Run) {
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    assert!(json["coverage"].is_object(), "{}", run.out);
}

#[test]
fn passwords_tokens_and_headers_of_a_client_configuration_file() {
    let with = |check: fn(&Asked) -> bool| {
        Fake::start(move |asked, _| if check(asked) { nothing(asked) } else { refused("who are you?") })
    };
    // Base64 of `me:sesame`.
    let basic = with(|asked| header(asked, "authorization") == "Basic bWU6c2VzYW1l");
    let file = "basic_auth:\n  username: me\n  password_file: pw\n";
    let project_of_basic = project(&basic, file);
    std::fs::write(project_of_basic.path("pw"), "sesame\n").unwrap();
    is_answered(&read(&project_of_basic, "", &[]));
    std::fs::write(project_of_basic.path("pw"), "wrong\n").unwrap();
    let run = read(&project_of_basic, "", &[]);
    assert!(run.code == 2 && run.err.contains("who are you?"), "{run:?}");

    let scheme = with(|asked| header(asked, "authorization") == "ApiKey abc");
    is_answered(&read(&project(&scheme, "authorization:\n  type: ApiKey\n  credentials: abc\n"), "", &[]));
    let bearer = with(|asked| header(asked, "authorization") == "Bearer abc");
    is_answered(&read(&project(&bearer, "bearer_token: abc\n"), "", &[]));
    let headers = with(|asked| header(asked, "x-one") == "1" && header(asked, "x-two") == "2");
    let file = "http_headers:\n  X-One:\n    values: ['1']\n  X-Two:\n    files: [two]\n";
    let project_of_headers = project(&headers, file);
    std::fs::write(project_of_headers.path("two"), "2\n").unwrap();
    is_answered(&read(&project_of_headers, "", &[]));
    // The same file by a flag, under the name that Prometheus' own tool gives it.
    let server = bearer.url();
    let bare = Project::new("");
    std::fs::write(bare.path("client.yml"), "bearer_token_file: token\n").unwrap();
    std::fs::write(bare.path("token"), "abc").unwrap();
    is_answered(&read(&bare, &format!("--prometheus {server} --http.config.file client.yml"), &[]));
}

#[test]
fn headers_come_from_flags_and_from_the_environment() {
    let server = Fake::start(|asked, _| {
        let told = (header(asked, "x-scope-orgid"), header(asked, "x-key"), header(asked, "authorization"));
        if told == ("shop", "from-a-flag", "Bearer xyz") {
            nothing(asked)
        } else {
            refused(&format!("{told:?}"))
        }
    });
    let project = Project::new(&format!(
        "[sources.prometheus]\nurl = \"{}\"\nbearer_token = \"old\"\nheaders = {{ X-Key = \"from-settings\" }}\n",
        server.url()
    ));
    private(&project);
    let headers = "X-Key: from-the-environment\nAuthorization: Bearer xyz\n";
    let environment = [("PROMETHEUS_TENANT", "shop"), ("PROMETHEUS_HEADERS", headers)];
    is_answered(&read(&project, "-H X-Key:from-a-flag", &environment).quiet_about("--header"));
    assert_eq!(read(&project, "", &environment).code, 2);
    let run = read(&project, "", &[("PROMETHEUS_HEADERS", "no header at all")]);
    assert!(run.code == 2 && run.err.contains("$PROMETHEUS_HEADERS: expected a header"), "{run:?}");
}

impl Run {
    /// The same run without the warning about a secret in this flag, which has to be there.
    fn quiet_about(mut self, flag: &str) -> Self {
        let warning = self.err.lines().find(|line| line.contains(flag)).unwrap_or_default().to_owned();
        assert!(warning.starts_with("warning: other accounts can see the secret"), "{}", self.err);
        self.err = self.err.replace(&format!("{warning}\n"), "");
        self
    }
}

#[test]
fn tokens_of_oauth2_are_shared_and_renewed_within_a_run() {
    let (current, uses) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let server = Fake::start(move |asked, _| {
        if asked.path == "/token" {
            let wanted = [("grant_type", "client_credentials"), ("scope", "a b"), ("audience", "prom")];
            let is_wanted =
                wanted.iter().all(|(name, value)| asked.parameters.get(*name).is_some_and(|v| v == value));
            // Base64 of `me:s3cret`.
            if !is_wanted || header(asked, "authorization") != "Basic bWU6czNjcmV0" {
                return Played::json(400, r#"{"error":"invalid_client"}"#);
            }
            uses.store(0, Ordering::SeqCst);
            let number = current.fetch_add(1, Ordering::SeqCst) + 1;
            return Played::json(200, &format!(r#"{{"access_token":"token-{number}","expires_in":3600}}"#));
        }
        let valid = format!("Bearer token-{}", current.load(Ordering::SeqCst));
        // The first one is revoked after four uses, long before its end.
        let revoked = current.load(Ordering::SeqCst) == 1 && uses.fetch_add(1, Ordering::SeqCst) >= 4;
        if header(asked, "authorization") == valid && !revoked { nothing(asked) } else { refused("expired") }
    });
    let file = format!(
        "oauth2:\n  client_id: me\n  client_secret_file: secret\n  token_url: {}/token\n  scopes: [a, b]\n  \
         endpoint_params:\n    audience: prom\n",
        server.url()
    );
    let project = project(&server, &file);
    std::fs::write(project.path("secret"), "s3cret\n").unwrap();
    is_answered(&read(&project, "", &[]));
    assert_eq!(server.asked_at("/token").len(), 2);
    assert!(server.asked().len() > 8, "too few requests to tell");
}

#[test]
fn tokens_at_their_end_are_renewed_before_they_are_refused() {
    let number = Arc::new(AtomicUsize::new(0));
    let server = Fake::start(move |asked, _| {
        if asked.path == "/token" {
            // A server that wants the client's secret among the parameters.
            if asked.parameters.get("client_secret").is_none_or(|secret| secret != "s3cret") {
                return Played::json(401, "{}");
            }
            let number = number.fetch_add(1, Ordering::SeqCst);
            return Played::json(200, &format!(r#"{{"access_token":"token-{number}","expires_in":"0"}}"#));
        }
        if header(asked, "authorization").starts_with("Bearer token-") {
            nothing(asked)
        } else {
            refused("who?")
        }
    });
    let file =
        format!("oauth2:\n  client_id: me\n  client_secret: s3cret\n  token_url: {}/token\n", server.url());
    is_answered(&read(&project(&server, &file), "", &[]));
    let mut tokens: Vec<String> =
        server.asked().iter().map(|asked| header(asked, "authorization").to_owned()).collect();
    tokens.retain(|token| token.starts_with("Bearer"));
    let all = tokens.len();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), all, "a token was used twice");
}

#[test]
fn a_token_that_is_not_given_is_said_with_its_place() {
    let server = Fake::start(|asked, _| {
        if asked.path == "/token" {
            Played::json(403, r#"{"error":"unauthorized_client"}"#)
        } else {
            nothing(asked)
        }
    });
    let file =
        format!("oauth2:\n  client_id: me\n  client_secret: s3cret\n  token_url: {}/token\n", server.url());
    let run = read(&project(&server, &file), "", &[]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains(&format!("no token from {}/token: 403 Forbidden", server.url())), "{}", run.err);
    assert!(run.err.contains("unauthorized_client") && !run.err.contains("s3cret"), "{}", run.err);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The signature that AWS would compute of what arrived, and the one that came with it.
fn signatures(asked: &Asked, secret: &str) -> (String, String) {
    let authorization = header(asked, "authorization");
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=")).unwrap_or_default();
        rest.split(',').next().unwrap_or_default().trim().to_owned()
    };
    let scope = part("Credential").split_once('/').map(|(_, scope)| scope.to_owned()).unwrap_or_default();
    let names = part("SignedHeaders");
    let lines = names.split(';').map(|name| format!("{name}:{}\n", header(asked, name)));
    let lines = lines.collect::<Vec<_>>().concat();
    let path: Vec<String> = asked.path.split('/').map(encoded).collect();
    let of_address: BTreeMap<String, String> = if asked.body.is_empty() {
        asked.parameters.iter().map(|(name, value)| (encoded(name), encoded(value))).collect()
    } else {
        BTreeMap::new()
    };
    let query: Vec<String> = of_address.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        asked.method,
        path.join("/"),
        query.join("&"),
        sha256(asked.body.as_bytes())
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        header(asked, "x-amz-date"),
        sha256(canonical.as_bytes())
    );
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| keyed(&key, part));
    (hex(&keyed(&key, &to_sign)), part("Signature"))
}

#[test]
fn every_request_is_signed_for_aws_and_a_replaced_key_is_noticed() {
    let project_path: Arc<std::sync::Mutex<Option<std::path::PathBuf>>> = Arc::default();
    let keys = Arc::clone(&project_path);
    let uses = AtomicUsize::new(0); // requests come side by side
    let server = Fake::start(move |asked, _| {
        let path = keys.lock().unwrap().clone().unwrap();
        // The first key ends after four requests, and what rotates keys has written the next one by then.
        let first = header(asked, "authorization").contains("Credential=FIRST/");
        if first && uses.fetch_add(1, Ordering::SeqCst) >= 4 {
            // As a whole: other requests read it meanwhile.
            let draft = path.with_extension(thread_name());
            std::fs::write(&draft, profile("SECOND", "secret-2", "session-2")).unwrap();
            std::fs::rename(&draft, &path).unwrap();
            return Played::json(
                403,
                r#"{"message":"The security token included in the request is expired"}"#,
            );
        }
        let (secret, session) = if first { ("secret-1", "session-1") } else { ("secret-2", "session-2") };
        let (expected, given) = signatures(asked, secret);
        let is_signed = given == expected
            && header(asked, "x-amz-security-token") == session
            && header(asked, "authorization").contains("/eu-central-1/aps/aws4_request,")
            && header(asked, "authorization").contains("SignedHeaders=host;x-amz-date;x-amz-security-token,");
        if is_signed {
            nothing(asked)
        } else {
            Played::json(403, r#"{"message":"signature does not match"}"#)
        }
    });
    let project = Project::new(&format!(
        "[sources.prometheus]\nurl = \"{}/workspaces/ws-1\"\nhttp_config_file = \"http.yml\"\n\
         [signals.\"users.concurrent\"]\nprometheus = 'sum(sockets{{job=\"a b/ä\"}})'\n",
        server.url()
    ));
    std::fs::write(project.path("http.yml"), "sigv4:\n  region: eu-central-1\n  profile: shop\n").unwrap();
    let file = project.path("credentials");
    std::fs::write(&file, profile("FIRST", "secret-1", "session-1")).unwrap();
    *project_path.lock().unwrap() = Some(file.clone());
    let place = file.display().to_string();
    is_answered(&read(&project, "", &[("AWS_SHARED_CREDENTIALS_FILE", &place)]));
    let asked = server.asked();
    assert!(asked.iter().any(|asked| asked.method == "POST" && !asked.body.is_empty()));
    assert!(asked.iter().any(|asked| asked.method == "GET" && !asked.parameters.is_empty()));
    assert!(asked.iter().any(|asked| header(asked, "authorization").contains("Credential=SECOND/")));
    // What is wrong is said without the keys.
    let run = read(&project, "", &[("AWS_ACCESS_KEY_ID", "FIRST"), ("AWS_SECRET_ACCESS_KEY", "wrong-key")]);
    assert!(!run.err.contains("wrong-key") && !run.err.contains("secret-"), "{}", run.err);
}

/// A name that no other thread has.
fn thread_name() -> String {
    format!("{:?}", std::thread::current().id())
}

/// What agents and metadata services of AWS give; it ends in this many seconds.
fn given_key(id: &str, seconds: i64) -> Played {
    let ends = (chrono::Utc::now() + chrono::TimeDelta::seconds(seconds)).to_rfc3339();
    let key = serde_json::json!({
        "AccessKeyId": id, "SecretAccessKey": "secret-1", "Token": "session-1", "Expiration": ends,
    });
    Played::json(200, &key.to_string())
}

#[test]
fn roles_of_pods_containers_and_machines_give_keys() {
    let server = Fake::start(|asked, earlier| {
        let parameter = |name: &str| asked.parameters.get(name).map(String::as_str).unwrap_or_default();
        match asked.path.as_str() {
            // The first key ends at once.
            "/container" if header(asked, "authorization") == "of-the-pod" => {
                given_key("CONTAINER", if earlier == 0 { 0 } else { 3600 })
            }
            "/latest/api/token" if asked.method == "PUT" => Played::new(200, "text/plain", "session"),
            "/latest/meta-data/iam/security-credentials/"
                if header(asked, "x-aws-ec2-metadata-token") == "session" =>
            {
                Played::new(200, "text/plain", "a-role\n")
            }
            "/latest/meta-data/iam/security-credentials/a-role"
                if header(asked, "x-aws-ec2-metadata-token") == "session" =>
            {
                given_key("MACHINE", 3600)
            }
            "/" if parameter("Action") == "AssumeRoleWithWebIdentity"
                && parameter("WebIdentityToken") == "of-kubernetes"
                && parameter("RoleArn") == "arn:aws:iam::1:role/a" =>
            {
                let credentials = "<Credentials><AccessKeyId>POD</AccessKeyId><SecretAccessKey>secret-1</SecretAccessKey>\
                                   <SessionToken>session-1</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
                                   </Credentials>";
                Played::new(200, "text/xml", &format!("<AssumeRoleWithWebIdentityResponse>{credentials}</a>"))
            }
            _ => {
                let (expected, given) = signatures(asked, "secret-1");
                let is_signed = expected == given && header(asked, "x-amz-security-token") == "session-1";
                if is_signed { nothing(asked) } else { refused("who are you?") }
            }
        }
    });
    let url = server.url();
    let project = project(&server, "sigv4:\n  region: eu-central-1\n");
    for (name, secret) in [("pod", "of-the-pod"), ("kubernetes", "of-kubernetes")] {
        std::fs::write(project.path(name), secret).unwrap();
    }
    let (container, pod) = (format!("{url}/container"), project.path("pod").display().to_string());
    let signed_by = |id: &str| {
        let credential = format!("Credential={id}/");
        server.asked().iter().filter(|asked| header(asked, "authorization").contains(&credential)).count()
    };
    is_answered(&read(
        &project,
        "",
        &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &pod),
        ],
    ));
    assert!(signed_by("CONTAINER") > 2 && server.asked_at("/container").len() == 2);
    is_answered(&read(&project, "", &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)]));
    assert!(signed_by("MACHINE") > 2 && server.asked_at("/latest/api/token").len() == 1);
    let token = project.path("kubernetes").display().to_string();
    let environment = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/a"),
        ("AWS_ENDPOINT_URL_STS", &url),
    ];
    is_answered(&read(&project, "", &environment));
    assert!(signed_by("POD") > 2 && server.asked_at("/").len() == 1);
    std::fs::write(project.path("kubernetes"), "ended").unwrap();
    let run = read(&project, "", &environment);
    assert!(run.code == 2 && run.err.contains(&format!("no AWS key from {url}/: 401")), "{}", run.err);
    let run = read(&project, "", &[("AWS_EC2_METADATA_DISABLED", "true")]);
    assert!(run.code == 2 && run.err.contains("no AWS key; set"), "{}", run.err);
}

fn profile(id: &str, secret: &str, session: &str) -> String {
    format!(
        "[shop]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {session}\n"
    )
}

#[test]
fn azure_gives_tokens_to_applications_and_to_machines() {
    let server = Fake::start(|asked, _| {
        let given =
            |token: &str| Played::json(200, &format!(r#"{{"access_token":"{token}","expires_in":"3599"}}"#));
        let parameter = |name: &str| asked.parameters.get(name).map(String::as_str).unwrap_or_default();
        match asked.path.as_str() {
            "/tenant-1/oauth2/v2.0/token"
                if parameter("scope") == "https://prometheus.monitor.azure.com/.default" =>
            {
                given("of-an-application")
            }
            "/msi/token"
                if parameter("resource") == "https://prometheus.monitor.azure.com"
                    && parameter("client_id") == "abc"
                    && header(asked, "x-identity-header") == "h3ader" =>
            {
                given("of-a-machine")
            }
            path if path.starts_with("/api/")
                && header(asked, "authorization").starts_with("Bearer of-a") =>
            {
                nothing(asked)
            }
            _ => refused("who are you?"),
        }
    });
    let application =
        "azuread:\n  oauth:\n    client_id: abc\n    client_secret: s3cret\n    tenant_id: tenant-1\n";
    is_answered(&read(&project(&server, application), "", &[("AZURE_AUTHORITY_HOST", &server.url())]));
    let machine = "azuread:\n  managed_identity:\n    client_id: abc\n";
    let endpoint = format!("{}/msi/token", server.url());
    let environment = [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "h3ader")];
    is_answered(&read(&project(&server, machine), "", &environment));
    assert_eq!(server.asked_at("/msi/token").len(), 1);
}

#[test]
fn google_gives_tokens_to_service_accounts_and_to_machines() {
    let folder = crate::support::folder();
    let openssl =
        |arguments: &str| run(Command::new("openssl").args(arguments.split(' ')).current_dir(folder.path()));
    openssl("genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem");
    openssl("rsa -in key.pem -RSAPublicKey_out -outform DER -out public.der");
    let public = std::fs::read(folder.path().join("public.der")).unwrap();
    let server = Fake::start(move |asked, _| {
        let given =
            Played::json(200, r#"{"access_token":"of-google","expires_in":3599,"token_type":"Bearer"}"#);
        match asked.path.as_str() {
            "/token" => {
                let assertion = asked.parameters.get("assertion").cloned().unwrap_or_default();
                let (signed, given_signature) = assertion.rsplit_once('.').unwrap_or_default();
                let key = signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &public);
                let claims: Value =
                    serde_json::from_slice(&decoded(signed.split('.').nth(1).unwrap_or_default()))
                        .unwrap_or_default();
                let is_valid = key.verify(signed.as_bytes(), &decoded(given_signature)).is_ok()
                    && claims["iss"] == "advisor@shop.example"
                    && claims["scope"] == "https://www.googleapis.com/auth/monitoring.read"
                    && claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0) == 3600;
                if is_valid { given } else { Played::json(400, r#"{"error":"invalid_grant"}"#) }
            }
            "/computeMetadata/v1/instance/service-accounts/default/token"
                if header(asked, "metadata-flavor") == "Google" =>
            {
                given
            }
            path if path.starts_with("/api/") && header(asked, "authorization") == "Bearer of-google" => {
                nothing(asked)
            }
            _ => refused("who are you?"),
        }
    });
    let key = serde_json::json!({
        "type": "service_account",
        "client_email": "advisor@shop.example",
        "private_key": std::fs::read_to_string(folder.path().join("key.pem")).unwrap(),
        "token_uri": format!("{}/token", server.url()),
    });
    let account = project(&server, "google_iam:\n  credentials_file: key.json\n");
    std::fs::write(account.path("key.json"), key.to_string()).unwrap();
    is_answered(&read(&account, "", &[]));
    let host = server.url().replace("http://", "");
    is_answered(&read(&project(&server, "google_iam: {}\n"), "", &[("GCE_METADATA_HOST", &host)]));
}

/// Base64 of addresses.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter).unwrap();
        (bits, count) = (bits << 6 | u32::try_from(value).unwrap(), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn grafana_asks_for_us() {
    let server = Fake::start(|asked, _| {
        let is_proxied = asked.path.starts_with("/g/api/datasources/proxy/uid/prom-1/api/v1/");
        if is_proxied && header(asked, "authorization") == "Bearer glsa_x" {
            nothing(asked)
        } else {
            refused("no")
        }
    });
    let project = Project::new("");
    let address = format!("{}/g/", server.url());
    let environment =
        [("GRAFANA_URL", address.as_str()), ("GRAFANA_TOKEN", "glsa_x"), ("GRAFANA_DATASOURCE", "prom-1")];
    is_answered(&read(&project, "", &environment));
    let flags = format!("--prometheus {address} --grafana-datasource prom-1");
    is_answered(&read(&project, &flags, &[("GRAFANA_TOKEN", "glsa_x")]));
    let settings = format!(
        "[sources.prometheus]\nurl = \"{address}\"\ngrafana_datasource = \"prom-1\"\nbearer_token = \"glsa_x\"\n"
    );
    let configured = Project::new(&settings);
    private(&configured);
    is_answered(&read(&configured, "", &[]));
    // What `init` finds out once is written down.
    let flags =
        format!("init --yes --prometheus {address} --grafana-datasource prom-1 --timeout 5s -o shop.toml");
    let mut init = project.command(&flags);
    let run: Run = init.env("GRAFANA_TOKEN", "glsa_x").output().unwrap().into();
    assert_eq!(run.code, 0, "{run:?}");
    let flags = "--config shop.toml";
    is_answered(&read(&project, flags, &[("GRAFANA_TOKEN", "glsa_x")]));
    let run = read(&project, "--grafana-datasource ../x", &[]);
    assert!(run.code == 2 && run.err.contains("uid of a Grafana data source"), "{run:?}");
}

#[test]
fn proxies_and_redirects_are_used_as_the_file_says() {
    let proxy = Fake::start(|asked, _| {
        let is_whole = asked.path.starts_with("http://prometheus.example:9090/api/v1/");
        if is_whole { nothing(asked) } else { Played::json(502, "{}") }
    });
    let project_behind = Project::new(
        "[sources.prometheus]\nurl = \"http://prometheus.example:9090\"\nhttp_config_file = \"http.yml\"\n",
    );
    std::fs::write(project_behind.path("http.yml"), format!("proxy_url: {}\n", proxy.url())).unwrap();
    is_answered(&read(&project_behind, "", &[]));

    let moved = Fake::start(|asked, _| {
        if asked.path.starts_with("/api/") {
            Played::json(307, "{}").header("Location", &format!("/moved{}?{}", asked.path, asked.query))
        } else {
            nothing(asked)
        }
    });
    is_answered(&read(&project(&moved, "follow_redirects: true\n"), "", &[]));
    let run = read(&project(&moved, "follow_redirects: false\n"), "", &[]);
    assert!(run.code == 2 && run.err.contains("redirect (307)"), "{run:?}");
    // Never to another server, which would get the sign-in.
    let other = Fake::start(|asked, _| nothing(asked));
    let target = other.url();
    let away = Fake::start(move |asked, _| {
        Played::json(307, "{}").header("Location", &format!("{target}{}", asked.path))
    });
    let run = read(&project(&away, "follow_redirects: true\nbearer_token: abc\n"), "", &[]);
    assert!(run.code == 2 && other.asked().is_empty(), "{run:?}");
}

#[test]
fn errors_of_the_file_name_their_place_and_no_secret() {
    let server = Fake::start(|asked, _| nothing(asked));
    let run = read(&project(&server, "basic_auth:\n  username: me\n  pasword: s3cret\n"), "", &[]);
    assert_eq!(run.code, 2);
    for words in ["unknown key `pasword`", "did you mean `password`?", "http.yml:3:3", "config/http-file"] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    assert!(!run.err.contains("s3cret"), "{}", run.err);
    let run = read(&project(&server, "sigv4: {}\n"), "", &[]);
    assert!(run.code == 2 && run.err.contains("no AWS region"), "{}", run.err);
    let missing = read(&project(&server, "bearer_token_file: nowhere\n"), "", &[]);
    assert!(missing.code == 2 && missing.err.contains("cannot read the token from"), "{}", missing.err);
}
