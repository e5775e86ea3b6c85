//! Local mode with a site of one's own: where it leads to, and whose pages may send.

use deskbell::local::{Options, Pages, WorldError};

use crate::harness::settings::{OPEN, sample_with};
use crate::harness::world::{Answer, Desk, OWNER, answer};

/// Where `hugo server` shows what is being written.
const GENERATOR: &str = "http://localhost:1313";

/// The sample's settings for a site that is elsewhere, with further ones.
fn own(settings: &str) -> String {
    sample_with(&format!("sites.studio.url = \"http://localhost:9091\"\n{settings}"))
}

fn elsewhere(config: String) -> Options {
    Options { config, pages: Pages::Elsewhere, local_pages: true, ..Options::default() }
}

async fn post(desk: &Desk, path: &str, origin: &str, fields: &[(&str, &str)]) -> Answer {
    let request = desk.request_post(path).header("accept", "text/html").header("origin", origin);
    answer(request.form(fields)).await
}

const COMMENT: [(&str, &str); 4] =
    [("page", "/blog/first-post/"), ("author", "Ann"), ("email", "ann@example.org"), ("comment", "Well written!")];

const MESSAGE: [(&str, &str); 3] = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Hello there")];

#[tokio::test]
async fn everything_leads_to_the_site_that_the_settings_name() {
    let desk =
        Desk::with(elsewhere(own(&format!("sites.studio.forms.default.thanks = \"/thank-you/\"\n{OPEN}")))).await;
    let published = post(&desk, "/comments", "http://localhost:9091", &COMMENT).await;
    assert_eq!(published.status, 303);
    let thanks = desk.get_html(published.header("location")).await.body;
    assert!(thanks.contains("href=\"http://localhost:9091/blog/first-post/#comment-"), "{thanks}");
    let sent = post(&desk, "/contact", "http://localhost:9091", &MESSAGE).await;
    assert_eq!((sent.status, sent.header("location")), (303, "http://localhost:9091/thank-you/"));
    let next = [&MESSAGE[..], &[("_next", "/blog/")]].concat();
    let sent = post(&desk, "/contact", "http://localhost:9091", &next).await;
    assert_eq!((sent.status, sent.header("location")), (303, "http://localhost:9091/blog/"));
    let privacy = desk.get_html("/privacy").await.body;
    assert!(privacy.contains("Studio Lindqvist (localhost)") && !privacy.contains(&desk.world.url), "{privacy}");
    assert!(desk.get("/comments/feed").await.body.contains("http://localhost:9091/blog/first-post/#comment-"));
    // What is decided is decided here.
    let email = desk.email_about("Hello there").await;
    assert!(email.text.contains(&format!("{}/moderate/", desk.world.url)), "{}", email.text);
    assert_eq!(email.to, [OWNER]);
    let start = desk.get_html("/").await.body;
    assert!(start.contains("http://localhost:9091") && !start.contains("/contact/"), "{start}");
    assert_eq!(desk.get("/contact/").await.status, 404, "the sample's pages are not served");
}

#[tokio::test]
async fn pages_at_any_port_of_this_machine_may_send_in_local_mode_alone() {
    let config = sample_with("sites.studio.url = \"https://www.example.org\"");
    let desk = Desk::with(elsewhere(config.clone())).await;
    let strict = Desk::with(Options { local_pages: false, ..elsewhere(config) }).await;
    for origin in [GENERATOR, "http://127.0.0.1:8080", "http://[::1]:4321", "http://localhost"] {
        let message = format!("from {origin}");
        let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", &*message)];
        assert_eq!(post(&desk, "/contact", origin, &fields).await.status, 303, "{origin}");
        let read = answer(desk.request_get("/comments?page=/").header("origin", origin)).await;
        assert_eq!((read.status, read.header("access-control-allow-origin")), (200, origin));
        assert_eq!(desk.preflight("/comments", origin).await.header("access-control-allow-origin"), origin);
        // As deployed: nothing but `allow_local_pages`, which no function calls, makes the difference.
        assert_eq!(post(&strict, "/contact", origin, &fields).await.status, 403, "{origin}");
        let read = answer(strict.request_get("/comments?page=/").header("origin", origin)).await;
        assert_eq!((read.status, read.header("access-control-allow-origin")), (403, ""));
        assert!(!strict.preflight("/comments", origin).await.headers.contains_key("access-control-allow-origin"));
    }
    let framed = desk.get_html("/comments?page=/").await;
    assert!(
        framed
            .header("content-security-policy")
            .contains("frame-ancestors 'self' https://www.example.org http://localhost:*")
    );
    let framed = strict.get_html("/comments?page=/").await;
    assert!(!framed.header("content-security-policy").contains("localhost"));
    for origin in ["https://evil.example", "http://localhost.evil.example:1313", "http://192.168.1.7:1313"] {
        assert_eq!(post(&desk, "/contact", origin, &MESSAGE).await.status, 403, "{origin}");
    }
}

#[tokio::test]
async fn of_several_sites_a_page_on_this_machine_names_its_own() {
    let second = "[sites.bakery]\nname = \"Bakery\"\nurl = \"https://bakery.example\"\n\
                  owner = { name = \"Bo\", email = \"bo@bakery.example\" }\nsites.studio.url = \"https://www.example.org\"";
    let (table, url) = second.rsplit_once('\n').expect("two parts");
    let desk = Desk::with(elsewhere(sample_with(&format!("{url}\n{table}")))).await;
    assert_eq!(post(&desk, "/contact", GENERATOR, &MESSAGE).await.status, 403, "which site is not known");
    assert_eq!(post(&desk, "/bakery/contact", GENERATOR, &MESSAGE).await.status, 303);
    assert_eq!(desk.email_about("Hello there").await.to, ["bo@bakery.example"]);
    assert_eq!(post(&desk, "/contact", "https://www.example.org", &MESSAGE).await.status, 303);
}

#[tokio::test]
async fn a_built_site_is_served_as_static_hosts_do_and_nothing_else_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    };
    write("secret.txt", "not of the site");
    for (path, text) in [("index.html", "home é"), ("blog/first/index.html", "first"), ("about.html", "about")] {
        write(&format!("public/{path}"), text);
    }
    write("public/style.css", "p{}");
    write("public/404.html", "nothing here");
    let public = folder.path().join("public");
    for home in ["", "/studio"] {
        let config = sample_with(&format!("sites.studio.url = \"https://www.example.org{home}\""));
        let options = || Options { pages: Pages::Folder(public.clone(), 0), ..elsewhere(config.clone()) };
        let desk = Desk::with(options()).await;
        let site = desk.world.app.config.sites["studio"].home().to_string();
        assert!(site.starts_with("http://127.0.0.1:") && !site.starts_with(&desk.world.url), "{site}");
        let get = async |path: &str| desk.get(&format!("{site}{path}")).await;
        for (path, kind, text) in [
            ("", "text/html; charset=utf-8", "home é"),
            ("blog/first/", "text/html; charset=utf-8", "first"),
            ("about", "text/html; charset=utf-8", "about"),
            ("about.html", "text/html; charset=utf-8", "about"),
            ("style.css", "text/css; charset=utf-8", "p{}"),
        ] {
            let page = get(path).await;
            assert_eq!((page.status, page.header("content-type"), &*page.body), (200, kind, text), "{site}{path}");
        }
        let bare = get("blog/first").await;
        assert_eq!((bare.status, bare.header("location")), (307, &*format!("{home}/blog/first/")));
        for path in
            ["nowhere", "..%2fsecret.txt", "%2e%2e/secret.txt", "blog/%2e%2e/%2e%2e/secret.txt", "..%5csecret.txt"]
        {
            let missing = get(path).await;
            assert!(missing.status == 404 && !missing.body.contains("not of the site"), "{path}: {missing:?}");
        }
        assert_eq!(get("nowhere").await.body, "nothing here");
        assert_eq!(answer(desk.request_post(&format!("{site}style.css"))).await.status, 405);
        // Its forms work, and lead back to it.
        let origin = site.trim_end_matches('/').trim_end_matches("/studio").to_owned();
        let next = [&MESSAGE[..], &[("_next", "/blog/first/")]].concat();
        assert_eq!(post(&desk, "/contact", &origin, &next).await.header("location"), format!("{site}blog/first/"));
        assert!(matches!(
            deskbell::local::World::start(Options { pages: Pages::Folder("no/such".into(), 0), ..options() }).await,
            Err(WorldError::NoFolder(_))
        ));
    }
}
