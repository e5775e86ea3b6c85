//! Moderation actions, applied and undone: by a link in the mail as in the inbox.

use uuid::Uuid;

use crate::app::App;
use crate::config::Site;
use crate::config::team::Person;
use crate::judging::block;
use crate::store::{Author, Moderation, StoreError};
use crate::submission::action::Action;
use crate::submission::comment::Comment;
use crate::submission::{Status, Submission, SubmissionContent};
use crate::words::Words;
use deskbell_filter::Verdict;

/// The longest reply, in characters.
pub(crate) const MAX_REPLY: usize = 20_000;

/// The action that was asked for about a submission, with the reply that came along; or what is wrong with it.
pub(crate) fn requested<'a>(
    word: &str,
    reply: &str,
    submission: &Submission,
    words: &'a Words,
) -> Result<Action, &'a str> {
    let action = Action::named(word).filter(|action| action.suits(submission)).ok_or(words.choose_action)?;
    if action == Action::Reply && reply.is_empty() {
        return Err(words.reply_missing);
    }
    if reply.chars().count() > MAX_REPLY {
        return Err(words.reply_too_long);
    }
    Ok(action)
}

/// Applies an action, by that person, to a submission as the person saw it. `reply` is published with [`Action::Reply`]
/// alone, under the person's name. [`StoreError::Conflict`] if somebody has decided since.
pub(crate) async fn apply(
    app: &App,
    site: &Site,
    by: &Person,
    submission: &Submission,
    action: Action,
    reply: &str,
) -> Result<Submission, StoreError> {
    let (parent, author) = (submission.comment().filter(|_| action == Action::Reply), author(app, site, submission));
    let moderation = Moderation {
        status: action.status_for(submission),
        by: by.name.clone(),
        author: match author {
            Some(author) => Some((author.clone(), app.store.trusts(&site.id, &author.hash).await?)),
            None => None,
        },
        reply: parent.map(|comment| teams_reply(site, by, submission, comment, reply)),
        block: action.blocks().and_then(|what| block::block(app, site, submission, what, &by.name)),
    };
    let decided = app.store.decide(site, submission, &moderation).await?;
    tracing::info!(id = %decided.id, site = site.id, status = decided.status.word(), "decided");
    Ok(decided)
}

/// Undoes the last decision about a submission, as the person of that name saw it: it becomes what it was, its author
/// is trusted as before, and the owner's reply that was published with it goes to the trash. [`StoreError::Conflict`]
/// if somebody has decided since.
pub(crate) async fn undo(app: &App, site: &Site, by: &str, submission: &Submission) -> Result<Submission, StoreError> {
    let previous = submission.previous().ok_or(StoreError::Conflict)?;
    if let Some(reply) = previous.reply {
        trash_reply(app, site, by, reply).await?;
    }
    let author = author(app, site, submission);
    let undone = app.store.undo(site, submission, by, author.as_ref()).await?;
    tracing::info!(id = %undone.id, site = site.id, status = undone.status.word(), "decision undone");
    Ok(undone)
}

/// Throws the owner's reply away, if that was not done yet.
async fn trash_reply(app: &App, site: &Site, by: &str, reply: Uuid) -> Result<(), StoreError> {
    let reply = app.store.submission(&site.id, reply).await?;
    if let Some(reply) = reply.filter(|reply| reply.status == Status::Published) {
        let trash = Moderation { status: Status::Trash, by: by.into(), author: None, reply: None, block: None };
        app.store.decide(site, &reply, &trash).await?;
    }
    Ok(())
}

fn author(app: &App, site: &Site, submission: &Submission) -> Option<Author> {
    app.author(site, submission.comment()?)
}

/// A person's reply to a comment. Nobody is notified of it.
fn teams_reply(site: &Site, by: &Person, submission: &Submission, comment: &Comment, text: &str) -> Submission {
    let reply = SubmissionContent::Comment(Comment::teams_reply(by, submission.id, comment, text.into()));
    let reply = Submission::new(App::new_id(), site, reply, Verdict::owner(), Status::Published);
    Submission { counted: true, ..reply }
}
