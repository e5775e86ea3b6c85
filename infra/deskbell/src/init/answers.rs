//! What a site needs, as far as it is known; and the settings that it makes.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};

use deskbell_functions::config::Config;
use deskbell_functions::routes::is_first_segment;
use strum::VariantArray;
use toml::Value;
use url::{Host, Url};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub(super) enum Question {
    Name,
    Url,
    Owner,
    From,
}

/// The answers in the order of the questions, and the language.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    given: [Option<String>; 4],
    lang: String,
}

impl Question {
    /// The option that answers it.
    fn option(self) -> &'static str {
        match self {
            Self::Name => "--name NAME",
            Self::Url => "--url URL",
            Self::Owner => "--owner EMAIL",
            Self::From => "--from EMAIL",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Name => "Name of the site",
            Self::Url => "Address of its home page, such as https://www.example.org",
            Self::Owner => "Email address of its owner, where messages go",
            Self::From => "Sender of its emails, an address that Amazon SES will verify",
        }
    }

    /// An answer that is right by itself, while another is looked at.
    fn example(self) -> &'static str {
        match self {
            Self::Name => "Example",
            Self::Url => "https://www.example.org",
            Self::Owner => "owner@example.org",
            Self::From => "deskbell@example.org",
        }
    }
}

impl Answers {
    pub(super) fn new(lang: &str) -> Self {
        Self { given: [const { None }; 4], lang: lang.into() }
    }

    /// Puts an answer as it was typed. An address needs no scheme.
    pub(super) fn put(&mut self, question: Question, typed: &str) {
        let typed = typed.trim();
        let answer = match question {
            Question::Url if !typed.contains("://") => format!("https://{typed}"),
            _ => typed.into(),
        };
        self.given[question as usize] = Some(answer);
    }

    /// Fails with everything that is wrong with what is given.
    pub(super) fn check(&self) -> Result<(), String> {
        let given = Question::VARIANTS.iter().filter(|question| self.given[**question as usize].is_some());
        let wrong = given.filter_map(|question| Some(format!("{}: {}", question.option(), self.problem(*question)?)));
        let wrong: Vec<String> = wrong.collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// The options whose answers are missing.
    pub(super) fn missing(&self) -> Option<String> {
        let missing = Question::VARIANTS.iter().filter(|question| self.given[**question as usize].is_none());
        let missing: Vec<&str> = missing.map(|question| question.option()).collect();
        (!missing.is_empty()).then(|| missing.join(" "))
    }

    /// Asks for what is missing, until each answer is right, or nobody answers any more.
    pub(super) fn ask(&mut self, mut input: impl BufRead, mut to: impl Write) -> io::Result<()> {
        for question in Question::VARIANTS {
            while self.given[*question as usize].is_none() {
                let usual = if *question == Question::From { self.usual_sender() } else { None };
                let shown = usual.as_ref().map_or_else(String::new, |usual| format!(" [{usual}]"));
                write!(to, "{}{shown}: ", question.text())?;
                to.flush()?;
                let mut typed = String::new();
                if input.read_line(&mut typed)? == 0 {
                    writeln!(to)?;
                    return Ok(());
                }
                let typed = usual.filter(|_| typed.trim().is_empty()).unwrap_or(typed);
                self.put(*question, &typed);
                if let Some(problem) = self.problem(*question) {
                    writeln!(to, "  {problem}")?;
                    self.given[*question as usize] = None;
                }
            }
        }
        Ok(())
    }

    /// The sender that most sites would have.
    fn usual_sender(&self) -> Option<String> {
        let url: Url = self.given[Question::Url as usize].as_ref()?.parse().ok()?;
        let Some(Host::Domain(host)) = url.host() else { return None };
        let host = host.strip_prefix("www.").unwrap_or(host);
        host.contains('.').then(|| format!("deskbell@{host}"))
    }

    /// What is wrong with an answer, all others being right.
    fn problem(&self, question: Question) -> Option<String> {
        let mut alone = Self::new(&self.lang);
        alone.given[question as usize].clone_from(&self.given[question as usize]);
        let wrong = Config::parse(&alone.settings()).err()?.to_string();
        // The first; its place is one in a file that is not there.
        let problem = wrong.split_once(": ").map_or(&*wrong, |(_, problem)| problem);
        Some(problem.split("; line ").next().unwrap_or(problem).into())
    }

    fn answer(&self, question: Question) -> &str {
        self.given[question as usize].as_deref().unwrap_or(question.example())
    }

    /// The settings; what is not answered is an example.
    pub(super) fn settings(&self) -> String {
        let (name, email) = owner(self.answer(Question::Owner));
        let site = self.answer(Question::Name);
        let name = if name.is_empty() { site } else { name };
        let url = self.answer(Question::Url);
        let quoted = |text: &str| Value::String(text.into()).to_string();
        let mut text = String::from(
            "# What is left out has a default: infra/settings.md lists every setting.\n\n\
             # The sender of all emails. Amazon SES must have verified it or its domain.\n[mail]\n",
        );
        let _ = writeln!(text, "from = {}\n\n[sites.{}]", quoted(self.answer(Question::From)), id(url));
        let _ = writeln!(text, "name = {}\nurl = {}\nlang = {}", quoted(site), quoted(url), quoted(&self.lang));
        let _ = writeln!(text, "# Who is notified, and the name under which they reply to comments.");
        let _ = writeln!(text, "owner = {{ name = {}, email = {} }}", quoted(name), quoted(email));
        text
    }
}

/// The name and the address in `Name <address>`.
fn owner(typed: &str) -> (&str, &str) {
    match typed.strip_suffix('>').and_then(|typed| typed.split_once('<')) {
        Some((name, email)) => (name.trim().trim_matches('"'), email.trim()),
        None => ("", typed),
    }
}

/// The site's key in the settings, and its part of addresses: the first name of its host.
fn id(url: &str) -> String {
    let host = url.parse::<Url>().ok().and_then(|url| url.domain().map(str::to_owned)).unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let id = host.split_once('.').map_or("", |(first, _)| first);
    let known = id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if id.is_empty() || !known || is_first_segment(id) { "site".into() } else { id.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    fn asked(typed: &str) -> (Answers, String) {
        let (mut answers, mut told) = (Answers::new("de"), Vec::new());
        answers.ask(typed.as_bytes(), &mut told).expect("read");
        (answers, String::from_utf8(told).expect("text"))
    }

    #[test]
    fn four_answers_make_settings_of_a_dozen_lines() {
        let (answers, told) = asked("Köche \"&\" Söhne\nwww.köche.example\nMara <mara@koeche.example>\n\n");
        assert!(answers.missing().is_none(), "{told}");
        let settings = answers.settings();
        let (config, _) = check::parse(&settings).expect("valid");
        let site = &config.sites["xn--kche-5qa"];
        assert_eq!((&*site.name, site.url.as_str()), ("Köche \"&\" Söhne", "https://www.xn--kche-5qa.example/"));
        assert_eq!((&*site.owner.name, site.owner.email.as_str(), &*site.lang), ("Mara", "mara@koeche.example", "de"));
        assert_eq!(config.mail.from.as_str(), "deskbell@xn--kche-5qa.example");
        assert!(settings.lines().count() <= 12, "{settings}");
    }

    #[test]
    fn a_wrong_answer_is_asked_for_again_with_the_reason() {
        let (answers, told) =
            asked("\nStudio\nftp://x\nhttps://www.example.org\nmara\nmara@example.org\nme@example.org\n");
        assert!(answers.missing().is_none() && answers.check().is_ok(), "{told}");
        for problem in ["`name` is empty", "must start with https://", "not an email address"] {
            assert_eq!(told.matches(problem).count(), 1, "{problem}: {told}");
        }
        assert!(answers.settings().contains("{ name = \"Studio\", email = \"mara@example.org\" }"));
        let (answers, _) = asked("Studio\n");
        assert_eq!(answers.missing().as_deref(), Some("--url URL --owner EMAIL --from EMAIL"));
    }

    #[test]
    fn a_site_has_a_key_by_its_host() {
        for (url, expected) in [
            ("https://www.studio-lindqvist.example/x", "studio-lindqvist"),
            ("https://ann.github.io/blog/", "ann"),
            ("https://inbox.example", "site"),
            ("http://localhost:1313", "site"),
            ("http://127.0.0.1:1313", "site"),
        ] {
            assert_eq!(id(url), expected, "{url}");
        }
    }
}
