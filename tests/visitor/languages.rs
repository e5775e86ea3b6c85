//! A site in several languages: visitors are answered in the one that they ask for, or that their browser wants, and
//! the owner in the site's own.

use crate::harness::page::{has, says};
use crate::harness::world::{ARTICLE, Answer, Desk, OWNER, answer};

/// A site in English that also speaks German and Polish.
async fn desk() -> Desk {
    Desk::configured("sites.studio.languages = [\"de\", \"pl\"]").await
}

/// Asks for a page as a browser of somebody who reads these languages.
async fn read(desk: &Desk, path: &str, languages: &str) -> Answer {
    answer(desk.request_get(path).header("accept", "text/html,*/*").header("accept-language", languages)).await
}

/// Sends a form as such a browser.
async fn send(desk: &Desk, path: &str, languages: &str, fields: &[(&str, &str)]) -> Answer {
    answer(desk.request_post(path).header("accept", "text/html").header("accept-language", languages).form(fields))
        .await
}

#[tokio::test]
async fn what_is_asked_for_by_name_counts_then_what_the_browser_wants_then_the_sites_own() {
    let desk = desk().await;
    let cases = [
        ("/privacy", "", "en", "Your rights"),
        ("/privacy", "de-AT,en;q=0.5", "de", "Ihre Rechte"),
        ("/privacy", "pl;q=0.4,de;q=0.3", "pl", "Prawa"),
        ("/privacy", "fr,it;q=0.5", "en", "Your rights"),
        ("/privacy?lang=pl", "de", "pl", "Prawa"),
        ("/privacy?lang=pl-PL", "de", "pl", "Prawa"),
        ("/privacy?lang=fr", "de", "de", "Ihre Rechte"),
    ];
    for (path, languages, lang, text) in cases {
        let page = read(&desk, path, languages).await;
        has(&page, &format!("<html lang=\"{lang}\" dir=\"ltr\">"));
        has(&page, &format!("<h2>{text}</h2>"));
        assert_eq!(page.header("vary"), "Origin, Accept, Accept-Language, Sec-Fetch-Dest", "{path}");
    }
    let forged = read(&desk, "/second-chance/x", "pl").await;
    says(&forged, 403, "Ten link jest nieprawidłowy");
    let json =
        answer(desk.request_get("/comments").header("accept", "application/json").header("accept-language", "de"));
    assert_eq!(json.await.json()["title"], "Einige Felder sind nicht gültig.");
}

#[tokio::test]
async fn a_site_in_one_language_answers_in_it_whatever_is_wanted() {
    let desk = Desk::start().await;
    for (path, languages) in [("/privacy?lang=de", "de"), ("/privacy", "pl,de")] {
        let page = read(&desk, path, languages).await;
        has(&page, "<html lang=\"en\" dir=\"ltr\">");
        assert_eq!(page.header("vary"), "Origin, Accept, Sec-Fetch-Dest");
    }
}

#[tokio::test]
async fn a_form_comes_back_and_goes_on_in_the_language_it_asks_for() {
    let desk = desk().await;
    let refused = send(
        &desk,
        "/contact",
        "de",
        &[("name", "Ann"), ("_lang", "pl"), ("email", "not an address"), ("message", "x")],
    )
    .await;
    says(&refused, 422, "Proszę podać pełny adres e-mail");
    has(&refused, "<html lang=\"pl\"");
    has(&refused, "action=\"/contact?lang=pl\"");
    // The form that comes back is sent to that address.
    let fields = [("name", "Ann"), ("email", "ann@example.com"), ("message", "Is Monday free?")];
    let sent = send(&desk, "/contact?lang=pl", "de", &fields).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/contact/thanks?lang=pl"));
    says(&read(&desk, sent.header("location"), "de").await, 200, "Wiadomość została wysłana.");
    // What the browser wants needs no parameter.
    let sent =
        send(&desk, "/contact", "de", &[("name", "Bo"), ("email", "bo@example.com"), ("message", "And Friday?")]).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/contact/thanks"));
    // The language is no content.
    let stored = desk.email_about("Is Monday free?").await;
    assert!(!stored.text.contains("_lang"), "{}", stored.text);
}

#[tokio::test]
async fn comments_and_their_errors_are_in_the_language_of_the_page() {
    let desk = desk().await;
    let list = desk.request_get(&format!("/comments?page={ARTICLE}&lang=de")).header("accept", "text/html");
    has(&answer(list).await, "Noch keine Kommentare.");
    let refused = send(&desk, "/comments", "en", &[("page", ARTICLE), ("comment", ""), ("lang", "de")]).await;
    says(&refused, 422, "Bitte füllen Sie dieses Feld aus.");
    let held = send(
        &desk,
        "/comments?lang=de",
        "en",
        &[("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.com"), ("comment", "Does it help?")],
    )
    .await;
    assert_eq!(held.status, 303, "{held:?}");
    assert!(held.header("location").ends_with("?lang=de"), "{held:?}");
    has(&read(&desk, held.header("location"), "en").await, "<html lang=\"de\"");
}

#[tokio::test]
async fn the_owner_reads_the_sites_own_language_and_the_senders_is_kept_where_it_differs() {
    let desk = desk().await;
    for (name, languages, lang) in [("Ann", "de", Some("de")), ("Bo", "en", None), ("Cy", "fr", None)] {
        let message = format!("{name} asks whether Monday is free");
        let fields = [("name", name), ("email", "ann@example.com"), ("message", &message)];
        let sent =
            desk.request_post("/contact").header("accept", "application/json").header("accept-language", languages);
        let sent = answer(sent.form(&fields)).await;
        assert_eq!(desk.submission(&sent.id()).await.lang.as_deref(), lang, "{name}");
        let email = desk.email_about(&message).await;
        assert!(email.html.contains("<html lang=\"en\""), "{}", email.html);
    }
    let inbox = desk.sign_in(OWNER).await;
    let page = inbox.send(desk.request_get("/inbox/messages/new?lang=de").header("accept-language", "de")).await;
    has(&page, "<html lang=\"en\"");
}
