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

/// What becomes of a comment that is judged again; whether its author is trusted is looked up, if that matters.
pub(crate) async fn revised_comment_status(
    app: &App,
    site: &Site,
    comment: &Comment,
    verdict: &Verdict,
) -> Result<Status, StoreError> {
    let author = app.author(site, comment).filter(|_| verdict.decision == Decision::Ham);
    let trusted = match author.filter(|_| asks_for_trust(site, comment)) {
        Some(author) => app.store.trusts(&site.id, &author.hash).await?,
        None => false,
    };
    Ok(comment_status(site, comment, verdict, trusted))
}

/// Whether it can matter that the comment's author is trusted.
pub(crate) fn asks_for_trust(site: &Site, comment: &Comment) -> bool {
    site.comments.on(comment.page()).policy == Policy::First
}
