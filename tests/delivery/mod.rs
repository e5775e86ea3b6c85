//! Who is told, over which channel, and again when.

pub(crate) mod autoresponse;
pub(crate) mod bounces;
pub(crate) mod bundle;
pub(crate) mod channels;
pub(crate) mod digest;
pub(crate) mod egress;
pub(crate) mod email;
pub(crate) mod faults;
pub(crate) mod flood;
pub(crate) mod limits_of_retries;
pub(crate) mod outage;
pub(crate) mod reply_to;
pub(crate) mod retry;
pub(crate) mod sms;
