//! The suppression list: addresses that are not written to any more, for mail to them bounced, or their holders called
//! it spam. Only a keyed hash of each is stored, for all sites together, since they have one sender.

use jiff::Timestamp;
use strum::{EnumString, IntoStaticStr};

use super::error::StoreError;
use super::schema::{Item, key, n, number, s, stamped};
use super::table::Store;
use crate::submission::reason::DeliveryReason;

/// For how long that is known, in seconds.
pub const SUPPRESSION_SECONDS: i64 = 365 * 86_400;

const PK: &str = "deployment#suppressed";

/// Why an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum SuppressionReason {
    /// It takes no mail, for good.
    Bounced,
    /// Its holder called an email spam.
    Complained,
}

/// That an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// Since when, in seconds since 1970.
    pub at: i64,
}

impl SuppressionReason {
    /// The word in the table and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl From<SuppressionReason> for DeliveryReason {
    fn from(reason: SuppressionReason) -> Self {
        match reason {
            SuppressionReason::Bounced => Self::Bounced,
            SuppressionReason::Complained => Self::Complained,
        }
    }
}

impl Store {
    /// Keeps that an address, by [`crate::app::App::address_hash`], is not written to.
    pub async fn suppress(&self, address: &str, suppression: Suppression) -> Result<(), StoreError> {
        let mut item = key(PK.into(), address);
        item.insert("why".into(), s(suppression.reason.word()));
        item.insert("at".into(), n(suppression.at));
        item.insert("expires_at".into(), n(Timestamp::now().as_second() + SUPPRESSION_SECONDS));
        self.client.put_item().table_name(&self.table).set_item(Some(stamped(item))).send().await?;
        Ok(())
    }

    /// Whether an address is not written to.
    pub async fn suppressed(&self, address: &str) -> Result<Option<Suppression>, StoreError> {
        let item = self.get(key(PK.into(), address), false).await?;
        Ok(item.as_ref().and_then(parse_suppression))
    }

    /// Forgets that an address is not written to; gives whether it was so.
    pub async fn unsuppress(&self, address: &str) -> Result<bool, StoreError> {
        self.delete(key(PK.into(), address)).await
    }
}

fn parse_suppression(item: &Item) -> Option<Suppression> {
    // What has expired may stand in the table for two days more.
    let good = number::<i64>(item, "expires_at")? > Timestamp::now().as_second();
    let reason = item.get("why")?.as_s().ok()?.parse().ok()?;
    good.then_some(Suppression { reason, at: number(item, "at")? })
}
