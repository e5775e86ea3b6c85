//! Which language a text is written in, and whether that is one that the site expects.

use whatlang::{Lang, detect};

/// The shortest text, in letters, whose language can be told. Below that even people guess.
const SHORTEST: usize = 40;

/// Two-letter codes (ISO 639-1) of the languages that can be told apart.
const CODES: [(&str, Lang); 68] = [
    ("af", Lang::Afr),
    ("ak", Lang::Aka),
    ("am", Lang::Amh),
    ("ar", Lang::Ara),
    ("az", Lang::Aze),
    ("be", Lang::Bel),
    ("bg", Lang::Bul),
    ("bn", Lang::Ben),
    ("ca", Lang::Cat),
    ("cs", Lang::Ces),
    ("cy", Lang::Cym),
    ("da", Lang::Dan),
    ("de", Lang::Deu),
    ("el", Lang::Ell),
    ("en", Lang::Eng),
    ("eo", Lang::Epo),
    ("es", Lang::Spa),
    ("et", Lang::Est),
    ("fa", Lang::Pes),
    ("fi", Lang::Fin),
    ("fr", Lang::Fra),
    ("gu", Lang::Guj),
    ("he", Lang::Heb),
    ("hi", Lang::Hin),
    ("hr", Lang::Hrv),
    ("hu", Lang::Hun),
    ("hy", Lang::Hye),
    ("id", Lang::Ind),
    ("it", Lang::Ita),
    ("ja", Lang::Jpn),
    ("jv", Lang::Jav),
    ("ka", Lang::Kat),
    ("km", Lang::Khm),
    ("kn", Lang::Kan),
    ("ko", Lang::Kor),
    ("la", Lang::Lat),
    ("lt", Lang::Lit),
    ("lv", Lang::Lav),
    ("mk", Lang::Mkd),
    ("ml", Lang::Mal),
    ("mr", Lang::Mar),
    ("my", Lang::Mya),
    ("ne", Lang::Nep),
    ("nl", Lang::Nld),
    ("no", Lang::Nob),
    ("or", Lang::Ori),
    ("pa", Lang::Pan),
    ("pl", Lang::Pol),
    ("pt", Lang::Por),
    ("ro", Lang::Ron),
    ("ru", Lang::Rus),
    ("si", Lang::Sin),
    ("sk", Lang::Slk),
    ("sl", Lang::Slv),
    ("sn", Lang::Sna),
    ("sr", Lang::Srp),
    ("sv", Lang::Swe),
    ("ta", Lang::Tam),
    ("te", Lang::Tel),
    ("th", Lang::Tha),
    ("tk", Lang::Tuk),
    ("tl", Lang::Tgl),
    ("tr", Lang::Tur),
    ("uk", Lang::Ukr),
    ("ur", Lang::Urd),
    ("uz", Lang::Uzb),
    ("vi", Lang::Vie),
    ("zh", Lang::Cmn),
];

/// Whether a language has this code and can be told from a text.
#[must_use]
pub fn is_known(code: &str) -> bool {
    CODES.iter().any(|(known, _)| *known == code)
}

/// The language of a text, if it surely is none of those expected: its name in English.
pub(crate) fn unexpected(text: &str, letters: usize, expected: &[String]) -> Option<&'static str> {
    if expected.is_empty() || letters < SHORTEST {
        return None;
    }
    let found = detect(text).filter(whatlang::Info::is_reliable)?.lang();
    let fits = CODES.iter().any(|(code, lang)| *lang == found && expected.iter().any(|wanted| wanted == code));
    (!fits).then(|| found.eng_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_another_language_is_unexpected() {
        let expected = ["de".to_owned(), "en".to_owned()];
        let cases = [
            ("Guten Tag, ich möchte gern am Donnerstag zur Massage kommen, geht das?", None),
            ("Could I come on Thursday afternoon? My back has been hurting for weeks.", None),
            ("Добрый день, можно ли записаться на массаж в четверг после обеда?", Some("Russian")),
            ("Buongiorno, vorrei prenotare un massaggio per giovedì pomeriggio, è possibile?", Some("Italian")),
            ("Grazie mille!", None),
        ];
        for (text, language) in cases {
            let letters = text.chars().filter(|c| c.is_alphabetic()).count();
            assert_eq!(unexpected(text, letters, &expected), language, "{text}");
            assert_eq!(unexpected(text, letters, &[]), None);
        }
        assert!(is_known("de") && !is_known("german"));
    }
}
