//! When a site's digest was sent, and whether one is due: one item for each site. Who sends it claims it first, so
//! that an event that comes twice sends one email; a claim whose holder has gone lapses.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;

use super::error::StoreError;
use super::schema::{Item, VERSION, key, n, number, s};
use super::table::{Store, update_if};

/// How long a claim holds, in seconds: longer than a function lives.
const CLAIM_SECONDS: i64 = 300;

/// For how long the item is kept after the last digest, in seconds.
const KEEP_SECONDS: i64 = 90 * 86_400;

/// A digest that somebody has set out to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDigest {
    /// The week, as `2026-W48`.
    pub week: String,
    /// Up to when the digest before reached; none if there was none.
    pub since: Option<Timestamp>,
    /// When it was claimed, in seconds since 1970: what tells this claim from others.
    claimed_at: i64,
}

impl Store {
    /// Makes the digest of a week due, unless it was sent.
    pub async fn make_digest_due(&self, site: &str, week: &str, now: Timestamp) -> Result<(), StoreError> {
        let update = self.update_digest(site).update_expression("SET due = :week, expires_at = :expires, v = :v");
        let update = update
            .condition_expression("attribute_not_exists(week) OR week <> :week")
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":week", s(week))
            .expression_attribute_values(":expires", n(now.as_second() + KEEP_SECONDS));
        update_if(update).await.map(drop)
    }

    /// Whether a site's digest is due, as of a moment ago: most often none is, and asking costs less than claiming.
    pub async fn is_digest_due(&self, site: &str) -> Result<bool, StoreError> {
        Ok(self.get(digest_key(site), false).await?.is_some_and(|item| item.contains_key("due")))
    }

    /// Claims a site's digest, if one is due and nobody else is at it.
    pub async fn claim_digest(&self, site: &str, now: Timestamp) -> Result<Option<DueDigest>, StoreError> {
        let claimed_at = now.as_second();
        let update = self
            .update_digest(site)
            .update_expression("SET claimed_at = :now")
            .condition_expression(
                "attribute_exists(due) AND (attribute_not_exists(claimed_at) OR claimed_at < :lapsed)",
            )
            .expression_attribute_values(":now", n(claimed_at))
            .expression_attribute_values(":lapsed", n(claimed_at - CLAIM_SECONDS))
            .return_values(ReturnValue::AllNew);
        let Some(item) = update_if(update).await? else { return Ok(None) };
        let week = item.get("due").and_then(|due| due.as_s().ok());
        let week = week.ok_or_else(|| StoreError::malformed("a digest"))?.clone();
        let since = number(&item, "reached");
        Ok(Some(DueDigest { week, since: since.and_then(|since| Timestamp::from_second(since).ok()), claimed_at }))
    }

    /// Notes that a claimed digest was sent, or that there was nothing to send, and up to when it reached.
    pub async fn digest_sent(&self, site: &str, digest: &DueDigest, until: Timestamp) -> Result<(), StoreError> {
        let update = self
            .of_claim(site, digest)
            .update_expression("SET week = :week, reached = :reached REMOVE due, claimed_at")
            .expression_attribute_values(":week", s(&digest.week))
            .expression_attribute_values(":reached", n(until.as_second()));
        update_if(update).await.map(drop)
    }

    /// Gives up a claim without having sent. With `again` the digest stays due.
    pub async fn digest_failed(&self, site: &str, digest: &DueDigest, again: bool) -> Result<(), StoreError> {
        let what = if again { "REMOVE claimed_at" } else { "REMOVE claimed_at, due" };
        update_if(self.of_claim(site, digest).update_expression(what)).await.map(drop)
    }

    /// A change that is not made if somebody else has claimed the digest since.
    fn of_claim(&self, site: &str, digest: &DueDigest) -> UpdateItemFluentBuilder {
        self.update_digest(site)
            .condition_expression("claimed_at = :claimed")
            .expression_attribute_values(":claimed", n(digest.claimed_at))
    }

    fn update_digest(&self, site: &str) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(&self.table).set_key(Some(digest_key(site)))
    }
}

fn digest_key(site: &str) -> Item {
    key(format!("{site}#digest"), "item")
}
