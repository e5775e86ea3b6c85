//! What stands below each other: paragraphs, quotes, lists and code.

use super::html::Html;
use super::inline;
use super::link::Definitions;
use super::list::List;
use super::{DEPTH, list};

/// Writes blocks.
pub(super) struct Blocks<'a, 'h> {
    pub(super) html: &'h mut Html,
    pub(super) definitions: &'h Definitions<'a>,
}

/// A block that is no paragraph.
enum Block<'a> {
    Code { language: &'a str, lines: usize, closed: usize },
    Quote(Vec<&'a str>),
    List(List<'a>),
}

/// Of backticks and tildes, how many begin code that never ends: it is not looked for again.
type Unclosed = [usize; 2];

impl<'a> Blocks<'a, '_> {
    /// Writes lines that stand so deep in quotes and lists; in a tight list without the tags of paragraphs.
    pub(super) fn render(&mut self, lines: &[&'a str], depth: usize, tight: bool) {
        let mut unclosed: Unclosed = [usize::MAX; 2];
        let mut at = 0;
        while at < lines.len() {
            if lines[at].trim().is_empty() {
                at += 1;
            } else if let Some(block) = begins(&lines[at..], depth, &mut unclosed) {
                at += self.block(block, &lines[at..], depth);
            } else {
                let more = |line: &usize| {
                    !lines[*line].trim().is_empty() && begins(&lines[*line..], depth, &mut unclosed).is_none()
                };
                let end = at + 1 + (at + 1..lines.len()).take_while(more).count();
                self.paragraph(&lines[at..end], tight);
                at = end;
            }
        }
    }

    /// Writes a block; gives how many lines it takes.
    fn block(&mut self, block: Block<'a>, lines: &[&'a str], depth: usize) -> usize {
        match block {
            Block::Code { language, lines: count, closed } => {
                self.code(language, &lines[1..=count], lines[0]);
                1 + count + closed
            }
            Block::Quote(quoted) => {
                self.html.tag("<blockquote>\n");
                self.render(&quoted, depth + 1, false);
                self.html.tag("</blockquote>\n");
                quoted.len()
            }
            Block::List(list) => self.list(&list, depth),
        }
    }

    fn list(&mut self, list: &List<'a>, depth: usize) -> usize {
        self.html.tag(&list.begin());
        for item in &list.items {
            self.html.tag(if list.loose { "<li>\n" } else { "<li>" });
            self.render(item, depth + 1, !list.loose);
            self.html.tag("</li>\n");
        }
        self.html.tag(list.end());
        list.lines
    }

    /// Code as typed. Its language is the line before it: what stands there need not be one.
    fn code(&mut self, language: &'a str, lines: &[&str], fence: &str) {
        if !language.is_empty() {
            self.paragraph(&[language], false);
        }
        self.html.tag("<pre><code>");
        for line in lines {
            self.html.text(list::outdented(line, list::indent(fence)));
            self.html.tag("\n");
        }
        self.html.tag("</code></pre>\n");
    }

    fn paragraph(&mut self, lines: &[&'a str], tight: bool) {
        self.html.tag(if tight { "" } else { "<p>" });
        let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join("\n");
        inline::render(self.html, &text, self.definitions);
        self.html.tag(if tight { "" } else { "</p>\n" });
    }
}

/// The block that begins with the first of these lines, if that is no paragraph.
fn begins<'a>(lines: &[&'a str], depth: usize, unclosed: &mut Unclosed) -> Option<Block<'a>> {
    let line = lines.first()?.trim_start();
    match line.chars().next()? {
        '`' | '~' => fenced(lines, unclosed),
        '>' if depth < DEPTH => quoted(lines),
        '-' | '*' | '+' | '0'..='9' if depth < DEPTH => List::begins(lines).map(Block::List),
        _ => None,
    }
}

/// Code between fences, if it ends.
fn fenced<'a>(lines: &[&'a str], unclosed: &mut Unclosed) -> Option<Block<'a>> {
    let line = lines[0].trim();
    let sign = line.chars().next()?;
    let language = line.trim_start_matches(sign);
    let length = line.len() - language.len();
    let unclosed = &mut unclosed[usize::from(sign == '~')];
    if length < 3 || language.contains('`') || length >= *unclosed {
        return None;
    }
    let closes = |line: &&str| {
        let line = line.trim();
        line.len() >= length && line.chars().all(|c| c == sign)
    };
    match lines[1..].iter().position(closes) {
        Some(count) if lines[1..=count].iter().any(|line| !line.trim().is_empty()) => {
            Some(Block::Code { language: language.trim(), lines: count, closed: 1 })
        }
        Some(_) => None,
        None => {
            *unclosed = length;
            None
        }
    }
}

/// Lines that begin with `>`, without it, if they say something soon: how far is looked does not grow with the text.
fn quoted<'a>(lines: &[&'a str]) -> Option<Block<'a>> {
    let mut quoted = lines.iter().map_while(|line| quote(line));
    let says = quoted.clone().take(3).any(|line| line.contains(char::is_alphanumeric));
    says.then(|| Block::Quote(quoted.by_ref().collect()))
}

/// What a line quotes. Faces such as `>_<` and `>:(` do not, nor does a comparison such as `>18`.
fn quote(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    let quotes = |c: char| c.is_whitespace() || c.is_alphabetic() || ">\"'“„«‘([*`".contains(c);
    let first = rest.chars().next();
    first.is_none_or(quotes).then(|| rest.strip_prefix([' ', '\t']).unwrap_or(rest))
}
