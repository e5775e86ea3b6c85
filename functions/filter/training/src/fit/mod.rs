//! Fitting the model's parts to examples. Everything is seeded: the same lines give the same model.

mod calibration;
mod embeddings;
mod example;
mod finals;
mod linear;
mod normal;
mod quantise;

pub(crate) use self::calibration::{calibrate, prices};
pub(crate) use self::embeddings::embeddings;
pub(crate) use self::example::Example;
pub(crate) use self::finals::{Seen, final_layer};
pub(crate) use self::linear::linear;
