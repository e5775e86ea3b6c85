//! The whole of Deskbell from outside: the world of local mode, one for each test on a port of its own, spoken to over
//! HTTP and by a real browser. AWS is replaced at the network endpoint and nowhere else.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

mod delivery;
mod harness;
mod infra;
mod judging;
mod layout;
mod notify;
mod owner;
mod rights;
mod store;
mod visitor;
mod web;
