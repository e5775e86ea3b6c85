//! What weights start from.

use fastrand::Rng;

/// A random number, evenly enough like one of a normal distribution with this spread.
pub(super) fn normal(rng: &mut Rng, spread: f32) -> f32 {
    // The sum of four evenly spread numbers is near enough.
    ((rng.f32() + rng.f32() + rng.f32() + rng.f32()) - 2.0) * 1.73 * spread
}
