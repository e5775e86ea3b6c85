//! Finding things in the inbox, and taking them away as files.

use crate::harness::client::Client;
use crate::harness::metered::metered;
use crate::harness::page::{has, link, names};
use crate::harness::table::copies;
use crate::harness::world::{ARTICLE, Desk, OWNER};

/// A table as a spreadsheet program reads it.
fn table(csv: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let (mut quoted, mut emails) = (false, csv.strip_prefix('\u{feff}').expect("a mark").chars().peekable());
    while let Some(email) = emails.next() {
        let cell = rows.last_mut().and_then(|row| row.last_mut()).expect("a cell");
        match email {
            '"' if quoted && emails.peek() == Some(&'"') => cell.extend(emails.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => rows.last_mut().expect("a row").push(String::new()),
            '\r' if !quoted => assert_eq!(emails.next(), Some('\n')),
            email => cell.push(email),
        }
        if email == '\r' && !quoted {
            rows.push(vec![String::new()]);
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]), "the last line ends, too");
    rows
}

async fn download(browser: &Client<'_>, page: &str, format: &str) -> crate::harness::world::Answer {
    let text = if format == "csv" { "Download as a spreadsheet (CSV)" } else { "Download as data (JSON)" };
    browser.get(&link(&browser.get(page).await, text).expect("a link")).await
}

#[tokio::test]
async fn words_are_found_whatever_their_case_and_accents() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    desk.message_from("Ännchen", "Ich wohne in der STRASSE am Fluß, Überlingen").await;
    desk.message_from("Bo", "Another message, about a café").await;
    for (words, expected) in [
        ("straße", vec!["Ännchen"]),
        ("uberlingen fluss", vec!["Ännchen"]),
        ("annchen", vec!["Ännchen"]),
        ("CAFÉ", vec!["Bo"]),
        ("cafe anothér", vec!["Bo"]),
        ("example.org", vec!["Bo", "Ännchen"]),
        ("cafe straße", vec![]),
        ("/blog/", vec![]),
    ] {
        let query = reqwest::Url::parse_with_params("http://x/", [("q", words)]).expect("an address");
        let page = browser.get(&format!("/inbox/messages/new?{}", query.query().expect("a query"))).await;
        assert_eq!(names(&page), expected, "{words}");
        has(&page, "Searched all 2 in this folder.");
    }
}

#[tokio::test]
async fn a_search_looks_back_a_bit_at_a_time_and_says_how_far_it_came() {
    let (proxy, desk) = metered("").await;
    let browser = desk.sign_in(OWNER).await;
    let first = desk.message_from("Ann", "The needle is here").await;
    let pattern = desk.submission(&first).await;
    copies(&proxy, &pattern, 600, "Nothing to be found here");
    let page = browser.get("/inbox/messages/new?q=needle").await;
    assert_eq!(names(&page), [""; 0]);
    has(&page, "Searched the 500 most recent.");
    has(&page, "Nothing found.");
    let page = browser.get(&link(&page, "Search older").expect("a link")).await;
    assert_eq!(names(&page), ["Ann"]);
    has(&page, "Searched the rest of this folder.");
    assert_eq!(link(&page, "Search older"), None);

    let many = browser.get("/inbox/messages/new?q=nothing").await;
    assert_eq!(names(&many).len(), 25);
    has(&many, "Searched the 25 most recent.");
    assert_eq!(names(&browser.get(&link(&many, "Search older").expect("a link")).await).len(), 25);
}

#[tokio::test]
async fn a_person_is_found_in_all_folders_and_a_page_in_this_one() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    desk.message_from("Ann", "A message").await;
    desk.comment("Ann", "A comment").await;
    desk.message_from("Bo", "ann@example.org is somebody else").await;
    let elsewhere = [("page", "/blog/other/"), ("author", "Cy"), ("email", "cy@example.org"), ("comment", "Elsewhere")];
    desk.post_for_json("/comments", &elsewhere).await;
    desk.settled().await;
    let page = browser.get("/inbox/messages/spam?q=Ann%40Example.org").await;
    has(&page, "Everything from Ann@example.org, in all folders");
    assert_eq!(names(&page), ["Ann", "Ann"]);
    has(&page, "<span>Comments awaiting approval</span>");
    has(&page, "<span>New messages</span>");
    assert!(page.body.contains("value=\"spam\"") && !page.body.contains("value=\"not_spam\""));

    for address in [ARTICLE, "/blog/massage-for-back-pain", &desk.url(ARTICLE)] {
        let page = browser.get(&format!("/inbox/comments/pending?q={address}")).await;
        assert_eq!(names(&page), ["Ann"], "{address}");
    }
    assert_eq!(names(&browser.get("/inbox/comments/pending?q=/blog/other").await), ["Cy"]);
    assert_eq!(names(&browser.get("/inbox/comments/pending?q=/blog/").await), [""; 0]);
}

#[tokio::test]
async fn a_folder_is_exported_for_spreadsheets_and_for_programs() {
    let desk = Desk::start().await;
    let browser = desk.sign_in(OWNER).await;
    let fields = [
        ("name", "=HYPERLINK(\"https://a.example\")"),
        ("email", "ann@example.org"),
        ("phone", "+46 8 555 010"),
        ("preferred_time", "Evening"),
        ("colour", "red, \"and\"\nblue"),
        ("message", "-1+1"),
    ];
    let id = desk.post_for_json("/contact", &fields).await.id();
    desk.message_from("Bo", "Grüße").await;
    let note = [("do", "note"), ("note_id", &*uuid::Uuid::new_v4().to_string()), ("note", "@called")];
    browser.post(&format!("/inbox/item/{id}"), &note).await;
    has(&browser.get("/inbox/messages/new").await, "/inbox/export?folder=messages%2Fnew");

    let page = "/inbox/export?folder=messages/new";
    let csv = download(&browser, page, "csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"studio-messages-new.csv\"");
    let rows = table(&csv.body);
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    let cell = |row: usize, name: &str| {
        &rows[row][rows[0].iter().position(|column| column == name).unwrap_or_else(|| panic!("{name}"))]
    };
    for (name, value) in [
        ("id", &*id),
        ("kind", "message"),
        ("status", "received"),
        ("form", "default"),
        ("name", "'=HYPERLINK(\"https://a.example\")"),
        ("email", "ann@example.org"),
        ("phone", "'+46 8 555 010"),
        ("text", "'-1+1"),
        ("preferred_time", "Evening"),
        ("other", "colour: red, \"and\"\nblue"),
        ("notes", "Mara Lindqvist: @called"),
    ] {
        assert_eq!(cell(2, name), value, "{name}");
    }
    assert_eq!(cell(1, "text"), "Grüße");
    for row in &rows[1..] {
        assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{row:?}");
    }

    let json = download(&browser, page, "json").await.json();
    assert_eq!((json.as_array().map(Vec::len), &json[1]["id"]), (Some(2), &id.into()));
    assert_eq!(json[1]["name"], "=HYPERLINK(\"https://a.example\")");
    assert_eq!(json[1]["fields"][1]["value"], "red, \"and\"\nblue");
    assert_eq!(json[1]["notes"][0]["text"], "@called");
    let found = download(&browser, "/inbox/export?folder=messages/new&q=gruss", "json").await.json();
    assert_eq!((found.as_array().map(Vec::len), &found[0]["name"]), (Some(1), &"Bo".into()));
    let empty = browser.get("/inbox/export?folder=messages/trash").await;
    has(&empty, "Nothing to export.");
    assert_eq!(browser.get("/inbox/export?folder=messages/x").await.status, 404);
}

#[tokio::test]
async fn a_large_export_comes_in_parts_that_leave_nothing_out() {
    let (proxy, desk) = metered("").await;
    let browser = desk.sign_in(OWNER).await;
    let pattern = desk.submission(&desk.message_from("Ann", "Hello").await).await;
    copies(&proxy, &pattern, 300, &"\"long\"\n".repeat(2_500));
    let page = browser.get("/inbox/export?folder=messages/new").await;
    has(&page, "There is more: this is not everything.");
    // What comes between the page and the file is in neither.
    desk.message_from("Bo", "Later").await;
    let (mut rows, mut ids, mut page) = (0, Vec::new(), page);
    loop {
        let csv = browser.get(&link(&page, "Download as a spreadsheet (CSV)").expect("a link")).await;
        rows += table(&csv.body).len() - 1;
        let json = browser.get(&link(&page, "Download as data (JSON)").expect("a link")).await;
        // With what API Gateway puts around it, it must stay below 6 MB.
        assert!(json.body.len() < 3_000_000 && csv.body.len() < 3_000_000, "{}", json.body.len());
        ids.extend(json.json().as_array().expect("a list").iter().map(|item| item["id"].to_string()));
        match link(&page, "Next part") {
            Some(next) => page = browser.get(&next).await,
            None => break,
        }
    }
    has(&page, "This is the last part.");
    assert_eq!((rows, ids.len()), (301, 301));
    assert!(ids.is_sorted_by(|a, b| a > b));

    let (mut address, mut ids) = ("/inbox/export?folder=messages/new&format=json".to_owned(), 0);
    loop {
        let part = browser.get(&address).await;
        ids += part.json().as_array().expect("a list").len();
        let Some(next) = part.header("link").strip_prefix('<') else { break };
        address = next.split_once(">; rel=\"next\"").expect("a link").0.to_owned();
    }
    assert_eq!(ids, 302, "programs follow the header");
}
