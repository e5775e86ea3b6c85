//! What local mode needs of `infra/template.yaml`: the table, the routes, which of the table's records start `notify`,
//! and the schedules.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::filter::Filter;

/// The template that is deployed.
const TEXT: &str = include_str!("../../../template.yaml");

/// The table, the routes, the stream's filter and the schedules of the template.
#[derive(Debug, Clone)]
pub struct Template {
    /// The table.
    pub table: TableResource,
    /// The routes of all functions.
    pub routes: Vec<Route>,
    /// Who follows the table's stream.
    pub mappings: Vec<Mapping>,
    /// When functions start by themselves.
    pub schedules: Vec<Schedule>,
}

/// A function that follows the table's stream.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The function's name in the template.
    pub name: String,
    /// Its binary.
    pub function: String,
    /// Which records start it.
    pub filter: Filter,
    /// The most records in an event.
    pub batch: usize,
}

/// When a function starts by itself, and with which event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Schedule {
    /// As `rate(1 hour)`.
    pub schedule_expression: String,
    /// The event, JSON.
    pub input: String,
}

/// A route and the function behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The path, with parameters in braces.
    pub path: String,
    /// The method, or `ANY`.
    pub method: String,
    /// The function's binary.
    pub function: String,
    /// How many requests a second API Gateway lets through, in the long run.
    pub per_second: u32,
}

/// The table as CloudFormation describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TableResource {
    /// The name locally; CloudFormation gives its own.
    #[serde(skip, default = "local_name")]
    pub name: String,
    /// The key attributes and their types.
    pub attribute_definitions: Vec<Attribute>,
    /// The table's key.
    pub key_schema: Vec<Key>,
    /// The indexes.
    pub global_secondary_indexes: Vec<Index>,
    /// The attribute with the time at which an item expires.
    pub time_to_live_specification: TimeToLive,
    /// What the stream carries.
    pub stream_specification: Stream,
}

/// A key attribute.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attribute {
    /// Its name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A part of a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Key {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// A global secondary index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Index {
    /// Its name.
    #[serde(rename = "IndexName")]
    pub name: String,
    /// Its key.
    pub key_schema: Vec<Key>,
    /// What it holds.
    pub projection: Projection,
}

/// What an index holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
}

/// The attribute with the time at which an item expires.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLive {
    /// Its name.
    pub attribute_name: String,
}

/// What the stream carries.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stream {
    /// `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: String,
    #[serde(default)]
    properties: serde_json::Value,
    #[serde(default)]
    metadata: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MappingProperties {
    batch_size: usize,
    filter_criteria: FilterCriteria,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<PatternProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PatternProperties {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteProperties {
    path: String,
    method: String,
    route_settings: Option<Throttle>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Throttle {
    throttling_rate_limit: u32,
}

impl Template {
    /// The template that this program was built with.
    ///
    /// # Panics
    /// If the template does not have what local mode needs, which the tests would notice.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(TEXT).unwrap_or_else(|error| panic!("infra/template.yaml: {error}"))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let document: Document = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let mut table = None;
        let (mut routes, mut mappings, mut schedules) = (Vec::new(), Vec::new(), Vec::new());
        let usual = usual_limit(&document)?;
        for (name, resource) in document.resources {
            match resource.r#type.as_str() {
                "AWS::DynamoDB::Table" => {
                    let properties = serde_json::from_value(resource.properties);
                    table = Some(properties.map_err(|error| format!("{name}: {error}"))?);
                }
                "AWS::Serverless::Function" => {
                    routes.extend(function_routes(&name, &resource, usual)?);
                    mappings.extend(stream_mappings(&name, &resource)?);
                    schedules.extend(events(&name, &resource, "ScheduleV2")?);
                }
                _ => {}
            }
        }
        Ok(Self { table: table.ok_or("there is no table")?, routes, mappings, schedules })
    }
}

/// How many requests a second a route takes that says nothing about it.
fn usual_limit(document: &Document) -> Result<u32, String> {
    let api = document.resources.values().find(|resource| resource.r#type == "AWS::Serverless::HttpApi");
    let settings = api.map(|api| api.properties["DefaultRouteSettings"].clone()).ok_or("there is no API")?;
    let throttle: Throttle = serde_json::from_value(settings).map_err(|error| error.to_string())?;
    Ok(throttle.throttling_rate_limit)
}

fn function_routes(name: &str, resource: &Resource, usual: u32) -> Result<Vec<Route>, String> {
    let function = binary(name, resource)?;
    let routes = events::<RouteProperties>(name, resource, "HttpApi")?.into_iter();
    let route = |route: RouteProperties| Route {
        per_second: route.route_settings.map_or(usual, |throttle| throttle.throttling_rate_limit),
        path: route.path,
        method: route.method,
        function: function.clone(),
    };
    Ok(routes.map(route).collect())
}

/// The binary behind a function.
fn binary(name: &str, resource: &Resource) -> Result<String, String> {
    let binary = resource.metadata.pointer("/BuildProperties/Binary").and_then(|binary| binary.as_str());
    binary.map(str::to_owned).ok_or_else(|| format!("{name} names no binary"))
}

/// What a function's events of a type say.
fn events<T: DeserializeOwned>(name: &str, resource: &Resource, r#type: &str) -> Result<Vec<T>, String> {
    let events = resource.properties.get("Events").and_then(|events| events.as_object());
    let events = events.into_iter().flatten().filter(|(_, event)| event["Type"] == r#type);
    let read = |value: &serde_json::Value| serde_json::from_value(value["Properties"].clone());
    events.map(|(event, value)| read(value).map_err(|error| format!("{name}, {event}: {error}"))).collect()
}

/// The table's stream as a function follows it.
fn stream_mappings(name: &str, resource: &Resource) -> Result<Vec<Mapping>, String> {
    let mappings = events::<MappingProperties>(name, resource, "DynamoDB")?.into_iter().map(|properties| {
        let patterns: Vec<&str> = properties.filter_criteria.filters.iter().map(|filter| &*filter.pattern).collect();
        let (filter, batch) = (Filter::parse(&patterns)?, properties.batch_size);
        Ok(Mapping { name: name.to_owned(), function: binary(name, resource)?, filter, batch })
    });
    mappings.collect()
}

fn local_name() -> String {
    "deskbell".into()
}
