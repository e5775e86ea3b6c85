//! The whole of Deskbell from outside: the world of local mode, one for each test on a port of its own, spoken to over
//! HTTP and by a real browser. AWS is replaced at the wire and nowhere else.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

mod akismet;
mod answers;
mod axe;
mod block;
mod browser;
mod captcha;
mod challenge;
mod channels;
mod chromium;
mod client;
mod closing;
mod comments;
mod contact;
mod delivery;
mod digest;
mod doubles;
mod erase;
mod faults;
mod folders;
mod hostile;
mod inbox;
mod learning;
mod letters;
mod local;
mod notify;
mod owner;
mod person;
mod privacy;
mod reach;
mod receiver;
mod rig;
mod rights;
mod search;
mod second_chance;
mod secrets;
mod services;
mod session;
mod sign_in;
mod storage;
mod texts;
mod tools;
mod units;
mod wire;
mod world;
