//! What was posted, whichever of the three ways forms and scripts send it.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use url::form_urlencoded;

use super::error::Error;
use crate::form::{Code, FieldError, Fields};

/// The most fields.
const MAX_FIELDS: usize = 50;

/// Reads a body of the given `Content-Type`.
pub(super) async fn fields(content_type: &str, body: Bytes) -> Result<Fields, Error> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fields = match kind.as_str() {
        // A script that posts a form without naming its type; empty bodies have none either.
        "application/x-www-form-urlencoded" | "" => urlencoded(&body),
        "multipart/form-data" => multipart(content_type, body).await?,
        "application/json" => json(&body)?,
        _ => return Err(Error::MediaType),
    };
    if fields.pairs.len() + fields.faults.len() > MAX_FIELDS { Err(Error::TooLarge) } else { Ok(fields) }
}

/// Bytes that are not UTF-8 become U+FFFD, which [`crate::form`] refuses by name of the field.
fn urlencoded(body: &[u8]) -> Fields {
    let pairs = form_urlencoded::parse(body).into_owned().take(MAX_FIELDS + 1).collect();
    Fields { pairs, faults: Vec::new() }
}

async fn multipart(content_type: &str, body: Bytes) -> Result<Fields, Error> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Error::Malformed)?;
    let stream = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut fields = Fields::default();
    while let Some(part) = parts.next_field().await.map_err(|_| Error::Malformed)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let value = part.bytes().await.map_err(|_| Error::Malformed)?;
        match file {
            // A file field left empty is sent without a name and without content.
            Some(file) if file.is_empty() && value.is_empty() => {}
            Some(_) => fields.faults.push(FieldError::new(name, Code::File)),
            None => fields.pairs.push((name, String::from_utf8_lossy(&value).into_owned())),
        }
        if fields.pairs.len() + fields.faults.len() > MAX_FIELDS {
            return Err(Error::TooLarge);
        }
    }
    Ok(fields)
}

fn json(body: &[u8]) -> Result<Fields, Error> {
    let mut fields = Fields::default();
    if body.is_empty() {
        return Ok(fields);
    }
    let Object(members) = serde_json::from_slice(body).map_err(|_| Error::Malformed)?;
    for (name, value) in members {
        match value {
            // Staticman's clients send their fields one level down.
            Value::Object(inner) if name == "fields" || name == "options" => {
                for (inner_name, value) in inner {
                    place(&mut fields, format!("{name}[{inner_name}]"), value);
                }
            }
            value => place(&mut fields, name, value),
        }
    }
    Ok(fields)
}

/// Text, numbers and truth values are taken as text; a list of those is a repeated field.
fn place(fields: &mut Fields, name: String, value: Value) {
    match value {
        Value::Null => {}
        Value::String(text) => fields.pairs.push((name, text)),
        Value::Number(number) => fields.pairs.push((name, number.to_string())),
        Value::Bool(truth) => fields.pairs.push((name, truth.to_string())),
        Value::Array(values) if !values.iter().any(|value| value.is_array() || value.is_object()) => {
            for value in values {
                place(fields, name.clone(), value);
            }
        }
        Value::Array(_) | Value::Object(_) => fields.faults.push(FieldError::new(name, Code::Type)),
    }
}

/// A JSON object whose members keep their order and their repetitions.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_order_and_repetitions_and_names_what_is_no_text() {
        let body = br#"{"b":1,"a":"x","b":[true,"y",null],"o":{"p":1},"l":[[1]],"n":null,"fields":{"name":"Z"}}"#;
        let fields = json(body).expect("JSON");
        let pairs: Vec<_> = fields.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("b", "1"), ("a", "x"), ("b", "true"), ("b", "y"), ("fields[name]", "Z")]);
        let faults: Vec<_> = fields.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(faults, ["o", "l"]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["[]", "1", "{", "{\"a\":", "\"x\"", "\u{feff}{}"] {
            assert!(matches!(json(body.as_bytes()), Err(Error::Malformed)), "{body}");
        }
        assert!(matches!(json(b"{\"a\":\"\xff\"}"), Err(Error::Malformed)));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(matches!(json(deep.as_bytes()), Err(Error::Malformed)));
    }
}
