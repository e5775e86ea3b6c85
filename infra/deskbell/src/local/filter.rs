//! Which of the stream's records start `notify`: the patterns of the template, as Lambda's event source mapping reads
//! them, as far as the template makes use of them.

use serde_json::Value;

/// The patterns; a record has to fit one of them.
#[derive(Debug, Clone)]
pub struct Filter(Vec<Value>);

impl Filter {
    /// The patterns as they stand in the template: JSON in texts.
    ///
    /// # Errors
    /// What cannot be read, and what Lambda knows but local mode does not: anything but lists of texts.
    pub fn parse(patterns: &[&str]) -> Result<Self, String> {
        let parsed = patterns.iter().map(|pattern| {
            let value: Value = serde_json::from_str(pattern).map_err(|error| format!("{pattern}: {error}"))?;
            if is_known(&value) { Ok(value) } else { Err(format!("{pattern}: local mode knows lists of texts only")) }
        });
        Ok(Self(parsed.collect::<Result<_, _>>()?))
    }

    /// Whether a record, as Lambda writes it, fits.
    #[must_use]
    pub fn lets_pass(&self, record: &Value) -> bool {
        self.0.iter().any(|pattern| fits(pattern, record))
    }
}

fn is_known(pattern: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.values().all(is_known),
        Value::Array(values) => values.iter().all(Value::is_string),
        _ => false,
    }
}

fn fits(pattern: &Value, value: &Value) -> bool {
    match pattern {
        Value::Object(members) => {
            members.iter().all(|(name, inner)| value.get(name).is_some_and(|value| fits(inner, value)))
        }
        Value::Array(values) => values.contains(value),
        _ => false,
    }
}
