//! Contact requests and comments for static sites.
//!
//! [`visitor`] is what visitors send and see, [`owner`] is what the owner and the team do, [`notify`] is what follows
//! the table's stream. They stand on [`web`] (HTTP), [`judging`] (signals, verdict, policy), [`rights`] (what is stored
//! about a person) and [`delivery`] (who is told, over which channel, again when); these on [`app`] (what a running
//! function holds) and [`store`] (the table). [`keys`], [`submission`], [`config`], [`form`], [`routes`], [`words`] and
//! [`platform`] are the ground: what is signed, what was sent, the settings, typed input, the table of routes, texts,
//! AWS and HTTPS. Imports between these areas only go down.

pub mod app;
pub mod config;
pub mod delivery;
pub mod form;
pub mod judging;
pub mod keys;
pub mod notify;
pub mod owner;
pub mod platform;
pub mod rights;
pub mod routes;
pub mod store;
pub mod submission;
pub mod visitor;
pub mod web;
pub mod words;
