//! What other services and systems call what a form posts, so that a form that was made for one of them works here by
//! its new address alone. The names of content stand with the [built-in fields](BuiltIn); the control fields stand
//! here.

use crate::form::built_in::{BuiltIn, REPLY_TO};
use crate::form::captcha::Captcha;
use crate::form::data::Fields;

/// What a field is that is not content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    /// Where to go after sending.
    Next,
    /// A field that people cannot see.
    Honeypot,
    /// The form token.
    Token,
    /// The solved challenge of ALTCHA's widget.
    Altcha,
    /// The token of a hosted captcha.
    Captcha,
    /// A setting of another service. Some of them would make an open relay of the form, the rest means nothing here.
    Ignored,
}

/// Control fields by name, and whose form posts them.
const CONTROLS: [(&str, Control); 38] = [
    // Deskbell; `_next` is also Formspree's and FormSubmit's.
    ("_next", Control::Next),
    ("_token", Control::Token),
    ("altcha", Control::Altcha),
    // Formspree, formto.email.
    ("_gotcha", Control::Honeypot),
    ("_redirect", Control::Next),
    ("_cc", Control::Ignored),
    ("_bcc", Control::Ignored),
    ("_format", Control::Ignored),
    ("_language", Control::Ignored),
    ("_host_nonce", Control::Ignored),
    // Netlify.
    ("bot-field", Control::Honeypot),
    ("form-name", Control::Ignored),
    // Web3Forms.
    ("botcheck", Control::Honeypot),
    ("redirect", Control::Next),
    ("access_key", Control::Ignored),
    ("attachment", Control::Ignored),
    ("ccemail", Control::Ignored),
    ("from_name", Control::Ignored),
    ("webhook", Control::Ignored),
    // FormSubmit.
    ("_honey", Control::Honeypot),
    ("_autoresponse", Control::Ignored),
    ("_blacklist", Control::Ignored),
    ("_captcha", Control::Ignored),
    ("_template", Control::Ignored),
    ("_url", Control::Ignored),
    ("_webhook", Control::Ignored),
    // StaticForms.
    ("redirectTo", Control::Next),
    ("altchaToken", Control::Ignored),
    ("apiKey", Control::Ignored),
    ("apikey", Control::Ignored),
    // Staticman.
    ("options[redirect]", Control::Next),
    ("options[redirectError]", Control::Ignored),
    ("options[reCaptcha][secret]", Control::Ignored),
    ("options[reCaptcha][siteKey]", Control::Ignored),
    ("options[subscribe]", Control::Ignored),
    // WordPress.
    ("redirect_to", Control::Next),
    ("submit", Control::Ignored),
    ("wp-comment-cookies-consent", Control::Ignored),
];

/// What a field is, if it is not content. `honeypot` is the name of the form's own field that people cannot see.
pub(super) fn control(name: &str, honeypot: Option<&str>) -> Option<Control> {
    let known = CONTROLS.iter().find(|(known, _)| *known == name).map(|(_, control)| *control);
    if known == Some(Control::Next) {
        return known;
    }
    if known == Some(Control::Honeypot) || honeypot == Some(name) || name.to_ascii_lowercase().contains("honeypot") {
        return Some(Control::Honeypot);
    }
    if Captcha::ALL.iter().any(|captcha| captcha.fields().contains(&name)) {
        return Some(Control::Captcha);
    }
    // Contact Form 7 has a whole family of them.
    known.or_else(|| name.starts_with("_wpcf7").then_some(Control::Ignored))
}

/// Gives what a contact form posted our names. A subject that a service's own field names stands before one that was
/// typed; it is taken out, and given.
pub fn name_lead(posted: &mut Fields) -> Option<String> {
    let subject = posted.take(&["_subject"]);
    posted.unwrap_names();
    for field in BuiltIn::of_leads() {
        posted.rename(field.lead.unwrap_or_default(), field.name);
    }
    posted.take(&REPLY_TO);
    subject
}

/// Gives what a comment form posted our names. WordPress' numbers for posts become its short addresses.
pub fn name_comment(posted: &mut Fields) {
    posted.unwrap_names();
    for field in BuiltIn::of_comments() {
        posted.rename(field.comment.unwrap_or_default(), field.name);
    }
    posted.rename(&["comment_parent", "options[parent]"], "parent");
    if posted.get("page").is_none()
        && let Some(post) = posted.take(&["comment_post_ID"])
    {
        posted.pairs.push(("page".into(), format!("/?p={}", post.trim())));
    }
}

/// The name under which a field of a contact form is read; none if it is not content.
#[must_use]
pub fn read_as(name: &str) -> Option<String> {
    if control(name, None).is_some() {
        return None;
    }
    let mut posted = Fields { pairs: vec![(name.into(), "x".into())], faults: Vec::new() };
    name_lead(&mut posted);
    posted.pairs.pop().map(|(name, _)| name)
}
