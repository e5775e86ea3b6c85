//! Statistics of a text: links, scripts, and words that nobody would say.

/// What was counted in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    /// Addresses that begin with `http://`, `https://` or `www.`.
    pub(super) links: usize,
    /// Words written in Latin and Cyrillic or Greek letters at once, as disguises are.
    pub(super) mixed_script_words: usize,
    /// Words of Latin letters alone.
    pub(super) latin_words: usize,
    /// Those among them that look like fingers drummed on a keyboard.
    pub(super) gibberish_words: usize,
    /// Their letters together.
    pub(super) gibberish_letters: usize,
}

impl Statistics {
    pub(super) fn of(text: &str) -> Self {
        let mut statistics = Self::default();
        for token in text.split_whitespace() {
            let links = links(token);
            statistics.links += links;
            if links == 0 {
                token.split(|c: char| !c.is_alphabetic()).for_each(|word| statistics.add_word(word));
            }
        }
        statistics
    }

    fn add_word(&mut self, word: &str) {
        let latin = word.chars().any(is_latin);
        if latin && word.chars().any(|c| matches!(c, '\u{370}'..='\u{52f}')) {
            self.mixed_script_words += 1;
        }
        if latin && word.chars().all(is_latin) {
            self.latin_words += 1;
            if is_gibberish(word) {
                self.gibberish_words += 1;
                self.gibberish_letters += word.chars().count();
            }
        }
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn links(token: &str) -> usize {
    let lower = token.to_ascii_lowercase();
    let schemes = lower.matches("http://").count() + lower.matches("https://").count();
    if schemes == 0 { usize::from(lower.starts_with("www.") || lower.starts_with("(www.")) } else { schemes }
}

/// Six consonants in a row and hardly a vowel, or capitals strewn inside: no language that uses Latin letters
/// writes several words of that kind together. German compounds and Polish words pass, for they keep their vowels.
fn is_gibberish(word: &str) -> bool {
    let letters = word.chars().count();
    if letters < 6 {
        return false;
    }
    let is_vowel = |c: char| !c.is_ascii() || "aeiouyAEIOUY".contains(c);
    let vowels = word.chars().filter(|c| is_vowel(*c)).count();
    let mut run = 0;
    let mut longest = 0;
    for c in word.chars() {
        run = if is_vowel(c) { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    let pairs = word.chars().zip(word.chars().skip(1));
    let inner_capitals = pairs.filter(|(a, b)| a.is_lowercase() && b.is_uppercase()).count();
    (longest >= 6 && vowels * 5 < letters) || inner_capitals >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_counted_however_they_are_glued() {
        let cases = [
            ("see https://a.example, and www.b.example", 2),
            ("http://a.examplehttps://b.example", 2),
            ("[a](https://a.example)", 1),
            ("mail me at a@www.example", 0),
        ];
        for (text, links) in cases {
            assert_eq!(Statistics::of(text).links, links, "{text}");
        }
    }

    #[test]
    fn real_words_are_not_gibberish() {
        for word in ["Angstschweiß", "Rechtsschutzversicherung", "strengths", "Szczęście", "rhythm", "McDonald", "LLRT"]
        {
            assert!(!is_gibberish(word), "{word}");
        }
        for word in ["xkqwrtpz", "sdfghjkl", "aXkLpQzRt"] {
            assert!(is_gibberish(word), "{word}");
        }
    }
}
