//! The weekly digest: what the owner reads of a week, once a week, whatever happens to the event and to the mail.

use deskbell::digest;
use deskbell::local::{CaughtEmail, Options, Table};
use deskbell_filter::{Decision, Reason, Verdict};
use deskbell_functions::delivery::digest::weekly;
use deskbell_functions::notify;
use deskbell_functions::submission::delivery::{Delivery, DeliveryState};
use deskbell_functions::submission::{Status, Submission, SubmissionContent};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::harness::fault_proxy::{FaultProxy, Mail, Mood};
use crate::harness::settings::sample_with;
use crate::harness::stream::minutes_ago;
use crate::harness::submissions;
use crate::harness::world::{ARTICLE, Desk, eventually, said};

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn lead(name: &str, message: &str) -> SubmissionContent {
    let email = format!("{}@example.org", name.to_lowercase());
    submissions::lead(&[("name", name), ("email", &email), ("message", message)])
}

fn comment(author: &str, text: &str) -> SubmissionContent {
    let email = format!("{}@example.org", author.to_lowercase());
    SubmissionContent::Comment(submissions::comment(&[
        ("page", ARTICLE),
        ("author", author),
        ("email", &email),
        ("comment", text),
    ]))
}

fn verdict(score: f64) -> Verdict {
    let decision = if score >= 0.985 { Decision::Spam } else { Decision::Ham };
    let decision = if (0.8..0.985).contains(&score) { Decision::Unsure } else { decision };
    let reason = Reason { name: "links".into(), weight: 1.0, value: Some("2".into()) };
    Verdict { score, decision, reasons: vec![reason] }
}

impl Desk {
    /// Stores something as if it had come in so many minutes ago.
    async fn came(&self, site: &str, wrote: SubmissionContent, score: f64, status: Status, minutes: i64) -> Submission {
        let id = submissions::id_at(minutes_ago(minutes));
        let site = &self.world.app.config.sites[site];
        let new = Submission::new(id, site, wrote, verdict(score), status);
        let new = Submission { counted: status == Status::Published, ..new };
        self.world.app.store.insert(new).await.expect("the table")
    }

    /// The digests that were sent, the first first.
    async fn digests(&self) -> Vec<CaughtEmail> {
        let mut emails = self.emails().await;
        emails.retain(|email| email.subject.contains("week on") || email.subject.contains("Woche auf"));
        emails.reverse();
        emails
    }

    async fn weekly(&self, now: Timestamp) {
        weekly(&self.world.notifier, now).await;
    }
}

/// A world whose mail goes to a service that can fail.
async fn troubled() -> (Desk, Mail, FaultProxy) {
    let (proxy, mail) = (FaultProxy::start().await, Mail::start(0).await);
    proxy.keep_stream_still(true);
    let (table, ses_url) = (Table::Server(proxy.url.clone()), Some(mail.url.clone()));
    (Desk::with(Options { table, ses_url, ..Options::default() }).await, mail, proxy)
}

/// The address below a button's text in the plain part of an email; of several, the one at that place.
fn button(email: &CaughtEmail, text: &str, place: usize) -> String {
    let lines: Vec<&str> = email.text.lines().collect();
    let label = format!("{text}:");
    let found = lines.windows(2).filter(|pair| pair[0] == label).map(|pair| pair[1]);
    found.clone().nth(place).unwrap_or_else(|| panic!("no {text:?} in {}", email.text)).to_owned()
}

/// An email's plain part without what is another time and place in each run.
fn steady(email: &CaughtEmail) -> String {
    let steady = email.text.lines().skip_while(|line| !line.is_empty()).map(|line| {
        let link = line.split_once("/moderate/").map(|_| "LINK").or(line.split_once("/inbox").map(|_| "INBOX"));
        let time = line.strip_suffix(" UTC").and_then(|line| line.split_once(": "));
        link.map_or_else(|| time.map_or_else(|| line.to_owned(), |(label, _)| format!("{label}: TIME")), str::to_owned)
    });
    steady.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_owner_reads_what_came_in_what_waits_and_what_of_the_spam_is_perhaps_real() {
    let desk = Desk::start().await;
    desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Received, 60).await;
    desk.came("studio", lead("Bea", "Is Monday free?"), 0.1, Status::Done, 60 * 24 * 6).await;
    desk.came("studio", lead("Old", "From long ago"), 0.1, Status::Received, 60 * 24 * 8).await;
    desk.came("studio", comment("Cem", "Thank you!"), 0.1, Status::Published, 60 * 24).await;
    desk.came("studio", comment("Dora", "See https://dora.example\nand more"), 0.8, Status::Held, 90).await;
    desk.came("studio", comment("Eve", "I have been waiting since spring"), 0.8, Status::Held, 60 * 24 * 30).await;
    for (name, score) in [("Spam", 0.999), ("Finn", 0.986), ("Worse", 0.9999), ("Gil", 0.987)] {
        desk.came("studio", lead(name, &format!("{name} has an offer")), score, Status::Spam, 60 * 24 * 2).await;
    }
    desk.came("studio", comment("Hal", "Nice article"), 0.99, Status::Spam, 60 * 24 * 3).await;
    let failed = desk.came("studio", lead("Ida", "This did not reach you"), 0.1, Status::Received, 30).await;
    let delivery = json!({ "state": DeliveryState::Failed, "at": 0, "tries": 1, "reason": "SES: MessageRejected" });
    let delivery: Delivery = serde_json::from_value(delivery).expect("a delivery");
    desk.world.app.store.keep_undelivered(&failed, "mail", &delivery).await.expect("the table");

    desk.weekly(Timestamp::now()).await;
    let emails = desk.digests().await;
    assert_eq!(emails.len(), 1);
    let email = &emails[0];
    assert_eq!(
        (&*email.subject, &*email.to),
        ("Your week on Studio Lindqvist", &["mara@studio-lindqvist.example".to_owned()][..])
    );
    assert_eq!(email.reply_to, None);
    assert!(said(email).starts_with("Activity on Studio Lindqvist from "), "{}", email.text);
    assert_eq!(steady(email), DIGEST);
    let numbers = ["Messages: 3", "published: 1", "awaiting approval: 2", "Not delivered to you: 1", "spam folder: 5"];
    assert!(numbers.iter().all(|number| email.text.contains(number)), "{}", email.text);
    for shown in ["Finn has an offer", "I have been waiting", "Moved to the spam folder: 5", "deleted after 30 days"] {
        assert!(email.html.contains(shown), "{shown}: {}", email.html);
    }
    assert!(!email.html.contains("href=\"https://dora"), "what was typed is no link");
}

const DIGEST: &str = r"
Awaiting approval:

Name: Dora
Page: /blog/massage-for-back-pain/
Comment: See https://dora.example and more
Received: TIME
Spam check: It contains links: 2.

Approve:
LINK

Spam:
LINK

More actions:
LINK

Name: Eve
Page: /blog/massage-for-back-pain/
Comment: I have been waiting since spring
Received: TIME
Spam check: It contains links: 2.

Approve:
LINK

Spam:
LINK

More actions:
LINK

Not delivered to you:

Some messages or comments could not be sent to you. Nothing is lost:
they are in your inbox.
- SES: MessageRejected (1)

See what was not delivered:
INBOX

Check your spam folder:

These look least like spam. Everything in the folder is deleted after 30
days.

Name: Finn
Email: finn@example.org
Message: Finn has an offer
Received: TIME
Spam check: It contains links: 2.

Not spam:
LINK

More actions:
LINK

Name: Gil
Email: gil@example.org
Message: Gil has an offer
Received: TIME
Spam check: It contains links: 2.

Not spam:
LINK

More actions:
LINK

Name: Hal
Page: /blog/massage-for-back-pain/
Comment: Nice article
Received: TIME
Spam check: It contains links: 2.

Approve:
LINK

More actions:
LINK

See the spam folder:
INBOX

Links expire after 14 days. You’ll be asked to confirm.

You get this email once a week, unless nothing happened.";

#[tokio::test]
async fn nothing_is_sent_for_an_empty_week() {
    let desk = Desk::start().await;
    let now = Timestamp::now();
    desk.came("studio", comment("Eve", "I have been waiting since spring"), 0.8, Status::Held, 60 * 24 * 30).await;
    desk.weekly(now).await;
    desk.weekly(now + days(7)).await;
    assert_eq!(desk.digests().await.len(), 0);

    // Each reaches up to where the one before ended.
    desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Received, -60 * 24 * 8).await;
    desk.weekly(now + days(14)).await;
    desk.weekly(now + days(21)).await;
    let emails = desk.digests().await;
    assert_eq!(emails.len(), 1);
    assert!(emails[0].text.contains("Messages: 1") && emails[0].text.contains("waiting since spring"));
}

#[tokio::test]
async fn an_event_that_comes_twice_sends_one_email() {
    let (desk, mail, _proxy) = troubled().await;
    let now = Timestamp::now();
    desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Read, 60).await;
    futures_util::join!(desk.weekly(now), desk.weekly(now), desk.weekly(now));
    desk.weekly(now + SignedDuration::from_secs(90)).await;
    notify::hourly(&desk.world.notifier, now + SignedDuration::from_hours(1)).await;
    assert_eq!(mail.accepted().len(), 1);
    desk.came("studio", lead("Bea", "Is Monday free?"), 0.1, Status::Read, -60).await;
    desk.weekly(now + days(7)).await;
    let names: Vec<String> = mail.accepted().iter().map(|email| message_id(email)).collect();
    assert!(names.len() == 2 && names[0] != names[1], "{names:?}");
}

fn message_id(email: &str) -> String {
    email.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("a name").to_owned()
}

#[tokio::test]
async fn what_could_not_be_sent_is_sent_by_the_hourly_run_under_the_same_name() {
    let (desk, mail, _proxy) = troubled().await;
    let now = Timestamp::now();
    let hour = |hours: i64| now + SignedDuration::from_hours(hours);
    desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Read, 60).await;
    mail.always("", Mood::Refuses(503, "ServiceUnavailable"));
    desk.weekly(now).await;
    notify::hourly(&desk.world.notifier, hour(1)).await;
    assert_eq!(mail.accepted().len(), 0);
    mail.mend();
    mail.next("", 3, Mood::Cuts);
    notify::hourly(&desk.world.notifier, hour(2)).await;
    let taken = mail.accepted();
    notify::hourly(&desk.world.notifier, hour(3)).await;
    notify::hourly(&desk.world.notifier, hour(4)).await;
    let emails = mail.accepted();
    assert!(!taken.is_empty() && emails.len() == taken.len() + 1, "{} {}", taken.len(), emails.len());
    assert!(emails.iter().all(|email| message_id(email) == message_id(&emails[0])));

    // What is refused for good is not tried every hour, and the next week's tells of both.
    mail.always("", Mood::Refuses(400, "MessageRejected"));
    desk.came("studio", lead("Bea", "Is Monday free?"), 0.1, Status::Read, -60 * 24 * 6).await;
    desk.weekly(now + days(7)).await;
    mail.mend();
    notify::hourly(&desk.world.notifier, now + days(7) + SignedDuration::from_hours(1)).await;
    assert_eq!(mail.accepted().len(), emails.len());
    desk.came("studio", lead("Cem", "Is Tuesday free?"), 0.1, Status::Read, -60 * 24 * 13).await;
    desk.weekly(now + days(14)).await;
    let emails = mail.accepted();
    assert!(emails.last().is_some_and(|email| email.contains("Messages: 2")), "{:?}", emails.last());
}

#[tokio::test]
async fn a_digest_whose_sender_died_is_sent_once_its_claim_has_lapsed() {
    let (desk, mail, _proxy) = troubled().await;
    let (now, store) = (Timestamp::now(), &desk.world.app.store);
    desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Read, 60).await;
    store.make_digest_due("studio", "2026-W48", now).await.expect("the table");
    assert!(store.claim_digest("studio", now).await.expect("the table").is_some());
    notify::hourly(&desk.world.notifier, now + SignedDuration::from_secs(200)).await;
    assert_eq!(mail.accepted().len(), 0, "somebody is at it");
    notify::hourly(&desk.world.notifier, now + SignedDuration::from_hours(1)).await;
    assert_eq!(mail.accepted().len(), 1);
}

#[tokio::test]
async fn a_table_that_fails_on_the_way_delays_it_and_loses_nothing() {
    use crate::harness::fault_proxy::Fault;
    for (operation, about) in [("UpdateItem", "due = :week"), ("Query", ""), ("UpdateItem", "reached = :reached")] {
        let (desk, mail, proxy) = troubled().await;
        let now = Timestamp::now();
        desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Read, 60).await;
        proxy.fail_about(about, operation, Fault::Refused);
        desk.weekly(now).await;
        proxy.mend();
        desk.weekly(now + SignedDuration::from_mins(10)).await;
        let emails = mail.accepted();
        assert!(!emails.is_empty(), "{operation} {about}");
        assert!(emails.iter().all(|email| message_id(email) == message_id(&emails[0])), "{operation} {about}");
        let before = emails.len();
        desk.weekly(now + SignedDuration::from_mins(20)).await;
        assert_eq!(mail.accepted().len(), before, "{operation} {about}");
    }
}

#[tokio::test]
async fn it_costs_what_the_week_brought_whatever_else_is_stored() {
    let (desk, mail, proxy) = troubled().await;
    let cost = async |now| {
        proxy.forget();
        desk.weekly(now).await;
        proxy.units()
    };
    let empty = cost(Timestamp::now()).await;
    assert!(empty.read <= 5.0 && empty.write <= 3.0, "{empty:?}");
    for number in 0..200 {
        let status = [Status::Spam, Status::Received, Status::Done][number % 3];
        desk.came("studio", lead("Old", "From long ago"), 0.99, status, 60 * 24 * 9).await;
    }
    assert_eq!(cost(Timestamp::now() + days(7)).await, empty);
    assert_eq!(mail.accepted().len(), 0);
}

const GARDEN: &str = "
[sites.garden]
name = \"Gärtnerei Grün\"
url = \"http://127.0.0.1:8788\"
lang = \"de\"
owner = { name = \"Jörg Grün\", email = \"joerg@gruen.example\" }

[sites.silent]
name = \"Silent\"
url = \"http://127.0.0.1:8789\"
owner = { name = \"Sil\", email = \"sil@silent.example\" }
digest = \"never\"
";

#[tokio::test]
async fn each_site_has_its_own_in_its_own_language_unless_it_wants_none() {
    let config = sample_with(GARDEN);
    let desk = Desk::with(Options { config, ..Options::default() }).await;
    for site in ["studio", "garden", "silent"] {
        desk.came(site, lead("Ann", &format!("About {site}")), 0.99, Status::Spam, 60).await;
    }
    desk.came("garden", comment("Uli", "Wann blühen die Rosen?"), 0.8, Status::Held, 60).await;
    desk.weekly(Timestamp::now()).await;
    let emails = desk.digests().await;
    let email = |to: &str| emails.iter().find(|email| email.to == [to]).expect("an email");
    assert_eq!(emails.len(), 2, "{emails:?}");
    let studio = email("mara@studio-lindqvist.example");
    assert!(studio.text.contains("About studio") && !studio.text.contains("garden has"), "{}", studio.text);
    assert!(button(studio, "Not spam", 0).contains("/studio/moderate/"));
    let garden = email("joerg@gruen.example");
    assert_eq!(garden.subject, "Ihre Woche auf Gärtnerei Grün");
    for text in [
        "Neues auf Gärtnerei Grün vom",
        "Kommentare, die auf Freigabe warten: 1",
        "In den Spam-Ordner verschoben: 1",
        "Warten auf Freigabe:",
        "Wann blühen die Rosen?",
        "Sehen Sie im Spam-Ordner nach:",
    ] {
        assert!(said(garden).contains(text), "{text}: {}", garden.text);
    }
    let link = button(garden, "Freigeben", 0);
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
}

#[tokio::test]
async fn its_links_show_and_their_buttons_act_once() {
    let desk = Desk::start().await;
    let real = desk.came("studio", lead("Ann", "My back hurts"), 0.986, Status::Spam, 60).await;
    let held = desk.came("studio", comment("Bo", "Does it hurt?"), 0.8, Status::Held, 60).await;
    desk.weekly(Timestamp::now()).await;
    let email = desk.digests().await.remove(0);
    let status = async |id: Uuid| desk.submission(&id.to_string()).await.status;
    let (not_spam, approve) = (button(&email, "Not spam", 0), button(&email, "Approve", 0));
    for link in [&not_spam, &approve] {
        assert_eq!(desk.get_html(link).await.status, 200);
    }
    assert_eq!(
        (status(real.id).await, status(held.id).await),
        (Status::Spam, Status::Held),
        "opening a link does nothing"
    );

    assert_eq!(desk.post(&not_spam, &[("choice", "not_spam")]).await.status, 200);
    assert_eq!(desk.post(&approve, &[("choice", "approve")]).await.status, 200);
    assert_eq!((status(real.id).await, status(held.id).await), (Status::Received, Status::Published));
    let announced = async || {
        let emails = desk.emails().await;
        emails.iter().any(|email| email.subject.contains("Message from Ann")).then_some(())
    };
    eventually("the lead to be announced", announced).await;
    assert_eq!(desk.post(&not_spam, &[("choice", "not_spam")]).await.status, 409);
    assert_eq!(desk.post(&approve, &[("choice", "approve")]).await.status, 409);
}

#[tokio::test]
async fn beyond_a_bound_it_says_more_than() {
    let desk = Desk::start().await;
    for number in 0..101 {
        desk.came("studio", comment("Bo", &format!("Number {number}.")), 0.8, Status::Held, 200 - number).await;
    }
    desk.weekly(Timestamp::now()).await;
    let email = desk.digests().await.remove(0);
    assert!(email.text.contains("Comments awaiting approval: more than 100"), "{}", email.text);
    assert!(
        email.text.contains("Number 100.") && email.text.contains("Number 91.") && !email.text.contains("Number 90.")
    );
    assert!(button(&email, "See all comments awaiting approval", 0).ends_with("/inbox/comments/pending"));
    assert!(email.html.len() < 102_000, "Gmail clips what is longer: {}", email.html.len());
}

#[tokio::test]
async fn what_is_certainly_spam_and_what_the_owner_blocks_is_counted_and_not_shown() {
    let desk = Desk::start().await;
    for (name, score) in [("Casino", 0.9991), ("Worst", 1.0)] {
        desk.came("studio", lead(name, &format!("{name} has an offer")), score, Status::Spam, 60).await;
    }
    let site = &desk.world.app.config.sites["studio"];
    for (at, name) in ["blocklist", "blocked_address", "blocked_network"].into_iter().enumerate() {
        let reasons = vec![Reason { name: name.into(), weight: 3.0, value: None }];
        let verdict = Verdict { reasons, ..verdict(0.986) };
        let minutes = 90 + i64::try_from(at).expect("small");
        let id = submissions::id_at(minutes_ago(minutes));
        let new = Submission::new(id, site, lead("Blocked", "An offer"), verdict, Status::Spam);
        desk.world.app.store.insert(new).await.expect("the table");
    }
    desk.weekly(Timestamp::now()).await;
    let email = desk.digests().await.remove(0);
    assert!(email.text.contains("Moved to the spam folder: 5"), "{}", email.text);
    assert!(!email.text.contains("offer") && !email.text.contains("Check your spam folder"), "{}", email.text);
}

#[tokio::test]
async fn where_not_all_that_was_not_delivered_is_read_it_says_more_than() {
    let desk = Desk::start().await;
    let lead = desk.came("studio", lead("Ann", "When do you open?"), 0.1, Status::Read, 60).await;
    for (channel, state) in (0..101).map(|number| (format!("slack-{number}"), "due")).chain([("mail".into(), "failed")])
    {
        let delivery = json!({ "state": state, "at": 0, "tries": 1, "reason": "timeout" });
        let delivery: Delivery = serde_json::from_value(delivery).expect("a delivery");
        desk.world.app.store.keep_undelivered(&lead, &channel, &delivery).await.expect("the table");
    }
    desk.weekly(Timestamp::now()).await;
    let email = desk.digests().await.remove(0);
    assert!(email.text.contains("Not delivered to you: more than 1"), "{}", email.text);
}

#[tokio::test]
async fn the_operator_sees_it_without_sending_and_local_mode_sends_it_at_once() {
    let desk = Desk::start().await;
    let shown = async || {
        let mut shown = Vec::new();
        digest::write(None, &desk.world.notifier, &mut shown).await.expect("printed");
        String::from_utf8(shown).expect("text")
    };
    assert_eq!(shown().await, "studio\n\nNothing to report; no email would be sent.\n\n");
    desk.came("studio", lead("Ann", "My back hurts"), 0.986, Status::Spam, 60).await;
    let shown = shown().await;
    assert!(shown.starts_with("studio\n\nActivity on Studio Lindqvist") && shown.contains("My back hurts"), "{shown}");
    assert_eq!(desk.digests().await.len(), 0);
    let unknown = digest::write(Some("garden"), &desk.world.notifier, Vec::new()).await.expect_err("no such site");
    assert!(unknown.to_string().contains("garden"));

    assert_eq!(desk.post("/_digest", &[]).await.header("location"), "/_mail");
    assert_eq!(desk.digests().await.len(), 1);
}

#[tokio::test]
async fn doubtful_comments_wait_for_it_unless_the_owner_wants_emails() {
    // Everything is doubtful, and by its score.
    let doubtful = "[sites.studio.judging]\nunsure = 0.000001\nspam = 1.0\n";
    let by_mail = "[sites.studio.comments]\ndoubtful = \"mail\"\n";
    for (lines, announced) in [("", false), (by_mail, true)] {
        let desk = Desk::configured(&format!("{lines}{doubtful}")).await;
        let sent = desk.comment("Bo", "Does it hurt?").await;
        assert_eq!(sent.status, 202, "{sent:?}");
        desk.settled().await;
        let told = async || desk.emails().await.iter().any(|email| said(email).contains("Does it hurt?"));
        assert_eq!(told().await, announced, "{lines}");
        desk.weekly(Timestamp::now() + SignedDuration::from_mins(2)).await;
        let email = desk.digests().await.remove(0);
        assert!(email.text.contains("Does it hurt?"));
        assert_eq!(desk.post(&button(&email, "Approve", 0), &[("choice", "approve")]).await.status, 200);
        assert_eq!(desk.count(ARTICLE).await, 1);
    }
}

#[tokio::test]
async fn a_comment_that_is_held_for_a_rule_or_a_check_that_failed_is_announced() {
    let desk = Desk::configured(r#"sites.studio.judging.moderation_keys = ["hurt"]"#).await;
    let sent = desk.comment("Bo", "Does it hurt afterwards, or can I cycle home?").await;
    assert_eq!(sent.status, 202);
    assert!(desk.email_about("Does it hurt").await.subject.starts_with("[possible spam]"));
}
