//! What the program does: a file for each of its commands.

pub mod serve;
