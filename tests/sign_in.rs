//! Signing in to the inbox: no password, a link by mail, one browser.

use crate::client::Client;
use crate::world::{Desk, MODERATOR, OWNER};

/// The cookie of a session of the sample site.
const SESSION: &str = "__Host-deskbell_studio";

#[tokio::test]
async fn the_whole_road_leads_from_the_inbox_back_to_where_one_wanted_to_go() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    let turned_away = browser.get("/inbox?q=a%26b").await;
    assert_eq!(
        (turned_away.status, turned_away.header("location")),
        (303, "/inbox/sign-in?next=%2Finbox%3Fq%3Da%2526b")
    );
    let asked = browser.get(turned_away.header("location")).await;
    assert_eq!(asked.status, 200);
    let fields = [("email", OWNER), ("csrf", &*crate::client::csrf(&asked)), ("next", "/inbox?q=a%26b")];
    assert!(asked.body.contains("name=\"next\" value=\"/inbox?q=a%26b\""), "{}", asked.body);
    let sent = browser.post_bare("/inbox/sign-in", &fields).await;
    assert!(sent.status == 200 && sent.body.contains("Look into your mail"), "{sent:?}");

    let link = browser.link_to(OWNER).await;
    let shown = browser.get(&link).await;
    assert!(shown.status == 200 && shown.body.contains("You are about to sign in as Mara Lindqvist."), "{shown:?}");
    let entered = browser.press(&link).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/inbox?q=a%26b"));
    let inbox = browser.get("/inbox").await;
    assert!(inbox.status == 200 && inbox.body.contains("You are signed in as Mara Lindqvist."), "{inbox:?}");
    assert!(desk.sign_in(MODERATOR).await.get("/inbox").await.body.contains("Jon Berg"));
}

#[tokio::test]
async fn signing_out_ends_one_session_and_signing_out_everywhere_all_of_the_person() {
    let desk = Desk::start().await;
    let (phone, laptop, other) = (desk.sign_in(OWNER).await, desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    let lost = Client::new(&desk);
    let cookie = laptop.cookie(SESSION).expect("a session");
    lost.set_cookie(SESSION, &cookie);
    assert_eq!(lost.get("/inbox").await.status, 200);

    let out = laptop.post("/inbox/sign-out", &[]).await;
    assert!(out.status == 200 && out.body.contains("You are signed out<"), "{out:?}");
    assert_eq!(laptop.cookie(SESSION), None);
    assert_eq!(lost.get("/inbox").await.status, 303, "the session ended, not just its cookie");
    assert_eq!(phone.get("/inbox").await.status, 200);

    let laptop = desk.sign_in(OWNER).await;
    assert!(phone.get("/inbox/sign-out").await.body.contains("value=\"everywhere\""));
    let out = phone.post("/inbox/sign-out", &[("where", "everywhere")]).await;
    assert!(out.status == 200 && out.body.contains("You are signed out everywhere"), "{out:?}");
    assert_eq!(laptop.get("/inbox").await.status, 303);
    assert_eq!(other.get("/inbox").await.status, 200);
}
