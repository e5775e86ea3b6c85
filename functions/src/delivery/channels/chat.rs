//! Messages as Slack, Discord and Telegram take them, each within its limits and without a way for a visitor to format
//! text, name people, or hide a link behind words.
//!
//! Slack: <https://docs.slack.dev/reference/block-kit/blocks>, 150 characters in a header and 3,000 in a section.
//! Discord: <https://docs.discord.com/developers/resources/webhook#execute-webhook>, 2,000 characters.
//! Telegram: <https://core.telegram.org/bots/api#sendmessage>, 4,096 characters.

use serde_json::{Value, json};

use super::message::{Message, as_is, fit};

/// The flag by which Discord shows no previews.
const SUPPRESS_EMBEDS: u32 = 1 << 2;

/// Block Kit: the visitor's words stand in `plain_text`, which is not interpreted; beside them only the link is
/// `mrkdwn`.
pub(super) fn slack(message: &Message) -> Value {
    let plain = |text: String| json!({ "type": "plain_text", "text": text, "emoji": false });
    let mut blocks = vec![json!({ "type": "header", "text": plain(fit(&message.title, 150, as_is)) })];
    if !message.body.trim().is_empty() {
        blocks.push(json!({ "type": "section", "text": plain(fit(&message.body, 3_000, as_is)) }));
    }
    if let Some((address, label)) = &message.link {
        let link = format!("<{}|{}>", fit(address, 2_000, mrkdwn), fit(label, 200, mrkdwn));
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": link, "verbatim": true } }));
    }
    // What notifications show; it is read as mrkdwn.
    let text = fit(&message.title, 300, mrkdwn);
    json!({ "text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false })
}

/// Slack's three special characters, by which everything else that it interprets begins; and what would format.
fn mrkdwn(character: char, written: &mut String) {
    match character {
        '&' => written.push_str("&amp;"),
        '<' => written.push_str("&lt;"),
        '>' => written.push_str("&gt;"),
        _ => written.push(character),
    }
}

/// Discord has nothing but Markdown: everything that begins some is escaped, web addresses among it.
pub(super) fn discord(message: &Message) -> Value {
    let title = format!("**{}**", fit(&message.title, 250, markdown));
    let link = message.link.as_ref().map(|(address, label)| format!("{}: <{address}>", fit(label, 200, markdown)));
    let link = link.unwrap_or_default();
    let rest = 2_000_usize.saturating_sub(units(&title) + units(&link) + 2);
    let content = [title, fit(&message.body, rest, markdown), link];
    let content = content.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    json!({ "content": content, "allowed_mentions": { "parse": [] }, "flags": SUPPRESS_EMBEDS })
}

fn markdown(character: char, written: &mut String) {
    if "\\`*_~|<>#[]()@:+-".contains(character) {
        written.push('\\');
    }
    written.push(character);
}

/// Without `parse_mode` Telegram takes text as it is.
pub(super) fn telegram(message: &Message, chat: &str) -> Value {
    let title = fit(&message.title, 300, as_is);
    let link = message.link.as_ref().map(|(address, label)| format!("{label}: {address}")).unwrap_or_default();
    let rest = 4_096_usize.saturating_sub(units(&title) + units(&link) + 3);
    let text = format!("{title}\n{}\n\n{link}", fit(&message.body, rest, as_is));
    json!({ "chat_id": chat, "text": text.trim_end(), "link_preview_options": { "is_disabled": true } })
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: &str = "<!channel> <https://evil.example|the bank> & [the bank](https://evil.example) **bold** @everyone <@1> `x` :tada: -# small";

    fn message(body: &str) -> Message {
        let link = Some(("https://deskbell.example.org/moderate/x".into(), "Decide & so on".into()));
        Message { title: format!("Studio: {NASTY}"), body: body.into(), link }
    }

    fn text<'a>(value: &'a Value, path: &str) -> &'a str {
        value.pointer(path).and_then(Value::as_str).expect(path)
    }

    #[test]
    fn slack_interprets_nothing_of_a_visitors() {
        let json = slack(&message(NASTY));
        assert_eq!(text(&json, "/blocks/0/text/type"), "plain_text");
        assert_eq!(text(&json, "/blocks/1/text/type"), "plain_text");
        assert_eq!(text(&json, "/blocks/1/text/text"), NASTY);
        assert_eq!(text(&json, "/blocks/2/text/text"), "<https://deskbell.example.org/moderate/x|Decide &amp; so on>");
        assert!(text(&json, "/text").starts_with("Studio: &lt;!channel&gt; &lt;https://evil"));
        assert_eq!(slack(&message(" \n"))["blocks"].as_array().map(Vec::len), Some(2), "no empty section");
    }

    #[test]
    fn discord_shows_every_character_and_calls_nobody() {
        let json = discord(&message(NASTY));
        assert_eq!(json["allowed_mentions"], json!({ "parse": [] }));
        let content = text(&json, "/content");
        let body = content.lines().nth(1).expect("a body");
        // Behind each backslash one character that is meant as such; what remains begins no Markdown.
        let mut characters = body.chars();
        let mut shown = String::new();
        while let Some(character) = characters.next() {
            let escaped = character == '\\';
            let meant = if escaped { characters.next().expect("a character") } else { character };
            assert!(escaped || !"`*_~|<>#[]()@:".contains(meant), "{body}");
            shown.push(meant);
        }
        assert_eq!(shown, NASTY);
        assert!(content.ends_with("\nDecide & so on: <https://deskbell.example.org/moderate/x>"), "{content}");
    }

    #[test]
    fn telegram_gets_text_and_no_mode_to_read_it_in() {
        let json = telegram(&message(NASTY), "-100");
        assert!(json.get("parse_mode").is_none() && json.get("entities").is_none());
        assert_eq!(json["chat_id"], "-100");
        let expected = format!("Studio: {NASTY}\n{NASTY}\n\nDecide & so on: https://deskbell.example.org/moderate/x");
        assert_eq!(text(&json, "/text"), expected);
    }

    #[test]
    fn everything_fits_whatever_is_sent() {
        for long in
            ["x".repeat(70_000), "*".repeat(70_000), "😀".repeat(20_000), "&".repeat(70_000), "\n".repeat(5_000)]
        {
            let message = Message { title: long.replace('\n', " "), ..message(&long) };
            let json = slack(&message);
            assert!(units(text(&json, "/blocks/0/text/text")) <= 150);
            assert!(
                json.pointer("/blocks/1/text/text").and_then(Value::as_str).is_none_or(|text| units(text) <= 3_000)
            );
            assert!(units(text(&json, "/text")) <= 300);
            let json = discord(&message);
            assert!(units(text(&json, "/content")) <= 2_000 && text(&json, "/content").ends_with('>'));
            let json = telegram(&message, "1");
            assert!(units(text(&json, "/text")) <= 4_096 && text(&json, "/text").ends_with("/x"));
        }
    }
}
