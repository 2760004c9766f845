//! The hosts that a site is written for, one file each: what their files are called, and in
//! which words they take rules.

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
}
