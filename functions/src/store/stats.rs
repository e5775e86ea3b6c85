//! The numbers of days: a mark for each submission of the last days, and one item for each day before that.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::error::StoreError;
use super::item::known;
use super::schema::{Item, key, n, s, stamped};
use super::table::Store;
use crate::submission::tally::{Mark, Tally};

/// For how many days after its own a mark is kept: until its day was certainly added up.
const MARK_DAYS: i64 = 10;

/// For how many days a day's numbers are kept: a month can be compared with that of the year before.
const TALLY_DAYS: i64 = 400;

/// How long the numbers of records of the stream can be.
const WIDTH: usize = 40;

impl Store {
    /// Marks a submission that came in on a day, in the place of what a record of the stream with a smaller number
    /// said.
    pub async fn mark(&self, site: &str, id: Uuid, day: Date, number: &str, mark: &Mark) -> Result<(), StoreError> {
        let mut item: Item = serde_dynamo::to_item(mark)?;
        item.extend(key(marks_pk(site, day), &id.to_string()));
        // In one width, so that they compare as numbers do, which have fewer digits in the table.
        let sequence_number = s(format!("{number:0>WIDTH$}"));
        item.insert("sequence_number".into(), sequence_number);
        let compared = ["sequence_number", "decision", "delivered", "failed"];
        let values = compared.iter().filter_map(|name| Some((format!(":{name}"), item.get(*name)?.clone()))).collect();
        item.insert("expires_at".into(), n(end_of(day, MARK_DAYS)));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(stamped(item)));
        let put = put
            // What says the same changes nothing: a site that was moved here has brought its marks along.
            .condition_expression(
                "attribute_not_exists(pk) OR (sequence_number < :sequence_number \
                 AND (decision <> :decision OR delivered <> :delivered OR failed <> :failed))",
            )
            .set_expression_attribute_values(Some(values));
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) | Err(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
            Err(error) => Err(StoreError::unavailable(&error)),
        }
    }

    /// What is marked for a day, added up. Read are as many marks as there are.
    pub async fn marked(&self, site: &str, day: Date) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        let mut after = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s(marks_pk(site, day)))
                .set_exclusive_start_key(after);
            let output = query.send().await?;
            for item in output.items.unwrap_or_default() {
                tally.add(&serde_dynamo::from_item(known(item)?)?);
            }
            after = output.last_evaluated_key;
            if after.is_none() {
                return Ok(tally);
            }
        }
    }

    /// Keeps a day's numbers.
    pub async fn keep_tally(&self, site: &str, day: Date, tally: &Tally) -> Result<(), StoreError> {
        let mut item: Item = serde_dynamo::to_item(tally)?;
        item.extend(key(days_pk(site), &day.to_string()));
        item.insert("expires_at".into(), n(end_of(day, TALLY_DAYS)));
        self.client.put_item().table_name(&self.table).set_item(Some(stamped(item))).send().await?;
        Ok(())
    }

    /// The numbers that are kept of days, from the first to the last of them.
    pub async fn tallies(&self, site: &str, first: Date, last: Date) -> Result<BTreeMap<Date, Tally>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", s(days_pk(site)))
            .expression_attribute_values(":first", s(first.to_string()))
            .expression_attribute_values(":last", s(last.to_string()));
        // All that is ever kept is a tenth of what one answer holds.
        let items = query.send().await?.items.unwrap_or_default();
        items.into_iter().map(parse_day).collect()
    }
}

fn parse_day(item: Item) -> Result<(Date, Tally), StoreError> {
    let day = item.get("sk").and_then(|sk| sk.as_s().ok()?.parse().ok());
    let day = day.ok_or_else(|| StoreError::malformed("a day's numbers"))?;
    Ok((day, serde_dynamo::from_item(known(item)?)?))
}

fn days_pk(site: &str) -> String {
    format!("{site}#stats")
}

fn marks_pk(site: &str, day: Date) -> String {
    format!("{site}#stats#{day}")
}

/// The end of a day so many days later, in seconds since 1970.
fn end_of(day: Date, days: i64) -> i64 {
    let start = day.to_zoned(TimeZone::UTC).map_or(0, |start| start.timestamp().as_second());
    start + (days + 1) * 86_400
}
