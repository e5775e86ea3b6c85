//! The form token: who fetched a form's challenge, when, and how busy their network was.

use jiff::Timestamp;
use uuid::Uuid;

use crate::keys::Keys;
use crate::submission::time_of;

/// Keeps these signatures apart from all others.
const PURPOSE: &str = "form token";

/// A form token. As it stands in a form: `{id}.{request_rate}.{signature}`.
///
/// The signature also covers the [`Place`], which is not written in it: who redeems the token brings the place
/// along, so a token of another form, site or network is told from a good one and gives nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedToken {
    /// UUIDv7: holds the time of issue in milliseconds, and chance enough that none is guessed.
    pub id: Uuid,
    /// How many challenges the network had fetched in that minute, this one included.
    pub request_rate: u32,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The site's id.
    pub site: &'a str,
    /// The form's name; `comments` for comments.
    pub form: &'a str,
    /// The keyed hash of the network; empty where it is not known.
    pub network: &'a str,
}

impl SignedToken {
    /// The token as it stands in a form.
    #[must_use]
    pub fn sign(&self, keys: &Keys, place: &Place) -> String {
        let text = format!("{}.{}", self.id.simple(), self.request_rate);
        let signature = keys.hash(PURPOSE, &[place.site, place.form, place.network, &text]);
        format!("{text}.{signature}")
    }

    /// Reads a token made by [`Self::sign`] for this place; nothing if it is of another, or not ours.
    #[must_use]
    pub fn verify(keys: &Keys, place: &Place, token: &str) -> Option<Self> {
        let (text, signature) = token.rsplit_once('.')?;
        if !keys.is_hash(signature, PURPOSE, &[place.site, place.form, place.network, text]) {
            return None;
        }
        let (id, request_rate) = text.split_once('.')?;
        Some(Self { id: id.parse().ok()?, request_rate: request_rate.parse().ok()? })
    }

    /// How old it is, in milliseconds.
    #[must_use]
    pub fn age_ms(&self, now: Timestamp) -> i64 {
        now.as_millisecond() - self.issued_at().as_millisecond()
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        time_of(self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_somebody_makes_up_is_no_token(text in any::<String>(), parts in "([a-f0-9]{0,32}\\.){0,3}[A-Za-z0-9_-]{0,22}") {
            let keys = Keys::new(&[7; Keys::LENGTH]);
            let place = Place { site: "studio", form: "comments", network: "net" };
            for text in [text, parts] {
                prop_assert_eq!(SignedToken::verify(&keys, &place, &text), None);
            }
        }

        #[test]
        fn a_token_is_good_at_its_place_and_as_it_was_issued(
            id in any::<u128>(), request_rate in any::<u32>(), site in "[a-z-]{1,9}", form in "[a-z-]{1,9}",
            network in "[a-z-]{0,9}", elsewhere in "[a-z-]{1,9}", at in any::<prop::sample::Index>(), other in any::<char>(),
        ) {
            let keys = Keys::new(&[7; Keys::LENGTH]);
            let place = Place { site: &site, form: &form, network: &network };
            let signed = SignedToken { id: Uuid::from_u128(id), request_rate };
            let token = signed.sign(&keys, &place);
            prop_assert_eq!(SignedToken::verify(&keys, &place, &token), Some(signed));
            for other in [
                Place { site: &elsewhere, ..place },
                Place { form: &elsewhere, ..place },
                Place { network: &elsewhere, ..place },
            ] {
                prop_assert!(other == place || SignedToken::verify(&keys, &other, &token).is_none());
            }
            let mut letters: Vec<char> = token.chars().collect();
            let at = at.index(letters.len());
            letters[at] = other;
            let changed: String = letters.into_iter().collect();
            prop_assert!(changed == token || SignedToken::verify(&keys, &place, &changed).is_none());
            prop_assert_eq!(SignedToken::verify(&keys, &place, &token[..at]), None);
            // Whatever it says of its time, that can be asked.
            let _ = signed.age_ms(Timestamp::now());
        }
    }

    #[test]
    fn a_token_is_read_back_at_its_place_and_nowhere_else() {
        let keys = Keys::new(&[7; Keys::LENGTH]);
        let place = Place { site: "studio", form: "comments", network: "net" };
        let signed = SignedToken { id: Uuid::now_v7(), request_rate: 3 };
        let token = signed.sign(&keys, &place);
        assert_eq!(SignedToken::verify(&keys, &place, &token), Some(signed));
        assert!((0..1_000).contains(&signed.age_ms(Timestamp::now())));

        let elsewhere = [
            Place { site: "other", ..place },
            Place { form: "default", ..place },
            Place { network: "", ..place },
            Place { site: "studiocomments", form: "", ..place },
        ];
        for other in elsewhere {
            assert_eq!(SignedToken::verify(&keys, &other, &token), None, "{other:?}");
        }
        assert_eq!(SignedToken::verify(&Keys::new(&[8; Keys::LENGTH]), &place, &token), None);
        assert_eq!(SignedToken::verify(&keys, &place, &token.replacen(".3.", ".1.", 1)), None);
        for nonsense in ["", ".", "..", "a.b.c", "\u{0}.1.x"] {
            assert_eq!(SignedToken::verify(&keys, &place, nonsense), None);
        }
    }
}
