//! What each action on a site consumes. The only place for these figures; `tests/infra/costs.rs` measures them again,
//! and fails where an action consumes more, or less by more than two.

/// What an action on a site consumes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// Requests that come in.
    pub requests: f64,
    /// Invocations of `notify` that follow: one for each record of the stream, as with little traffic.
    pub records: f64,
    /// Invocations of `notify` that find nothing to do, and log nothing.
    pub idle: f64,
    /// Requests to the table, of all functions, one after the other.
    pub calls: f64,
    /// Write units, of all functions.
    pub write: f64,
    /// Read units, of all functions.
    pub read: f64,
    /// Emails.
    pub emails: f64,
    /// Bytes of the responses.
    pub answer: f64,
    /// Bytes that are stored in the table, its indexes included.
    pub stored: f64,
}

const NOTHING: Action = Action {
    requests: 0.0,
    records: 0.0,
    idle: 0.0,
    calls: 0.0,
    write: 0.0,
    read: 0.0,
    emails: 0.0,
    answer: 0.0,
    stored: 0.0,
};

/// A contact message that the owner is notified of.
pub const MESSAGE: Action = Action {
    requests: 1.0,
    records: 2.0,
    idle: 0.0,
    calls: 14.0,
    write: 11.0,
    read: 3.5,
    emails: 1.0,
    answer: 1_000.0,
    stored: 3_000.0,
};

/// A comment that is held, and that the owner is notified of.
pub const COMMENT: Action = Action { read: 4.0, ..MESSAGE };

/// Spam of either kind: stored; nobody is notified.
pub const SPAM: Action = Action { records: 1.0, calls: 8.0, write: 6.0, read: 2.0, emails: 0.0, ..MESSAGE };

/// A comment is approved with the button in the email: its page is opened, and the button pressed. Learning is extra.
pub const DECISION: Action =
    Action { requests: 2.0, records: 1.0, calls: 13.0, write: 13.0, read: 8.5, answer: 12_000.0, ..NOTHING };

/// Learning from a decision, at most: the site's model is read and written whole.
pub const LESSON: Action = Action { write: 32.0, read: 8.0, ..NOTHING };

/// Ten comments are shown, of which some have replies.
pub const VIEW: Action = Action { requests: 1.0, calls: 2.0, read: 1.5, answer: 10_000.0, ..NOTHING };

/// A feed reader asks for the feed of a site with 50 comments or more. That nothing is new is answered without a body.
pub const POLL: Action = Action { requests: 1.0, calls: 2.0, read: 4.5, answer: 1_000.0, ..NOTHING };

/// A hundred pages' counts, which are asked for at once.
pub const COUNTS: Action = Action { calls: 1.0, read: 50.0, answer: 5_000.0, ..VIEW };

/// The feed of a page with 50 comments and 50 replies, or more.
pub const FEED: Action = Action { calls: 2.0, read: 9.0, answer: 50_000.0, ..VIEW };

/// A form token and a proof of work to do.
pub const CHALLENGE: Action = Action { calls: 1.0, write: 1.0, read: 0.0, answer: 1_000.0, ..VIEW };

/// Any other page, for those who are not signed in; of these, asking for a link to sign in consumes the most.
pub const PAGE: Action = Action { calls: 6.0, write: 4.0, read: 2.5, answer: 6_000.0, ..VIEW };

/// The hourly runs of a month, when there is nothing to do: 8 requests to the table each, for one site.
pub const HOURLY: Action = Action { records: 730.0, calls: 5_840.0, read: 2_920.0, ..NOTHING };

/// The looks of a month for what is due, once a minute, when nothing is.
pub const MINUTELY: Action = Action { idle: 43_800.0, calls: 43_800.0, read: 21_900.0, ..NOTHING };

/// Milliseconds of a processor that a request or a record takes; measured by `cargo bench`.
pub(super) const PROCESSOR_MS: f64 = 2.0;

/// Memory of the functions, in GB.
pub(super) const MEMORY_GB: f64 = 0.125;

/// Bytes of an email.
pub(super) const EMAIL: f64 = 20_000.0;

/// Bytes that a request, or an invocation of `notify`, logs.
pub(super) const LOGGED: f64 = 1_000.0;

impl Action {
    /// So many times the same.
    #[must_use]
    pub fn times(self, count: f64) -> Self {
        Self {
            requests: self.requests * count,
            records: self.records * count,
            idle: self.idle * count,
            calls: self.calls * count,
            write: self.write * count,
            read: self.read * count,
            emails: self.emails * count,
            answer: self.answer * count,
            stored: self.stored * count,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            records: self.records + other.records,
            idle: self.idle + other.idle,
            calls: self.calls + other.calls,
            write: self.write + other.write,
            read: self.read + other.read,
            emails: self.emails + other.emails,
            answer: self.answer + other.answer,
            stored: self.stored + other.stored,
        }
    }
}
