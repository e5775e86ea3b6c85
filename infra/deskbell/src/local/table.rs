//! The table: an embedded DynamoDB, or one on another server, made as the template says.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, KeySchemaElement, Projection, StreamSpecification, TableDescription,
    TimeToLiveSpecification,
};
use deskbell_functions::app::Aws;
use deskbell_functions::store::chain;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::error::WorldError;
use super::options::Table;
use super::template::{Attribute, Index, Key, TableResource};
use crate::output;

/// How often what has expired is removed. AWS takes up to two days.
const SWEEP: Duration = Duration::from_mins(1);

/// Starts the embedded table, if it is one, and gives the address at which the table is reached.
pub(super) async fn serve(table: &Table, tasks: &mut JoinSet<()>) -> Result<String, WorldError> {
    let failed = |error: &dyn std::fmt::Display| WorldError::Table(error.to_string());
    let database = match table {
        Table::Server(url) | Table::Made { url, .. } => return Ok(url.clone()),
        Table::Memory => dynoxide::Database::memory(),
        Table::File(path) => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            }
            dynoxide::Database::new(&path.to_string_lossy())
        }
    };
    let database = database.map_err(|error| failed(&error))?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
    let address = listener.local_addr().map_err(|error| failed(&error))?;
    tasks.spawn(dynoxide::server::serve_on(listener, database.clone()));
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(SWEEP).await;
            if let Err(error) = database.sweep_ttl() {
                output::say(format_args!("expired items could not be removed: {error}"));
            }
        }
    });
    Ok(format!("http://{address}"))
}

/// Makes the table unless it is there, gives one that an older release made the indexes that have come since, and gives
/// its stream's name.
pub async fn create(aws: &Aws, table: &TableResource) -> Result<String, WorldError> {
    let client = aws.dynamodb();
    match request(&client, table)?.send().await {
        Ok(_) => {}
        Err(SdkError::ServiceError(error)) if matches!(error.err(), CreateTableError::ResourceInUseException(_)) => {}
        Err(error) => return Err(failed(&error)),
    }
    let described = client.describe_table().table_name(&table.name).send().await.map_err(|error| failed(&error))?;
    let described = described.table.ok_or_else(|| WorldError::Table("it is not described".into()))?;
    catch_up(&client, table, &described).await?;
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name(&table.time_to_live_specification.attribute_name)
        .enabled(true)
        .build()
        .map_err(|error| failed(&error))?;
    // Refused where it is on already, as in a table kept from before.
    let _ = client.update_time_to_live().table_name(&table.name).time_to_live_specification(ttl).send().await;
    described.latest_stream_arn.ok_or_else(|| WorldError::Table("it has no stream".into()))
}

/// Adds the indexes that a table is without, one at a time, as DynamoDB asks.
async fn catch_up(client: &Client, table: &TableResource, is: &TableDescription) -> Result<(), WorldError> {
    for index in &table.global_secondary_indexes {
        if is.global_secondary_indexes().iter().any(|there| there.index_name() == Some(&index.name)) {
            continue;
        }
        let action = CreateGlobalSecondaryIndexAction::builder()
            .index_name(&index.name)
            .set_key_schema(Some(key(&index.key_schema)?))
            .projection(projection(index))
            .build();
        let update = GlobalSecondaryIndexUpdate::builder().create(action.map_err(|error| failed(&error))?).build();
        let request = client.update_table().table_name(&table.name).global_secondary_index_updates(update);
        let request = request.set_attribute_definitions(Some(attributes(table)?));
        request.send().await.map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn request(
    client: &Client,
    table: &TableResource,
) -> Result<aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder, WorldError> {
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(table.stream_specification.stream_view_type.as_str().into());
    let mut request = client
        .create_table()
        .table_name(&table.name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key(&table.key_schema)?))
        .set_attribute_definitions(Some(attributes(table)?))
        .stream_specification(stream.build().map_err(|error| failed(&error))?);
    for index in &table.global_secondary_indexes {
        let definition = GlobalSecondaryIndex::builder()
            .index_name(&index.name)
            .set_key_schema(Some(key(&index.key_schema)?))
            .projection(projection(index));
        request = request.global_secondary_indexes(definition.build().map_err(|error| failed(&error))?);
    }
    Ok(request)
}

fn attributes(table: &TableResource) -> Result<Vec<AttributeDefinition>, WorldError> {
    let definition = |attribute: &Attribute| {
        let definition = AttributeDefinition::builder().attribute_name(&attribute.attribute_name);
        let definition = definition.attribute_type(attribute.attribute_type.as_str().into());
        definition.build().map_err(|error| failed(&error))
    };
    table.attribute_definitions.iter().map(definition).collect()
}

fn projection(index: &Index) -> Projection {
    Projection::builder().projection_type(index.projection.projection_type.as_str().into()).build()
}

fn key(parts: &[Key]) -> Result<Vec<KeySchemaElement>, WorldError> {
    let element = |part: &Key| {
        let element = KeySchemaElement::builder().attribute_name(&part.attribute_name);
        element.key_type(part.key_type.as_str().into()).build().map_err(|error| failed(&error))
    };
    parts.iter().map(element).collect()
}

fn failed(error: &dyn std::error::Error) -> WorldError {
    WorldError::Table(chain(error))
}
