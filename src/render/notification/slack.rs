//! Slack's incoming webhooks, and what takes the same: Mattermost, Rocket.Chat, Discord.
//!
//! `text` is what others show and what Slack notifies with, `blocks` is what Slack shows.
//! <https://docs.slack.dev/reference/block-kit/blocks/section-block>

use serde_json::json;

use super::{MOST_CHANGES, Message, inert};

/// Discord refuses longer messages, in characters; a section of Slack may have 3,000.
const LONGEST: usize = 2000;

pub(super) fn body(message: &Message<'_>) -> String {
    let fits = |text: &String| text.chars().count() <= LONGEST;
    let most = (0..=MOST_CHANGES).rev();
    let text = most.map(|most| text(message, most)).find(fits);
    let text = text.unwrap_or_else(|| text_of_head(message).chars().take(LONGEST).collect());
    // `verbatim` keeps Slack from making links and mentions of what looks like them.
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": text, "verbatim": true } });
    json!({ "text": text, "blocks": [section], "unfurl_links": false, "unfurl_media": false }).to_string()
}

/// The message with so many of its changes.
fn text(message: &Message<'_>, most: usize) -> String {
    let lines = message.lines(most).into_iter().map(|line| format!("\n• {}", escaped(&line)));
    text_of_head(message) + &lines.collect::<String>()
}

fn text_of_head(message: &Message<'_>) -> String {
    format!("*{}*\n{}", escaped(&message.title()), escaped(message.headline))
}

/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>; the angle brackets are gone.
fn escaped(text: &str) -> String {
    inert(text).replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        assess::Verdict,
        notify::{Aspect, Change, ChangeKind, News, Subject, Told},
    };

    #[test]
    fn what_does_not_fit_is_counted_after_what_to_do() {
        let change = |number: usize| Change {
            change: ChangeKind::New,
            subject: Subject { name: format!("disk {number}"), instance: None, aspect: Aspect::Limit },
            title: format!("disk {number}"),
            verdict: Verdict::Warning,
            previous: Verdict::Ok,
            message: Some("long ".repeat(60)),
        };
        let news = News {
            changes: (0..12).map(change).collect(),
            verdict_changed: false,
            previous: Verdict::Ok,
            told: Told::default(),
        };
        let message = Message {
            system: "shop",
            verdict: Some(Verdict::Warning),
            headline: "Disks run out",
            act: Some("order disks"),
            at: chrono::DateTime::UNIX_EPOCH,
            simulated: None,
            news: &news,
        };
        let body: serde_json::Value = serde_json::from_str(&body(&message)).unwrap();
        let text = body["text"].as_str().unwrap();
        assert!(text.chars().count() <= 2000, "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "• act: order disks");
        let named = lines.iter().filter(|line| line.contains("new, warning")).count();
        assert!(named > 3, "{text}");
        assert_eq!(*lines.last().unwrap(), format!("• and {} more", 12 - named));
    }
}
