//! What stands in a paragraph: text, code, emphasis, links and line ends.

use super::code::{self, CodeSpans};
use super::emphasis::{self, Run};
use super::escape::{Escape, Escapes};
use super::html::Html;
use super::link::{self, Address, Definitions};

/// A piece of a paragraph.
enum Piece<'a> {
    Text(&'a str),
    Code(&'a str),
    Break,
    /// Stars or underscores, by their number among all runs.
    Run(usize),
    /// A bare address.
    Bare(Address<'a>),
    Open(Address<'a>),
    Close,
}

/// A square bracket that may begin a link.
struct Bracket {
    piece: usize,
    run: usize,
    /// Where the text behind it begins.
    at: usize,
    /// How many links there were before it: a link holds no other.
    links: usize,
    /// Whether an image would begin there.
    image: bool,
}

struct Inline<'a, 'd> {
    text: &'a str,
    definitions: &'d Definitions<'a>,
    at: usize,
    /// Where the text begins that is no piece yet.
    from: usize,
    pieces: Vec<Piece<'a>>,
    runs: Vec<Run>,
    brackets: Vec<Bracket>,
    links: usize,
    words: usize,
    code: CodeSpans,
    escapes: Escapes<'a>,
    /// Up to where no bare address begins: what would be its end was looked at.
    no_address: usize,
}

/// Writes a paragraph's text.
pub(super) fn render<'a>(html: &mut Html, text: &'a str, definitions: &Definitions<'a>) {
    let mut inline = Inline {
        text,
        definitions,
        at: 0,
        from: 0,
        pieces: Vec::new(),
        runs: Vec::new(),
        brackets: Vec::new(),
        links: 0,
        words: 0,
        code: CodeSpans::of(text),
        escapes: Escapes::of(text),
        no_address: 0,
    };
    inline.read();
    emphasis::pair(&mut inline.runs, 0);
    inline.write(html);
}

impl<'a> Inline<'a, '_> {
    fn read(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            let taken = match c {
                '\n' => self.put(Piece::Break, 1),
                '`' => self.code(),
                '\\' => self.escape(),
                '*' | '_' => self.run(c),
                '[' => self.bracket(),
                ']' => self.link(),
                '<' => self.pointed(),
                'h' | 'H' | 'w' | 'W' => self.bare(),
                _ => false,
            };
            if !taken {
                self.words += usize::from(c.is_alphanumeric());
                self.at += c.len_utf8();
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        if self.from < self.at {
            self.pieces.push(Piece::Text(&self.text[self.from..self.at]));
        }
        self.from = self.at;
    }

    /// Ends the text before, and takes a piece that is so long.
    fn put(&mut self, piece: Piece<'a>, length: usize) -> bool {
        self.flush();
        self.pieces.push(piece);
        self.at += length;
        self.from = self.at;
        true
    }

    fn before(&self) -> char {
        self.text[..self.at].chars().next_back().unwrap_or(' ')
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn code(&mut self) -> bool {
        let (ticks, end) = self.code.at(self.at);
        let Some(end) = end else {
            self.at += ticks;
            return true;
        };
        let code = &self.text[self.at + ticks..end];
        self.words += 1;
        self.put(Piece::Code(code), end + ticks - self.at)
    }

    fn escape(&mut self) -> bool {
        let Escape { left_out, taken } = self.escapes.at(self.at);
        if left_out {
            self.flush();
            self.from = self.at + 1;
        }
        if taken {
            self.at += 2;
        }
        taken
    }

    fn run(&mut self, sign: char) -> bool {
        let typed = self.rest().chars().take_while(|c| *c == sign).count();
        let after = self.rest()[typed..].chars().next().unwrap_or(' ');
        self.runs.push(Run::new(sign, typed, self.before(), after, self.words));
        self.put(Piece::Run(self.runs.len() - 1), typed)
    }

    fn bracket(&mut self) -> bool {
        let image = self.before() == '!';
        self.put(Piece::Text("["), 1);
        let (piece, run) = (self.pieces.len() - 1, self.runs.len());
        self.brackets.push(Bracket { piece, run, at: self.at, links: self.links, image });
        true
    }

    fn link(&mut self) -> bool {
        let Some(bracket) = self.brackets.pop() else { return false };
        let inner = &self.text[bracket.at..self.at];
        if bracket.links != self.links || inner.trim().is_empty() {
            return false;
        }
        let behind = &self.rest()[1..];
        if let Some((address, length)) = link::destination(behind) {
            if bracket.image {
                // Shown as typed, and no link either: nobody is led to what was meant to be loaded unseen.
                self.at += 1 + length;
                return true;
            }
            self.pieces[bracket.piece] = Piece::Open(address);
            self.close(&bracket);
            return self.put(Piece::Close, 1 + length);
        }
        let labelled = link::label(behind)
            .filter(|_| !bracket.image)
            .and_then(|label| Some((label, self.definitions.get(label)?)));
        if let Some((label, address)) = labelled {
            self.pieces[bracket.piece] = Piece::Open(address);
            self.close(&bracket);
            self.put(Piece::Close, 1);
            self.words += label.chars().filter(|c| c.is_alphanumeric()).count();
            self.at += label.len() + 2;
            return true;
        }
        let defined = self.definitions.get(inner).filter(|_| !bracket.image && !behind.starts_with(':'));
        if let Some(address) = defined {
            self.close(&bracket);
            self.pieces.insert(bracket.piece, Piece::Open(address));
            self.put(Piece::Text("]"), 1);
            self.pieces.push(Piece::Close);
            return true;
        }
        false
    }

    /// Ends what a link holds: its emphasis is its own, and addresses in it are text.
    fn close(&mut self, bracket: &Bracket) {
        self.flush();
        emphasis::pair(&mut self.runs, bracket.run);
        self.links += 1;
        for piece in &mut self.pieces[bracket.piece..] {
            if let Piece::Bare(address) = piece {
                *piece = Piece::Text(address.typed);
            }
        }
    }

    /// `<https://example.org>`: the brackets are left out.
    fn pointed(&mut self) -> bool {
        let Ok(address) = link::bare(&self.rest()[1..]) else { return false };
        let length = address.typed.len();
        if !self.rest()[1 + length..].starts_with('>') {
            return false;
        }
        self.words += 1;
        self.put(Piece::Bare(address), length + 2)
    }

    fn bare(&mut self) -> bool {
        if self.before().is_alphanumeric() && self.before().is_ascii() {
            return false;
        }
        if self.at < self.no_address {
            return false;
        }
        match link::bare(self.rest()) {
            Ok(address) => {
                self.words += 1;
                self.put(Piece::Bare(address), address.typed.len())
            }
            Err(length) => {
                self.no_address = self.at + length;
                false
            }
        }
    }

    fn write(&self, html: &mut Html) {
        // Which of the elements that are open were too deep to be one.
        let mut open: Vec<bool> = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => html.text(text),
                Piece::Code(code) => code::write(html, code),
                Piece::Break => html.tag("<br />\n"),
                Piece::Run(number) => self.runs[*number].write(html, &mut open),
                Piece::Bare(address) => {
                    html.open_link(address);
                    html.text(address.typed);
                    html.tag("</a>");
                }
                Piece::Open(address) => html.open_link(address),
                Piece::Close => html.tag("</a>"),
            }
        }
    }
}
