//! Addresses of people and of their websites, as people type them: whatever a browser lets through is taken, is found
//! again in every spelling, and shows nothing that is private.

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::settings::OPEN;
use crate::harness::world::{ARTICLE, Desk, answer, eventually, said};

/// What is typed, and what the owner reads.
const ADDRESSES: [(&str, &str); 9] = [
    ("ann@münchen.example", "ann@münchen.example"),
    ("ann@xn--mnchen-3ya.example", "ann@münchen.example"),
    ("ann@例え.テスト", "ann@例え.テスト"),
    ("анна@пример.испытание", "анна@пример.испытание"),
    ("aa..bb@docomo.ne.jp", "aa..bb@docomo.ne.jp"),
    ("aa.bb.@docomo.ne.jp", "aa.bb.@docomo.ne.jp"),
    (".ann@example.org", ".ann@example.org"),
    ("ann@localhost", "ann@localhost"),
    ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
];

#[tokio::test]
async fn an_address_in_any_spelling_is_taken_and_its_message_is_announced() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 100").await;
    for (number, (typed, shown)) in ADDRESSES.into_iter().enumerate() {
        let message = format!("Could I come on Monday, as number {number}?");
        let fields = [("name", "Ann"), ("email", typed), ("message", &*message)];
        let sent = desk.post_for_json("/contact", &fields).await;
        assert_eq!(sent.status, 201, "{typed}: {sent:?}");
        let email = desk.email_about(&message).await;
        assert!(said(&email).contains(shown), "{typed}: {}", said(&email));
        let reply_to = email.headers.get("Reply-To").map(String::as_str).unwrap_or_default();
        assert!(reply_to.is_ascii(), "{reply_to}: SES takes nothing else");
    }
}

#[tokio::test]
async fn the_owner_and_the_sender_may_have_addresses_in_other_scripts_and_all_spellings_are_one_person() {
    let settings = "mail.from = \"deskbell@büro.example\"\n\
                    sites.studio.owner = { name = \"Mara\", email = \"mara@münchen.example\" }\n\
                    sites.studio.team = [{ name = \"Jo\", email = \"jo@例え.テスト\" }]";
    let desk = Desk::configured(settings).await;
    let fields = [("name", "Ann"), ("email", "ann@grün.example"), ("message", "Is Monday free?")];
    assert_eq!(desk.post_for_json("/contact", &fields).await.status, 201);
    let email = desk.email_about("Is Monday free?").await;
    assert_eq!(
        (email.from.as_str(), email.to),
        ("deskbell@xn--bro-hoa.example", vec!["mara@xn--mnchen-3ya.example".into()])
    );

    let owner = desk.sign_in("mara@xn--mnchen-3ya.example").await;
    for spelling in ["ann@grün.example", "ANN@GRÜN.example", "ann@xn--grn-ioa.example"] {
        let query: String = reqwest::Url::parse_with_params("http://x/", [("email", spelling)])
            .expect("an address")
            .query()
            .expect("one")
            .into();
        let found = owner.get(&format!("/inbox/person?{query}&format=json")).await;
        assert!(found.status == 200 && found.body.contains("Is Monday free?"), "{spelling}: {}", found.body);
    }
    assert_eq!(Client::new(&desk).ask("mara@MÜNCHEN.example").await.status, 200);
    let links = async || (desk.sign_in_emails("mara@xn--mnchen-3ya.example").await.len() == 2).then_some(());
    eventually("a link to the other spelling", links).await;
    assert_eq!(desk.sign_in("jo@xn--r8jz45g.xn--zckzah").await.get("/inbox").await.status, 200);
}

#[tokio::test]
async fn a_website_shows_neither_users_nor_addresses_and_a_placeholder_is_none() {
    let desk = Desk::configured(&format!("{OPEN}\nrate_per_minute = 100")).await;
    let cases = [
        ("https://user:pw@example.net/", json!("https://example.net/")),
        ("user:pw@example.net", json!("https://example.net/")),
        ("ann.private@example.net", json!(null)),
        ("mailto:ann.private@example.net", json!(null)),
        ("paypal.com@evil.example", json!(null)),
        ("https://example.net/?m=ann.private%40example.net", json!("https://example.net/")),
        ("http://", json!(null)),
        ("-", json!(null)),
        ("n/a", json!(null)),
        ("example.net/ann", json!("https://example.net/ann")),
    ];
    for (number, (typed, shown)) in cases.iter().enumerate() {
        let comment =
            format!("A word about my own back, for the {number}th time, which had hurt for years until I sat better.");
        let fields = [
            ("page", ARTICLE),
            ("author", "Ann"),
            ("email", "ann@example.org"),
            ("url", typed),
            ("comment", &*comment),
        ];
        let sent = desk.post_for_json("/comments", &fields).await;
        assert_eq!(sent.status, 201, "{typed}: {sent:?}");
        assert_eq!(sent.json()["comment"]["url"], *shown, "{typed}");
    }
    let html = desk.get_html(&format!("/comments?page={ARTICLE}&limit=100")).await.body;
    let json = desk.comments(ARTICLE).await.to_string();
    for private in ["ann.private", "user", ":pw@", "paypal.com"] {
        assert!(!html.contains(private) && !json.contains(private), "{private}");
    }
}

#[tokio::test]
async fn placeholders_are_as_if_empty_where_nothing_is_required() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 100").await;
    for (number, placeholder) in ["http://", "-", "—", "n/a", "https://www."].into_iter().enumerate() {
        let message = format!("Could I come on Tuesday, as number {number}?");
        let fields = [
            ("name", "Ann"),
            ("email", "ann@example.org"),
            ("phone", placeholder),
            ("url", placeholder),
            ("message", &*message),
        ];
        assert_eq!(desk.post_for_json("/contact", &fields).await.status, 201, "{placeholder}");
    }
    let refused = desk.post_for_json("/contact", &[("name", "Ann"), ("email", "-"), ("message", "Hello")]).await;
    assert_eq!(
        refused.json()["errors"],
        json!([{ "field": "email", "code": "required", "message": refused.json()["errors"][0]["message"] }])
    );
}

#[tokio::test]
async fn counts_of_a_hundred_pages_with_long_names_can_be_posted_and_foreign_pages_count_nothing() {
    let desk = Desk::configured("sites.studio.comments.policy = \"none\"").await;
    let pages: Vec<String> = (0..98).map(|number| format!("/blog/{}-{number}/", "ü".repeat(70))).collect();
    let foreign = "https://evil.example/blog/".to_owned();
    let asked: Vec<&String> = pages.iter().chain([&foreign]).collect();
    let pairs: Vec<(&str, &str)> = asked.iter().map(|page| ("page", page.as_str())).collect();
    let form = answer(desk.request_post("/comments/count").form(&pairs)).await;
    let multipart =
        pairs.iter().fold(reqwest::multipart::Form::new(), |form, (name, page)| form.text(*name, (*page).to_owned()));
    let multipart = answer(desk.request_post("/comments/count").multipart(multipart)).await;
    let list = answer(desk.request_post("/comments/count").json(&json!({ "page": asked }))).await;
    let object = answer(desk.request_post("/comments/count").json(&json!({ "pages": asked }))).await;
    for counted in [form, multipart, list, object] {
        assert_eq!(counted.status, 200, "{counted:?}");
        let counts = counted.json()["counts"].clone();
        assert_eq!((counts.as_object().expect("counts").len(), &counts[&foreign]), (99, &json!(0)));
    }
    // The same in an address is more than API Gateway takes.
    let got = answer(desk.request_get("/comments/count").query(&pairs)).await;
    assert_eq!(got.status, 414, "{got:?}");
    let got = desk.get_json(&format!("/comments/count?page={ARTICLE}&page=https://evil.example/")).await;
    assert_eq!(got.json()["counts"], json!({ ARTICLE: 0, "https://evil.example/": 0 }));
    for (body, code) in [(json!({ "pages": [] }), "required"), (json!({ "pages": vec!["/a"; 101] }), "too_many")] {
        let refused = answer(desk.request_post("/comments/count").json(&body)).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["code"]), (422, &json!(code)));
    }
    assert_eq!(answer(desk.request_post("/comments/count").json(&json!(["/a"]))).await.status, 400);
}

#[tokio::test]
async fn a_site_below_a_path_leads_to_pages_below_it() {
    let desk = Desk::configured(
        "sites.studio.url = \"https://ann.github.io/studio/\"\nsites.studio.forms.default.thanks = \"/thank-you/\"",
    )
    .await;
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    let sent = desk.post("/contact", &fields).await;
    assert_eq!((sent.status, sent.header("location")), (303, &*desk.url("/studio/thank-you/")));
    assert_eq!(desk.get("/studio/thank-you/").await.status, 200);
    let next =
        desk.post("/contact", &[&fields[..2], &[("message", "And Tuesday?"), ("_next", "/sent/")]].concat()).await;
    assert_eq!(next.header("location"), desk.url("/studio/sent/"));
}
