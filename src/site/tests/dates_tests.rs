//! Dates in pages: `now()`, the filters, and the zone of the site.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::dates::Zone;

/// 2026-11-27 at 23:30:05 in UTC.
const NOW: Duration = Duration::from_secs(1_795_822_205);

impl Pages {
    /// What answers `target` at this time.
    fn get_at(&self, target: &str, since_1970: Duration) -> Answer {
        self.ask_with(&format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"), |asked| {
            self.site.respond(asked.request, UNIX_EPOCH + since_1970).at_once()
        })
    }
}

fn pages_in(zone: &str, page: &str) -> Pages {
    let timezone = Zone::named(zone).unwrap();
    let settings = SiteSettings { timezone, ..SiteSettings::default() };
    Pages::with(&[("a.html", page)], |options| options.settings = Settings::fixed(settings))
}

#[test]
fn templates_show_dates_in_the_zone_of_the_site() {
    for (page, in_utc, in_tokyo) in [
        ("{{ now() }}", "2026-11-27T23:30:05Z", "2026-11-28T08:30:05+09:00"),
        ("{{ now() | date('%d %B %Y') }}", "27 November 2026", "28 November 2026"),
        ("{{ now() | date(format='%H:%M') }}", "23:30", "08:30"),
        ("{{ now().year }}-{{ now().month }}-{{ now().day }}", "2026-11-27", "2026-11-28"),
        ("{{ now().hour }}:{{ now().minute }}:{{ now().second }}", "23:30:5", "8:30:5"),
        ("{{ now().strftime('%A') }}", "Friday", "Saturday"),
        ("{{ now().isoformat() }}", "2026-11-27T23:30:05Z", "2026-11-28T08:30:05+09:00"),
        ("{{ now() | tojson }}", "\"2026-11-27T23:30:05Z\"", "\"2026-11-28T08:30:05+09:00\""),
        (
            "{{ now() | rfc2822 }}",
            "Fri, 27 Nov 2026 23:30:05 +0000",
            "Sat, 28 Nov 2026 08:30:05 +0900",
        ),
        ("{{ '2026-11-05' | date }}", "2026-11-05", "2026-11-05"),
        ("{{ '2026-11-05' | date('%-d.%-m.') }}", "5.11.", "5.11."),
        ("{{ '2026-11-05' | rfc3339 }}", "2026-11-05T00:00:00Z", "2026-11-05T00:00:00+09:00"),
        ("{{ '2026-11-05 09:00' | rfc3339 }}", "2026-11-05T09:00:00Z", "2026-11-05T09:00:00+09:00"),
        ("{{ 0 | date('%Y-%m-%d %H:%M') }}", "1970-01-01 00:00", "1970-01-01 09:00"),
        ("{{ now() == now() }} {{ now() < now() }}", "True False", "True False"),
        ("{% if now() %}yes{% endif %}", "yes", "yes"),
    ] {
        for (zone, expected) in [("UTC", in_utc), ("Asia/Tokyo", in_tokyo)] {
            let answer = pages_in(zone, page).get_at("/a", NOW);
            let body = answer.body.replace("&#x2b;", "+");
            assert_eq!((answer.status(), &*body), (200, expected), "{page}");
        }
    }
}

#[test]
fn what_is_no_date_is_reported_with_the_way_out() {
    for (page, message, help) in [
        ("{{ none | date('%Y') }}", "this date is not set", "put `{% if page.date %}`"),
        ("{{ none | rfc3339 }}", "this date is not set", "put `{% if page.date %}`"),
        ("{{ nope | date('%Y') }}", "`nope` is undefined", "default(\"\")"),
        ("{{ 'soon' | date('%Y') }}", "`soon` is no date", "a date is `2026-11-27`"),
        ("{{ '2026-02-30' | date }}", "the day `2026-02-30` does not exist", "has 28 days"),
        ("{{ [] | rfc2822 }}", "a sequence is no date", "whole seconds since 1970"),
        ("{{ 1.5 | date }}", "a number is no date", "whole seconds since 1970"),
        ("{{ 1000000000000000 | date }}", "lead beyond the calendar", "seconds since 1970"),
        ("{{ now() | date('%K') }}", "the pattern `%K` cannot be followed", "strftime"),
        ("{{ now() | dat('%Y') }}", "unknown filter: `dat`", "did you mean `date`?"),
        ("{{ nwo() }}", "unknown function: `nwo`", "did you mean `now`?"),
    ] {
        let answer = pages_in("UTC", &format!("<p>\n {page}")).get_at("/a", NOW);
        let (error, last) = answer.body.split_once("help: ").unwrap();
        assert!(error.contains(message) && error.contains("a.html:2:"), "{page}: {error}");
        assert!(last.contains(help), "{page}: {last}");
    }
}

#[test]
fn a_page_that_reads_the_clock_is_made_for_each_request() {
    let pages = pages_in("UTC", "{{ now().second }}");
    for secs in [5, 6, 6, 30] {
        let answer = pages.get_at("/a", Duration::from_secs(secs));
        assert_eq!(answer.body, secs.to_string());
        assert_eq!(answer.field("Cache-Control"), "no-cache");
        assert_eq!(answer.field("Last-Modified"), "");
    }
    let (_, reads) = pages.render("a.html");
    assert!(reads.uses_clock && !reads.uses_request);
    // The moment is one for all of a page, and any error of it is of that moment, too.
    pages.write("b.html", "{{ 1 // (now().second - 5) }}");
    for (secs, status) in [(5, 500), (6, 200), (5, 500)] {
        assert_eq!(pages.get_at("/b", Duration::from_secs(secs)).status(), status);
    }
}

#[test]
fn a_page_that_shows_a_fixed_date_is_made_once() {
    let pages = pages_in("UTC", "{{ '2026-11-05' | date('%d %B %Y') }}");
    let (_, reads) = pages.render("a.html");
    assert!(reads.is_for_all());
}
