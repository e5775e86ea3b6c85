//! What a signed link in the owner's mail is about.

use super::reply::answered;
use crate::config::Site;
use crate::judging::block;
use crate::keys::{Purpose, Token, TokenError};
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::web::{Context, Error, Unknown};
use deskbell_filter::Blocked;

/// How the words of buttons begin that end a block. That is no decision about what was sent, so the link goes on
/// working.
pub(super) const UNBLOCK: &str = "unblock_";

/// What a link is about, as it is now.
pub(super) struct Case<'a> {
    pub(super) site: &'a Site,
    pub(super) submission: Submission,
    /// The one action that the link is for; any, if there is none.
    pub(super) action: Option<Action>,
    /// The number of decisions that the link was made for.
    pub(super) decisions: u32,
    /// The last second at which the link works, since 1970.
    pub(super) expires_at: i64,
    /// The comment that it answers, if it is one that does.
    pub(super) parent: Option<Submission>,
    /// What is blocked of its sender.
    pub(super) blocked: Vec<Blocked>,
}

impl Case<'_> {
    /// Whether somebody has decided since the link was made.
    pub(super) fn is_decided(&self) -> bool {
        self.submission.decisions != self.decisions
    }

    /// Whether the link can still do what it is for. Something else than a decision may have done it: a comment in
    /// doubt appears when its author has shown to be a person.
    pub(super) fn is_open(&self) -> bool {
        !self.is_decided() && self.action.is_none_or(|action| action.suits(&self.submission))
    }
}

pub(super) async fn find(context: &Context) -> Result<Case<'_>, Error> {
    let app = &context.app;
    let Token { purpose, site, id, decisions, expires_at } = read_token(context)?;
    let site = app.site(&site).ok_or(Error::Unknown(Unknown::Site))?;
    let submission = app.store.submission(&site.id, id).await?.ok_or(Error::Gone)?;
    let (parent, blocks) =
        futures_util::try_join!(answered(app, site, &submission), block::of(app, site, &submission))?;
    let blocked = blocks.iter().map(|block| block.what).collect();
    let action = match purpose {
        Purpose::Apply(action) => Some(action),
        _ => None,
    };
    Ok(Case { site, submission, action, decisions, expires_at, parent, blocked })
}

fn read_token(context: &Context) -> Result<Token, TokenError> {
    let ours = |purpose| matches!(purpose, Purpose::Moderate | Purpose::Apply(_));
    context.app.keys.verify_if(context.param("token").unwrap_or_default(), ours)
}
