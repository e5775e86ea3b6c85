//! Signing in to the inbox: no password, a link by mail, one browser.

use deskbell_functions::delivery::Notifier;
use deskbell_functions::keys::{Purpose, Token};
use deskbell_functions::notify::{self, Event};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::client::{ASK, BROWSER, Client, csrf, is_in};
use crate::harness::fault_proxy::Mail;
use crate::harness::metered::metered;
use crate::harness::page::says;
use crate::harness::scenario::{ALL, SUBMIT, play_with};
use crate::harness::stream::another_notifier;
use crate::harness::table::{items, pk};
use crate::harness::world::{Desk, MODERATOR, OWNER};

#[tokio::test]
async fn signing_in_leads_from_the_inbox_back_to_where_one_wanted_to_go() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    let turned_away = browser.get("/inbox?q=a%26b").await;
    assert_eq!(
        (turned_away.status, turned_away.header("location")),
        (303, "/inbox/sign-in?next=%2Finbox%3Fq%3Da%2526b")
    );
    let asked = browser.get(turned_away.header("location")).await;
    says(&asked, 200, "name=\"next\" value=\"/inbox?q=a%26b\"");
    let fields = [("email", "Mara@Studio-Lindqvist.example "), ("csrf", &*csrf(&asked)), ("next", "/inbox?q=a%26b")];
    says(&browser.post_bare(ASK, &fields).await, 200, "Check your email");

    let link = browser.link_to(OWNER).await;
    says(&browser.get(&link).await, 200, "You are signing in as Mara Lindqvist.");
    let entered = browser.press(&link).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/inbox?q=a%26b"));
    says(&browser.get("/inbox").await, 200, "<bdi>Mara Lindqvist</bdi>");
    assert_eq!(browser.get(ASK).await.header("location"), "/inbox", "there is nothing to ask for");
    says(&desk.sign_in(MODERATOR).await.get("/inbox").await, 200, "Jon Berg");
}

#[tokio::test]
async fn the_email_says_what_it_is_in_text_and_html() {
    let desk = Desk::configured(r#"sites.studio.lang = "de""#).await;
    let browser = Client::new(&desk);
    says(&browser.ask(OWNER).await, 200, "Sehen Sie in Ihr Postfach");
    let link = browser.link_to(OWNER).await;
    let email = desk.sign_in_emails(OWNER).await.remove(0);
    assert_eq!(email.subject, "Anmelden bei Studio Lindqvist");
    assert!(link.starts_with(&format!("{}/inbox/sign-in/s.studio.", desk.world.url)), "{link}");
    assert!(email.html.contains(&format!("href=\"{link}\"")), "{}", email.html);
    for part in [&email.text, &email.html] {
        assert!(part.contains("15 Minuten") && part.contains("Sie haben ihn nicht angefordert?"), "{part}");
    }
    assert_eq!((email.reply_to, &*email.headers["Auto-Submitted"]), (None, "auto-generated"));
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_for_the_same_work_and_no_mail() {
    let (proxy, desk) = metered("").await;
    let stranger = "somebody@example.org";
    let browser = Client::new(&desk);
    let mut answers = Vec::new();
    for email in [OWNER, stranger, MODERATOR] {
        proxy.keep_stream_still(true);
        let csrf = csrf(&browser.get(ASK).await);
        proxy.forget();
        let asked = browser.post_bare(ASK, &[("email", email), ("csrf", &csrf)]).await;
        let calls: Vec<(String, String)> =
            proxy.calls().into_iter().map(|call| (call.operation, call.units.to_string())).collect();
        proxy.keep_stream_still(false);
        let mut headers = asked.headers.clone();
        for own in ["date", "content-length"] {
            headers.remove(own);
        }
        answers.push((asked.status, headers, asked.body.replace(email, "EMAIL"), calls));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    desk.settled().await;
    let sent: Vec<_> = desk.emails().await.into_iter().filter(|mail| mail.text.contains(ASK)).collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(!sent.iter().any(|mail| mail.to == [stranger]));
    let stored: Vec<Value> = items(&proxy).into_iter().filter(|item| pk(item).contains("#sign-in#")).collect();
    assert_eq!(stored.len(), 3);
    assert!(!stored.iter().any(|item| item.to_string().contains('@')), "no address is stored: {stored:?}");
}

#[tokio::test]
async fn a_link_signs_in_once_even_if_it_is_pressed_many_times_at_one_moment() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    let csrf = csrf(&browser.get(&link).await);
    let again = Client::new(&desk);
    again.set_cookie(BROWSER, &browser.cookie(BROWSER).expect("a browser"));
    let tries = (0..6).map(|_| async { browser.post_bare(&link, &[("csrf", &csrf)]).await.status });
    let mut statuses = join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410, 410, 410, 410, 410]);
    assert!(is_in(&browser).await);
    assert_eq!(browser.get(&link).await.header("location"), "/inbox", "who is in already just goes on");
    for used in [again.get(&link).await, again.post_bare(&link, &[("csrf", &csrf)]).await] {
        says(&used, 410, "This link no longer works");
        assert!(used.body.contains("href=\"/inbox/sign-in\""), "{}", used.body);
    }
}

#[tokio::test]
async fn another_browser_is_told_so_and_may_ask_for_itself() {
    let desk = Desk::start().await;
    let (browser, other) = (Client::new(&desk), Client::new(&desk));
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    let stolen = csrf(&browser.get(&link).await);
    // One that knows nothing, and one in which somebody is about to sign in too.
    for _ in 0..2 {
        for refused in [other.get(&link).await, other.post_bare(&link, &[("csrf", &stolen)]).await] {
            says(&refused, 403, "You requested this link in another browser");
            assert!(refused.body.contains("Request a new link"), "{}", refused.body);
        }
        other.get(ASK).await;
    }
    assert!(!is_in(&other).await);
    browser.press(&link).await;
    assert!(is_in(&browser).await, "the one that asked gets in all the same");
    other.sign_in(OWNER).await;
}

#[tokio::test]
async fn expired_forged_and_foreign_links_lead_to_a_new_one() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    let csrf = csrf(&browser.get(&link).await);
    let keys = &desk.world.app.keys;
    let good = keys.verify(Purpose::SignIn, link.rsplit('/').next().expect("a token")).expect("a token of this world");
    let minutes = (good.expires_at - jiff::Timestamp::now().as_second() + 30) / 60;
    assert_eq!(minutes, 15);
    let sign = |token: &Token| format!("{ASK}/{}", keys.sign(token));
    let cases = [
        (sign(&Token { expires_at: good.expires_at - 15 * 60 - 1, ..good.clone() }), 410, "This link has expired"),
        (sign(&Token { id: uuid::Uuid::now_v7(), ..good.clone() }), 410, "This link no longer works"),
        (sign(&Token { purpose: Purpose::Moderate, ..good.clone() }), 403, "This link is not valid"),
        (sign(&Token { site: "annex".into(), ..good.clone() }), 403, "This link is not valid"),
        (format!("{link}x"), 403, "This link is not valid"),
        (format!("{ASK}/%00"), 403, "This link is not valid"),
    ];
    for (link, status, title) in cases {
        for refused in [browser.get(&link).await, browser.post_bare(&link, &[("csrf", &csrf)]).await] {
            says(&refused, status, title);
            assert!(refused.body.contains("href=\"/inbox/sign-in\">Request a new link"), "{}", refused.body);
        }
    }
    assert!(!is_in(&browser).await);
    assert_eq!(browser.press(&link).await.status, 303);
}

#[tokio::test]
async fn opening_pages_changes_nothing() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    for _ in 0..3 {
        assert_eq!(browser.get(&format!("{link}?choice=enter")).await.status, 200);
        assert_eq!(browser.send(desk.request_head(&link)).await.status, 200);
    }
    assert!(!is_in(&browser).await);
    assert_eq!(browser.press(&link).await.status, 303);
    for path in ["/inbox/sign-out", "/inbox/sign-out?where=everywhere", &*link] {
        browser.get(path).await;
        browser.send(desk.request_head(path)).await;
    }
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn too_many_links_are_refused_by_network_and_by_address_whoever_is_meant() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 6").await;
    let browser = Client::new(&desk);
    for email in [OWNER, "somebody@example.org", "anybody@example.org"] {
        assert_eq!(browser.ask(email).await.status, 200);
    }
    for email in [OWNER, "somebody@example.org"] {
        let refused = browser.ask(email).await;
        says(&refused, 429, "Too many links were requested.");
        assert!(refused.body.contains(&format!("value=\"{email}\"")), "{}", refused.body);
        let wait: i64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=900).contains(&wait), "{wait}");
    }

    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    let app = &desk.world.app;
    for email in [OWNER, "somebody@example.org"] {
        let hash = app.keys.hash("links of an address", &[email]);
        for _ in 0..100 {
            app.store.count_request_within(60, "studio", &hash, jiff::Timestamp::now()).await.expect("the table");
        }
        says(&browser.ask(&email.to_uppercase()).await, 429, "Too many links were requested.");
    }
    assert_eq!(browser.ask(MODERATOR).await.status, 200);
}

#[tokio::test]
async fn two_networks_lock_nobody_out_and_an_address_gets_a_bounded_number_of_emails() {
    // As it is if nothing is set.
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 10").await;
    let (app, now) = (&desk.world.app, desk.now());
    // What others ask for, from elsewhere: as much as they get, and then more.
    let elsewhere = async |network: &str| {
        let hash = app.keys.hash("links of a network to an address", &[network, OWNER]);
        let mut got = 0;
        for _ in 0..40 {
            if app.store.count_request_within(60, "studio", &hash, now).await.expect("the table") <= 3 {
                let all = app.keys.hash("links of an address", &[OWNER]);
                let all = app.store.count_request_within(60, "studio", &all, now).await.expect("the table");
                got += u32::from(all <= 12);
            }
        }
        got
    };
    assert_eq!((elsewhere("192.0.2.0/24").await, elsewhere("198.51.100.0/24").await), (3, 3));
    let browser = Client::new(&desk);
    assert_eq!(browser.ask(OWNER).await.status, 200);
    browser.link_to(OWNER).await;
    let mut all = 6 + 1;
    for network in 0..20 {
        all += elsewhere(&format!("203.0.{network}.0/24")).await;
    }
    assert_eq!(all, 12, "emails within an hour, wherever they are asked for");
}

#[tokio::test]
async fn what_is_no_address_is_said_at_the_field() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    for typed in ["", "mara", "mara@localhost", "\"<script>@x"] {
        let refused = browser.ask(typed).await;
        says(&refused, 422, "aria-invalid=\"true\" aria-describedby=\"email-error\"");
        assert!(!refused.body.contains("<script>"), "{}", refused.body);
    }
}

#[tokio::test]
async fn nobody_is_signed_in_by_somebody_elses_form() {
    let desk = Desk::start().await;
    let (victim, attacker) = (Client::new(&desk), Client::new(&desk));
    let theirs = csrf(&attacker.get(ASK).await);
    let own = csrf(&victim.get(ASK).await);
    let post = |csrf: &str| desk.request_post(ASK).form(&[("email", MODERATOR), ("csrf", csrf)]);
    for refused in [
        victim.send(post("")).await,
        victim.send(post(&theirs)).await,
        Client::new(&desk).send(post(&theirs)).await,
        victim.send(post(&own).header("sec-fetch-site", "cross-site")).await,
    ] {
        says(&refused, 403, "Please press the button once more.");
        assert!(refused.body.contains(&format!("value=\"{MODERATOR}\"")), "what was typed is kept");
    }

    attacker.ask(MODERATOR).await;
    let link = attacker.link_to(MODERATOR).await;
    assert_eq!(victim.get(&link).await.status, 403);
    for csrf in ["", &*own] {
        says(&attacker.post_bare(&link, &[("csrf", csrf)]).await, 403, "Please press the button once more.");
    }
    let csrf = csrf(&attacker.get(&link).await);
    let pushed = desk.request_post(&link).form(&[("csrf", &csrf)]).header("sec-fetch-site", "cross-site");
    assert_eq!(attacker.send(pushed).await.status, 403);
    assert_eq!(attacker.press(&link).await.status, 303, "and the link was not used up");
}

/// Hands over the records of what is stored about links; gives how many must come again.
async fn deliver(notifier: &Notifier, items: &[Value], name: &str) -> usize {
    let record = |(number, item): (usize, &Value)| {
        json!({
            "eventID": number.to_string(), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "eu-central-1", "eventSourceARN": "arn:aws:dynamodb:eu-central-1:0:table/deskbell/stream/1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_000_000.0, "Keys": { "pk": item["pk"], "sk": item["sk"] },
                "NewImage": item, "OldImage": {}, "SequenceNumber": number.to_string(), "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    };
    let records: Vec<Value> = items.iter().enumerate().map(record).collect();
    let event: Event = serde_json::from_value(json!({ "Records": records })).expect("an event");
    notify::handle(notifier, event).await.batch_item_failures.len()
}

#[tokio::test]
async fn a_delivery_that_comes_again_mails_the_same_link_under_the_same_name_until_it_was_used() {
    let (proxy, desk) = metered("").await;
    let browser = Client::new(&desk);
    browser.ask(OWNER).await;
    browser.ask("somebody@example.org").await;
    let link = browser.link_to(OWNER).await;
    let asked: Vec<Value> = items(&proxy).into_iter().filter(|item| pk(item).contains("#sign-in#")).collect();
    // The SDK itself tries three times.
    let mail = Mail::start(3).await;
    let notifier = another_notifier(&proxy, &mail).await;
    assert_eq!(deliver(&notifier, &asked, "INSERT").await, 1, "the email was refused");
    for _ in 0..2 {
        assert_eq!(deliver(&notifier, &asked, "INSERT").await, 0);
    }
    assert_eq!(deliver(&notifier, &asked, "REMOVE").await, 0);
    let emails = mail.accepted();
    assert_eq!(emails.len(), 2, "{emails:?}");
    let headed = |email: &str, start: &str| email.lines().find(|line| line.starts_with(start)).map(str::to_owned);
    let unfolded = emails[0].replace("=\r\n", "");
    let token = link.rsplit('/').next().expect("a token");
    assert!(unfolded.contains(&format!("https://deskbell.example.org/inbox/sign-in/{token}")), "{unfolded}");
    assert_eq!(headed(&unfolded, "https://"), headed(&emails[1].replace("=\r\n", ""), "https://"));
    assert!(headed(&emails[0], "Message-ID: ").is_some_and(|id| headed(&emails[1], "Message-ID: ") == Some(id)));
    assert!(emails[0].contains("To: \"Mara Lindqvist\" <mara@studio-lindqvist.example>"), "{}", emails[0]);

    assert_eq!(browser.press(&link).await.status, 303);
    assert_eq!(deliver(&notifier, &asked, "INSERT").await, 0);
    let mut broken = asked.clone();
    for item in &mut broken {
        item["browser"] = json!({ "N": "1" });
    }
    assert_eq!(deliver(&notifier, &broken, "INSERT").await, 2);
    assert_eq!(mail.accepted().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_signs_in_in_a_real_browser() {
    play_with("the_owner_signs_in_in_a_real_browser", "", ALL, async |desk, browser| {
        browser.open(&desk.url("/")).await;
        browser.press("footer a[href='/inbox']").await;
        browser.read("h1", "Sign in").await;
        browser.does_not_scroll_sideways().await;
        browser.fill(&[("email", OWNER)]).await;
        browser.press(SUBMIT).await;
        browser.read("h1", "Check your email").await;

        let client = Client::new(desk);
        let link = client.link_to(OWNER).await;
        says(&client.get(&link).await, 403, "You requested this link in another browser");
        browser.open(&desk.url("/_mail")).await;
        browser.press(".list li a").await;
        browser.enter_frame(".email iframe").await;
        browser.does_not_scroll_sideways().await;
        browser.press("a[href*='/inbox/sign-in/']").await;
        browser.leave_frame().await;
        browser.read("main p", "You are signing in as Mara Lindqvist.").await;
        browser.press(SUBMIT).await;
        browser.read("header bdi", "Mara Lindqvist").await;
        assert_eq!(browser.path().await, "/inbox");
        browser.does_not_scroll_sideways().await;
        if browser.look.scripts {
            let seen = browser.client.execute("return document.cookie", Vec::new()).await.expect("a script");
            assert_eq!(seen, "", "no script sees the session");
        }

        browser.open(&desk.url("/inbox/sign-in")).await;
        assert_eq!(browser.path().await, "/inbox");
        browser.press("header form a").await;
        browser.read("h1", "Sign out").await;
        browser.does_not_scroll_sideways().await;
        browser.press("button[value=everywhere]").await;
        browser.read("h1", "You are signed out everywhere").await;
        browser.open(&desk.url("/inbox")).await;
        browser.read("h1", "Sign in").await;
    })
    .await;
}
