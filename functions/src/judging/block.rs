//! Whom the owner does not want to hear of: senders by their address or by their network. What a blocked sender sends
//! is held or goes to the spam folder, as the site's settings say; it is never refused, nor does the sender learn of
//! it.

use jiff::Timestamp;

use crate::app::App;
use crate::config::Site;
use crate::form::Email;
use crate::store::{Block, StoreError};
use crate::submission::Submission;
use deskbell_filter::Blocked;

/// What can be blocked of a sender, with the keyed hash of each.
#[must_use]
pub fn senders(app: &App, site: &Site, email: Option<&Email>, network: Option<&str>) -> Vec<(Blocked, String)> {
    let address = email.map(|email| (Blocked::Address, address_hash(app, site, email)));
    let network = network.map(|network| (Blocked::Network, network.to_owned()));
    address.into_iter().chain(network).collect()
}

/// What is blocked of the sender of a submission.
pub async fn of(app: &App, site: &Site, submission: &Submission) -> Result<Vec<Block>, StoreError> {
    let senders = senders(app, site, submission.email(), submission.network.as_deref());
    app.store.blocks(&site.id, senders.iter().map(|(_, hash)| hash.as_str())).await
}

/// A block of the sender of a submission, by the person of that name; none if the submission does not bear it.
pub(crate) fn block(app: &App, site: &Site, submission: &Submission, what: Blocked, by: &str) -> Option<Block> {
    let senders = senders(app, site, submission.email(), submission.network.as_deref());
    let (what, hash) = senders.into_iter().find(|(kind, _)| *kind == what)?;
    let expires_at = Timestamp::now().as_second() + i64::from(site.keep.blocks) * 86_400;
    Some(Block { what, hash, id: App::new_id(), about: submission.id, by: by.into(), expires_at })
}

/// Blocks a sender no longer.
pub(crate) async fn lift(app: &App, site: &Site, submission: &Submission, what: Blocked) -> Result<(), StoreError> {
    let senders = senders(app, site, submission.email(), submission.network.as_deref());
    for (_, hash) in senders.iter().filter(|(kind, _)| *kind == what) {
        app.store.unblock(&site.id, hash).await?;
        tracing::info!(id = %submission.id, site = site.id, ?what, "sender unblocked");
    }
    Ok(())
}

/// A keyed hash of an address under which it is blocked. What its holder may write in several ways is one address:
/// capital letters, a tag behind a plus sign, and with Google the dots.
pub(crate) fn address_hash(app: &App, site: &Site, email: &Email) -> String {
    app.keys.hash("blocked address", &[&site.id, &plain(email.as_str())])
}

fn plain(email: &str) -> String {
    let email = email.to_lowercase();
    let (local, host) = email.rsplit_once('@').unwrap_or((&email, ""));
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    match host {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
        host => format!("{local}@{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_written_in_several_ways_is_one() {
        let cases = [
            ("Ann@Example.org", "ann@example.org"),
            ("ann+shop@example.org", "ann@example.org"),
            ("an.n@example.org", "an.n@example.org"),
            ("A.n.n+x@googlemail.com", "ann@gmail.com"),
        ];
        for (typed, expected) in cases {
            assert_eq!(plain(typed), expected);
        }
    }
}
