//! The second chance: a submission in doubt is stored as it is, and the one who sent it may then show to be a person.
//! People press a button that works after a moment, with nothing to solve; a script solves a challenge instead. Either
//! is taken once, for an hour, and never against what the owner has decided. Who does neither is not refused: then
//! the owner decides.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use crate::app::App;
use crate::config::Site;
use crate::form::Hidden;
use crate::judging::policy;
use crate::judging::redeem::{Counts, Presented, redeem};
use crate::keys::{Purpose, TokenError};
use crate::platform::render::render;
use crate::routes::SECOND_CHANCE;
use crate::submission::{Submission, SubmissionContent};
use crate::visitor::response::{self, SubmissionResponse};
use crate::web::{self, Context, Error, MessagePage};
use crate::words::{Words, format};
use deskbell_filter::{Proof, SecondChance};

/// How long the button waits, in seconds. The style's animation takes as long.
const WAIT: i64 = 4;

/// The route, served beside those of the comments.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(SECOND_CHANCE.path, web::only(&SECOND_CHANCE).get(show).post(take))
}

async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| match find(&context).await {
        Ok(submission) => Ok(page(&context, &submission, context.query("next"), false)),
        Err(error) => too_late(&context, error),
    })
    .await
}

async fn take(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let hidden = Hidden::take(&mut context.fields()?, None);
        let submission = match find(&context).await {
            Ok(submission) => submission,
            Err(error) => return too_late(&context, error),
        };
        let next = hidden.next.as_deref().or(context.query("next"));
        match shown(&context, &submission, &hidden).await? {
            Some(shown) => Ok(response::answer(&context, &revise(&context, submission, shown).await?, next)),
            None if context.json => Ok(response::answer(&context, &submission, next)),
            None => Ok(page(&context, &submission, next, true)),
        }
    })
    .await
}

/// What a link is about, as it is now.
async fn find(context: &Context) -> Result<Submission, Error> {
    let token = context.app.keys.verify(Purpose::SecondChance, context.param("token").unwrap_or_default())?;
    if token.site != context.site().id {
        return Err(Error::Link(TokenError::Forged));
    }
    context.app.store.submission(&token.site, token.id).await?.ok_or(Error::Gone)
}

/// How the visitor has shown to be a person, if so.
async fn shown(context: &Context, submission: &Submission, hidden: &Hidden) -> Result<Option<SecondChance>, Error> {
    if !submission.is_doubtful() {
        return Ok(None);
    }
    let now = context.app.clock.now();
    if hidden.altcha.is_some() {
        // Consumed on this submission: a second try with the same solution is no replay.
        let hash = context.app.keys.hash("second chance", &[&submission.id.to_string()]);
        let (site, form, sender) = (context.site(), submission.form(), context.sender());
        let presented = Presented { site, sender: &sender, form, hidden, content: &hash };
        // The submission itself was counted.
        let pass = redeem(&context.app, presented, Counts::No, now).await?;
        if pass.proof == Proof::Solved {
            return Ok(Some(SecondChance::ProofOfWork));
        }
    }
    let waited = now.as_second() - submission.received_at().as_second() >= WAIT;
    Ok(waited.then_some(SecondChance::Delay))
}

/// Judges again, and carries out what comes of it.
async fn revise(context: &Context, submission: Submission, shown: SecondChance) -> Result<Submission, Error> {
    let site = context.site();
    let verdict = submission.verdict.revised(shown, &site.judging);
    let status = match &submission.content {
        SubmissionContent::Lead(_) => policy::lead_status(&verdict),
        SubmissionContent::Comment(comment) => {
            policy::revised_comment_status(&context.app, site, comment, &verdict).await?
        }
    };
    let revised = context.app.store.revise(site, &submission, &verdict, status).await?;
    let (was, is) = (submission.status.word(), revised.status.word());
    web::is_about(&revised);
    tracing::info!(?shown, was, is, "second chance passed");
    Ok(revised)
}

#[derive(Template)]
#[template(path = "second_chance.html")]
struct ChanceTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    action: String,
    next: Option<&'a str>,
    /// Whether the button was pressed too early.
    early: bool,
    /// Whether the button still waits.
    waits: bool,
    left_to_owner: String,
    onward: String,
}

/// The page with the button; or, where there is nothing to press any more, the way on.
fn page(context: &Context, submission: &Submission, next: Option<&str>, early: bool) -> Response {
    let SubmissionResponse { place, .. } = SubmissionResponse::of(context, submission, next);
    if !submission.is_doubtful() {
        return web::see_other(&place);
    }
    let words = context.words();
    let age = context.app.clock.now().as_second() - submission.received_at().as_second();
    let page = ChanceTemplate {
        words,
        site: Some(context.site()),
        action: context.route(&SECOND_CHANCE.path.replace("{token}", context.param("token").unwrap_or_default())),
        next,
        early,
        waits: age < WAIT,
        left_to_owner: format(words.chance_left, "site", &context.site().name),
        onward: place,
    };
    web::html(StatusCode::OK, render(&page))
}

/// After its hour the page says that nothing is lost; programs are told as of every link.
fn too_late(context: &Context, error: Error) -> Result<Response, Error> {
    match error {
        Error::Link(TokenError::Expired) if !context.json => {
            let words = context.words();
            let page = MessagePage {
                title: words.chance_over_title,
                paragraphs: vec![words.chance_over_text],
                link: Some((context.site().url.to_string(), words.back_home)),
                ..MessagePage::default()
            };
            Ok(page.show(context, StatusCode::GONE))
        }
        error => Err(error),
    }
}
