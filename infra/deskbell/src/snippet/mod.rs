//! `deskbell snippet`: what to paste into a site, for each generator: a section of comments and a contact form, which
//! work without JavaScript, and better with the script that they load.

mod generator;
mod jsx;

use std::error::Error;
use std::io::Write;

use askama::Template;
use clap::{Args, ValueEnum};
use deskbell_functions::words::{self, Words};
use url::Url;

pub use self::generator::Generator;
use crate::connect::DEFAULT_URL;

/// What is asked for.
#[derive(Debug, Args)]
pub struct Command {
    /// What builds the site
    #[arg(long, value_enum, default_value_t = Generator::Plain)]
    generator: Generator,
    /// Where Deskbell is reached: the stack's output `Url`; with `/NAME` behind it, if it has several sites
    #[arg(long, value_name = "URL", default_value = DEFAULT_URL, value_parser = bell)]
    bell: Url,
    /// The language of the labels
    #[arg(long, default_value = "en", value_parser = language)]
    lang: String,
    /// Only this part, as the file should be
    #[arg(long, value_enum)]
    part: Option<Part>,
}

/// A part of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The comments of a page
    Comments,
    /// The contact form
    Contact,
}

/// What stands in all files.
#[derive(Debug, Clone)]
pub struct Snippets {
    generator: Generator,
    bell: String,
    lang: String,
    words: &'static Words,
}

#[derive(Template)]
#[template(path = "snippet/comments.txt")]
struct CommentsTemplate<'a> {
    page: &'a str,
    list: String,
    lang: Option<&'a str>,
    bell: &'a str,
    script: &'a str,
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "snippet/contact.txt")]
struct ContactTemplate<'a> {
    bell: &'a str,
    /// What JSX needs where HTML has an attribute without a value.
    flag: &'a str,
    script: &'a str,
    words: &'a Words,
}

impl Snippets {
    /// For a site whose forms are sent to `bell`, with labels in a language that there are texts in; else in English.
    #[must_use]
    pub fn new(generator: Generator, bell: &Url, lang: &str) -> Self {
        let words = words::words(lang).unwrap_or_else(words::english);
        Self { generator, bell: bell.as_str().trim_end_matches('/').into(), lang: lang.into(), words }
    }

    /// A part, as the file should be.
    pub fn part(&self, part: Part) -> Result<String, askama::Error> {
        let html = match part {
            Part::Comments => self.comments()?,
            Part::Contact => self.contact()?,
        };
        Ok(match (self.generator, part) {
            (Generator::Docusaurus, Part::Comments) => jsx::comments(&html),
            (Generator::Docusaurus, Part::Contact) => jsx::contact(&html),
            (Generator::Astro, Part::Comments) => format!("---\nconst page = Astro.url.pathname;\n---\n{html}"),
            _ => html,
        })
    }

    fn comments(&self) -> Result<String, askama::Error> {
        let template = CommentsTemplate {
            page: self.generator.page(),
            list: self.generator.list(&self.bell),
            // English is what pages that say nothing are taken to be in.
            lang: Some(&*self.lang).filter(|lang| *lang != "en"),
            bell: &self.bell,
            script: self.generator.script(),
            words: self.words,
        };
        Ok(template.render()? + "\n")
    }

    fn contact(&self) -> Result<String, askama::Error> {
        let flag = if self.generator == Generator::Docusaurus { "=\"\"" } else { "" };
        let script = self.generator.script();
        Ok(ContactTemplate { bell: &self.bell, flag, script, words: self.words }.render()? + "\n")
    }

    /// Writes both parts, each with where it goes.
    pub fn write(&self, mut output: impl Write) -> Result<(), Box<dyn Error>> {
        let place = self.generator.place();
        let parts = [
            ("Comments", place.comments, place.include, Part::Comments),
            ("A contact form", place.contact, place.include_contact, Part::Contact),
        ];
        for (number, (title, file, include, part)) in parts.into_iter().enumerate() {
            let space = if number == 0 { "" } else { "\n" };
            writeln!(output, "{space}{title}: {file}\n\n{}", self.part(part)?)?;
            for line in include {
                writeln!(output, "{line}")?;
            }
        }
        Ok(())
    }
}

/// Writes what was asked for.
pub fn run(command: &Command, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    let snippets = Snippets::new(command.generator, &command.bell, &command.lang);
    match command.part {
        Some(part) => write!(output, "{}", snippets.part(part)?)?,
        None => snippets.write(&mut output)?,
    }
    Ok(output.flush()?)
}

/// The address of the functions, as it is typed.
fn bell(text: &str) -> Result<Url, String> {
    let url = text.parse::<Url>().ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    let url = url.filter(|url| url.query().is_none() && url.fragment().is_none() && !text.contains(['\'', '`', '$']));
    url.ok_or_else(|| format!("not a URL such as {DEFAULT_URL}"))
}

/// A language that there are texts in.
pub(crate) fn language(text: &str) -> Result<String, String> {
    let known = words::words(text).map(|_| text.to_owned());
    known.ok_or_else(|| format!("no such language; available: {}", words::languages()))
}
