//! `samconfig.toml`: what `sam deploy` is told without being asked.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::finding::Finding;

/// The stack's name where the file has none.
const STACK: &str = "deskbell";

/// What the file says about a deployment.
pub(super) struct Samconfig {
    pub(super) stack_name: String,
    pub(super) region: Option<String>,
    parameters: BTreeMap<String, String>,
}

impl Samconfig {
    /// Reads the file; or says what is in the way.
    pub(super) fn read(path: &Path) -> Result<Self, Finding> {
        let name = path.display();
        let advice = "Run this in Deskbell's folder, or name the file: --samconfig FILE";
        let text = std::fs::read_to_string(path)
            .map_err(|error| Finding::problem("samconfig", format!("{name}: {error}."), advice))?;
        Self::parse(&text).map_err(|wrong| {
            Finding::problem("samconfig", format!("{name}: {wrong}"), "Correct it: `sam deploy` reads it, too.")
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        // What is said of a command comes before what is said of all.
        let find = |name: &str| {
            ["deploy", "global"]
                .iter()
                .find_map(|command| file.get("default")?.get(*command)?.get("parameters")?.get(name))
        };
        let text = |name: &str| find(name).and_then(Value::as_str).map(str::to_owned);
        let parameters = find("parameter_overrides").map(overrides).unwrap_or_default();
        Ok(Self { stack_name: text("stack_name").unwrap_or_else(|| STACK.into()), region: text("region"), parameters })
    }

    /// A parameter of the template that is set and not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The region that the file names, if it can be read and names one.
pub(super) fn region(path: &Path) -> Option<String> {
    Samconfig::read(path).ok()?.region
}

/// The template's parameters, in each of the forms that SAM takes: a table, `Name=value`, or several of those.
fn overrides(value: &Value) -> BTreeMap<String, String> {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        _ => String::new(),
    };
    match value {
        Value::Table(table) => table.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        Value::Array(each) => each.iter().flat_map(overrides).collect(),
        one => pairs(&plain(one)),
    }
}

/// `Name=value Other="two words"`.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let mut is_quoted = false;
    let words = text.split(|c: char| {
        is_quoted ^= c == '"';
        c.is_whitespace() && !is_quoted
    });
    let pair = |word: &str| word.split_once('=').map(|(name, value)| (name.to_owned(), value.replace('"', "")));
    words.filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_each_form_that_sam_takes() {
        let forms = [
            "[default.global.parameters.parameter_overrides]\nMailFrom = \"a@b.org\"\nLogDays = 7\nDigest = \"cron(0 7)\"",
            "[default.deploy.parameters]\nparameter_overrides = 'MailFrom=a@b.org LogDays=\"7\" Digest=\"cron(0 7)\"'",
            "[default.deploy.parameters]\nparameter_overrides = [\"MailFrom=a@b.org\", \"LogDays=7 Digest=\\\"cron(0 7)\\\"\"]",
        ];
        for form in forms {
            let read = Samconfig::parse(form).expect(form);
            let parameters = ["MailFrom", "LogDays", "Digest", "AlarmMail"].map(|name| read.parameter(name));
            assert_eq!(parameters, [Some("a@b.org"), Some("7"), Some("cron(0 7)"), None], "{form}");
        }
    }

    #[test]
    fn a_command_comes_before_all() {
        let file = "[default.global.parameters]\nstack_name = \"a\"\nregion = \"r\"\n[default.deploy.parameters]\nstack_name = \"b\"";
        let read = Samconfig::parse(file).expect("TOML");
        assert_eq!((&*read.stack_name, read.region.as_deref()), ("b", Some("r")));
        assert_eq!(Samconfig::parse("").expect("TOML").stack_name, STACK);
        assert!(Samconfig::parse("[").is_err());
    }
}
