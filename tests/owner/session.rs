//! Being signed in to the inbox, until one signs out or is taken out of the team.

use deskbell::local::{Options, Table};
use serde_json::json;

use crate::harness::client::{ASK, BROWSER, Client, SESSION, csrf, is_in};
use crate::harness::fault_proxy::{Fault, FaultProxy};
use crate::harness::metered::metered;
use crate::harness::page::says;
use crate::harness::settings::sample_with;
use crate::harness::table::{items, pk};
use crate::harness::world::{Desk, MODERATOR, OWNER};

/// Another world on the same table, as the same deployment with its configuration changed.
async fn redeployed(proxy: &FaultProxy, settings: &str) -> Desk {
    let (table, config) = (Table::Server(proxy.url.clone()), sample_with(settings));
    Desk::with(Options { table, config, ..Options::default() }).await
}

#[tokio::test]
async fn signing_out_ends_one_session_and_signing_out_everywhere_all_of_the_person() {
    let desk = Desk::start().await;
    let (phone, laptop, other) = (desk.sign_in(OWNER).await, desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    let lost = Client::new(&desk);
    lost.set_cookie(SESSION, &laptop.cookie(SESSION).expect("a session"));
    assert!(is_in(&lost).await);

    says(&laptop.post("/inbox/sign-out", &[]).await, 200, "You are signed out<");
    assert_eq!(laptop.cookie(SESSION), None);
    assert!(!is_in(&lost).await, "the session ended, not just its cookie");
    assert!(is_in(&phone).await);

    let laptop = desk.sign_in(OWNER).await;
    says(&phone.get("/inbox/sign-out").await, 200, "value=\"everywhere\"");
    says(&phone.post("/inbox/sign-out", &[("where", "everywhere")]).await, 200, "You are signed out everywhere");
    assert!(!is_in(&laptop).await && !is_in(&phone).await);
    assert!(is_in(&other).await);
}

#[tokio::test]
async fn a_signed_in_request_costs_one_read_and_signing_out_everywhere_what_there_is_to_end() {
    let (proxy, desk) = metered("").await;
    let (first, second, other) = (desk.sign_in(OWNER).await, desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    let csrf = csrf(&first.get("/inbox").await);
    proxy.quieten().await;
    for browser in [&second, &other] {
        assert_eq!(browser.get("/inbox/sign-out").await.status, 200);
    }
    assert_eq!((proxy.units().read, proxy.units().write), (2.0, 0.0));
    proxy.forget();
    first.post_bare("/inbox/sign-out", &[("csrf", &csrf), ("where", "everywhere")]).await;
    let mut asked: Vec<_> = proxy.calls().into_iter().map(|call| call.operation).collect();
    asked.sort();
    assert_eq!(asked, ["DeleteItem", "DeleteItem", "GetItem", "Query"]);
}

#[tokio::test]
async fn whoever_is_taken_out_of_the_settings_is_out_and_a_changed_role_counts_at_once() {
    let promotion = r#"
        [sites.studio]
        team = [{ name = "Jon Berg", email = "jon@studio-lindqvist.example", role = "owner" }]
    "#;
    let (proxy, desk) = metered("").await;
    let browser = desk.sign_in(MODERATOR).await;
    let asking = Client::new(&desk);
    asking.ask(MODERATOR).await;
    let link = asking.link_to(MODERATOR).await;
    let token = link.rsplit('/').next().expect("a token");
    let moved = |desk| {
        let (moved, asking_too) = (Client::new(desk), Client::new(desk));
        moved.set_cookie(SESSION, &browser.cookie(SESSION).expect("a session"));
        asking_too.set_cookie(BROWSER, &asking.cookie(BROWSER).expect("a browser"));
        (moved, asking_too)
    };

    let without = redeployed(&proxy, "sites.studio.team = []").await;
    let (there, asking_there) = moved(&without);
    assert!(!is_in(&there).await);
    says(&asking_there.get(&format!("{ASK}/{token}")).await, 410, "This link no longer works");
    let promoted = redeployed(&proxy, promotion).await;
    assert!(is_in(&moved(&promoted).0).await, "the session is the same, the role the new one");
    assert!(is_in(&browser).await, "the first deployment is as it was");
}

#[tokio::test]
async fn forms_that_are_not_the_persons_own_do_nothing() {
    let desk = Desk::start().await;
    let (browser, elsewhere) = (desk.sign_in(OWNER).await, desk.sign_in(OWNER).await);
    let own = csrf(&browser.get("/inbox").await);
    let others = csrf(&elsewhere.get("/inbox").await);
    assert_ne!(own, others);
    let post = || desk.request_post("/inbox/sign-out");
    let stale = [
        browser.send(post().form(&[("where", "here")])).await,
        browser.send(post().form(&[("csrf", "")])).await,
        browser.send(post().form(&[("csrf", &others)])).await,
        browser.send(post().form(&[("csrf", &own[1..])])).await,
        browser.send(post().form(&[("csrf", &own)]).header("sec-fetch-site", "cross-site")).await,
        browser.send(post().form(&[("csrf", &own)]).header("sec-fetch-site", "same-site")).await,
    ];
    for refused in stale {
        says(&refused, 403, "This page is out of date");
    }
    let foreign = browser.send(post().form(&[("csrf", &own)]).header("origin", "https://evil.example")).await;
    says(&foreign, 403, "This form isn’t allowed to send messages to this site");
    assert!(is_in(&browser).await);
    // Hidden origins are what browsers send for pages whose address is nobody's business.
    let hidden = post().form(&[("csrf", &own)]).header("origin", "null").header("sec-fetch-site", "same-origin");
    assert_eq!(browser.send(hidden).await.status, 200);
}

#[tokio::test]
async fn cookies_that_were_made_up_or_belong_elsewhere_are_worth_nothing() {
    let (proxy, desk) = metered("").await;
    let cookie = desk.sign_in(OWNER).await.cookie(SESSION).expect("a session");
    let moderator = desk.sign_in(MODERATOR).await.cookie(SESSION).expect("a session");
    let (member, secret) = cookie.split_once('.').expect("two parts");
    let (other_member, other_secret) = moderator.split_once('.').expect("two parts");
    let stored = items(&proxy);
    let stored = stored.iter().find(|item| pk(item).contains("#sessions#")).expect("a session");
    let stored = stored["sk"]["S"].as_str().expect("a key");
    let long = "x".repeat(5_000);
    let made_up = [
        String::new(),
        ".".into(),
        member.into(),
        format!("{member}."),
        format!(".{secret}"),
        format!("{member}.{other_secret}"),
        format!("{other_member}.{secret}"),
        format!("{member}.{stored}"),
        format!("{cookie}.x"),
        format!("{stored}.{secret}"),
        format!("{member}.{long}"),
        format!("#{member}.{secret}"),
    ];
    for value in made_up {
        let browser = Client::new(&desk);
        browser.set_cookie(SESSION, &value);
        assert!(!is_in(&browser).await, "{value}");
    }
    let browser = Client::new(&desk);
    browser.set_cookie("deskbell_studio", &cookie);
    browser.set_cookie("__Host-deskbell_annex", &cookie);
    assert!(!is_in(&browser).await);
    browser.set_cookie(SESSION, &cookie);
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_though_its_item_is_still_there() {
    let (proxy, desk) = metered("").await;
    let browser = desk.sign_in(OWNER).await;
    let session = items(&proxy).into_iter().find(|item| pk(item).contains("#sessions#")).expect("a session");
    let until: i64 = session["expires_at"]["N"].as_str().and_then(|at| at.parse().ok()).expect("a time");
    let now = jiff::Timestamp::now().as_second();
    assert_eq!((until - now + 3_600) / 86_400, 30);
    let mut ended = session.clone();
    ended["expires_at"] = json!({ "N": (now - 1).to_string() });
    let put = serde_json::from_value(json!({ "TableName": "deskbell", "Item": ended })).expect("a request");
    proxy.database.put_item(put).expect("stored");
    assert!(!is_in(&browser).await);
}

#[tokio::test]
async fn each_of_several_sites_has_its_own_inbox() {
    let annex = r#"
        [sites.annex]
        name = "The annex"
        url = "https://annex.example"
        owner = { name = "Ann Nex", email = "ann@annex.example" }
        team = [{ name = "Mara", email = "mara@studio-lindqvist.example" }]
    "#;
    let desk = Desk::configured(annex).await;
    let (studio, at_annex) = (Client::at(&desk, "/studio"), Client::at(&desk, "/annex"));
    assert_eq!(studio.get("/inbox?q=1").await.header("location"), "/studio/inbox/sign-in?next=%2Finbox%3Fq%3D1");
    studio.sign_in(OWNER).await;
    says(&studio.get("/inbox").await, 200, "Mara Lindqvist");
    at_annex.set_cookie(SESSION, &studio.cookie(SESSION).expect("a session"));
    at_annex.set_cookie("__Host-deskbell_annex", &studio.cookie(SESSION).expect("a session"));
    assert!(!is_in(&at_annex).await, "a session is one site's");
    at_annex.sign_in(OWNER).await;
    assert!(is_in(&at_annex).await);

    let asking = Client::at(&desk, "/studio");
    asking.ask(OWNER).await;
    let link = asking.link_to(OWNER).await;
    says(&asking.get(&link.replace("/studio/", "/annex/")).await, 403, "This link is not valid");
    says(&studio.post("/inbox/sign-out", &[("where", "everywhere")]).await, 200, "You are signed out everywhere");
    assert!(is_in(&at_annex).await && !is_in(&studio).await);
    assert_eq!(Client::new(&desk).get("/inbox").await.status, 404);
}

#[tokio::test]
async fn nobody_keeps_or_frames_or_reads_the_pages_and_cookies_are_the_browsers_alone() {
    let desk = Desk::start().await;
    let browser = Client::new(&desk);
    let form = browser.get(ASK).await;
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    let shown = browser.get(&link).await;
    let entered = browser.press(&link).await;
    let pages = [
        &form,
        &shown,
        &entered,
        &browser.get("/inbox").await,
        &browser.get("/inbox/sign-out").await,
        &Client::new(&desk).get("/inbox").await,
        &browser.get(&format!("{ASK}/x")).await,
        &browser.send(desk.request_get("/inbox").header("origin", "https://www.example.org")).await,
        &browser.send(desk.request_get("/inbox").header("origin", &desk.world.url)).await,
    ];
    for page in pages {
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self'; frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.header("access-control-allow-origin"), "");
    }
    let set: Vec<&str> = [&form, &entered]
        .iter()
        .flat_map(|page| page.headers.get_all("set-cookie"))
        .map(|cookie| cookie.to_str().expect("text"))
        .collect();
    assert_eq!(set.len(), 3, "{set:?}");
    for cookie in &set {
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Path=/; Secure; HttpOnly; SameSite=Lax;"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(set[1].starts_with(SESSION) && set[1].ends_with("Max-Age=2592000"), "{set:?}");
    let secret = set[1].split(['.', ';']).nth(1).expect("a value");
    assert_eq!(secret.len(), 43, "256 bits");
    let for_programs = desk.get_json("/inbox").await;
    assert_eq!((for_programs.status, for_programs.header("location")), (401, ""));
}

#[tokio::test]
async fn what_the_table_cannot_do_is_said_and_signs_nobody_in_or_out() {
    let (proxy, desk) = metered("").await;
    let browser = Client::new(&desk);
    proxy.fail_about("sign-in", "PutItem", Fault::Refused);
    assert_eq!(browser.ask(OWNER).await.status, 503);
    proxy.mend();
    browser.ask(OWNER).await;
    let link = browser.link_to(OWNER).await;
    let own = csrf(&browser.get(&link).await);
    proxy.fail("TransactWriteItems", Fault::Refused);
    assert_eq!(browser.post_bare(&link, &[("csrf", &own)]).await.status, 503);
    proxy.mend();
    assert_eq!(browser.post_bare(&link, &[("csrf", &own)]).await.status, 303, "the link was not used up");
    let own = csrf(&browser.get("/inbox").await);
    proxy.fail_about("sessions", "GetItem", Fault::Refused);
    assert_eq!(browser.get("/inbox").await.status, 503, "not a page to sign in on");
    proxy.mend();
    proxy.fail("DeleteItem", Fault::Refused);
    assert_eq!(browser.post_bare("/inbox/sign-out", &[("csrf", &own)]).await.status, 503);
    proxy.mend();
    assert!(is_in(&browser).await);
}
