//! What is known about a submission beside its content, as far as the filter weighs it.

/// What is known about a submission beside its content; gathered with I/O before judging.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// A field that people cannot see was filled in.
    pub honeypot: bool,
    /// How often the very same content came before, more than ten minutes apart.
    pub repeats: u32,
    /// How many submissions came from this network in this minute, this one included.
    pub rate: u32,
    /// What the form's token is worth.
    pub token: FormToken,
    /// Whether something to be solved in the browser was solved.
    pub proof: Proof,
    /// The provider that should say whether it was solved could not be asked.
    pub proof_unknown: bool,
    /// What Akismet says.
    pub akismet: Akismet,
    /// The site model could not be read.
    pub site_model_unknown: bool,
    /// What the owner has blocked of the sender.
    pub blocked: Option<Blocked>,
    /// How the sender has shown to be a person, after the submission was stored.
    pub second_chance: Option<SecondChance>,
}

/// What the owner has blocked of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The e-mail address.
    Address,
    /// The network: /24 of IPv4, /48 of IPv6.
    Network,
}

impl Blocked {
    /// The word that is stored, and that forms send.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Address, Self::Network].into_iter().find(|blocked| blocked.word() == word)
    }
}

/// What a form's token is worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FormToken {
    /// Fetched for this form from this network, neither young nor old, and never used; or nothing is known about it.
    #[default]
    Good,
    /// There is none: a script did not run.
    Absent,
    /// Fetched only a moment ago.
    Young,
    /// Fetched too long ago to say anything.
    Old,
    /// Used before, for something else.
    Replayed,
    /// Not ours, or of another site, form or network.
    Foreign,
}

/// Whether the visitor's device has solved what it was given: a proof of work, or a captcha.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proof {
    /// Nothing came, nor was there need of it.
    #[default]
    Absent,
    /// Nothing came, or something wrong, and the site wants one for each submission.
    Missing,
    /// Solved.
    Solved,
    /// Something came that is no solution, or one that was used before.
    Failed,
}

/// What Akismet says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Akismet {
    /// Nothing, for it was not asked: the site does not want it, or the verdict is certain without.
    #[default]
    NotAsked,
    /// Not spam.
    Ham,
    /// Not spam, but it will know better in a few minutes.
    Pending,
    /// Spam.
    Spam,
    /// Blatant spam.
    Discard,
    /// It could not be asked, or its answer could not be understood.
    Failed,
}

/// How a visitor has shown to be a person, after the submission was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondChance {
    /// By waiting a moment and pressing a button.
    Delay,
    /// By a proof of work.
    ProofOfWork,
}
