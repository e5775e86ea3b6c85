//! AWS policies, as far as the template makes use of them: what a role may do is what one of its statements allows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack::text;

/// One thing that somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Request {
    /// As `dynamodb:PutItem`.
    pub(crate) action: String,
    /// The ARN of what it is done to, or a telephone's number.
    pub(crate) resource: String,
    /// What else is known about it, as `ses:FromAddress`.
    pub(crate) context: Vec<(String, String)>,
}

/// A statement that allows something.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Resources,
    /// All of them must be met.
    conditions: Vec<Condition>,
}

/// A condition of a statement.
#[derive(Debug, Clone)]
struct Condition {
    test: Test,
    /// As `ses:FromAddress`.
    key: String,
    values: Vec<String>,
}

/// How a condition looks at what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    /// One of the values is what is known.
    Equals,
    /// Everything that is known fits one of the values.
    AllLike,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resources {
    /// These alone.
    Only(Vec<String>),
    /// All but these.
    AllBut(Vec<String>),
}

impl Request {
    pub(crate) fn new(action: &str, resource: &str) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Vec::new() }
    }

    pub(crate) fn when(mut self, key: &str, value: &str) -> Self {
        self.context.push((key.into(), value.into()));
        self
    }
}

/// The statements of a policy document.
///
/// # Panics
/// If it says something that this module does not understand.
pub(crate) fn statements(document: &Value) -> Vec<Statement> {
    list(&document["Statement"]).into_iter().map(statement).collect()
}

fn statement(value: &Value) -> Statement {
    let known = ["Sid", "Effect", "Action", "Resource", "NotResource", "Condition"];
    let members = value.as_object().expect("a statement");
    assert!(members.keys().all(|key| known.contains(&&**key)), "not understood: {value}");
    assert_eq!(value["Effect"], "Allow", "not understood: {value}");
    let names = |key: &str| -> Vec<String> { list(&value[key]).into_iter().map(text).collect() };
    let resources = match (value.get("Resource"), value.get("NotResource")) {
        (Some(_), None) => Resources::Only(names("Resource")),
        (None, Some(_)) => Resources::AllBut(names("NotResource")),
        _ => panic!("not understood: {value}"),
    };
    let conditions = value["Condition"].as_object().into_iter().flatten().flat_map(|(test, keys)| {
        let test = match test.as_str() {
            "StringEquals" => Test::Equals,
            "ForAllValues:StringLike" => Test::AllLike,
            _ => panic!("not understood: {value}"),
        };
        let values = |values: &Value| list(values).into_iter().map(text).collect();
        let keys = keys.as_object().expect("keys").iter();
        keys.map(move |(key, known)| Condition { test, key: key.clone(), values: values(known) })
    });
    Statement { actions: names("Action"), resources, conditions: conditions.collect() }
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

impl Statement {
    /// Whether it allows a request.
    pub(crate) fn allows(&self, request: &Request) -> bool {
        let about = |patterns: &[String]| patterns.iter().any(|pattern| fits(pattern, &request.resource));
        let resource = match &self.resources {
            Resources::Only(patterns) => about(patterns),
            Resources::AllBut(patterns) => !about(patterns),
        };
        let met = |Condition { test, key, values }: &Condition| {
            let mut known = request.context.iter().filter(|(known, _)| known == key).map(|(_, value)| value);
            match test {
                Test::Equals => known.any(|value| values.contains(value)),
                Test::AllLike => known.all(|value| values.iter().any(|pattern| fits(pattern, value))),
            }
        };
        let action = self.actions.iter().any(|action| fits(&action.to_lowercase(), &request.action.to_lowercase()));
        action && resource && self.conditions.iter().all(met)
    }

    /// The patterns in its conditions that none of these requests, as far as it allows them, has needed.
    pub(crate) fn unused_patterns(&self, requests: &BTreeSet<Request>) -> Vec<String> {
        let allowed: Vec<&Request> = requests.iter().filter(|request| self.allows(request)).collect();
        let is_used = |name: &str, pattern: &str| {
            let known = allowed.iter().flat_map(|request| &request.context);
            known.into_iter().any(|(known, value)| known == name && fits(pattern, value))
        };
        let patterns =
            self.conditions.iter().flat_map(|Condition { key, values, .. }| values.iter().map(move |one| (key, one)));
        let unused = patterns.filter(|(key, pattern)| !is_used(key, pattern));
        unused.map(|(key, pattern)| format!("{:?} where {key} is {pattern}", self.actions)).collect()
    }

    /// Each of its actions with each of its resources, as statements of their own.
    pub(crate) fn parts(&self) -> Vec<Self> {
        let resources: Vec<Resources> = match &self.resources {
            Resources::Only(patterns) => patterns.iter().map(|one| Resources::Only(vec![one.clone()])).collect(),
            but @ Resources::AllBut(_) => vec![but.clone()],
        };
        let with = |action: &String| {
            let part = |resources: &Resources| Self {
                actions: vec![action.clone()],
                resources: resources.clone(),
                conditions: self.conditions.clone(),
            };
            resources.iter().map(part).collect::<Vec<_>>()
        };
        self.actions.iter().flat_map(with).collect()
    }
}

/// Whether a text is one that a pattern stands for, in which `*` is anything and `?` one character.
fn fits(pattern: &str, text: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    if first == '*' {
        return text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| fits(rest, &text[at..]));
    }
    let Some(read) = text.chars().next() else { return false };
    (first == '?' || first == read) && fits(rest, &text[read.len_utf8()..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = "arn:aws:dynamodb:r:1:table/notifier";

    fn allowed(statement: &Value, request: &Request) -> bool {
        statements(&json!({ "Statement": [statement] })).iter().any(|statement| statement.allows(request))
    }

    #[test]
    fn a_statement_allows_its_actions_on_its_resources() {
        let statement =
            json!({ "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Batch*"], "Resource": TABLE });
        let index = format!("{TABLE}/index/lists");
        let cases = [
            ("dynamodb:GetItem", TABLE, true),
            ("DynamoDB:getitem", TABLE, true),
            ("dynamodb:BatchGetItem", TABLE, true),
            ("dynamodb:PutItem", TABLE, false),
            ("dynamodb:GetItem", &index, false),
            ("dynamodb:GetItem", "arn:aws:dynamodb:r:1:table/bel", false),
        ];
        for (action, resource, expected) in cases {
            assert_eq!(allowed(&statement, &Request::new(action, resource)), expected, "{action} {resource}");
        }
        let below = json!({ "Effect": "Allow", "Action": "dynamodb:Query", "Resource": [format!("{TABLE}/index/*")] });
        assert!(allowed(&below, &Request::new("dynamodb:Query", &index)));
        assert!(!allowed(&below, &Request::new("dynamodb:Query", TABLE)));
    }

    #[test]
    fn a_condition_must_be_met() {
        let condition = json!({ "StringEquals": { "ses:FromAddress": ["a@x", "b@x"] } });
        let statement =
            json!({ "Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*", "Condition": condition });
        let request = Request::new("ses:SendEmail", "arn:aws:ses:r:1:identity/x");
        assert!(!allowed(&statement, &request));
        assert!(allowed(&statement, &request.clone().when("ses:FromAddress", "b@x")));
        assert!(!allowed(&statement, &request.when("ses:FromAddress", "c@x")));
    }

    #[test]
    fn all_that_is_known_must_fit() {
        let condition = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*#rate#*", "*#token#*"] } });
        let statement =
            json!({ "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE, "Condition": condition });
        let request = |keys: &[&str]| {
            let put = Request::new("dynamodb:PutItem", TABLE);
            keys.iter().fold(put, |request, key| request.when("dynamodb:LeadingKeys", key))
        };
        assert!(allowed(&statement, &request(&["studio#rate#x"])));
        assert!(allowed(&statement, &request(&["studio#rate#x", "studio#token#y"])));
        assert!(!allowed(&statement, &request(&["deployment"])));
        assert!(!allowed(&statement, &request(&["studio#rate#x", "deployment"])));
    }

    #[test]
    fn a_pattern_that_nothing_needs_is_found() {
        let condition = json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["*#rate#*", "*#token#*"] } });
        let statement =
            json!({ "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": TABLE, "Condition": condition });
        let statement = statements(&json!({ "Statement": statement })).pop().expect("one");
        let put = |action: &str, key: &str| Request::new(action, TABLE).when("dynamodb:LeadingKeys", key);
        let rate = put("dynamodb:PutItem", "studio#rate#x");
        // Another statement allows this one.
        let token = put("dynamodb:UpdateItem", "studio#token#x");
        let unused = statement.unused_patterns(&[rate.clone(), token].into());
        assert!(unused.len() == 1 && unused[0].contains("*#token#*"), "{unused:?}");
        let both = [rate, put("dynamodb:PutItem", "studio#token#x")].into();
        assert_eq!(statement.unused_patterns(&both), [""; 0]);
    }

    #[test]
    fn all_but_some_is_the_others() {
        let statement = json!({ "Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:*" });
        assert!(allowed(&statement, &Request::new("sns:Publish", "+491701234567")));
        assert!(!allowed(&statement, &Request::new("sns:Publish", "arn:aws:sns:r:1:topic")));
    }

    #[test]
    fn the_parts_allow_what_the_whole_does_each_by_itself() {
        let whole = json!({ "Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": ["x", "y"] });
        let whole = statements(&json!({ "Statement": whole })).pop().expect("one");
        let parts = whole.parts();
        for (action, resource) in [("a:A", "x"), ("a:A", "y"), ("a:B", "x"), ("a:B", "y")] {
            let request = Request::new(action, resource);
            assert_eq!(parts.iter().filter(|part| part.allows(&request)).count(), 1);
        }
        assert_eq!(parts.len(), 4);
    }

    #[test]
    fn patterns_are_read_as_aws_does() {
        let cases = [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("", "", true),
            ("**", "x", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    #[should_panic(expected = "not understood")]
    fn what_is_not_understood_is_no_permission() {
        statements(&json!({ "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" } }));
    }
}
