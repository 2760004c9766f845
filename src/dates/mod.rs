//! Dates as authors write them: a calendar day, or an instant.
//!
//! Knows no files, no templates and no clock: texts and zones in, values and texts out.

mod date;
mod error;
mod parse;
mod zone;

pub use self::{date::Date, error::DateError, zone::Zone};

#[cfg(test)]
mod tests;
