//! What stands on a page of the inbox, as somebody reads it who has no browser.

use crate::harness::world::Answer;

/// The values of a page's checkboxes.
pub(crate) fn boxes(page: &Answer) -> Vec<String> {
    let values = page.body.split("name=\"item\" value=\"").skip(1);
    values.map(|rest| rest.split('"').next().expect("a value").to_owned()).collect()
}

/// The values of the checkboxes in the report of what was done, which its button for undoing sends.
pub(crate) fn flash_boxes(page: &Answer) -> Vec<String> {
    let (_, report) = page.body.split_once("class=\"flash\"").expect("a report");
    let (report, _) = report.split_once("</form>").expect("a button");
    boxes(&Answer { body: report.into(), ..page.clone() })
}

/// What a page shows of who sent what, in its order.
pub(crate) fn names(page: &Answer) -> Vec<String> {
    let links = page.body.split("<a class=\"who\"").skip(1);
    links
        .map(|rest| rest.split("<bdi>").nth(1).expect("a name").split('<').next().expect("a name").to_owned())
        .collect()
}

/// The address behind a link with this text.
pub(crate) fn link(page: &Answer, text: &str) -> Option<String> {
    let before = page.body.split(&format!(">{text}</a>")).next().filter(|before| before.len() < page.body.len())?;
    Some(before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

pub(crate) fn has(page: &Answer, needle: &str) {
    assert!(page.body.contains(needle), "{needle} is not in {}", page.body);
}

pub(crate) fn says(answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(text), "{text:?} is not in {}", answer.body);
}

/// A form as it would be sent as it is.
#[derive(Debug)]
pub(crate) struct Form {
    /// Where it goes.
    pub(crate) action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    /// The first form of a page.
    pub(crate) fn first(page: &str) -> Self {
        let (_, rest) = page.split_once("<form").expect("a form");
        let (form, _) = rest.split_once("</form>").expect("its end");
        let mut fields = Vec::new();
        for tag in form.split('<').skip(1) {
            let (attributes, text) = tag.split_once('>').expect("a tag's end");
            let Some(name) = attribute(attributes, "name") else { continue };
            match attributes.split_whitespace().next() {
                Some("input") => fields.push((name, attribute(attributes, "value").unwrap_or_default())),
                // The first line end is none of the text's.
                Some("textarea") => fields.push((name, text_of(text.strip_prefix('\n').unwrap_or(text)))),
                _ => {}
            }
        }
        Self { action: attribute(form, "action").expect("an action"), fields }
    }

    /// The value of a field, if the form has it.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    }

    /// What it sends.
    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next().map(text_of)
}

/// What stands for a text in HTML, read.
fn text_of(html: &str) -> String {
    let known = [
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&lt;", "<"),
        ("&#62;", ">"),
        ("&gt;", ">"),
    ];
    let text = known.into_iter().fold(html.to_owned(), |text, (entity, letter)| text.replace(entity, letter));
    text.replace("&#38;", "&").replace("&amp;", "&")
}
