//! What may be typed into a form: the fields, their limits, and what posted data means. [`Form::read`] is the door.

pub mod built_in;
pub mod captcha;
mod clean;
mod code;
mod consent;
mod control;
mod data;
pub mod dialects;
mod email;
mod field;
mod kind;
mod mailbox;
pub mod name;
pub mod page;
mod schema;
mod visible;
mod website;

pub(crate) use self::clean::{clean_line, clean_text};
pub use self::code::{Code, FieldError};
pub use self::consent::Consent;
pub use self::control::Hidden;
pub use self::data::Fields;
pub use self::email::Email;
pub(crate) use self::email::{mailable, mailable_if_given};
pub use self::field::Field;
pub use self::kind::FieldKind;
pub use self::mailbox::mailbox;
pub use self::schema::{Filled, Form};
pub(crate) use self::visible::turns;
pub use self::website::{is_web_address, public as public_website};
