//! The mailbox behind an address: many addresses can lead to one.

use super::email::Email;

/// Hosts that are one, and whose local parts mean the same with dots and without.
const GMAIL: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The plain address of the mailbox that an address leads to, as far as can be told from it: in small letters, without
/// what stands behind a `+`, and at Gmail without dots.
#[must_use]
pub fn mailbox(email: &str) -> String {
    let email = Email::fold(email);
    let Some((local, host)) = email.rsplit_once('@') else { return email };
    let host = host.trim_end_matches('.');
    let unquoted = local.trim_matches('"').replace('\\', "");
    let base = unquoted.split('+').next().filter(|base| !base.is_empty()).unwrap_or(&unquoted);
    if GMAIL.contains(&host) {
        return format!("{}@{}", base.replace('.', ""), GMAIL[0]);
    }
    format!("{base}@{host}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_one_mailbox_have_one_plain_address() {
        let same = [
            &[
                "ann@example.org",
                "Ann@Example.ORG",
                " ann+1@example.org",
                "ann+a+b@example.org.",
                "\"ann\"@example.org",
            ][..],
            &["annlee@gmail.com", "ann.lee@gmail.com", "a.n.n.l.e.e+x@GoogleMail.com", "ANN.LEE@gmail.com"],
            &["ann@m\u{fc}nchen.example", "ann+x@M\u{dc}NCHEN.example", "ann@xn--mnchen-3ya.example"],
        ];
        for addresses in same {
            for address in addresses {
                assert_eq!(mailbox(address), mailbox(addresses[0]), "{address}");
            }
        }
        let different =
            ["ann.lee@example.org", "annlee@example.org", "annlee@gmail.example", "+@example.org", "nobody"];
        for (index, one) in different.iter().enumerate() {
            assert!(different.iter().skip(index + 1).all(|other| mailbox(one) != mailbox(other)), "{one}");
        }
    }

    proptest! {
        #[test]
        fn no_tag_makes_another_mailbox(local in "[a-z0-9.]{1,20}", tag in "[a-z0-9.+_-]{0,20}", host in "(gmail\\.com|[a-z]{1,9}\\.org)") {
            prop_assert_eq!(mailbox(&format!("{local}+{tag}@{host}")), mailbox(&format!("{local}@{host}")));
            let plain = mailbox(&format!("{local}@{host}"));
            prop_assert_eq!(mailbox(&plain), plain.clone());
        }

        #[test]
        fn nothing_that_is_typed_is_too_much(text in ".{0,60}") {
            prop_assert!(mailbox(&text).len() <= 2 * text.len() + 300);
        }
    }
}
