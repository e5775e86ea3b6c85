//! A report as a page tells it: what was done, what others had decided first, and the button that takes it back.

use super::flash::{BulkAction, FlashMessage};
use super::folder::Folder;
use super::list_row::who;
use super::session::Session;
use crate::app::paths::item_route;
use crate::store::StoreError;
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::web::Context;
use crate::words::{Words, format};

/// What is told.
pub(super) struct FlashView {
    pub(super) lines: Vec<String>,
    /// What somebody else had decided first: address, name, and what it is now.
    pub(super) late: Vec<(String, String, String)>,
    /// What its button sends back to be undone, and where.
    pub(super) undo: Option<(String, Vec<String>)>,
}

impl FlashView {
    /// Tells a report; `action` is where it can be undone.
    pub(super) async fn new(
        context: &Context,
        session: &Session,
        report: &FlashMessage,
        action: &str,
    ) -> Result<Self, StoreError> {
        let late = match report.late.as_slice() {
            [] => Vec::new(),
            ids => context.app.store.submissions(&session.site, ids).await?,
        };
        let late = late.iter().filter(|one| Folder::of(one).is_open_to(session));
        let undo = report.action != BulkAction::Undo && !report.done.is_empty();
        Ok(Self {
            lines: lines(report, context.words()),
            late: late.map(|one| late_line(context, one)).collect(),
            undo: undo.then(|| (action.to_owned(), report.done.iter().map(ToString::to_string).collect())),
        })
    }
}

fn lines(report: &FlashMessage, words: &Words) -> Vec<String> {
    let words = &words.inbox;
    let counted = |text: &str, count: usize| (count > 0).then(|| format(text, "count", count.to_string()));
    let done = match report.action {
        BulkAction::Apply(Action::Reply) if report.done.is_empty() => None,
        action => counted(action.text(words), report.done.len()),
    };
    let late = counted(words.flash_conflict, report.late.len());
    let failed = counted(words.flash_failed, usize::from(report.failed));
    let lines: Vec<String> = [done, late, failed].into_iter().flatten().collect();
    if lines.is_empty() { vec![words.flash_nothing.to_owned()] } else { lines }
}

fn late_line(context: &Context, submission: &Submission) -> (String, String, String) {
    let words = context.words();
    let href = context.route(&item_route(submission.id));
    (href, who(submission, words).to_owned(), words.state(submission.status).to_owned())
}
