//! What a network has sent: how much in a minute, and which form tokens it has used, with which content. Both are noted
//! by one write, token or not; and since a minute stands beside the block of the network, one query tells whether it is
//! blocked and what its tokens were used for.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
use uuid::Uuid;

use super::block::{block_pk, parse_block};
use super::error::StoreError;
use super::schema::{Item, VERSION, is_in_force, key, n, number, s};
use super::table::{Store, update_if};

/// The sort key of a block. It sorts after all minutes.
const BLOCK: &str = "item";

/// How many items of a network are read at most: its block and, of the minutes in which it sent something, the newest.
/// By default no minute has more than 250 bytes, so that they all are read for half a unit. Who sends in more minutes
/// than these could use a token anew, and would gain no more than by fetching another.
const MOST_ITEMS: i32 = 16;

/// Characters of a content's hash that are noted with a token: 48 bits.
const MARK: usize = 8;

/// A form token and the hash of the content that it came with.
#[derive(Debug, Clone, Copy)]
pub struct TokenUse<'a> {
    /// The token's id.
    pub token: Uuid,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The keyed hash of the content.
    pub content: &'a str,
}

/// What a network sends now.
#[derive(Debug, Clone, Copy)]
pub struct NetworkRequest<'a> {
    /// The site's id.
    pub site: &'a str,
    /// The network's keyed hash.
    pub network: &'a str,
    /// When.
    pub now: Timestamp,
    /// For how many seconds it is remembered which tokens were used.
    pub keep: i64,
    /// How much it may send in a minute; none if this is not to be counted.
    pub most: Option<u32>,
    /// The token that came along.
    pub token: Option<TokenUse<'a>>,
}

/// What was noted of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkCount {
    /// How much it has sent in this minute, this included.
    pub rate: u32,
    /// Whether the token was used for other content in this minute before.
    used: Option<String>,
}

/// What was known of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkPast {
    /// Whether the owner has blocked it.
    pub blocked: bool,
    /// What the token was used for first, as far as it was used.
    used: Option<String>,
}

impl NetworkPast {
    /// Whether a token was used for other content before, by what was known and by what was noted at the same moment.
    #[must_use]
    pub fn is_replay(&self, noted: &NetworkCount, content: &str) -> bool {
        let first = self.used.as_ref().or(noted.used.as_ref());
        first.is_some_and(|first| first != mark(content))
    }
}

impl Store {
    /// Counts what a network sends and consumes the token that came along, in one write. None if it has sent as much in
    /// this minute as it may: then nothing is consumed. Of many tries at one moment with one token the first wins.
    pub async fn note_sent(&self, sent: NetworkRequest<'_>) -> Result<Option<NetworkCount>, StoreError> {
        let token = sent.token.map(|used| (attribute(used.token), mark(used.content)));
        let mut change = "SET expires_at = :expires, v = :v".to_owned();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(block_pk(sent.site, sent.network), &minute(sent.now))))
            .expression_attribute_values(":expires", n(sent.now.as_second() + sent.keep))
            .expression_attribute_values(":v", n(VERSION))
            .expression_attribute_values(":one", n(u32::from(sent.most.is_some())))
            .return_values(ReturnValue::AllNew);
        if let Some((name, content)) = &token {
            change.push_str(", #token = if_not_exists(#token, :content)");
            update =
                update.expression_attribute_names("#token", name).expression_attribute_values(":content", s(*content));
        }
        if let Some(most) = sent.most {
            update = update
                .condition_expression("attribute_not_exists(hits) OR hits < :most")
                .expression_attribute_values(":most", n(most));
        }
        let update = update.update_expression(format!("{change} ADD hits :one"));
        let Some(item) = update_if(update).await? else { return Ok(None) };
        let used = token.and_then(|(name, _)| text(&item, &name));
        Ok(Some(NetworkCount { rate: number(&item, "hits").unwrap_or_default(), used }))
    }

    /// Whether a network is blocked, and what the token that came along was used for first.
    pub async fn past_of(&self, sent: NetworkRequest<'_>) -> Result<NetworkPast, StoreError> {
        let since = sent.token.map(|used| minute(used.issued_at.min(sent.now)));
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :network AND sk >= :since")
            .expression_attribute_values(":network", s(block_pk(sent.site, sent.network)))
            .expression_attribute_values(":since", s(since.as_deref().unwrap_or(BLOCK)))
            .scan_index_forward(false)
            .limit(MOST_ITEMS);
        let items = query.send().await?.items.unwrap_or_default();
        let blocked = items.iter().filter_map(parse_block).any(|block| is_in_force(block.expires_at));
        let name = sent.token.map(|used| attribute(used.token));
        let used = name.and_then(|name| items.iter().rev().find_map(|item| text(item, &name)));
        Ok(NetworkPast { blocked, used })
    }
}

fn minute(time: Timestamp) -> String {
    (time.as_second() / 60).to_string()
}

/// Under which name the use of a token is noted: by the part of its id that is chance.
fn attribute(token: Uuid) -> String {
    format!("t{}", &token.simple().to_string()[20..])
}

fn mark(content: &str) -> &str {
    content.get(..MARK).unwrap_or(content)
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}
