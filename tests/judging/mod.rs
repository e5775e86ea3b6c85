//! What is known of who sent something, and what becomes of it.

pub(crate) mod akismet;
pub(crate) mod block;
pub(crate) mod captcha;
pub(crate) mod learning;
