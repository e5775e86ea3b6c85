//! Where messages may go, and what is said about them: never to machines that only this one can reach, however they are
//! named, and never a word of a visitor's in the log.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError, SharedDnsResolver};
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::{Reach, Services};
use deskbell_functions::submission::delivery::DeliveryState;
use deskbell_functions::submission::reason::DeliveryReason;

use crate::harness::log::{heard, listen};
use crate::harness::receiver::{Answering, Receiver, WHSEC, delivery, set, with_channels};
use crate::harness::world::Desk;

/// Gives one answer after the other, the last one always, whatever name is asked for.
#[derive(Debug, Clone)]
struct Names(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    answers: VecDeque<Vec<IpAddr>>,
    asked: usize,
}

impl Names {
    fn telling(answers: &[&[&str]]) -> Self {
        let parse =
            |addresses: &&[&str]| addresses.iter().map(|address| address.parse().expect("an address")).collect();
        Self(Arc::new(Mutex::new(Told { answers: answers.iter().map(parse).collect(), asked: 0 })))
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

impl ResolveDns for Names {
    fn resolve_dns<'a>(&'a self, _: &'a str) -> DnsFuture<'a> {
        let mut told = self.0.lock().unwrap();
        told.asked += 1;
        let answer = if told.answers.len() > 1 { told.answers.pop_front() } else { told.answers.front().cloned() };
        DnsFuture::ready(answer.ok_or_else(|| ResolveDnsError::new(io::Error::from(io::ErrorKind::NotFound))))
    }
}

fn services(loopback: bool, names: &Names) -> Services {
    Services { reach: Reach { loopback, names: SharedDnsResolver::new(names.clone()) }, ..Services::default() }
}

async fn desk(url: &str, services: Services) -> Desk {
    let channels = format!("[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"{url}\"\n");
    let desk = Desk::with(with_channels(&channels, services)).await;
    set(&desk, "webhook", WHSEC).await;
    desk
}

async fn lead(desk: &Desk, message: &str) -> String {
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", message)];
    desk.post_for_json("/contact", &fields).await.id()
}

const FORBIDDEN: DeliveryReason = DeliveryReason::PrivateAddress;

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused() {
    let addresses: [&str; 17] = [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fe80::1",
        "fd00:ec2::254",
        "ff02::1",
    ];
    let receiver = Receiver::start().await;
    let answers: Vec<Vec<&str>> = addresses.iter().map(|address| vec![*address]).collect();
    let answers: Vec<&[&str]> = answers.iter().map(Vec::as_slice).collect();
    let names = Names::telling(&answers);
    // The port is one that somebody listens on, so that a connection would be seen.
    let desk = desk(&format!("https://hook.example.org:{}/hook", receiver.port), services(false, &names)).await;
    for (index, address) in addresses.iter().enumerate() {
        let id = lead(&desk, &format!("Is day {index} free?")).await;
        let delivery = delivery(&desk, &id, "webhook").await;
        let outcome = (delivery.state, delivery.reason, delivery.again_at);
        assert_eq!(outcome, (DeliveryState::Failed, Some(FORBIDDEN), None), "{address}");
    }
    assert_eq!(names.asked(), addresses.len(), "each was looked up once");
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn addresses_in_numbers_are_looked_at_too() {
    let receiver = Receiver::start().await;
    let names = Names::telling(&[]);
    for host in
        ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost"]
    {
        let desk = desk(&format!("https://{host}:{}/hook", receiver.port), services(false, &names)).await;
        let id = lead(&desk, "Is Monday free?").await;
        let delivery = delivery(&desk, &id, "webhook").await;
        // A name of which nothing is known is no refusal.
        let expected = if host == "localhost" { DeliveryReason::NoConnection } else { FORBIDDEN };
        assert_eq!(delivery.reason, Some(expected), "{host}");
    }
    // Without TLS nothing is sent at all.
    let desk = desk(&receiver.url("/hook"), services(false, &names)).await;
    let id = lead(&desk, "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "webhook").await.reason, Some(DeliveryReason::InvalidAddress));
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_gains_nothing() {
    let receiver = Receiver::start().await;
    let url = format!("http://localhost:{}/hook", receiver.port);
    // What was looked at is where it goes: nobody looks the name up again.
    let names = Names::telling(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let desk = desk(&url, services(true, &names)).await;
    let id = lead(&desk, "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "webhook").await.state, DeliveryState::Sent);
    assert_eq!((names.asked(), receiver.got().len()), (1, 1));

    let names = Names::telling(&[&["169.254.169.254"], &["127.0.0.1"]]);
    let desk = self::desk(&url, services(true, &names)).await;
    let id = lead(&desk, "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "webhook").await.reason, Some(FORBIDDEN));
    assert_eq!((names.asked(), receiver.got().len()), (1, 1));
}

#[tokio::test]
async fn of_several_addresses_only_those_are_used_that_may_be() {
    let receiver = Receiver::start().await;
    let names = Names::telling(&[&["10.0.0.1", "169.254.169.254", "127.0.0.1"]]);
    let desk = desk(&format!("http://localhost:{}/hook", receiver.port), services(true, &names)).await;
    let id = lead(&desk, "Is Monday free?").await;
    assert_eq!(delivery(&desk, &id, "webhook").await.state, DeliveryState::Sent);
    assert_eq!(receiver.got().len(), 1);
}

#[tokio::test]
async fn the_log_holds_nothing_of_a_visitors_nor_an_address() {
    listen();
    let receiver = Receiver::start().await;
    receiver.answer(&[Answering::Status(400), Answering::Slowly, Answering::Status(200)]);
    let number = "+491701234567";
    let channels = format!(
        "[[sites.studio.channels]]\nkind = \"slack\"\n[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"https://secret-host.invalid/token\"\n\
         [[sites.studio.channels]]\nkind = \"sms\"\nto = \"{number}\"\n\
         [[sites.studio.channels]]\nkind = \"autoresponse\"\nsubject = \"Thanks\"\ntext = \"Hello {{name}}\"\n"
    );
    let sns = crate::harness::receiver::Sns::start().await;
    sns.refuse(Some((400, "InvalidParameter")));
    let mut options = with_channels(&channels, services(true, &Names::telling(&[])));
    options.sns_url = Some(sns.url.clone());
    options.clock = Clock::at_pace(5);
    let desk = Desk::with(options).await;
    set(&desk, "slack", &receiver.url("/services/secret-path")).await;
    set(&desk, "webhook", WHSEC).await;
    let fields =
        [("name", "Annabel"), ("email", "annabel@example.com"), ("phone", "5550100"), ("message", "Is Monday free?")];
    let id = desk.post_for_json("/contact", &fields).await.id();
    for channel in ["mail", "slack", "webhook", "sms", "autoresponse"] {
        delivery(&desk, &id, channel).await;
    }
    let log = heard().concat();
    assert!(log.contains(&id) && log.contains("not delivered") && log.contains("sns:InvalidParameter"), "{log}");
    let secrets = ["secret-host", "secret-path", WHSEC, "1701234567"];
    for word in ["Annabel", "annabel", "5550100", "Monday"].iter().chain(&secrets) {
        assert!(!log.contains(word), "{word}: {log}");
    }
}
