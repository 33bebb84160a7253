//! What of an HTTP client configuration file is read, and what is refused.

use secrecy::ExposeSecret;

use super::*;

#[test]
fn the_keys_of_prometheus_are_read() {
    let file = read_http_file(
        "basic_auth:\n  username: me\n  password_file: pw\ntls_config:\n  ca_file: ca.pem\nproxy_url: http://p:1\n\
         http_headers:\n  X-Scope-OrgID:\n    values: [shop]\n    secrets: [s3cret]\nfollow_redirects: true\n",
    )
    .unwrap();
    let auth = file.basic_auth.unwrap();
    assert_eq!((auth.username.as_str(), auth.password_file), ("me", Some(PathBuf::from("pw"))));
    assert!(file.follow_redirects && file.tls_config.ca_file.is_some());
    let header = &file.http_headers["X-Scope-OrgID"];
    assert_eq!((header.values.len(), header.secrets[0].expose_secret()), (1, "s3cret"));
    assert!(read_http_file("").unwrap().basic_auth.is_none());
    let file = read_http_file("authorization:\n  credentials: x\n").unwrap();
    assert_eq!(file.authorization.unwrap().scheme, "Bearer");
    let file = read_http_file("{\"bearer_token\": \"x\"}").unwrap();
    assert!(file.bearer_token.is_some());
}

/// The message, and the text that it points at.
fn told(text: &str) -> (String, String) {
    let diagnostic = read_http_file(text).unwrap_err();
    let span = diagnostic.primary.span.clone();
    (format!("{} {:?}", diagnostic.message, diagnostic.help), text[span].to_owned())
}

#[test]
fn errors_name_their_place_and_repeat_no_value() {
    for (text, words, place) in [
        ("basic_auth:\n  user: me\n", "unknown key `user`", "user"),
        ("basic_aut: {}\n", "did you mean `basic_auth`?", "basic_aut"),
        (
            "bearer_token: a\noauth2:\n  client_id: b\n  token_url: c\n  client_secret: d\n",
            "exclude",
            "oauth2",
        ),
        ("authorization:\n  type: Basic\n  credentials: a\n", "use `basic_auth`", "authorization"),
        ("oauth2:\n  client_id: b\n  client_secret: d\n", "`token_url` is missing", ""),
        ("tls_config:\n  insecure_skip_verify: true\n", "`ca_file`", "insecure_skip_verify"),
        ("azuread: {}\n", "either `managed_identity` or `oauth`", "azuread"),
        ("sigv4:\n  access_key: a\n", "belong together", "sigv4"),
        ("authorization: {}\n", "`credentials` or `credentials_file` is missing", "authorization"),
    ] {
        let (message, marked) = told(text);
        assert!(message.contains(words), "{text}: {message}");
        assert!(place.is_empty() || marked == place, "{text}: {marked:?}");
    }
    for text in [
        "basic_auth: s3cret\n",
        "basic_auth:\n  password: [s3cret]\n",
        "follow_redirects: s3cret\n",
        "s3cret",
        "- s3cret",
        "a: b: s3cret",
        "bearer_token: \"s3cret",
        "bearer_token: &s3cret x\nno_proxy: *s3cre\n",
    ] {
        let (message, _) = told(text);
        assert!(!message.contains("s3cre"), "{text}: {message}");
    }
}

#[test]
fn values_are_redacted_where_the_file_is_quoted() {
    let text = "basic_auth:\n  password: s3cret\n  passwörd:s3cret\n- s3cret\nurl: http://a:b\n";
    let hidden = redacted_http_file(text);
    assert_eq!(hidden.len(), text.len());
    assert!(!hidden.contains("s3cret") && hidden.contains("  password: ******\n"), "{hidden}");
}
