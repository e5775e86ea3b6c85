//! Everything that is signed or hashed with the deployment's secret.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use uuid::Uuid;

use crate::submission::action::Action;

/// The deployment's secret, made at the first start and kept in the table.
#[derive(Debug, Clone)]
pub struct Keys(hmac::Key);

/// What a signed link is for. A link for one thing never works for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The owner sees everything about a submission and decides.
    Moderate,
    /// The owner applies this one action to a submission.
    Apply(Action),
    /// A visitor looks at the own comment while it waits.
    Waiting,
    /// A visitor whose submission is doubtful shows to be a person.
    SecondChance,
    /// Somebody of a site's team signs in.
    SignIn,
}

impl Purpose {
    fn word(self) -> Cow<'static, str> {
        match self {
            Self::Moderate => "m".into(),
            Self::Apply(action) => format!("{APPLY}{}", action.word()).into(),
            Self::Waiting => "w".into(),
            Self::SecondChance => "c".into(),
            Self::SignIn => "s".into(),
        }
    }

    fn named(word: &str) -> Option<Self> {
        let action = || Action::named(word.strip_prefix(APPLY)?).map(Self::Apply);
        let others = [Self::Moderate, Self::Waiting, Self::SecondChance, Self::SignIn];
        others.into_iter().find(|purpose| purpose.word() == word).or_else(action)
    }
}

/// How the words of purposes begin that are one action.
const APPLY: &str = "m-";

/// What a signed link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is for.
    pub purpose: Purpose,
    /// The site's id.
    pub site: String,
    /// The id of what it is about.
    pub id: Uuid,
    /// The number of decisions that the link was made for; see [`crate::submission::Submission::decisions`].
    pub decisions: u32,
    /// The last second at which it works, since 1970.
    pub expires_at: i64,
}

/// Why a signed link does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Not made here, changed since, or made for something else.
    Forged,
    /// Too old.
    Expired,
}

/// Bytes of a keyed hash that are kept: 128 bits.
const TAG: usize = 16;

impl Keys {
    /// Bytes of the secret.
    pub const LENGTH: usize = 32;

    /// The keys made from a secret of [`Self::LENGTH`] bytes.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// 256 random bits, base64url, 43 characters. None if this machine has no random bytes.
    #[must_use]
    pub fn random() -> Option<String> {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).ok()?;
        Some(BASE64URL.encode(bytes))
    }

    /// A keyed hash of `parts`, base64url, 22 characters. `purpose` keeps hashes of one kind apart from all others.
    #[must_use]
    pub fn hash(&self, purpose: &str, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            // Each part with its length before it: no two lists of parts make the same bytes.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        BASE64URL.encode(&context.sign().as_ref()[..TAG])
    }

    /// Whether `given` is what [`Self::hash`] makes of these. Compared by the hashes of both, so that the time it takes
    /// tells nothing about the right one.
    #[must_use]
    pub fn is_hash(&self, given: &str, purpose: &str, parts: &[&str]) -> bool {
        let given = hmac::sign(&self.0, given.as_bytes());
        hmac::verify(&self.0, self.hash(purpose, parts).as_bytes(), given.as_ref()).is_ok()
    }

    /// An id that is always the same for these parts, and says nothing about them.
    #[must_use]
    pub fn name(&self, purpose: &str, parts: &[&str]) -> Uuid {
        let hash = self.hash(purpose, parts);
        let mut bytes = [0; TAG];
        // It is what was encoded just before, and so of this length.
        let _ = BASE64URL.decode_slice(hash, &mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Encrypts what is kept about a submission and must not be read in the table (AES-256-GCM, a random nonce in
    /// front). None if this machine has no random bytes.
    #[must_use]
    pub fn seal(&self, site: &str, id: Uuid, plain: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let (key, mut sealed) = (self.sealing_key()?, plain.to_vec());
        let context = Aad::from(format!("{site}#{id}"));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), context, &mut sealed).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// Reads what [`Self::seal`] made for the same submission.
    #[must_use]
    pub fn open(&self, site: &str, id: Uuid, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = sealed.to_vec();
        let context = Aad::from(format!("{site}#{id}"));
        let key = self.sealing_key()?;
        let length = key.open_in_place(Nonce::assume_unique_for_key(*nonce), context, &mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }

    /// A key of its own, made from the secret.
    fn sealing_key(&self) -> Option<LessSafeKey> {
        let key = hmac::sign(&self.0, b"a key for sealing");
        Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_ref()).ok()?))
    }

    /// The token as it stands in a link: its parts, joined by dots, and the signature.
    #[must_use]
    pub fn sign(&self, token: &Token) -> String {
        let (purpose, id) = (token.purpose.word(), token.id.simple());
        let text = format!("{purpose}.{}.{id}.{}.{}", token.site, token.decisions, token.expires_at);
        let signature = self.hash("token", &[&text]);
        format!("{text}.{signature}")
    }

    /// Reads a token made by [`Self::sign`] for `purpose`.
    pub fn verify(&self, purpose: Purpose, text: &str) -> Result<Token, TokenError> {
        self.verify_if(text, |given| given == purpose)
    }

    /// Reads a token made by [`Self::sign`] for one of several purposes.
    pub fn verify_if(&self, text: &str, is_meant: impl Fn(Purpose) -> bool) -> Result<Token, TokenError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::Forged)?;
        if !self.is_hash(signature, "token", &[signed]) {
            return Err(TokenError::Forged);
        }
        let token = Token::parse(signed).filter(|token| is_meant(token.purpose)).ok_or(TokenError::Forged)?;
        if token.expires_at < Timestamp::now().as_second() { Err(TokenError::Expired) } else { Ok(token) }
    }
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let token = Self {
            purpose: Purpose::named(parts.next()?)?,
            site: parts.next()?.into(),
            id: parts.next()?.parse().ok()?,
            decisions: parts.next()?.parse().ok()?,
            expires_at: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Links of every kind, whatever they are about.
    fn tokens() -> impl Strategy<Value = Token> {
        let purposes = [Purpose::Moderate, Purpose::Waiting, Purpose::SecondChance, Purpose::SignIn];
        let purposes: Vec<Purpose> =
            purposes.into_iter().chain(Action::ALL.iter().copied().map(Purpose::Apply)).collect();
        let sites = "[a-z0-9][a-z0-9-]{0,20}";
        (prop::sample::select(purposes), sites, any::<u128>(), any::<u32>(), 1..i64::from(u32::MAX)).prop_map(
            |(purpose, site, id, decisions, seconds)| {
                let expires_at = Timestamp::now().as_second() + seconds;
                Token { purpose, site, id: Uuid::from_u128(id), decisions, expires_at }
            },
        )
    }

    /// A text with a part of it taken out and another put there; perhaps the same.
    fn tampered(text: &str, at: prop::sample::Index, length: usize, other: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len() + 1);
        let rest = letters.iter().skip(at + length);
        letters[..at].iter().copied().chain(other.chars()).chain(rest.copied()).collect()
    }

    proptest! {
        #[test]
        fn whatever_somebody_makes_up_is_no_link(text in any::<String>(), parts in "([a-z-]{0,6}\\.){0,6}[A-Za-z0-9_-]{0,22}") {
            let keys = Keys::new(&[7; Keys::LENGTH]);
            for text in [text, parts] {
                prop_assert_eq!(keys.verify_if(&text, |_| true), Err(TokenError::Forged));
            }
        }

        #[test]
        fn a_link_says_what_was_signed_and_nothing_else_once_it_is_tampered_with(
            token in tokens(), at in any::<prop::sample::Index>(), length in 0..9_usize, other in "[A-Za-z0-9._-]{0,9}|.{0,3}",
        ) {
            let keys = Keys::new(&[7; Keys::LENGTH]);
            let text = keys.sign(&token);
            prop_assert_eq!(keys.verify_if(&text, |_| true), Ok(token.clone()));
            prop_assert_eq!(keys.verify_if(&text, |purpose| purpose != token.purpose), Err(TokenError::Forged));
            let changed = tampered(&text, at, length, &other);
            if changed != text {
                prop_assert_eq!(keys.verify_if(&changed, |_| true), Err(TokenError::Forged), "{}", changed);
            }
        }

        #[test]
        fn what_is_sealed_is_opened_only_as_it_was_sealed(
            plain in any::<Vec<u8>>(), other in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), bit in 0..8_u8,
        ) {
            let (keys, id) = (Keys::new(&[7; Keys::LENGTH]), Uuid::from_u128(1));
            let sealed = keys.seal("studio", id, &plain).expect("random bytes");
            prop_assert_eq!(keys.open("studio", id, &sealed), Some(plain));
            prop_assert_eq!(keys.open("studio", id, &other), None);
            let mut changed = sealed;
            let at = at.index(changed.len());
            changed[at] ^= 1 << bit;
            prop_assert_eq!(keys.open("studio", id, &changed), None);
        }
    }

    fn token(purpose: Purpose, seconds: i64) -> Token {
        let expires_at = Timestamp::now().as_second() + seconds;
        Token { purpose, site: "studio".into(), id: Uuid::now_v7(), decisions: 2, expires_at }
    }

    #[test]
    fn a_token_is_read_back_and_bound_to_purpose_key_and_time() {
        let keys = Keys::new(&[7; Keys::LENGTH]);
        let good = token(Purpose::Moderate, 60);
        let text = keys.sign(&good);
        assert_eq!(keys.verify(Purpose::Moderate, &text), Ok(good));
        assert_eq!(keys.verify(Purpose::Waiting, &text), Err(TokenError::Forged));
        assert_eq!(keys.verify(Purpose::Apply(Action::Approve), &text), Err(TokenError::Forged));
        assert_eq!(Keys::new(&[8; Keys::LENGTH]).verify(Purpose::Moderate, &text), Err(TokenError::Forged));
        let old = keys.sign(&token(Purpose::Moderate, -1));
        assert_eq!(keys.verify(Purpose::Moderate, &old), Err(TokenError::Expired));
    }

    #[test]
    fn each_action_has_tokens_of_its_own() {
        let keys = Keys::new(&[7; Keys::LENGTH]);
        for action in Action::ALL.iter().copied() {
            let good = token(Purpose::Apply(action), 60);
            let text = keys.sign(&good);
            assert_eq!(keys.verify(Purpose::Apply(action), &text), Ok(good));
            let others = Action::ALL.iter().copied().filter(|other| *other != action).map(Purpose::Apply);
            for purpose in others.chain([Purpose::Moderate, Purpose::Waiting, Purpose::SecondChance]) {
                assert_eq!(keys.verify(purpose, &text), Err(TokenError::Forged), "{purpose:?}");
            }
        }
    }

    #[test]
    fn what_is_sealed_is_read_by_nobody_else_and_for_nothing_else() {
        let (keys, id) = (Keys::new(&[7; Keys::LENGTH]), Uuid::now_v7());
        let sealed = keys.seal("studio", id, b"192.0.2.7").expect("random bytes");
        assert_eq!(keys.open("studio", id, &sealed).as_deref(), Some(&b"192.0.2.7"[..]));
        assert!(!sealed.windows(5).any(|part| part == b"192.0"));
        assert_ne!(keys.seal("studio", id, b"192.0.2.7").expect("random bytes"), sealed);
        assert_eq!(keys.open("other", id, &sealed), None);
        assert_eq!(keys.open("studio", Uuid::now_v7(), &sealed), None);
        assert_eq!(Keys::new(&[8; Keys::LENGTH]).open("studio", id, &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.open("studio", id, &changed), None);
            assert_eq!(keys.open("studio", id, &sealed[..at]), None);
        }
    }

    #[test]
    fn a_token_changed_at_any_place_is_refused() {
        let keys = Keys::new(&[7; Keys::LENGTH]);
        let text = keys.sign(&token(Purpose::Moderate, 60));
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(bytes).expect("ascii");
            assert_eq!(keys.verify(Purpose::Moderate, &changed), Err(TokenError::Forged), "{changed}");
        }
        for nonsense in ["", ".", "m", "m.studio", "....."] {
            assert_eq!(keys.verify(Purpose::Moderate, nonsense), Err(TokenError::Forged));
        }
    }
}
