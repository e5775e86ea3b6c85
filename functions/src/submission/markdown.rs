//! What a comment looks like: a small Markdown, and everything else as it was typed.
//!
//! Kept: paragraphs, line ends, emphasis, code, quotes, lists, links to the web. A heading, an image, HTML, a rule
//! or a table is shown as the characters that were typed. Nothing of what was typed reaches the page but as escaped
//! text or as the escaped address of a link.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// The HTML of a comment.
#[must_use]
pub fn render(text: &str) -> String {
    let mut events: Vec<Event> = Vec::new();
    let mut source = Parser::new_ext(text, Options::empty()).into_offset_iter();
    while let Some((event, range)) = source.next() {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) if crate::form::is_web_address(&dest_url) => {
                events.push(Event::InlineHtml(open_link(&dest_url)));
            }
            Event::End(TagEnd::Link) => events.push(Event::InlineHtml(CowStr::Borrowed("</a>"))),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                events.push(Event::Text(CowStr::Borrowed(&text[range])));
                skip(&mut source);
            }
            Event::Start(Tag::Heading { .. } | Tag::HtmlBlock) => {
                events.extend(as_typed(&text[range]));
                skip(&mut source);
            }
            Event::Rule => events.extend(as_typed(&text[range])),
            Event::InlineHtml(html) | Event::Html(html) => events.push(Event::Text(html)),
            Event::SoftBreak => events.push(Event::HardBreak),
            other => events.push(other),
        }
    }
    let mut page = String::with_capacity(text.len() * 2);
    html::push_html(&mut page, events.into_iter().map(plain_code));
    page
}

/// Skips to the end of the element that has just begun.
fn skip<'a>(source: &mut impl Iterator<Item = (Event<'a>, std::ops::Range<usize>)>) {
    let mut open = 1;
    while open > 0 {
        match source.next() {
            Some((Event::Start(_), _)) => open += 1,
            Some((Event::End(_), _)) => open -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

/// A block as a paragraph of what was typed, line by line.
fn as_typed(block: &str) -> Vec<Event<'_>> {
    let mut events = vec![Event::Start(Tag::Paragraph)];
    for (index, line) in block.trim_end().lines().enumerate() {
        if index > 0 {
            events.push(Event::HardBreak);
        }
        events.push(Event::Text(CowStr::Borrowed(line)));
    }
    events.push(Event::End(TagEnd::Paragraph));
    events
}

fn open_link(address: &str) -> CowStr<'static> {
    let mut tag = String::from("<a href=\"");
    for c in address.chars() {
        match c {
            '&' => tag.push_str("&amp;"),
            '"' => tag.push_str("&quot;"),
            '<' => tag.push_str("&lt;"),
            '>' => tag.push_str("&gt;"),
            c => tag.push(c),
        }
    }
    tag.push_str("\" rel=\"nofollow ugc noopener\">");
    tag.into()
}

/// Code without the name of its language, which would become an attribute.
fn plain_code(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::CodeBlock(_)) => {
            Event::Start(Tag::CodeBlock(pulldown_cmark::CodeBlockKind::Fenced(CowStr::Borrowed(""))))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_markdown_is_rendered_and_the_rest_is_shown_as_typed() {
        let cases = [
            ("Thanks,\nit *really* **helped**.", "<p>Thanks,<br />\nit <em>really</em> <strong>helped</strong>.</p>\n"),
            ("> so\n\n- a\n- b", "<blockquote>\n<p>so</p>\n</blockquote>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
            ("`a<b`", "<p><code>a&lt;b</code></p>\n"),
            ("```js\nx\n```", "<pre><code>x\n</code></pre>\n"),
            (
                "[a](https://example.org/?x=1&y=\"2\")",
                "<p><a href=\"https://example.org/?x=1&amp;y=&quot;2&quot;\" rel=\"nofollow ugc noopener\">a</a></p>\n",
            ),
            ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
            ("![a](https://example.org/pixel.png)", "<p>![a](https://example.org/pixel.png)</p>\n"),
            ("# Loud", "<p># Loud</p>\n"),
            ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("<div>\na\n</div>", "<p>&lt;div&gt;<br />\na<br />\n&lt;/div&gt;</p>\n"),
            ("***", "<p>***</p>\n"),
            ("", ""),
        ];
        for (typed, expected) in cases {
            assert_eq!(render(typed), expected, "{typed}");
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

    proptest! {
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
}
