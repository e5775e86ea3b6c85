//! Names of fields as forms write them: `fields[address][street]`, `topics[]`, `Your-Name`. What a name means does not
//! depend on its case, its punctuation, or what it is wrapped in.

use crate::form::clean::clean_line;

/// The longest name that is kept, in characters.
pub const MAX: usize = 100;

/// What a field is called whose name is blank: a browser would not send it again.
const UNNAMED: &str = "field";

/// What other systems wrap the names of all fields in: `fields[name]`, `contact.name`.
const WRAPPERS: [&str; 9] =
    ["fields", "form_fields", "form-fields", "formData", "form", "contact", "data", "submitted", "values"];

/// A name as it is kept: one line of at most 100 characters, without control characters and without those that turn
/// the direction of writing.
#[must_use]
pub fn clean(posted: &str) -> String {
    // What is cut off need not be looked at; what is cleaned away is never that much.
    let head: String = posted.chars().take(10 * MAX).collect();
    let name: String = clean_line(&head).chars().take(MAX).collect();
    if name.trim().is_empty() { UNNAMED.into() } else { name.trim().into() }
}

/// The name without what it is wrapped in, and without the brackets that only say that there may be several.
#[must_use]
pub fn unwrapped(name: &str) -> String {
    let name = without_dotted_wrapper(name);
    let Some((head, inner)) = segments(name) else { return name.into() };
    let mut inner: Vec<&str> = inner.into_iter().filter(|segment| !segment.trim().is_empty()).collect();
    let wrapped = !inner.is_empty() && is_wrapper(head);
    let head = if wrapped || head.is_empty() && !inner.is_empty() { inner.remove(0) } else { head };
    let inner: String = inner.iter().flat_map(|segment| ["[", segment, "]"]).collect();
    if head.is_empty() { name.into() } else { format!("{head}{inner}") }
}

/// `contact.email` as `email`, but no version, number or sentence: what follows a dot begins with a letter.
fn without_dotted_wrapper(name: &str) -> &str {
    let inner = name.split_once('.').filter(|(head, _)| is_wrapper(head)).map(|(_, inner)| inner);
    inner.filter(|inner| inner.split('.').all(|part| part.starts_with(char::is_alphabetic))).unwrap_or(name)
}

fn is_wrapper(name: &str) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.eq_ignore_ascii_case(name))
}

/// `a[b][c]` as `a` and `b`, `c`; nothing if its brackets are no brackets of that kind.
fn segments(name: &str) -> Option<(&str, Vec<&str>)> {
    let (head, rest) = name.split_once('[')?;
    let inner: Vec<&str> = rest.strip_suffix(']')?.split("][").collect();
    let plain = |part: &&str| !part.contains(['[', ']']);
    (plain(&head) && inner.iter().all(plain)).then_some((head, inner))
}

/// Its letters and digits, in lower case: what is left when spellings of one name are compared.
#[must_use]
pub fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The same without the `your` that Contact Form 7 begins its names with.
#[must_use]
pub fn own_key(name: &str) -> String {
    let key = key(name);
    match key.strip_prefix("your") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => key,
    }
}

/// Whether two names are spellings of one.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let same = |one: &str, other: &str| {
        let (a, b) = (key(one), key(other));
        if a.is_empty() { one == other } else { a == b }
    };
    one == other || same(&unwrapped(one), &unwrapped(other))
}

/// A name as people read it: `preferred_time`, `preferredTime` and `fields[preferred-time]` as `Preferred time`. Names
/// that are words already stay as they are.
#[must_use]
pub fn humanise(name: &str) -> String {
    let name = unwrapped(name);
    let text = if name.contains(char::is_whitespace) { name } else { spaced(&name) };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// With a space for what stands for one, and before each capital letter within.
fn spaced(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut previous = ' ';
    for (at, c) in name.char_indices() {
        let next = name[at + c.len_utf8()..].chars().next();
        let begins = c.is_uppercase() && previous.is_lowercase() && next.is_none_or(char::is_lowercase);
        match c {
            '_' | '-' | '[' | ']' => text.push(' '),
            '.' if previous.is_alphanumeric() && next.is_some_and(char::is_alphanumeric) => text.push(' '),
            c if begins && next.is_some() => {
                text.push(' ');
                text.extend(c.to_lowercase());
            }
            c => text.push(c),
        }
        previous = c;
    }
    // Names of punctuation alone are better than none.
    if text.trim().is_empty() { name.into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_labels() {
        let cases = [
            ("preferred_time", "Preferred time"),
            ("preferredTime", "Preferred time"),
            ("fields[address][street]", "Address street"),
            ("address[street]", "Address street"),
            ("address.street", "Address street"),
            ("contact.preferredTime", "Preferred time"),
            ("Mr. X", "Mr. X"),
            ("topics[]", "Topics"),
            ("guests[0][name]", "Guests 0 name"),
            ("form_fields[preferred-time]", "Preferred time"),
            ("your-name", "Your name"),
            ("What is it about? (max. 3 words)", "What is it about? (max. 3 words)"),
            ("PLZ", "PLZ"),
            ("straße", "Straße"),
            ("[x]", "X"),
            ("a]b[", "A b"),
            ("[]", "[]"),
            ("__", "__"),
            ("", ""),
        ];
        for (name, label) in cases {
            assert_eq!(humanise(name), label, "{name}");
        }
    }

    #[test]
    fn what_a_name_is_wrapped_in_goes_with_brackets_and_with_dots() {
        let cases = [
            ("contact[email]", "email"),
            ("contact.email", "email"),
            ("Form.address.street", "address.street"),
            ("fields.topics[]", "topics"),
            ("form-fields.vor_name", "vor_name"),
            ("data.größe", "größe"),
            ("address.street", "address.street"),
            ("entry.email", "entry.email"),
            ("contact", "contact"),
            ("contact.", "contact."),
            ("contact..email", "contact..email"),
            ("contact. Email", "contact. Email"),
            ("form.v1.2", "form.v1.2"),
            ("data.2", "data.2"),
            ("v1.2", "v1.2"),
            ("Mr. X", "Mr. X"),
            ("...", "..."),
        ];
        for (posted, name) in cases {
            assert_eq!(unwrapped(posted), name);
        }
        assert!(is_same("contact.email", "E-Mail") && is_same("address.street", "fields[address][street]"));
    }

    #[test]
    fn names_are_short_and_of_one_line() {
        let cases = [
            (" a \r\n b\t", "a b"),
            ("\u{202e}evil\u{2066}", "evil"),
            ("\u{0}\u{7}", "field"),
            ("", "field"),
            (&"é".repeat(1_000), &"é".repeat(100)),
        ];
        for (posted, name) in cases {
            assert_eq!(clean(posted), *name);
        }
    }

    #[test]
    fn spellings_of_one_name_are_the_same() {
        for (one, other) in [("Topics[]", "topics"), ("fields[a][b]", "a[B]"), ("E-Mail", "email"), ("名前", "名前")]
        {
            assert!(is_same(one, other) && is_same(other, one), "{one} {other}");
        }
        for (one, other) in [("a", "b"), ("?", "!"), ("topics[a]", "topics[b]"), ("fields", "field")] {
            assert!(!is_same(one, other), "{one} {other}");
        }
    }
}
