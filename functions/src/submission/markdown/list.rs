//! Lists: lines that begin with a dash, a star or a plus, or with numbers that count.

/// A list, and how many lines it takes.
pub(super) struct List<'a> {
    marker: Marker,
    pub(super) items: Vec<Vec<&'a str>>,
    /// Whether blank lines stand between its items, or in them.
    pub(super) loose: bool,
    pub(super) lines: usize,
}

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet(char),
    Number(u32, char),
}

impl<'a> List<'a> {
    /// The list that begins with the first of these lines. Numbers are only one if they count, for the page counts by
    /// itself; a single item is none if it has a number, or begins with one: `1. May`, `- 5 °C`.
    pub(super) fn begins(lines: &[&'a str]) -> Option<Self> {
        let (marker, _) = item(lines[0])?;
        let base = indent(lines[0]);
        let mut list = Self { marker, items: Vec::new(), loose: false, lines: 0 };
        while let Some(content) = list.next_item(lines, base) {
            let first = lines[list.lines + list.blank(lines)];
            list.loose |= !list.items.is_empty() && list.blank(lines) > 0;
            list.lines += list.blank(lines) + 1;
            let mut all = vec![content];
            let width = content.as_ptr() as usize - first.trim_start().as_ptr() as usize;
            list.rest_of_item(lines, base, width, &mut all);
            list.items.push(all);
        }
        let alone = list.items.len() == 1;
        let number = list.items[0][0].starts_with(|c: char| c.is_numeric()) || matches!(marker, Marker::Number(..));
        (!alone || !number).then_some(list)
    }

    /// How many blank lines come next.
    fn blank(&self, lines: &[&str]) -> usize {
        lines[self.lines..].iter().take_while(|line| line.trim().is_empty()).count()
    }

    /// What the next item says on its first line, if one comes next that continues the list.
    fn next_item(&self, lines: &[&'a str], base: usize) -> Option<&'a str> {
        let line = lines.get(self.lines + self.blank(lines))?;
        let (marker, content) = item(line)?;
        let continues = marker == self.marker.after(self.items.len())?;
        (continues && indent(line) < base + 2).then_some(content)
    }

    /// Takes the further lines of an item: those that stand further in.
    fn rest_of_item(&mut self, lines: &[&'a str], base: usize, width: usize, all: &mut Vec<&'a str>) {
        loop {
            let blank = self.blank(lines);
            let Some(line) = lines.get(self.lines + blank).filter(|line| indent(line) >= base + 2) else { return };
            all.extend(std::iter::repeat_n("", blank));
            self.loose |= blank > 0;
            all.push(outdented(line, base + width));
            self.lines += blank + 1;
        }
    }

    /// The tag that begins it.
    pub(super) fn begin(&self) -> String {
        match self.marker {
            Marker::Bullet(_) => "<ul>\n".into(),
            Marker::Number(1, _) => "<ol>\n".into(),
            Marker::Number(start, _) => format!("<ol start=\"{start}\">\n"),
        }
    }

    /// The tag that ends it.
    pub(super) fn end(&self) -> &'static str {
        match self.marker {
            Marker::Bullet(_) => "</ul>\n",
            Marker::Number(..) => "</ol>\n",
        }
    }
}

impl Marker {
    /// What stands before the item so many places on.
    fn after(self, places: usize) -> Option<Self> {
        match self {
            Self::Bullet(_) => Some(self),
            Self::Number(start, sign) => Some(Self::Number(start.checked_add(u32::try_from(places).ok()?)?, sign)),
        }
    }
}

/// The marker of an item and what it says, which is something.
fn item(line: &str) -> Option<(Marker, &str)> {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (marker, rest) = if digits == 0 {
        let sign = line.chars().next().filter(|sign| matches!(sign, '-' | '*' | '+'))?;
        (Marker::Bullet(sign), &line[1..])
    } else {
        // A number with a zero before it would be shown without.
        let number =
            line.get(..digits).filter(|typed| typed.len() <= 9 && (*typed == "0" || !typed.starts_with('0')))?;
        let sign = line[digits..].chars().next().filter(|sign| matches!(sign, '.' | ')'))?;
        (Marker::Number(number.parse().ok()?, sign), &line[digits + 1..])
    };
    let says = rest.starts_with([' ', '\t']) && rest.contains(char::is_alphanumeric);
    says.then(|| (marker, rest.trim_start()))
}

/// How far in a line stands, in columns.
pub(super) fn indent(line: &str) -> usize {
    line.chars().map_while(width).fold(0, advance)
}

/// A line without so many columns before it.
pub(super) fn outdented(line: &str, columns: usize) -> &str {
    let mut taken = 0;
    for (at, c) in line.char_indices() {
        match width(c) {
            Some(width) if taken < columns => taken = advance(taken, width),
            _ => return &line[at..],
        }
    }
    ""
}

/// The columns that a blank takes.
fn width(c: char) -> Option<usize> {
    match c {
        ' ' => Some(1),
        '\t' => Some(4),
        _ => None,
    }
}

/// A tab leads to the next column that is a multiple of its width.
fn advance(columns: usize, width: usize) -> usize {
    if width == 1 { columns + 1 } else { columns / width * width + width }
}
