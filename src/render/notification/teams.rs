//! Webhooks of Microsoft Teams as Workflows make them: a message with an adaptive card.
//!
//! Its text is in text runs, which have no Markdown.
//! <https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using>

use serde_json::{Value, json};

use super::{MOST_CHANGES, Message, inert};
use crate::assess::Verdict;

pub(super) fn body(message: &Message<'_>) -> String {
    let color = match message.verdict {
        Some(Verdict::Ok) => "Good",
        Some(Verdict::Warning) => "Warning",
        Some(Verdict::Critical) => "Attention",
        Some(Verdict::Unknown) | None => "Default",
    };
    let title = json!({
        "type": "TextRun", "text": inert(&message.title()), "weight": "Bolder", "size": "Medium", "color": color,
    });
    let plain = |text: &str| paragraph(&json!({ "type": "TextRun", "text": text }));
    let mut body = vec![paragraph(&title), plain(&inert(message.headline))];
    body.extend(message.lines(MOST_CHANGES).iter().map(|line| plain(&format!("• {}", inert(line)))));
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": { "width": "Full" },
        "body": body,
    });
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": card,
    });
    json!({ "type": "message", "attachments": [attachment] }).to_string()
}

fn paragraph(run: &Value) -> Value {
    json!({ "type": "RichTextBlock", "inlines": [run] })
}
