//! The keys of third parties: typed in once, never shown again.

use deskbell::connect::Target;
use deskbell::secret::{Command, Scope, apply};
use deskbell_functions::app::secrets::Secret;

use crate::receiver::WHSEC;
use crate::world::Desk;

fn scope(site: Option<&str>) -> Scope {
    Scope { site: site.map(str::to_owned), target: Target::default() }
}

fn set(name: Secret, site: Option<&str>) -> Command {
    Command::Set { name, scope: scope(site) }
}

async fn typed(desk: &Desk, command: &Command, input: &str) -> Result<String, String> {
    let mut shown = Vec::new();
    let done = apply(command, &desk.world.app.store, input.as_bytes(), &mut shown).await;
    done.map(|()| String::from_utf8(shown).expect("text")).map_err(|error| error.to_string())
}

async fn read(desk: &Desk, secret: Secret) -> Option<String> {
    let site = &desk.world.app.config.sites["studio"];
    let value = desk.world.app.secret(site, &secret).await.expect("the table")?;
    assert!(!format!("{value:?}").contains(value.reveal()), "it does not print itself");
    Some(value.reveal().into())
}

#[tokio::test]
async fn a_secret_is_kept_for_all_sites_or_for_one_and_only_its_name_is_listed() {
    let desk = Desk::start().await;
    for (secret, site, value) in [
        (Secret::Akismet, None, "shared-key"),
        (Secret::Turnstile, None, "shared-turnstile"),
        (Secret::Turnstile, Some("studio"), "own-turnstile"),
    ] {
        let shown = typed(&desk, &set(secret, site), &format!("{value}\n")).await.expect("kept");
        assert!(!shown.contains(value), "{shown}");
    }
    let list = |site: Option<&str>| Command::List { scope: scope(site) };
    assert_eq!(typed(&desk, &list(None), "").await.as_deref(), Ok("akismet\nturnstile\n"));
    assert_eq!(typed(&desk, &list(Some("studio")), "").await.as_deref(), Ok("turnstile\n"));

    assert_eq!(read(&desk, Secret::Akismet).await.as_deref(), Some("shared-key"));
    assert_eq!(read(&desk, Secret::Turnstile).await.as_deref(), Some("own-turnstile"), "the site's own goes first");
    assert_eq!(read(&desk, Secret::Hcaptcha).await, None);

    // Read once by a container, and not again for five minutes.
    typed(&desk, &set(Secret::Akismet, None), "another").await.expect("kept");
    assert_eq!(read(&desk, Secret::Akismet).await.as_deref(), Some("shared-key"));
}

#[tokio::test]
async fn what_cannot_be_a_secret_is_refused() {
    let desk = Desk::start().await;
    for input in ["", " \n", "two words", "two\nlines", "\u{0}", &"x".repeat(1_025)] {
        let refused = typed(&desk, &set(Secret::Akismet, None), input).await.expect_err(input);
        assert!(refused.contains("one word"), "{refused}");
    }
    assert!("shoe-size".parse::<Secret>().is_err_and(|error| error.contains("akismet, turnstile")));
}

#[tokio::test]
async fn a_channels_secret_has_the_channels_name_and_must_look_like_one() {
    let desk = Desk::start().await;
    let secret = |name: &str| name.parse::<Secret>().expect(name);
    let good = [
        ("webhook", WHSEC),
        ("slack-sales", "https://hooks.slack.com/services/T/B/x"),
        ("discord", "https://discord.com/api/webhooks/1/x"),
        ("telegram", "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ];
    for (name, value) in good {
        typed(&desk, &set(secret(name), Some("studio")), value).await.expect(name);
    }
    let list = Command::List { scope: scope(Some("studio")) };
    assert_eq!(typed(&desk, &list, "").await.as_deref(), Ok("discord\nslack-sales\ntelegram\nwebhook\n"));
    assert_eq!(read(&desk, secret("webhook")).await.as_deref(), Some(WHSEC));
    let bad = [
        ("webhook", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_"),
        ("slack", "http://hooks.slack.com/services/T/B/x", "https://hooks.slack.com/"),
        ("discord", "nonsense", "https://discord.com/"),
        ("telegram", "1234567:", "bot's token"),
    ];
    for (name, value, expected) in bad {
        let refused = typed(&desk, &set(secret(name), None), value).await.expect_err(name);
        assert!(refused.contains(expected) && !refused.contains(value), "{refused}");
    }
    for name in ["sms", "autoresponse", "mail", "slack-"] {
        assert!(name.parse::<Secret>().is_err(), "{name}");
    }
}
