//! `deskbell init`: asks what a site needs, writes its settings, and prints what to paste into its pages.

mod answers;
mod file;

use std::error::Error;
use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::Args;

use self::answers::{Answers, Question};
use crate::connect::DEFAULT_URL;
use crate::settings::DEFAULT;
use crate::snippet::{Generator, Snippets, language};

/// What is known before anything is asked.
#[derive(Debug, Args)]
pub struct Command {
    /// The file to write
    #[arg(value_name = "FILE", default_value = DEFAULT)]
    file: PathBuf,
    /// The site's name
    #[arg(long)]
    name: Option<String>,
    /// The address of its home page
    #[arg(long)]
    url: Option<String>,
    /// Where its messages go: an address, or `Name <address>`
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// The sender of its emails, which Amazon SES has to verify
    #[arg(long, value_name = "EMAIL")]
    from: Option<String>,
    /// The language of its pages and emails
    #[arg(long, default_value = "en", value_parser = language)]
    lang: String,
    /// What builds the site
    #[arg(long, value_enum, default_value_t = Generator::Plain)]
    generator: Generator,
    /// Overwrite the file
    #[arg(long)]
    force: bool,
}

impl Command {
    fn given(&self) -> Answers {
        let mut answers = Answers::new(&self.lang);
        for (question, given) in [
            (Question::Name, &self.name),
            (Question::Url, &self.url),
            (Question::Owner, &self.owner),
            (Question::From, &self.from),
        ] {
            if let Some(given) = given {
                answers.put(question, given);
            }
        }
        answers
    }
}

/// Asks for what was not given, writes the file, and prints what comes next.
pub fn run(command: &Command, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    file::may_be_written(&command.file, command.force)?;
    let mut answers = command.given();
    answers.check()?;
    if io::stdin().is_terminal() {
        answers.ask(io::stdin().lock(), io::stderr())?;
    }
    if let Some(missing) = answers.missing() {
        return Err(format!("nobody can be asked here: say {missing}").into());
    }
    file::write(&command.file, &answers.settings(), command.force)?;
    let shown = command.file.display();
    writeln!(output, "{shown} is written. For your pages, until Deskbell is deployed:\n")?;
    Snippets::new(command.generator, &DEFAULT_URL.parse()?, &command.lang).write(&mut output)?;
    let deployed =
        if command.file.as_os_str() == DEFAULT { String::new() } else { format!("cp {shown} {DEFAULT} && ") };
    writeln!(
        output,
        "\nTry it on this machine; then deploy it, and paste what `deskbell snippet --bell URL` prints:\n"
    )?;
    writeln!(output, "  cargo dev {shown}")?;
    writeln!(output, "  {deployed}cargo doctor --before && (cd infra && sam build && sam deploy)")?;
    Ok(output.flush()?)
}
