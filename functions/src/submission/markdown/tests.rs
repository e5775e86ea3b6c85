use super::*;
use proptest::prelude::*;

const LINK: &str = "rel=\"nofollow ugc noopener\"";

/// A link to an address that is shown itself.
fn bare(address: &str) -> String {
    format!("<a href=\"{address}\" {LINK}>{address}</a>")
}

#[test]
fn a_small_markdown_is_rendered_and_the_rest_is_shown_as_typed() {
    let cases = [
        ("Thanks,\nit *really* **helped**.", "<p>Thanks,<br />\nit <em>really</em> <strong>helped</strong>.</p>\n"),
        ("one\r\ntwo\r\n\r\nthree", "<p>one<br />\ntwo</p>\n<p>three</p>\n"),
        ("> so\n\n- a\n- b", "<blockquote>\n<p>so</p>\n</blockquote>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"),
        ("- a\n  - b\n- c", "<ul>\n<li>a<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>\n"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"),
        ("7) a\n8) b\n9) c", "<ol start=\"7\">\n<li>a</li>\n<li>b</li>\n<li>c</li>\n</ol>\n"),
        ("Two:\n- a\n- b\nSo.", "<p>Two:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>So.</p>\n"),
        ("`a<b`", "<p><code>a&lt;b</code></p>\n"),
        ("`` a`b ``", "<p><code>a`b</code></p>\n"),
        ("```\nx *y*\n\n  z\n```\nso", "<pre><code>x *y*\n\n  z\n</code></pre>\n<p>so</p>\n"),
        ("***both*** __two__ _one_", "<p><em><strong>both</strong></em> <strong>two</strong> <em>one</em></p>\n"),
        ("**a *b* c**, *(d)*", "<p><strong>a <em>b</em> c</strong>, <em>(d)</em></p>\n"),
        (
            "\\*no\\* emphasis, \\[no](https://a.example)",
            "<p>*no* emphasis, [no](<a href=\"https://a.example\" rel=\"nofollow ugc noopener\">https://a.example</a>)</p>\n",
        ),
        (
            "[a](https://example.org/?x=1&y=\"2\")",
            "<p><a href=\"https://example.org/?x=1&amp;y=&quot;2&quot;\" rel=\"nofollow ugc noopener\">a</a></p>\n",
        ),
        (
            "[*a*](https://a.example)",
            "<p><a href=\"https://a.example\" rel=\"nofollow ugc noopener\"><em>a</em></a></p>\n",
        ),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("# Loud", "<p># Loud</p>\n"),
        ("Loud\n====", "<p>Loud<br />\n====</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
        ("<div>\na\n</div>", "<p>&lt;div&gt;<br />\na<br />\n&lt;/div&gt;</p>\n"),
        ("***", "<p>***</p>\n"),
        ("", ""),
        (" \n\t\n", ""),
    ];
    for (typed, expected) in cases {
        assert_eq!(render(typed), expected, "{typed}");
    }
}

#[test]
fn what_is_not_clearly_markup_is_shown_as_typed() {
    let cases = [
        "[Quentin]: thanks",
        "[ ]: x",
        "10*20*30 cm",
        "2*x*3, a*b*c, n**2**3",
        "5* hotel, 4* hotel",
        "C:\\dir\\*.txt",
        "C:\\new\\_old_\\*.* and D:\\*.*",
        "\\\\server\\share",
        "¯\\_(ツ)_/¯",
        "^_^ thanks ^_^, -_- and >_<",
        "*.* and **",
        "snake_case_name and __",
        "\\alpha + \\beta",
        "AT&amp;T &copy; &#65; &#x41;",
        "![a](b.png)",
        "![a](https://example.org/pixel.png)",
        "1. May",
        "14. March was fine",
        "- 5 °C",
        "1. a\n1. b",
        "001. Bond\n002. Who",
        ">18 only",
        ">:( no",
        "```\nnever ended",
        "`one tick",
        "* * *",
        "---",
        "a | b\n--|--",
        "[x] done [ ] open",
        "[a](https://a.example \"title\")",
        "[a](example.org)",
        "**open",
        "* ",
    ];
    for typed in cases {
        let html = render(typed);
        assert_eq!(shown(&html).text, typed.trim(), "{html}");
        assert!(!["<em", "<strong", "<code", "<ul", "<ol", "<quote"].iter().any(|tag| html.contains(tag)), "{html}");
    }
}

#[test]
fn definitions_of_links_are_shown_and_used() {
    let (one, source) = (format!("<a href=\"https://a.example/x\" {LINK}>"), bare("https://a.example/x"));
    let cases = [
        ("So.\n\n[1]: https://a.example/x", format!("<p>So.</p>\n<p>[1]: {source}</p>\n")),
        ("See [1].\n\n[1]: https://a.example/x", format!("<p>See {one}[1]</a>.</p>\n<p>[1]: {source}</p>\n")),
        ("[It][1]\n[1]: <https://a.example/x>", format!("<p>{one}It</a>[1]<br />\n[1]: {source}</p>\n")),
        ("[It][1]\n[1]: javascript:alert(1)", "<p>[It][1]<br />\n[1]: javascript:alert(1)</p>\n".into()),
    ];
    for (typed, expected) in cases {
        assert_eq!(render(typed), expected, "{typed}");
    }
}

#[test]
fn bare_addresses_are_links_without_the_sentence_around_them() {
    let cases = [
        ("https://example.net/a?b=1", "", "https://example.net/a?b=1", ""),
        ("see HTTPS://example.net/a.", "see ", "HTTPS://example.net/a", "."),
        ("(at https://example.net/a_(b)).", "(at ", "https://example.net/a_(b)", ")."),
        ("http://example.net/a_b_c*d*e, so", "", "http://example.net/a_b_c*d*e", ", so"),
        ("こちらhttps://example.net/日本、です", "こちら", "https://example.net/日本", "、です"),
        ("https://example.net/?a[]=1&c", "", "https://example.net/?a[]=1&amp;c", ""),
        ("a \"https://example.net/\" b", "a \"", "https://example.net/", "\" b"),
    ];
    for (typed, before, address, after) in cases {
        assert_eq!(render(typed), format!("<p>{before}{}{after}</p>\n", bare(address)), "{typed}");
    }
    let others = [
        ("<https://a.example>", format!("<p>{}</p>\n", bare("https://a.example"))),
        ("**https://a.example/**", format!("<p><strong>{}</strong></p>\n", bare("https://a.example/"))),
        ("- https://a.example", format!("<ul>\n<li>{}</li>\n</ul>\n", bare("https://a.example"))),
        ("www.a.example", format!("<p><a href=\"https://www.a.example\" {LINK}>www.a.example</a></p>\n")),
        (
            "[https://a.example](https://b.example)",
            format!("<p><a href=\"https://b.example\" {LINK}>https://a.example</a></p>\n"),
        ),
        ("`https://a.example`", "<p><code>https://a.example</code></p>\n".into()),
        ("ann@https://", "<p>ann@https://</p>\n".into()),
        ("xhttps://a.example", "<p>xhttps://a.example</p>\n".into()),
        ("https:// and http://-", "<p>https:// and http://-</p>\n".into()),
    ];
    for (typed, expected) in others {
        assert_eq!(render(typed), expected, "{typed}");
    }
}

#[test]
fn indented_text_is_a_paragraph() {
    for typed in ["    Dear *all*,\n    hello", "\tDear *all*,\n\thello", "\u{3000}Dear *all*,\nhello"] {
        assert_eq!(render(typed), "<p>Dear <em>all</em>,<br />\nhello</p>\n", "{typed}");
    }
    assert_eq!(render("- a\n\n      b"), "<ul>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n</ul>\n");
}

#[test]
fn words_can_be_bold_in_scripts_without_spaces() {
    let bold = ["「重要」", "重要", "重要。", "（注）", "“重要”", "AI", "한국어", "(주의)", "ข้อความ", "50%", "『本』"];
    for word in bold {
        for (before, after) in
            [("これは", "です"), ("", "です"), ("これは", ""), ("「", "」"), ("그", "는"), ("นี่", "ไง")]
        {
            let html = render(&format!("{before}**{word}**{after}"));
            assert_eq!(html, format!("<p>{before}<strong>{word}</strong>{after}</p>\n"));
        }
    }
}

/// How deep elements of the page are in each other, levels of lists counted once.
fn depth(html: &str, of: &[&str]) -> usize {
    let (mut deep, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1).filter_map(|tag| tag.split(['>', ' ']).next()) {
        match tag.strip_prefix('/') {
            Some(name) if of.contains(&name) => deep -= 1,
            None if of.contains(&tag) => deep += 1,
            _ => {}
        }
        deepest = deepest.max(deep);
    }
    assert_eq!(deep, 0, "{html}");
    deepest
}

#[test]
fn nothing_grows_without_bound() {
    let pieces = [
        ">",
        "> ",
        ">\n",
        "> a\n",
        "- ",
        "- a\n",
        "-\n",
        "1. ",
        "* * a\n",
        "*a",
        "*a ",
        "**a",
        "*a*",
        "_a_ ",
        "*_",
        "`a`",
        "`a` ",
        "```\n",
        "~~~a\n",
        "&",
        "&a",
        "<",
        "\"",
        "a\n",
        "a\n\n",
        "<\n",
        "<\n\n",
        "[",
        "![",
        "[a](",
        "](",
        "[a](http://a)",
        "[a]",
        "http://a ",
        "http://[",
        "http://a[",
        "www.a.bb ",
        "\\*",
        "\\*a ",
        "- - - - - - - - a\n",
        "> > > > a\n",
        "[a](https://a.example)\n",
        "*",
        "* a *b* c",
        "> - > - > - a\n",
        "  - a\n",
        "\u{fdfa}",
        "a*b",
        "が**「",
        "- a\n  ",
        "\t",
        "1. a\n\n",
        "[a]: http://a\n",
    ];
    for piece in pieces {
        for count in [1, 2, 3, 30, 700, 20_000 / piece.chars().count()] {
            let typed = piece.repeat(count);
            let html = render(&typed);
            assert!(html.len() <= 4 * typed.len() + 1_024, "{count} × {piece:?}: {} → {}", typed.len(), html.len());
            assert!(depth(&html, &["blockquote", "ul", "ol"]) <= 8, "{piece:?}");
            assert!(depth(&html, &["em", "strong"]) <= 8, "{piece:?}");
            assert_kept(&typed, &html);
        }
    }
    let deep: Vec<String> = (0..30).map(|level| format!("{}- level {level}", "  ".repeat(level))).collect();
    let deep = deep.join("\n");
    assert!(render(&deep).contains("level 29"));
}

/// What stands on the page: its text, with the numbers of lists; and where its links lead.
struct Shown {
    text: String,
    links: String,
}

fn shown(html: &str) -> Shown {
    let (mut text, mut links, mut numbers) = (String::new(), String::new(), Vec::new());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let (tag, after) = tag.split_once('>').expect("a tag");
        rest = after;
        match tag.split(' ').next().expect("a name") {
            "ol" => numbers.push(tag.split('"').nth(1).map_or(1, |start| start.parse().expect("a number"))),
            "ul" => numbers.push(u32::MAX),
            "/ol" | "/ul" => drop(numbers.pop()),
            "li" => {
                if let Some(number) = numbers.last_mut().filter(|number| **number != u32::MAX) {
                    text.extend([&*number.to_string(), ". "]);
                    *number += 1;
                }
            }
            "a" => links += tag.split('"').nth(1).expect("an address"),
            "br" => text.truncate(text.len() - usize::from(text.ends_with('\n'))),
            _ => {}
        }
        if tag == "br" {
            text.push('\n');
        }
    }
    let plain =
        |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    Shown { text: plain((text + rest).trim()), links: plain(&links) }
}

/// Every letter and digit that was typed is on the page, as often as it was typed: of an address that a link hides, it
/// is in the link.
fn assert_kept(typed: &str, html: &str) {
    let count = |text: &str| {
        let mut counts = std::collections::BTreeMap::<char, usize>::new();
        text.chars().filter(|c| c.is_alphanumeric()).for_each(|c| *counts.entry(c).or_default() += 1);
        counts
    };
    let shown = shown(html);
    let kept = count(&(shown.text + &shown.links));
    for (c, times) in count(typed) {
        assert!(kept.get(&c).is_some_and(|kept| *kept >= times), "{c:?} of {typed:?} is not in {html:?}");
    }
}

/// A well-known sanitiser, told the same rules, finds nothing to remove.
fn sanitised(html: &str) -> String {
    let tags = ["p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"];
    let mut sanitiser = ammonia::Builder::empty();
    sanitiser.tags(tags.into()).url_schemes(["http", "https"].into()).link_rel(None);
    sanitiser.tag_attributes([("a", ["href", "rel"].into()), ("ol", ["start"].into())].into());
    sanitiser.clean(html).to_string()
}

/// Pieces that have a meaning, and text between them.
const SOUP: &str = "(\\[[a-z0-9]{1,3}\\](: |\\(https://a\\.example\\)|\\[1\\])?|\\n?[0-9]{1,2}[.)] |\\n( {0,6}|\\t)[-*+>] ?|[*_`~]{1,4}|\\n```[a-z]{0,3}\\n\
|&(amp|#65|copy);|\\\\[a-z*_`\\[]|<[a-z/]{1,4}>|https?://[a-z0-9.]{1,9}[/?=&()*_a-z0-9]{0,9}|[\"'!#|=.,:;()-]|[a-zA-Z0-9]{1,5}|[「」、。重要です한は]{1,3}|é| |\\n|\\n\\n){0,40}";

proptest! {
    // However long it runs, some of what is made up does not count.
    #![proptest_config(ProptestConfig { max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

    #[test]
    fn every_letter_and_digit_typed_is_on_the_page(typed in SOUP) {
        assert_kept(&typed, &render(&typed));
    }

    #[test]
    fn any_text_is_on_the_page(typed in "\\PC{0,80}") {
        assert_kept(&typed, &render(&typed));
    }

    #[test]
    fn words_and_numbers_are_shown_exactly(typed in "[a-z0-9äß.,;!?()&<'\"/=@%€-]{1,8}( [a-z0-9äß.,;!?()&<'\"/=@%€-]{1,8}){0,8}") {
        prop_assume!(!typed.starts_with(['-']) && !typed.split(' ').next().is_some_and(|first| first.ends_with(['.', ')'])));
        prop_assert_eq!(shown(&render(&typed)).text, typed);
    }

    #[test]
    fn the_page_is_bounded_and_whole(typed in SOUP) {
        let html = render(&typed);
        prop_assert!(html.len() <= 4 * typed.len() + 1_024);
        prop_assert!(depth(&html, &["blockquote", "ul", "ol"]) <= 8);
        prop_assert!(depth(&html, &["em", "strong"]) <= 8);
        prop_assert!(depth(&html, &["a"]) <= 1);
    }

    #[test]
    fn nothing_dangerous_comes_through(text in "([<>\"'&`*_#!\\[\\]()\\-+. \\n:/=]|[a-z0-9]|<script>|javascript:|https://a\\.example|on|é|\\u{202e}){0,60}") {
        let html = render(&text);
        // Serialised by the same library, so that only what it removes makes a difference.
        let mut lenient = ammonia::Builder::empty();
        let all = ["p", "br", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "script", "img", "h1", "hr", "div", "b", "table"];
        lenient.tags(all.into()).clean_content_tags(std::collections::HashSet::new()).generic_attributes(["href", "rel", "start", "src", "class", "title"].into());
        lenient.url_schemes(["http", "https", "javascript", "on", "a"].into()).link_rel(None);
        prop_assert_eq!(sanitised(&html), lenient.clean(&html).to_string());
    }
}
