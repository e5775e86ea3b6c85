//! A stack as CloudFormation would make it: the expanded template with parameters filled in, conditions decided, and
//! references followed. What AWS gives names itself has names of this module's.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use serde_json::{Map, Value, json};
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::harness::tools;

/// The region and the account that the stack is in.
pub(crate) const PLACE: &str = "eu-central-1:000000000000";

/// The expanded template, if the translator is there.
static EXPANDED: OnceCell<Option<Value>> = OnceCell::const_new();

/// A stack.
pub(crate) struct Stack {
    /// The template, with intrinsic functions and all.
    pub(crate) template: Value,
    parameters: BTreeMap<String, Value>,
}

/// What a stack holds.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Its name in the template.
    pub(crate) name: String,
    /// As `AWS::SQS::Queue`.
    pub(crate) kind: String,
    /// Its properties, without intrinsic functions.
    pub(crate) properties: Value,
    /// The function's binary, where it is a function or belongs to one.
    pub(crate) binary: Option<String>,
    /// What else is said about it, as `DeletionPolicy`.
    pub(crate) whole: Value,
}

/// The parameters of a stack for which as little as possible is said.
pub(crate) const BARE: &[(&str, &str)] = &[
    ("MailFrom", "deskbell@example.org"),
    ("AlarmMail", "dev@example.org"),
    ("Dashboard", "off"),
    ("MonthlyBudget", "0"),
];

/// The parameters of a stack that has everything.
pub(crate) const FULL: &[(&str, &str)] = &[
    ("MailFrom", "deskbell@example.org"),
    ("AlarmMail", "dev@example.org"),
    ("Concurrency", "5"),
    ("TextMessages", "on"),
    ("DomainName", "deskbell.example.org"),
    ("CertificateArn", "arn:aws:acm:eu-central-1:000000000000:certificate/c"),
    ("HostedZoneId", "Z0"),
    ("MailIdentity", "example.org"),
];

impl Stack {
    /// The stack that the template makes with these parameters; none if the translator is missing.
    pub(crate) async fn with(parameters: &[(&str, &str)], test: &str) -> Option<Self> {
        let template = EXPANDED.get_or_init(|| expand(test)).await.clone();
        if template.is_none() {
            tools::missing(test, "PyPI's aws-sam-translator");
        }
        Some(Self::of(template?, parameters))
    }

    /// One stack with as little as possible, and one with everything.
    pub(crate) async fn both(test: &str) -> Option<[Self; 2]> {
        Some([Self::with(BARE, test).await?, Self::with(FULL, test).await?])
    }

    /// The stack that an expanded template makes.
    pub(crate) fn of(template: Value, parameters: &[(&str, &str)]) -> Self {
        let defaults = template["Parameters"].as_object().into_iter().flatten();
        let defaults = defaults.map(|(name, parameter)| (name.clone(), parameter["Default"].clone()));
        let given = parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
        let parameters = defaults.chain(given).collect();
        Self { template, parameters }
    }

    /// Everything that it holds.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let all = self.template["Resources"].as_object().expect("resources").iter();
        let made = all.filter(|(_, whole)| whole["Condition"].as_str().is_none_or(|name| self.condition(name)));
        let read = |(name, whole): (&String, &Value)| Resource {
            name: name.clone(),
            kind: whole["Type"].as_str().expect("a type").to_owned(),
            properties: self.resolve(&whole["Properties"]),
            binary: whole["Metadata"]["BuildProperties"]["Binary"].as_str().map(str::to_owned),
            whole: whole.clone(),
        };
        made.map(read).collect()
    }

    /// Those of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Resource> {
        self.resources().into_iter().filter(|resource| resource.kind == kind).collect()
    }

    /// The outputs, by name.
    pub(crate) fn outputs(&self) -> BTreeMap<String, String> {
        let all = self.template["Outputs"].as_object().expect("outputs").iter();
        let told = all.filter(|(_, output)| output["Condition"].as_str().is_none_or(|name| self.condition(name)));
        told.map(|(name, output)| (name.clone(), text(&self.resolve(&output["Value"])))).collect()
    }

    fn condition(&self, name: &str) -> bool {
        self.holds(&self.template["Conditions"][name])
    }

    fn holds(&self, condition: &Value) -> bool {
        let Some((name, value)) = condition.as_object().and_then(|object| object.iter().next()) else {
            panic!("no condition: {condition}");
        };
        let parts = || value.as_array().expect("a list").iter();
        match name.as_str() {
            "Condition" => self.condition(value.as_str().expect("a name")),
            "Fn::Equals" => text(&self.resolve(&value[0])) == text(&self.resolve(&value[1])),
            "Fn::Not" => !self.holds(&value[0]),
            "Fn::And" => parts().all(|part| self.holds(part)),
            "Fn::Or" => parts().any(|part| self.holds(part)),
            other => panic!("{other} is not known"),
        }
    }

    /// A value without intrinsic functions.
    pub(crate) fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Object(object) if object.len() == 1 => {
                let (name, argument) = object.iter().next().expect("one");
                self.call(name, argument).unwrap_or_else(|| self.object(object))
            }
            Value::Object(object) => self.object(object),
            Value::Array(values) => values.iter().map(|value| self.resolve(value)).filter(is_something).collect(),
            other => other.clone(),
        }
    }

    fn object(&self, object: &Map<String, Value>) -> Value {
        let members = object.iter().map(|(name, value)| (name.clone(), self.resolve(value)));
        Value::Object(members.filter(|(_, value)| is_something(value)).collect())
    }

    /// What an intrinsic function gives; none if it is not one.
    fn call(&self, name: &str, argument: &Value) -> Option<Value> {
        let part = |index: usize| self.resolve(&argument[index]);
        Some(match name {
            "Ref" => self.reference(argument.as_str()?),
            "Fn::GetAtt" => self.attribute(argument[0].as_str()?, argument[1].as_str()?).into(),
            "Fn::If" => part(if self.condition(argument[0].as_str()?) { 1 } else { 2 }),
            "Fn::Sub" => self.substitute(argument).into(),
            "Fn::Split" => text(&part(1)).split(&text(&part(0))).collect(),
            "Fn::Select" => part(1)[text(&part(0)).parse::<usize>().ok()?].clone(),
            "Fn::Join" => part(1).as_array()?.iter().map(text).collect::<Vec<_>>().join(&text(&part(0))).into(),
            _ => return None,
        })
    }

    fn reference(&self, name: &str) -> Value {
        match name {
            "AWS::NoValue" => Value::Null,
            "AWS::Partition" => "aws".into(),
            "AWS::Region" => self.parameters.get(name).cloned().unwrap_or_else(|| "eu-central-1".into()),
            "AWS::AccountId" => "000000000000".into(),
            "AWS::StackName" => "notifier".into(),
            _ => self.parameters.get(name).cloned().unwrap_or_else(|| self.name(name).into()),
        }
    }

    /// The name that AWS gives a resource.
    fn name(&self, name: &str) -> String {
        let resource = &self.template["Resources"][name];
        assert!(resource.is_object(), "{name} is neither a parameter nor a resource");
        match resource["Type"].as_str() {
            Some("AWS::DynamoDB::Table" | "AWS::SES::ConfigurationSet") => "deskbell".into(),
            Some("AWS::Logs::LogGroup") => text(&self.resolve(&resource["Properties"]["LogGroupName"])),
            Some("AWS::SNS::Topic") => format!("arn:aws:sns:{PLACE}:{name}"),
            _ => name.into(),
        }
    }

    fn attribute(&self, name: &str, attribute: &str) -> String {
        let (called, kind) = (self.name(name), self.template["Resources"][name]["Type"].as_str().unwrap_or_default());
        match (kind, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => format!("arn:aws:dynamodb:{PLACE}:table/{called}"),
            ("AWS::DynamoDB::Table", "StreamArn") => format!("arn:aws:dynamodb:{PLACE}:table/{called}/stream/1"),
            ("AWS::SQS::Queue", "Arn") => format!("arn:aws:sqs:{PLACE}:{called}"),
            ("AWS::Logs::LogGroup", "Arn") => format!("arn:aws:logs:{PLACE}:log-group:{called}:*"),
            ("AWS::Lambda::Function", "Arn") => format!("arn:aws:lambda:{PLACE}:function:{called}"),
            ("AWS::IAM::Role", "Arn") => format!("arn:aws:iam::000000000000:role/{called}"),
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => {
                format!("https://{called}.execute-api.eu-central-1.amazonaws.com")
            }
            _ => format!("{called}.{attribute}"),
        }
    }

    fn substitute(&self, argument: &Value) -> String {
        let (template, own) = match argument {
            Value::Array(parts) => (&parts[0], self.resolve(&parts[1])),
            other => (other, Value::Null),
        };
        let mut pieces = template.as_str().expect("a text").split("${");
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').expect("a closed brace");
            let value = match (own.get(name), name.split_once('.')) {
                (Some(value), _) => text(value),
                (None, Some((resource, attribute))) => self.attribute(resource, attribute),
                (None, None) => text(&self.reference(name)),
            };
            whole.extend([&*value, rest]);
        }
        whole
    }
}

impl Resource {
    /// A text or a number among its properties, by its JSON pointer; empty if it is not there.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.properties.pointer(pointer).map(text).unwrap_or_default()
    }

    /// A whole number among its properties.
    pub(crate) fn number(&self, pointer: &str) -> u64 {
        self.text(pointer).parse().unwrap_or_else(|_| panic!("{}{pointer} is no number", self.name))
    }
}

fn is_something(value: &Value) -> bool {
    !value.is_null()
}

/// A scalar as CloudFormation compares it: all of them are texts.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every text in a value.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// What the translator makes of the template.
async fn expand(test: &str) -> Option<Value> {
    let program = tools::find(&["python3", "python"], test)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(program);
    command.arg(folder.join("infra/template/expand.py")).arg(folder.join("../infra/template.yaml"));
    let output = command.env("AWS_DEFAULT_REGION", "eu-central-1").output().await.expect("python runs");
    if output.status.code() == Some(3) {
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}
