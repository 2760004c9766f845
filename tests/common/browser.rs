//! What the tests of live editing ask of a browser, whichever it is.

use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything here takes on a busy machine; only a failure waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Runs before the scripts of each document: counts the loads of the tab, and keeps
/// what a test needs of the page from what the page may replace.
pub(crate) const ON_NEW_DOCUMENT: &str = "if (self == top && location.protocol == 'http:') \
    sessionStorage.loads = 1 + Number(sessionStorage.loads ?? 0); \
    window[Symbol.for('test')] = { \
        Promise, \
        soon: setTimeout.bind(window), \
        now: performance.now.bind(performance), \
    };";

/// A profile of one's own, with nothing in its cache; its tabs close with it.
pub(crate) trait Browser {
    type Page: Page;
    /// As the rows of the table name it.
    const NAME: &'static str;

    fn new() -> Self;

    /// Opens a page in a window of its own, so that it is in sight.
    fn open(&self, url: &str) -> Self::Page;
}

/// A tab. Whoever is asked there whether to leave a page stays.
pub(crate) trait Page {
    /// Goes to a page; gives when the browser has begun to show it.
    fn go(&self, url: &str);

    /// What an expression gives in the page; a promise's value where it is one. An
    /// error where it throws, or the page goes away meanwhile.
    fn try_evaluate(&self, expression: &str) -> Result<Value, String>;

    /// Types a text where the focus is.
    fn type_text(&self, text: &str);

    /// How often the page has asked whether to leave it.
    fn questions(&self) -> usize;

    /// The same, for a page that may be about to make way for the next.
    fn evaluate(&self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_evaluate(expression) {
                Ok(value) => return value,
                Err(error) => assert!(Instant::now() < deadline, "{expression}: {error}"),
            }
        }
    }

    /// Waits until an expression gives a value; the page itself looks every few
    /// milliseconds. Gives the last value in any case: an error's text if it throws.
    /// What is compared is made of numbers, booleans, texts and lists.
    fn wait_for_value(&self, expression: &str, wanted: &Value, patience: Duration) -> Value {
        let patience = patience.as_millis();
        self.evaluate(&format!(
            "(async () => {{
                const {{ Promise, soon, now }} = window[Symbol.for('test')];
                const same = (a, b) => {{
                    if (a === b) return true;
                    if (typeof a != 'object' || typeof b != 'object' || !a || !b) return false;
                    if (a.length != b.length) return false;
                    for (let at = 0; at < a.length; at++) if (!same(a[at], b[at])) return false;
                    return true;
                }};
                const end = now() + {patience};
                for (;;) {{
                    let value;
                    try {{ value = await ({expression}); }} catch (error) {{ value = String(error); }}
                    if (same(value, {wanted}) || now() > end) return value;
                    await new Promise(done => soon(done, 8));
                }}
            }})()"
        ))
    }

    /// How often the tab has loaded a page, the first time included.
    fn loads(&self) -> u64 {
        self.evaluate("Number(sessionStorage.loads)").as_u64().expect("it is counted")
    }
}
