//! The words for settings that are more than a number or a name.

use deskbell_functions::config::channel_name::ChannelKind;
use deskbell_functions::config::channels::{ChannelSettings, Link, On, Way};
use deskbell_functions::config::{Closing, Policy};
use deskbell_functions::form::{Field, FieldKind};

/// Which comments are held.
pub(super) fn held(policy: Policy) -> &'static str {
    match policy {
        Policy::First => "an author's first comment is held",
        Policy::All => "every comment is held",
        Policy::None => "only doubtful comments are held",
    }
}

/// For how long a page takes comments.
pub(super) fn open(closing: Closing) -> String {
    match closing {
        Closing::Never => "always".into(),
        Closing::After(1) => "for 1 day".into(),
        Closing::After(days) => format!("for {days} days"),
        Closing::Now => "closed".into(),
    }
}

/// What is sent to a channel, and where.
pub(super) fn channel(channel: &ChannelSettings) -> String {
    let ChannelSettings { name: _, on, forms, link, per_hour, way } = channel;
    let on = on.iter().map(|on| match on {
        On::Leads if forms.is_empty() => "messages".into(),
        On::Leads => format!("messages from {}", forms.join(", ")),
        On::Comments => "comments".into(),
    });
    let way = match way {
        Way::Webhook { url } => format!("to {}", url.host_str().unwrap_or_default()),
        Way::Slack | Way::Discord => "to the address in its secret".into(),
        Way::Telegram { chat } => format!("to the chat {chat}"),
        Way::Sms(sms) => format!("to {}, up to {} a month", sms.to, sms.monthly_cap),
        Way::Autoresponse(_) => "once a day per address".into(),
    };
    let link = match link {
        _ if channel.kind() == ChannelKind::Autoresponse => "",
        Link::Decide => ", with a moderation link",
        Link::Inbox => ", with a link to the inbox",
        Link::None => ", without a link",
    };
    format!("{} {way}{link}, up to {per_hour} an hour", list(on, "nothing"))
}

/// A form's field and what it takes.
pub(super) fn field(field: &Field) -> String {
    let required = if field.required { ", required" } else { "" };
    let kind = format!("{:?}", field.kind()).to_lowercase();
    if let (FieldKind::Consent, Some(text)) = (field.kind(), &field.label) {
        return format!("{} (consent to {text:?}{required})", field.name);
    }
    match field.choices.as_slice() {
        [] => format!("{} ({kind}, up to {}{required})", field.name, field.max()),
        choices => format!("{} ({}{required})", field.name, choices.join(" / ")),
    }
}

/// Items with commas between, or what is said where there are none.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>, none: &str) -> String {
    let items: Vec<T> = items.into_iter().collect();
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    if items.is_empty() { none.into() } else { items.join(", ") }
}
