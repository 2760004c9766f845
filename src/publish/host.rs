//! The names of the hosts, and the rules that a site has for them.

use std::collections::BTreeMap;

use crate::{
    http::{base_path::BasePath, url_path::UrlPath},
    rules::{HeaderRule, RedirectRule},
};

/// A host, or a kind of host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A server of files such as nginx or Caddy.
    Plain,
    /// Cloudflare Pages, or Workers with static assets.
    Cloudflare,
    /// Netlify.
    Netlify,
    /// GitHub Pages.
    Github,
    /// GitLab Pages.
    Gitlab,
    /// Vercel.
    Vercel,
    /// The website of an S3 bucket, or one behind CloudFront.
    S3,
}

/// A rule, with the place that messages name.
#[derive(Clone, Debug)]
pub struct Rule<T> {
    /// The rule.
    pub rule: T,
    /// Such as "rule 2 of `[[redirects]]`".
    pub origin: String,
}

/// The rules of a site, which a host is told.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// In the order in which they are tried.
    pub redirects: Vec<Rule<RedirectRule>>,
    /// In the order in which they are applied.
    pub headers: Vec<Rule<HeaderRule>>,
    /// Media types by extension that no name implies.
    pub types: BTreeMap<String, String>,
    /// What stands before all paths.
    pub base_path: BasePath,
    /// The file that answers in place of all pages that are missing.
    pub fallback: Option<UrlPath>,
}

impl Host {
    /// The host of this name, as it is typed.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "plain" => Self::Plain,
            "cloudflare" => Self::Cloudflare,
            "netlify" => Self::Netlify,
            "github" => Self::Github,
            "gitlab" => Self::Gitlab,
            "vercel" => Self::Vercel,
            "s3" => Self::S3,
            _ => return None,
        })
    }

    /// Whether it answers with `index.html` what is missing, as long as there is no
    /// `404.html`: what others need a rule for.
    pub(crate) fn falls_back_to(self, file: &str) -> bool {
        self == Self::Cloudflare && file == "/index.html"
    }

    /// As it calls itself.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Plain => "nginx and Caddy",
            Self::Cloudflare => "Cloudflare",
            Self::Netlify => "Netlify",
            Self::Github => "GitHub Pages",
            Self::Gitlab => "GitLab Pages",
            Self::Vercel => "Vercel",
            Self::S3 => "S3",
        }
    }
}
