//! The colours of the page in which the comments are shown in a frame, as its address names them: `color` and
//! `background`, and `accent` for links and buttons. Nobody but a browser can tell a frame what it stands on.

use crate::web::Context;

const NAMES: [&str; 3] = ["color", "background", "accent"];

/// The colours of a frame, by name. Those that are none are left out.
#[derive(Default)]
pub(super) struct Colours(Vec<(&'static str, String)>);

impl Colours {
    pub(super) fn read(context: &Context) -> Self {
        let read = |name: &'static str| Some((name, colour(context.query(name)?)?));
        Self(NAMES.into_iter().filter_map(read).collect())
    }

    /// Each as it stands in an address.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, colour)| (*name, colour.as_str()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.pairs().find(|(own, _)| *own == name).map(|(_, colour)| colour)
    }

    /// The style, if what is written and what it is written on are both named: one alone might hide the other.
    pub(super) fn style(&self) -> Option<String> {
        let (ink, paper) = (self.get("color")?, self.get("background")?);
        let accent = self.get("accent").unwrap_or(ink);
        let mix = |part: u8| format!("color-mix(in srgb,{ink} {part}%,{paper})");
        Some(format!(
            ":root{{--ink:{ink};--paper:{paper};--card:{paper};--accent:{accent};--on:{paper};--soft:{};--line:{}}}",
            mix(75),
            mix(55)
        ))
    }
}

/// A colour as CSS writes it: `fff`, `#1d2528`, `white`. Nothing else comes into a style.
fn colour(typed: &str) -> Option<String> {
    let digits = typed.strip_prefix('#').unwrap_or(typed);
    if [3, 6].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(format!("#{}", digits.to_ascii_lowercase()));
    }
    let named = (3..=20).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_alphabetic());
    named.then(|| typed.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_come_into_a_style() {
        let cases = [
            ("fff", Some("#fff")),
            ("#1D2528", Some("#1d2528")),
            ("White", Some("white")),
            ("ffff", Some("ffff")),
            ("", None),
            ("#12", None),
            ("#ggg", None),
            ("red;}", None),
            ("url(x)", None),
            ("</style>", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(colour(typed).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn one_colour_alone_says_nothing() {
        let of = |pairs: &[(&'static str, &str)]| {
            Colours(pairs.iter().map(|(name, colour)| (*name, (*colour).to_owned())).collect()).style()
        };
        assert_eq!(of(&[("color", "#000")]), None);
        let style = of(&[("color", "#000"), ("background", "#fff"), ("accent", "#00f")]).unwrap_or_default();
        assert!(style.starts_with(":root{--ink:#000;--paper:#fff;--card:#fff;--accent:#00f;--on:#fff;"), "{style}");
    }
}
