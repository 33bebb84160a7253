//! Texts that somebody obeys, and a snapshot that is full of them.

/// What somebody obeys: a spreadsheet, a tracker, a terminal, a browser, a CI runner, a monitoring system.
pub(crate) const HOSTILE: [&str; 17] = [
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "https://evil.example/a",
    "www.evil.example",
    "mail@evil.example",
    "[x](javascript:alert(1))",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u{1b}[2J\u{1b}]8;;http://evil.example\u{7}link",
    "a\n::error::forged",
    "::set-output name=x::y",
    "##[error]forged ##vso[task.complete]",
    "a|b=1;2;3 % \\ \"",
    "]]>&amp;<x/>",
    "a\r\n# EOF\nforged 1",
    "<svg onload=\"parent.document.title='ran'\"><a href=\"//evil.example\">x</a></svg>",
];

/// A queue for each text, all of them far behind, and one text as what could not be read.
pub(crate) fn snapshot() -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let queues: Vec<String> = HOSTILE.iter().map(|name| {
        format!(
            r#"{{"signal":"queue.depth","instance":{},"values":{{"from_ms":1795192800000,"step_ms":0,"values":[50000]}},"origin":{{"source":"redis","query":{}}}}}"#,
            text(name), text(name)
        )
    }).collect();
    let gaps: Vec<String> = ["users.concurrent", "host.cpu", "redis.memory"].iter().zip(HOSTILE.iter().skip(9)).map(|(signal, words)| {
        format!(r#"{{"signal":"{signal}","source":"prometheus","reason":"query_failed","detail":{},"hint":{}}}"#, text(words), text(words))
    }).collect();
    format!(
        r#"{{"schema":"scale-advisor/snapshot/2","taken_at":"2026-11-20T16:40:00Z","tool_version":"0.1.0",
"window":{{"from":"2026-11-20T14:40:00Z","to":"2026-11-20T16:40:00Z","step_seconds":60}},"sources":[{{"source":"redis","address":"127.0.0.1","status":"answered","notes":[{}]}}],
"observations":[{}],"gaps":[{}],"exhausted":[]}}"#,
        text(HOSTILE[10]),
        queues.join(","),
        gaps.join(",")
    )
}
