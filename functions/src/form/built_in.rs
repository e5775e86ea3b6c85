//! The fields that every form knows by their names. A further one is a row here, and its label in each file of
//! `functions/words`: it is then checked, filled in by browsers, labelled, read under other services' names, stored
//! with a message under its own name, listed and exported.

use crate::form::kind::FieldKind;
use crate::form::name;
use crate::words::Words;

/// A field that forms know by its name.
#[derive(Debug)]
pub struct BuiltIn {
    /// The name that forms post it under and that it is stored under.
    pub name: &'static str,
    /// What may be typed, unless the settings say otherwise.
    pub kind: FieldKind,
    /// What browsers fill in: a value of HTML's `autocomplete`.
    pub autocomplete: Option<&'static str>,
    /// What people read beside it.
    pub label: fn(&Words) -> &'static str,
    /// In contact forms, the names that other services post it under, by [`name::key`]; none if contact forms do not
    /// know it.
    pub(super) lead: Option<&'static [&'static str]>,
    /// In comment forms, the names that other systems post it under, likewise; none if comments do not have it.
    pub(super) comment: Option<&'static [&'static str]>,
}

/// All of them, in the order in which they are listed.
static ALL: [BuiltIn; 10] = [
    BuiltIn {
        name: "page",
        kind: FieldKind::Text,
        autocomplete: None,
        label: |words| words.label_page,
        lead: None,
        comment: Some(&["uri", "optionsslug"]),
    },
    BuiltIn {
        name: "name",
        kind: FieldKind::Line,
        autocomplete: Some("name"),
        label: |words| words.label_name,
        lead: Some(&[
            "fullname",
            "contactname",
            "customername",
            "sendername",
            "nom",
            "nomcomplet",
            "nombre",
            "nombrecompleto",
            "nome",
            "nomecompleto",
            "naam",
            "imię",
            "imie",
        ]),
        comment: None,
    },
    BuiltIn {
        name: "author",
        kind: FieldKind::Line,
        autocomplete: Some("name"),
        label: |words| words.label_author,
        lead: None,
        comment: Some(&["name", "fullname", "nick", "nickname", "nom", "nombre", "nome", "naam", "imię", "imie"]),
    },
    BuiltIn {
        name: "email",
        kind: FieldKind::Email,
        autocomplete: Some("email"),
        label: |words| words.label_email,
        lead: Some(&[
            "replyto",
            "mail",
            "emailaddress",
            "emailadresse",
            "contactemail",
            "customeremail",
            "senderemail",
            "mailadresse",
            "courriel",
            "adresseemail",
            "correo",
            "correoelectrónico",
            "correoelectronico",
            "indirizzoemail",
            "emailadres",
            "adresemail",
        ]),
        comment: Some(&["mail", "emailaddress", "emailadresse", "courriel", "correo", "emailadres"]),
    },
    BuiltIn {
        name: "phone",
        kind: FieldKind::Tel,
        autocomplete: Some("tel"),
        label: |words| words.label_phone,
        lead: Some(&[
            "tel",
            "telephone",
            "phonenumber",
            "telephonenumber",
            "mobile",
            "mobilephone",
            "telefon",
            "telefonnummer",
            "handy",
            "téléphone",
            "teléfono",
            "telefono",
            "telefone",
            "telefoon",
        ]),
        comment: None,
    },
    BuiltIn {
        name: "url",
        kind: FieldKind::Url,
        autocomplete: Some("url"),
        label: |words| words.label_url,
        lead: None,
        comment: Some(&["website", "link", "homepage"]),
    },
    BuiltIn {
        name: "subject",
        kind: FieldKind::Line,
        autocomplete: None,
        label: |words| words.label_subject,
        lead: Some(&["betreff", "sujet", "objet", "asunto", "oggetto", "assunto", "onderwerp", "temat"]),
        comment: None,
    },
    BuiltIn {
        name: MESSAGE,
        kind: FieldKind::Text,
        autocomplete: None,
        label: |words| words.label_message,
        lead: Some(&[
            "comment",
            "comments",
            "text",
            "enquiry",
            "inquiry",
            "nachricht",
            "anfrage",
            "mensaje",
            "messaggio",
            "mensagem",
            "bericht",
            "wiadomość",
            "wiadomosc",
        ]),
        comment: None,
    },
    BuiltIn {
        name: COMMENT,
        kind: FieldKind::Text,
        autocomplete: None,
        label: |words| words.label_comment,
        lead: None,
        comment: Some(&[
            "text",
            "message",
            "kommentar",
            "commentaire",
            "comentario",
            "comentário",
            "commento",
            "reactie",
            "komentarz",
        ]),
    },
    BuiltIn {
        name: CONSENT,
        // What the settings of comments make a box of; in other forms it is a field like any other.
        kind: FieldKind::Text,
        autocomplete: None,
        label: |words| words.label_consent,
        lead: None,
        comment: Some(&[]),
    },
];

/// The field that holds what a contact request says.
pub const MESSAGE: &str = "message";

/// The field that holds what a comment says.
pub const COMMENT: &str = "comment";

/// The field of the box that stands for a comment's consent.
pub const CONSENT: &str = "consent";

/// Where other services' contact forms leave the address to reply to, also beside a field `email`.
pub(super) const REPLY_TO: [&str; 1] = ["replyto"];

impl BuiltIn {
    /// The field of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|field| field.name == name)
    }

    /// The field that contact forms know by that name, whatever its spelling, or by another.
    #[must_use]
    pub fn of_leads_known_as(posted: &str) -> Option<&'static Self> {
        let key = name::own_key(posted);
        let known = |field: &&Self| field.lead.is_some_and(|others| field.name == key || others.contains(&&*key));
        ALL.iter().find(known)
    }

    /// The field of that name that contact forms know.
    #[must_use]
    pub fn of_leads_named(name: &str) -> Option<&'static Self> {
        Self::named(name).filter(|field| field.lead.is_some())
    }

    /// Those that contact forms know, in the order in which they are listed.
    pub fn of_leads() -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(|field| field.lead.is_some())
    }

    /// Those that say who writes a comment: everything but where it stands, what it says and what is agreed to.
    pub fn of_authors() -> impl Iterator<Item = &'static Self> {
        let author = |field: &&Self| field.comment.is_some() && !["page", COMMENT, CONSENT].contains(&field.name);
        ALL.iter().filter(author)
    }

    /// Those of both kinds of form that have a column of their own in an export: all that fit into one.
    pub fn of_columns() -> impl Iterator<Item = &'static Self> {
        let column = |field: &&Self| !["page", "author", MESSAGE, COMMENT, CONSENT].contains(&field.name);
        ALL.iter().filter(column)
    }

    pub(super) fn of_comments() -> impl Iterator<Item = &'static Self> {
        ALL.iter().filter(|field| field.comment.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_fields() {
        for of in [|field: &'static BuiltIn| field.lead, |field: &'static BuiltIn| field.comment] {
            let known = ALL.iter().filter_map(|field| Some((field, of(field)?)));
            let names = known.flat_map(|(field, others)| std::iter::once(field.name).chain(others.iter().copied()));
            let mut names: Vec<&str> = names.collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{names:?}");
        }
    }
}
