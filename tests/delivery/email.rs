//! Emails as mail programs get them: both parts, what they say, what they look like, and what nobody can smuggle in.

use deskbell::local::CaughtEmail;
use serde_json::json;

use crate::harness::moderation::choose;
use crate::harness::scenario::{DESK, PHONE, play_with};
use crate::harness::world::{ARTICLE, Desk, answer, link, link_to, said};

/// More than this Gmail clips.
const CLIPPED: usize = 102 * 1024;

/// The HTML part without the elements that keep mail programs from making links of what was typed.
fn unbroken(email: &CaughtEmail) -> String {
    email.html.replace("<span>", "").replace("</span>", "")
}

/// The addresses in the HTML part that something leads to.
fn hrefs(email: &CaughtEmail) -> Vec<&str> {
    email.html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A form that takes longer messages than the sample's.
const LONG_MESSAGES: &str = r#"
    [sites.studio.forms.default]
    fields = [
        { name = "name", required = true },
        { name = "email", required = true },
        { name = "message", required = true, max = 20_000 },
    ]
"#;

/// The email about a comment of the sample site.
async fn about_comment(desk: &Desk, fields: &[(&str, &str)], needle: &str) -> CaughtEmail {
    let answer = desk.post_for_json("/comments", &[&[("page", ARTICLE)], fields].concat()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    desk.email_about(needle).await
}

#[tokio::test]
async fn both_parts_say_the_same_and_lead_to_the_same() {
    // Doubtful, for its markup, and yet told of by an email.
    let desk = Desk::configured(r#"sites.studio.comments.doubtful = "mail""#).await;
    let text = "Warmth helps me <b>most</b> & so do walks.\n\nDo you agree?";
    let fields =
        [("author", "Bo Ström"), ("email", "bo@example.org"), ("url", "https://bo.example/"), ("comment", text)];
    let email = about_comment(&desk, &fields, "Do you agree?").await;
    let html = unbroken(&email);
    let typed = ["Bo Ström", "bo@example.org", "https://bo.example/", ARTICLE, "Do you agree?"];
    let ours = [
        "New comment on Studio Lindqvist",
        "Spam check",
        "The form was sent without embed.js",
        "Links expire after 14 days.",
    ];
    for part in typed.iter().chain(&ours) {
        assert!(said(&email).contains(part) && html.contains(part), "{part} is not in {}\n{html}", email.text);
    }
    assert!(html.contains("helps me &lt;b&gt;most&lt;/b&gt; &amp; so do walks.</p>\n<p>Do you agree?</p>"), "{html}");
    assert!(
        email.text.contains("> Warmth helps me <b>most</b> & so do walks.\n>\n> Do you agree?\n"),
        "{}",
        email.text
    );

    let choices = ["Approve", "Approve and reply", "Spam", "Trash", "Block this address", "Block this network"];
    let labels = [&choices[..], &["Open the inbox", "More actions", "Open the page"]].concat();
    let links: Vec<String> = labels.iter().map(|label| link_to(&email, label)).collect();
    assert_eq!(hrefs(&email), links);
    assert!(links.iter().all(|link| link.starts_with(desk.world.url.as_str())), "{links:?}");
    for (label, link) in labels.iter().zip(&links) {
        assert!(html.contains(&format!("href=\"{link}\"")) && html.contains(&format!(">{label}</a>")), "{label}");
    }
    let first = html.find("Do you agree?").expect("the comment");
    assert!(first < html.find("bo@example.org").expect("the address"), "what was written comes first");
}

#[tokio::test]
async fn what_is_clearly_real_comes_with_three_quiet_links_and_a_line_about_spam() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "all""#).await;
    desk.message_from("Ann", "Is Monday free?").await;
    let email = desk.email_about("Is Monday free?").await;
    let links = ["Spam", "Trash", "More actions"].map(|label| link_to(&email, label));
    assert_eq!(hrefs(&email), links);
    assert!(!email.html.contains("class=\"plain\"") && !email.html.contains("class=\"main\""), "{}", email.html);
    let score = |part: &str| part.contains("Spam score: ") && part.contains("of 100 (not spam)");
    assert!(score(&email.text) && score(&email.html) && !email.text.contains("Spam check"), "{}", email.text);
    assert!(email.text.contains("Just reply to this email to answer."), "{}", email.text);
    // The rest is a page away.
    let more = desk.get_html(&links[2]).await.body;
    assert!(more.contains("Block this address") && more.contains("<h2>Spam check</h2>"), "{more}");
}

#[tokio::test]
async fn a_comments_email_shows_it_as_it_will_be_published_where_and_what_it_answers() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "all""#).await;
    let first = desk.comment("Otto", "Warmth helps me most, and so do walks.").await.id();
    choose(&desk, &first, "approve").await;
    let text = "I *quite* agree with you.\n\n> and so do walks";
    let fields = [("author", "Bo"), ("email", "bo@example.org"), ("parent", &first), ("comment", text)];
    let email = about_comment(&desk, &fields, "agree with you").await;
    for part in ["<p>I <em>quite</em> agree with you.</p>", "<blockquote>", "Otto: Warmth helps me most"] {
        assert!(email.html.contains(part), "{part} is not in {}", email.html);
    }
    assert!(email.text.contains("> I *quite* agree with you.\n>\n> > and so do walks\n"), "{}", email.text);
    assert!(said(&email).contains("In reply to: Otto: Warmth helps me most, and so do walks."), "{}", email.text);
    let page = link_to(&email, "Open the page");
    assert_eq!(page, desk.world.app.config.sites["studio"].own_url(ARTICLE).expect("a page").as_str());
    assert!(desk.get_html(&page).await.status == 200);
}

#[tokio::test]
async fn an_email_is_built_for_mail_programs() {
    let desk = Desk::start().await;
    desk.comment("Bo", "A usual comment").await;
    let email = desk.email_about("A usual comment").await;
    let html = &email.html;
    for part in [
        "<html lang=\"en\" dir=\"ltr\">",
        "<meta name=\"color-scheme\" content=\"light dark\">",
        "<meta name=\"supported-color-schemes\" content=\"light dark\">",
        "@media (prefers-color-scheme:dark)",
        "<title>Comment by Bo on",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    let (tables, presentation) = (html.matches("<table").count(), html.matches("<table role=\"presentation\"").count());
    assert_eq!(tables, presentation, "no table is data");
    for foreign in ["<img", "src=", "url(", "@import", "<link", "<script", "<v:", "flex", "grid"] {
        assert!(!html.contains(foreign), "{foreign} is in {html}");
    }
    // What lists of emails show beside the subject comes before everything else that can be read.
    let body = &html[html.find("<body").expect("a body")..];
    let preview = body.find("A usual comment").expect("a preview");
    assert!(body[..preview].contains("display:none") && preview < body.find("New comment on").expect("a heading"));
    assert!(html.len() < 12_000, "{} bytes", html.len());
    assert!(email.text.lines().all(|line| line.chars().count() <= 72 || line.starts_with("http")), "{}", email.text);
    assert_eq!(email.headers["Auto-Submitted"], "auto-generated");
    assert!(email.headers["Content-Type"].starts_with("multipart/alternative"));
}

#[tokio::test]
async fn however_much_was_written_gmail_shows_the_whole_email() {
    let desk = Desk::configured(LONG_MESSAGES).await;
    let mut sent = json!({ "name": "Ann", "email": "ann@example.org" });
    sent["message"] = format!("It begins. {} It ends.", "<a.b@c>'".repeat(2_400)).into();
    for number in 0..5 {
        sent[format!("field_{number}")] = format!("{number} {}", "&".repeat(4_000)).into();
    }
    let request = desk.request_post("/contact").header("content-type", "application/json").body(sent.to_string());
    let id = answer(request).await.id();
    // Whatever the filter makes of it.
    let stored = desk.submission(&id).await;
    if stored.status.word() == "spam" {
        let link = desk.world.app.moderation_path(&stored);
        assert_eq!(desk.post(&link, &[("choice", "not_spam")]).await.status, 200);
    }
    let email = desk.email_about("It begins.").await;
    assert!(email.html.len() < CLIPPED - 10_000, "{} bytes", email.html.len());
    assert!(email.html.contains("It begins.") && !email.html.contains("It ends."));
    assert!(email.html.contains("New message from Ann</h1>"), "the heading has its room first: {}", email.html);
    assert!(email.html.contains("See “More actions”."), "{}", email.html);
    assert!(email.html.trim_end().ends_with("</html>") && email.html.contains(">More actions</a>"));
    assert!(said(&email).contains("It ends."), "the other part has room");
    assert!(desk.get_html(&link(&email)).await.body.contains("It ends."));
}

#[tokio::test]
async fn nothing_that_was_typed_becomes_a_link_or_passes_for_one_of_ours() {
    let desk = Desk::start().await;
    let message = "Hello\n\nApprove:\nhttps://evil.example/moderate/x\n\nMore actions:\nhttps://evil.example/y\n\
        <a href=\"https://evil.example\">Approve</a> www.evil.example mail@evil.example";
    let own = "Spam:\nhttps://evil.example/z";
    let fields = [
        ("name", "Ann https://evil.example"),
        ("email", "ann@example.org"),
        ("message", message),
        ("own", own),
        ("Approve:\r\nhttps://evil.example/name\r\n", "x"),
        ("_subject", "Hi\r\nBcc: thief@evil.example"),
    ];
    let id = desk.post_for_json("/contact", &fields).await.id();
    let stored = desk.submission(&id).await;
    if stored.status.word() == "spam" {
        assert_eq!(desk.post(&desk.world.app.moderation_path(&stored), &[("choice", "not_spam")]).await.status, 200);
    }
    let email = desk.email_about("www.evil.example").await;
    assert!(hrefs(&email).iter().all(|href| href.starts_with(desk.world.url.as_str())), "{:?}", hrefs(&email));
    // Mail programs make links of what looks like an address in one run of text.
    for address in ["https://evil", "evil.example", "mail@evil", "ann@example"] {
        let body = &email.html[email.html.find("<body").expect("a body")..];
        let shown = body.replace(&format!("aria-label=\"{}\"", email.subject), "");
        assert!(!shown.contains(address), "{address} is in {shown}");
    }
    assert!(unbroken(&email).contains("&lt;a href=&quot;https://evil.example&quot;&gt;Approve&lt;/a&gt;"));
    for line in email.text.lines().filter(|line| line.contains("evil.example")) {
        let marked =
            ["> ", "New message from ", "Name: ", "Subject: ", "- ", "  "].iter().any(|mark| line.starts_with(mark));
        assert!(marked, "{line:?} in {}", email.text);
    }
    assert!(!email.text.lines().any(|line| line == "Approve:"), "{}", email.text);
    assert!(email.subject.ends_with("Hi Bcc: thief@evil.example"), "{}", email.subject);
    assert!(!email.headers.contains_key("Bcc") && email.to == ["mara@studio-lindqvist.example"]);
}

#[tokio::test]
async fn an_email_speaks_the_sites_language() {
    let desk = Desk::configured(r#"sites.studio.lang = "de""#).await;
    desk.comment("Bo", "Ein Kommentar").await;
    let email = desk.email_about("Ein Kommentar").await;
    assert!(email.html.contains("<html lang=\"de\" dir=\"ltr\">"), "{}", email.html);
    for (label, will) in [
        ("Freigeben", "Alle können ihn lesen."),
        ("Freigeben und antworten", "mit Ihrer Antwort darunter"),
        ("Spam", "in den Spam-Ordner"),
        ("Papierkorb", "in den Papierkorb"),
        ("Weitere Aktionen", "Kommentar von Bo"),
    ] {
        let page = desk.get_html(&link_to(&email, label)).await;
        assert!(page.status == 200 && page.body.contains(will), "{}", page.body);
    }
    assert!(email.text.contains("Spam-Wert: "), "{}", email.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emails_buttons_are_big_enough_for_a_thumb_and_fit_the_window() {
    let lenient = "[sites.studio.judging]\nunsure = 1.0\nspam = 1.0";
    let test = "an_emails_buttons_are_big_enough_for_a_thumb_and_fit_the_window";
    play_with(test, lenient, &[DESK, PHONE], async |desk, browser| {
        let wide = format!("Wide {} and www.{}.example", "x".repeat(300), "y".repeat(300));
        desk.comment("Bo", &wide).await;
        desk.email_about("Wide").await;
        browser.open(&desk.url("/_mail")).await;
        browser.press(".list li a").await;
        browser.enter_frame(".email iframe").await;
        browser.read("body", "More actions").await;
        browser.does_not_scroll_sideways().await;
        let links = browser.all("a").await.expect("links");
        assert_eq!(links.len(), 6);
        for link in links {
            let (_, _, width, height) = link.rectangle().await.expect("a place");
            assert!(height >= 44.0 && width >= 100.0, "{:?}: {width} x {height}", link.text().await);
        }
    })
    .await;
}

#[tokio::test]
async fn times_are_those_of_the_sites_clock() {
    let desk =
        Desk::configured("sites.studio.time_zone = \"Australia/Sydney\"\nsites.studio.comments.policy = \"all\"").await;
    let sydney = |text: &str| (text.contains(" AEDT") || text.contains(" AEST")) && !text.contains(" UTC");
    desk.message_from("Ann", "Is Monday free?").await;
    let email = desk.email_about("Is Monday free?").await;
    assert!(sydney(&email.text) && sydney(&email.html), "{}", email.text);
    let page = desk.get_html(&link(&email)).await.body;
    assert!(sydney(&page), "{page}");
    let sent = desk.comment("Bo", "It helped me a lot, thank you.").await;
    choose(&desk, &sent.id(), "approve").await;
    let fragment = desk.get_html(&format!("/comments?page={ARTICLE}")).await.body;
    assert!(sydney(&fragment) && fragment.contains("<time datetime=\"20"), "{fragment}");
}
