//! Hashes of features.

pub(super) const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

pub(super) fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

pub(super) fn done(hash: u64) -> u32 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (hash >> 32) as u32
}

pub(super) fn hash_letters(seed: u64, letters: &[char]) -> u64 {
    letters.iter().fold(seed, |hash, c| mix(hash, u64::from(u32::from(*c))))
}
