//! The owner's answer to a comment: what it answers, and the form that gives it back if it could not be stored.

use axum::response::Response;

use crate::app::App;
use crate::config::Site;
use crate::form::{Field, Fields, Form};
use crate::owner::decide::MAX_REPLY;
use crate::store::StoreError;
use crate::submission::Submission;
use crate::submission::comment::Comment;
use crate::web::{Context, Error, FormPage};

/// The reply that could not be stored, as a form that sends it again to where it came from, with what came along
/// unseen.
pub(crate) fn reply_again(
    context: &Context,
    action: String,
    hidden: Vec<(&'static str, String)>,
    reply: &str,
    error: &Error,
) -> Response {
    let words = context.words();
    let label = Some(words.your_reply.to_owned());
    let field = Field { name: "reply".into(), label, max: Some(MAX_REPLY), ..Field::default() };
    let form = Form { fields: vec![field], ..Form::default() };
    let typed = Fields { pairs: vec![("reply".into(), reply.into())], ..Fields::default() };
    let page = FormPage {
        title: words.your_reply.to_owned(),
        action,
        form: &form,
        typed: &typed,
        hidden,
        hints: Vec::new(),
        quote: None,
    };
    page.refuse(context, error)
}

/// The published comment that a comment answers, if it is one that does.
pub(crate) async fn answered(
    app: &App,
    site: &Site,
    submission: &Submission,
) -> Result<Option<Submission>, StoreError> {
    match submission.comment().and_then(Comment::parent) {
        Some(parent) => app.store.published(&site.id, parent).await,
        None => Ok(None),
    }
}
