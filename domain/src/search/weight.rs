//! What a match weighs in each field. Scores are never told: only their order is seen.

/// What a match in a further field adds to that in the best one.
pub const TIE: f32 = 0.2;

pub const NAME: f32 = 6.0;
pub const TITLE: f32 = 4.0;
pub const NAME_BEGINS: f32 = 3.0;
pub const AUTHOR: f32 = 2.0;
pub const CONTENT: f32 = 1.0;
pub const STEM: f32 = 0.8;
