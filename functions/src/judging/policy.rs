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

/// What becomes of a comment that nobody has decided about, by its verdict, the site's policy, and whether its author
/// is trusted.
pub(crate) fn comment_status(site: &Site, comment: &Comment, verdict: &Verdict, trusted: bool) -> Status {
    match (verdict.decision, site.comments.on(comment.page()).policy) {
        (Decision::Spam, _) => Status::Spam,
        (Decision::Ham, Policy::None) => Status::Published,
        (Decision::Ham, Policy::First) if trusted => Status::Published,
        (Decision::Ham | Decision::Unsure, _) => Status::Held,
    }
}

/// What becomes of a comment that was judged anew; whether its author is trusted is looked up, if that matters.
pub(crate) async fn new_comment_status(
    app: &App,
    site: &Site,
    comment: &Comment,
    verdict: &Verdict,
) -> Result<Status, StoreError> {
    let status = comment_status(site, comment, verdict, true);
    if status != Status::Published || !asks_for_trust(site, comment) {
        return Ok(status);
    }
    let trusted = app.store.trusts(&site.id, &author_hash(app, site, comment)).await?;
    Ok(comment_status(site, comment, verdict, trusted))
}

/// Whether it can matter that the comment's author is trusted.
pub(crate) fn asks_for_trust(site: &Site, comment: &Comment) -> bool {
    site.comments.on(comment.page()).policy == Policy::First
}

/// What earlier approvals of the comment's author are remembered under.
pub(crate) fn author_hash(app: &App, site: &Site, comment: &Comment) -> String {
    let email = comment.email().map_or("", |email| email.as_str());
    app.author_hash(site, comment.author(), email)
}
