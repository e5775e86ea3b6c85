//! Contact requests and comments for static sites.
//!
//! Modules are named after what the owner of a site would say: [`contact`] takes leads, [`comments`] takes and
//! shows comments, [`challenge`] and [`second_chance`] tell people from machines, [`owner`] decides (with the inbox, which
//! the [`team`] signs in to), [`notify`] rings the bell, over the channels of [`delivery`], and sends the week's
//! [`digest`]; [`stats`] counts; [`rights`] finds and erases what a person has sent. Around them, one module for each concern: [`config`] (the
//! sites), [`form`] (what may be typed), [`spam`] (the verdict), [`store`] (the table), [`mail`] (letters), [`web`] (requests and answers), [`log`], [`words`] (every text that
//! people see). Third parties, where a site wants them: [`akismet`], [`captcha`]; [`outgoing`] is the way to them,
//! [`secrets`] their keys; [`channels`] are the ways beside mail.

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
pub mod store;
pub mod submission;
pub mod visitor;
pub mod web;
pub mod words;
