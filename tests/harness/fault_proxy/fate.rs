//! What befalls the calls to an endpoint, if a test wants something to befall them.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

/// What befalls one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Well,
    /// It is refused before it is carried out.
    Refused,
    /// It is carried out, and then the answer is lost.
    AnswerLost,
    /// Who called is killed before it is carried out.
    Unheard,
    /// Who called is killed when it has been carried out.
    Unanswered,
}

/// Gives the fate of a call, by the SDK's id of it: its own repetitions of a call have the same id.
pub(crate) type Draw = dyn Fn(&str) -> Fate + Send + Sync;

/// The fates of an endpoint's calls.
#[derive(Clone, Default)]
pub(crate) struct Fates {
    draw: Arc<Mutex<Option<Arc<Draw>>>>,
    killed: Arc<Notify>,
}

impl Fates {
    /// Draws fates from now on.
    pub(crate) fn begin(&self, draw: Arc<Draw>) {
        *self.draw.lock().unwrap() = Some(draw);
    }

    /// Nothing befalls anybody any more.
    pub(crate) fn end(&self) {
        *self.draw.lock().unwrap() = None;
    }

    pub(super) fn draw(&self, invocation: &str) -> Fate {
        let draw = self.draw.lock().unwrap().clone();
        draw.map_or(Fate::Well, |draw| draw(invocation))
    }

    /// Says that who called is to be killed, and never answers.
    pub(super) async fn kill<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }

    /// Ends when somebody is to be killed.
    pub(crate) async fn killed(&self) {
        self.killed.notified().await;
    }
}
