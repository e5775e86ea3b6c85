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
