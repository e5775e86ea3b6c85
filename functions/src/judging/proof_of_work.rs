//! The proof of work, as the ALTCHA widget (version 3) solves it.
//!
//! The challenge carries the form token in its `data`, and its signature covers that. So who spends the token
//! spends the solution too, and the field of a plain widget is enough to know the token.

use std::collections::BTreeMap;

use altcha::{Challenge, CreateChallengeOptions, Payload, VerifySolutionOptions, create_challenge, verify_solution};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use uuid::Uuid;

use crate::keys::Keys;
use deskbell_filter::Proof;

/// Rounds of PBKDF2 with SHA-256 for each try.
const ROUNDS: u32 = 2_000;

/// The most tries on a quiet day. One takes a desktop browser about a millisecond and a phone perhaps four, so that
/// this is over in well under a second.
const TRIES: u32 = 150;

/// How often the number of tries is doubled at most: to about ten seconds on one thread of a phone.
const DOUBLINGS: u32 = 4;

/// The longest field that is looked at, in characters. The widget's takes about 900.
const MAX_FIELD: usize = 4_096;

/// The member of the challenge's `data` that holds the form token.
const TOKEN: &str = "token";

/// A solved challenge as it was posted: nothing in it is checked yet.
pub(crate) struct Solved(Payload);

/// The most tries for a network that fetched `request_rate` challenges in this minute, where `calm` are usual: doubled
/// with each half of `calm` beyond it.
pub(crate) fn tries(request_rate: u32, calm: u32) -> u32 {
    let doublings = request_rate.saturating_sub(calm).saturating_mul(2).div_ceil(calm.max(1));
    TRIES << doublings.min(DOUBLINGS)
}

/// A challenge that `token` is bound to and that takes up to `tries` tries. It ends at `expires_at`, in seconds.
pub(crate) fn challenge(keys: &Keys, token: &str, tries: u32, expires_at: i64) -> Result<Challenge, altcha::Error> {
    create_challenge(CreateChallengeOptions {
        cost: ROUNDS,
        // Chosen at random from all, so that nobody can begin at the end.
        counter: Some(1 + chance(tries)),
        data: Some(BTreeMap::from([(TOKEN.into(), token.into())])),
        expires_at: Some(expires_at),
        hmac_signature_secret: Some(secret(keys)),
        hmac_key_signature_secret: Some(key_secret(keys)),
        ..CreateChallengeOptions::default()
    })
}

impl Solved {
    /// Reads the field `altcha`: JSON in base64.
    pub(crate) fn parse(field: &str) -> Option<Self> {
        if field.len() > MAX_FIELD {
            return None;
        }
        let json = BASE64.decode(field.trim()).ok()?;
        serde_json::from_slice(&json).ok().map(Self)
    }

    /// The form token that the challenge says it is bound to.
    pub(crate) fn token(&self) -> Option<&str> {
        self.0.challenge.parameters.data.as_ref()?.get(TOKEN)?.as_str()
    }

    /// Whether the challenge is ours and the solution right. Costs three hashes, whatever was posted.
    pub(crate) fn check(&self, keys: &Keys) -> Proof {
        let Payload { challenge, solution } = &self.0;
        let mut options = VerifySolutionOptions::new(challenge, solution, secret(keys));
        options.hmac_key_signature_secret = Some(key_secret(keys));
        match verify_solution(options) {
            Ok(result) if result.verified => Proof::Solved,
            // Waited too long, which says nothing about the one who waited.
            Ok(result) if result.expired => Proof::Absent,
            Ok(_) | Err(_) => Proof::Failed,
        }
    }
}

/// A number below `limit`, by chance.
fn chance(limit: u32) -> u32 {
    let (high, ..) = Uuid::new_v4().as_fields();
    high % limit.max(1)
}

fn secret(keys: &Keys) -> String {
    keys.hash("proof", &[])
}

fn key_secret(keys: &Keys) -> String {
    keys.hash("proof key", &[])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_somebody_makes_up_proves_nothing(
            text in any::<String>(), bytes in any::<Vec<u8>>(), cost in any::<u32>(), counter in any::<u32>(),
            prefix in "[0-9a-g]{0,9}", key in "[0-9a-f]{0,64}",
        ) {
            let keys = Keys::new(&[7; Keys::LENGTH]);
            let json = serde_json::json!({
                "challenge": { "parameters": {
                    "algorithm": "PBKDF2/SHA-256", "cost": cost, "keyLength": 32, "keyPrefix": prefix, "nonce": key,
                    "salt": key, "data": { "token": text },
                }, "signature": key },
                "solution": { "counter": counter, "derivedKey": key },
            });
            for field in [text, BASE64.encode(bytes), BASE64.encode(json.to_string())] {
                if let Some(solved) = Solved::parse(&field) {
                    prop_assert_eq!(solved.check(&keys), Proof::Failed);
                }
            }
        }
    }

    #[test]
    fn the_request_rate_doubles_the_work_up_to_a_limit() {
        let cases = [(0, 1), (1, 1), (10, 1), (11, 2), (15, 2), (16, 4), (21, 8), (26, 16), (30, 16), (u32::MAX, 16)];
        for (request_rate, times) in cases {
            assert_eq!(tries(request_rate, 10), TRIES * times, "{request_rate}");
        }
        assert_eq!(tries(u32::MAX, 0), TRIES * 16);
    }

    #[test]
    fn hostile_fields_are_no_proof() {
        let keys = Keys::new(&[7; Keys::LENGTH]);
        let long = "A".repeat(MAX_FIELD + 4);
        for field in ["", "=", "e30=", "bnVsbA==", "\u{1f642}", &long] {
            assert!(Solved::parse(field).is_none(), "{field}");
        }
        // Work that nobody asked for: refused by its signature, before anything is computed.
        let json = r#"{"challenge":{"parameters":{"algorithm":"PBKDF2/SHA-512","cost":4294967295,"keyLength":4294967295,
            "keyPrefix":"zz","nonce":"q","salt":"q"},"signature":"00"},"solution":{"counter":1,"derivedKey":"00"}}"#;
        let solved = Solved::parse(&BASE64.encode(json)).expect("readable");
        assert_eq!((solved.token(), solved.check(&keys)), (None, Proof::Failed));
    }
}
