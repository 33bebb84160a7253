//! Slack's incoming webhooks, and what takes the same: Mattermost, Rocket.Chat, Discord.
//!
//! `text` is what others show and what Slack notifies with, `blocks` is what Slack shows.
//! <https://docs.slack.dev/reference/block-kit/blocks/section-block>

use serde_json::json;

use super::{Message, inert::inert};

/// Slack refuses longer sections, in characters.
const LONGEST: usize = 3000;

pub(super) fn body(message: &Message<'_>) -> String {
    let mut text = format!("*{}*\n{}", escaped(&message.title()), escaped(message.headline));
    for line in message.lines().iter().map(|line| format!("\n• {}", escaped(line))) {
        if text.chars().count() + line.chars().count() <= LONGEST {
            text.push_str(&line);
        }
    }
    // `verbatim` keeps Slack from making links and mentions of what looks like them.
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } });
    json!({ "text": text, "blocks": [section], "unfurl_links": false, "unfurl_media": false }).to_string()
}

/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>; the angle brackets are gone.
fn escaped(text: &str) -> String {
    inert(text).replace('&', "&amp;")
}
