//! What becomes of what was sent, by its verdict and the site's policy.

use crate::app::App;
use crate::config::{Policy, Site};
use crate::store::StoreError;
use crate::submission::Status;
use crate::submission::comment::Comment;
use deskbell_filter::{Decision, Verdict};

/// What becomes of a lead with this verdict.
pub(crate) fn lead_status(verdict: &Verdict) -> Status {
    if verdict.decision == Decision::Spam { Status::Spam } else { Status::Received }
}

/// What becomes of a comment that nobody has decided about, by its verdict and the site's policy.
pub(crate) async fn comment_status(
    app: &App,
    site: &Site,
    comment: &Comment,
    verdict: &Verdict,
) -> Result<Status, StoreError> {
    Ok(match (verdict.decision, site.comments.on(comment.page()).policy) {
        (Decision::Spam, _) => Status::Spam,
        (Decision::Ham, Policy::None) => Status::Published,
        (Decision::Ham, Policy::First) if app.store.trusts(&site.id, &author_hash(app, site, comment)).await? => {
            Status::Published
        }
        (Decision::Ham | Decision::Unsure, _) => Status::Held,
    })
}

/// What earlier approvals of the comment's author are remembered under.
fn author_hash(app: &App, site: &Site, comment: &Comment) -> String {
    let email = comment.email().map_or("", |email| email.as_str());
    app.author_hash(site, comment.author(), email)
}
