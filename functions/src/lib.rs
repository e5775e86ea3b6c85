//! Contact requests and comments for static sites.
//!
//! Modules are named after what the owner of a site would say: [`contact`] takes leads, [`comments`] takes and
//! shows comments, [`challenge`] and [`second_chance`] tell people from machines, [`owner`] decides (with the inbox, which
//! the [`team`] signs in to), [`notify`] rings the bell, over the channels of [`delivery`], and sends the week's
//! [`digest`]; [`stats`] counts; [`rights`] finds and erases what a person has sent. Around them, one module for each concern: [`config`] (the
//! sites), [`form`] (what may be typed), [`spam`] (the verdict), [`store`] (the table), [`mail`] (letters), [`web`] (requests and answers), [`log`], [`words`] (every text that
//! people see). Third parties, where a site wants them: [`akismet`], [`captcha`]; [`outgoing`] is the way to them,
//! [`secrets`] their keys; [`channels`] are the ways beside mail.

pub mod akismet;
pub mod app;
mod aws;
pub mod block;
pub mod captcha;
pub mod challenge;
pub mod channels;
pub mod choice;
pub mod comment;
pub mod comments;
pub mod config;
pub mod contact;
pub mod delivery;
pub mod digest;
pub mod form;
mod fresh;
mod inbox;
pub mod keys;
pub mod lead;
mod letter;
pub mod log;
pub mod mail;
pub mod markdown;
pub mod notify;
mod outcome;
pub mod outgoing;
pub mod owner;
pub mod page;
pub mod privacy;
pub mod returned;
pub mod rights;
pub mod second_chance;
pub mod secrets;
mod signals;
pub mod stats;
pub mod store;
pub mod submission;
mod teach;
pub mod team;
pub mod web;
pub mod words;

pub use deskbell_filter as spam;
