//! What other services and systems call what a form posts, so that a form that was made for one of them works here by
//! its new address alone. The names of content stand with the [built-in fields](BuiltIn); the control fields stand
//! here.

use crate::form::built_in::{BuiltIn, REPLY_TO};
use crate::form::captcha::Captcha;
use crate::form::data::Fields;
use crate::form::name;
use crate::form::schema::Form;

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
const CONTROLS: [(&str, Control); 39] = [
    // Browsers: the encoding of what is posted, which is used when that is read.
    ("_charset_", Control::Ignored),
    // Deskbell; `_next` is also Formspree's and FormSubmit's.
    ("_next", Control::Next),
    ("_lang", Control::Ignored),
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
    let known = CONTROLS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, control)| *control);
    if known == Some(Control::Next) {
        return known;
    }
    if known == Some(Control::Honeypot)
        || honeypot.is_some_and(|own| name::is_same(own, name))
        || name.to_ascii_lowercase().contains("honeypot")
    {
        return Some(Control::Honeypot);
    }
    if Captcha::ALL.iter().any(|captcha| captcha.fields().contains(&name)) {
        return Some(Control::Captcha);
    }
    // Contact Form 7 has a whole family of them.
    known.or_else(|| name.starts_with("_wpcf7").then_some(Control::Ignored))
}

/// Gives what a contact form posted our names, and those that the settings name their spelling of them. A subject that
/// a service's own field names stands before one that was typed; it is taken out, and given.
pub fn name_lead(posted: &mut Fields, form: &Form) -> Option<String> {
    let subject = posted.take_if(|name| name.eq_ignore_ascii_case("_subject"));
    let configured = |name: &str| form.named(name).map(|field| field.name.as_str());
    for (name, _) in &mut posted.pairs {
        *name = configured(name).map_or_else(|| name::unwrapped(name), str::to_owned);
    }
    for field in BuiltIn::of_leads() {
        let aliases = field.lead.unwrap_or_default();
        posted.rename(field.name, aliases, |name| configured(name).is_some_and(|own| own == name));
    }
    posted.drop_repeated("email", &REPLY_TO);
    join_name(posted, |name| configured(name).is_some());
    subject
}

/// Makes one name of a first and a last one, or of either and a name, unless the settings have fields for them. Where
/// there are several of a kind, they are several people's.
fn join_name(posted: &mut Fields, is_configured: impl Fn(&str) -> bool) {
    let is_of = |keys: &[&str], name: &str| keys.contains(&&*name::own_key(name)) && !is_configured(name);
    let count = |keys: &[&str]| posted.pairs.iter().filter(|(name, _)| is_of(keys, name)).count();
    let (firsts, lasts) = (count(&FIRST_NAME), count(&LAST_NAME));
    let names = posted.pairs.iter().filter(|(name, _)| name == "name").count();
    if firsts > 1 || lasts > 1 || names > 1 || firsts + lasts == 0 {
        return;
    }
    let mut part = |keys: &[&str]| posted.take_if(|name| is_of(keys, name)).map(|part| part.trim().to_owned());
    let (first, last) = (part(&FIRST_NAME), part(&LAST_NAME));
    let name = posted.take("name").unwrap_or_default();
    // Some forms have all three.
    let beside = |part: &String| !format!(" {name} ").contains(&format!(" {part} "));
    let parts = [first.filter(beside), Some(name.clone()), last.filter(beside)].into_iter().flatten();
    let whole = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    posted.pairs.insert(0, ("name".into(), whole));
}

/// Fields for a first name, by [`name::own_key`]; words for both a first name and a whole one stand with the field.
const FIRST_NAME: [&str; 8] =
    ["firstname", "fname", "givenname", "forename", "vorname", "prénom", "prenom", "voornaam"];

/// Fields for a last name, likewise.
const LAST_NAME: [&str; 14] = [
    "lastname",
    "lname",
    "surname",
    "familyname",
    "nachname",
    "nomdefamille",
    "apellido",
    "apellidos",
    "cognome",
    "sobrenome",
    "apelido",
    "achternaam",
    "nazwisko",
    "familienname",
];

/// Gives what a comment form posted our names. WordPress' numbers for posts become its short addresses.
pub fn name_comment(posted: &mut Fields) {
    for (name, _) in &mut posted.pairs {
        *name = name::unwrapped(name);
    }
    for field in BuiltIn::of_comments() {
        posted.rename(field.name, field.comment.unwrap_or_default(), |_| false);
    }
    posted.rename("parent", &["commentparent", "optionsparent"], |_| false);
    posted.rename("published", &[], |_| false);
    if posted.get("page").is_none()
        && let Some(post) = posted.take_if(|name| name::key(name) == "commentpostid")
    {
        posted.pairs.push(("page".into(), format!("/?p={}", post.trim())));
    }
}

/// The languages that a form asks to be answered in, by Deskbell's name, Formspree's, and that of content, which it stays.
pub fn languages(posted: &Fields) -> impl Iterator<Item = &str> {
    ["_lang", "_language", "lang"].into_iter().filter_map(|name| posted.get(name))
}

/// Whether a field of that name is no content, so that no settings can name one.
#[must_use]
pub fn is_control(name: &str) -> bool {
    control(name, None).is_some() || name.eq_ignore_ascii_case("_subject")
}

/// Whether a field that the settings do not name is one that pages fill in themselves and nobody sees: where the
/// visitor came from, which page or form it is.
#[must_use]
pub fn is_unseen(name: &str) -> bool {
    let key = name::key(name);
    name.starts_with('_') || UNSEEN.contains(&&*key) || UNSEEN_FAMILIES.iter().any(|family| key.starts_with(family))
}

/// Such fields, by [`name::key`].
const UNSEEN: [&str; 38] = [
    "campaign",
    "cid",
    "clientid",
    "csrf",
    "csrftoken",
    "fbclid",
    "formid",
    "formname",
    "formtitle",
    "gaclientid",
    "gbraid",
    "gclid",
    "honeypot",
    "ip",
    "landingpage",
    "landingurl",
    "lang",
    "language",
    "lifatid",
    "locale",
    "msclkid",
    "nonce",
    "pageid",
    "pagelang",
    "pagetitle",
    "pageurl",
    "permalink",
    "postid",
    "referer",
    "referrer",
    "sessionid",
    "siteid",
    "source",
    "sourceurl",
    "timestamp",
    "timezone",
    "useragent",
    "wbraid",
];

/// What the names of whole families of such fields begin with.
const UNSEEN_FAMILIES: [&str; 5] = ["utm", "mtm", "wpcf7", "akismet", "akjs"];

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = &'static [(&'static str, &'static str)];

    #[test]
    fn a_name_in_parts_is_one_name() {
        let cases: [(Pairs, Pairs); 11] = [
            (&[("First Name", "Ann"), ("last-name", "Lee")], &[("name", "Ann Lee")]),
            (&[("Nachname", "Lee"), ("Vorname", " Ann ")], &[("name", "Ann Lee")]),
            (&[("prénom", "Ann"), ("nom", "Lee")], &[("name", "Ann Lee")]),
            (&[("nombre", "Ann"), ("apellidos", "Lee Alm")], &[("name", "Ann Lee Alm")]),
            (&[("fname", "Ann"), ("x", "y")], &[("name", "Ann"), ("x", "y")]),
            (&[("name", "Ann Lee"), ("firstname", "Ann"), ("lastname", "Lee")], &[("name", "Ann Lee")]),
            (&[("name", "Annabel"), ("surname", "Ann")], &[("name", "Annabel Ann")]),
            (&[("first_name", "Ann"), ("first_name", "Bo")], &[("first_name", "Ann"), ("first_name", "Bo")]),
            (
                &[("name", "Ann"), ("fields[name]", "Bo"), ("lastname", "Lee")],
                &[("name", "Ann"), ("name", "Bo"), ("lastname", "Lee")],
            ),
            (&[("guest[firstname]", "Ann")], &[("guest[firstname]", "Ann")]),
            (&[("name", "Ann")], &[("name", "Ann")]),
        ];
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        for (given, expected) in cases {
            let mut posted = Fields { pairs: pairs(given), ..Fields::default() };
            name_lead(&mut posted, &Form::default());
            let expected: Vec<(String, String)> = pairs(expected);
            assert_eq!(posted.pairs, expected);
        }
    }
}
