//! The page of the emails that local mode has caught.

use crate::harness::chromium::Browser;
use crate::harness::scenario::{ALL, play};
use crate::harness::world::{Desk, eventually};

/// Has the desk catch so many emails about messages.
async fn catch(desk: &Desk, count: usize) {
    for number in 1..=count {
        let about = if number % 23 == 0 { "knee" } else { "back" };
        desk.message_from("Ann", &format!("Message number {number} about my {about}")).await;
    }
    desk.settled().await;
    eventually("all emails", async || (desk.emails().await.len() >= count).then_some(())).await;
}

fn is_phone(browser: &Browser<'_>) -> bool {
    browser.look.phone
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_are_listed_searched_and_read_in_two_panes_or_one_after_the_other() {
    let test = "emails_are_listed_searched_and_read_in_two_panes_or_one_after_the_other";
    play(test, ALL, async |desk, browser| {
        catch(desk, 12).await;
        desk.post("/contact", &[("name", "Bo <b>"), ("email", "bo@example.org"), ("message", "Otherwise & new")]).await;
        desk.email_about("Otherwise & new").await;
        browser.open(&desk.url("/_mail")).await;
        browser.does_not_scroll_sideways().await;
        let all = desk.emails().await;
        assert_eq!(browser.count(".list li").await, all.len());
        let reads = browser.all(".email").await.expect("a search").remove(0).is_displayed().await.expect("shown");
        assert_eq!(reads, !is_phone(browser), "the newest is beside the list where there is room");

        browser.fill(&[("q", "otherwise bo@EXAMPLE.org")]).await;
        browser.press(".list form[role=search] button").await;
        browser.read(".list p", &format!("1 of {} emails", all.len())).await;
        browser.see(".list li a").await.send_keys("\u{e007}").await.expect("Enter opens it");
        browser.read(".email h2", "Bo <b>").await;
        browser.read(".email dd", "Studio Lindqvist <deskbell@studio-lindqvist.example>").await;
        browser.does_not_scroll_sideways().await;
        assert_eq!(browser.attribute(".email iframe", "sandbox").await, "allow-top-navigation-by-user-activation");
        browser.enter_frame(".email iframe").await;
        browser.read("body", "Otherwise & new").await;
        browser.leave_frame().await;

        browser.open(&desk.url("/_mail?id=5")).await;
        browser.press(".email a[rel=prev]").await;
        browser.enter_frame(".email iframe").await;
        let sixth = all.iter().find(|email| email.number == 6).expect("the sixth");
        let said =
            sixth.text.lines().find(|line| line.contains("Message number") || line.contains("back")).expect("words");
        browser.read("body", said.trim_start_matches("> ")).await;
        browser.leave_frame().await;
        browser.press(".email summary").await;
        browser.read(".email pre", said).await;
        if is_phone(browser) {
            browser.press(".back a").await;
            browser.see(".list li a").await;
        } else {
            assert_eq!(browser.count(".list [aria-current]").await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn hundreds_of_emails_are_listed_in_parts_and_one_is_read_at_a_time() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 1000").await;
    catch(&desk, 230).await;
    let page = desk.get_html("/_mail").await.body;
    let all = desk.emails().await.len();
    assert_eq!((page.matches("<li ").count(), page.matches("<iframe").count()), (200, 1));
    assert!(page.len() < 150_000, "{}", page.len());
    let older = page.split("href=\"").find(|link| link.contains("before=")).and_then(|link| link.split('"').next());
    let rest = desk.get_html(older.expect("a link")).await.body;
    assert_eq!((rest.matches("<li ").count(), rest.contains("id=\"email-1\"")), (all - 200, true));
    // The list has what is read.
    let first = desk.get_html("/_mail?id=1").await.body;
    assert!(first.contains("id=\"email-1\"") && first.contains("aria-current"));
    let found = desk.get_html("/_mail?q=MESSAGE+knee").await.body;
    assert_eq!(found.matches("<li ").count(), 10);
    assert!(desk.get_html("/_mail?q=xylophone").await.body.contains("Nothing found"));
    assert_eq!(desk.get_html("/_mail?q=%3Cscript%3E&id=99999").await.status, 200);
}
