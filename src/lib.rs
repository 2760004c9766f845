//! pagepool serves a folder of HTML files: a pool of worker threads, HTTP/1.1,
//! templates, and a path-echo page where no file matches.

pub mod access_log;
pub mod app;
pub mod background;
pub mod banner;
mod budget;
pub mod check;
pub mod cli;
pub mod commands;
pub mod config;
mod cors;
pub mod dates;
pub mod diagnostic;
mod globs;
pub mod hosts;
pub mod html;
pub mod http;
pub mod live;
pub mod machine;
pub mod markdown;
mod parallel;
pub mod publish;
pub mod qr_code;
mod refusals;
pub mod rules;
pub mod server;
pub mod signals;
pub mod site;
pub mod terminal;
pub mod urls;
mod wording;
