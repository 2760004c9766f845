//! Cross-origin requests: lets the scripts of every website read what is served.
//!
//! The names are those of Fetch, 3.3. No answer depends on cookies, so `*` allows as much
//! as any list, and lets no script send the cookies of this host along.

use crate::http::{Method, StatusCode, request::Request, response::Response};

const ALLOW_METHODS: &str = "GET, HEAD";

/// The answer to a browser that asks ahead whether a request may be made (Fetch, 4.8).
/// `None` for any other request.
pub(crate) fn preflight(request: &Request<'_>) -> Option<Response> {
    let asks = |name| request.headers.get(name).is_some();
    let is_preflight = request.method == Method::OPTIONS
        && asks("origin")
        && asks("access-control-request-method");
    is_preflight.then(|| {
        Response::text(StatusCode::OK, "")
            .with("Access-Control-Allow-Methods", ALLOW_METHODS)
            // The star does not stand for this one (Fetch, 4.8).
            .with("Access-Control-Allow-Headers", "*, Authorization")
    })
}

/// Lets every origin read the response, its fields included.
pub(crate) fn allow(response: &mut Response) {
    response.set("Access-Control-Allow-Origin", "*");
    response.set("Access-Control-Expose-Headers", "*");
}
