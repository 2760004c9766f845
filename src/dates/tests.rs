//! Dates: reading, comparing and writing them.

use std::time::{Duration, UNIX_EPOCH};

use super::*;

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

#[test]
fn dates_are_read_in_each_of_their_forms() {
    for (text, shown_in_utc, shown_in_berlin) in [
        ("2026-11-27", "2026-11-27", "2026-11-27"),
        (" 2026-11-27 ", "2026-11-27", "2026-11-27"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("0001-01-01", "0001-01-01", "0001-01-01"),
        // Without an offset: in the zone of the site.
        ("2026-11-27T09:00", "2026-11-27T09:00:00Z", "2026-11-27T09:00:00+01:00"),
        ("2026-11-27 09:00:30", "2026-11-27T09:00:30Z", "2026-11-27T09:00:30+01:00"),
        ("2026-11-27t09:00:30.75", "2026-11-27T09:00:30Z", "2026-11-27T09:00:30+01:00"),
        ("2026-11-27   00:00", "2026-11-27T00:00:00Z", "2026-11-27T00:00:00+01:00"),
        // With one: the same moment everywhere.
        ("2026-11-27T09:00Z", "2026-11-27T09:00:00Z", "2026-11-27T10:00:00+01:00"),
        ("2026-11-27T09:00:00+02:00", "2026-11-27T07:00:00Z", "2026-11-27T08:00:00+01:00"),
        ("2026-11-27 09:00:00 +0200", "2026-11-27T07:00:00Z", "2026-11-27T08:00:00+01:00"),
        ("2026-11-27 09:00:00 -5", "2026-11-27T14:00:00Z", "2026-11-27T15:00:00+01:00"),
        ("2026-07-01T09:00[Europe/Berlin]", "2026-07-01T07:00:00Z", "2026-07-01T09:00:00+02:00"),
        ("2026-07-01 09:00 Asia/Tokyo", "2026-07-01T00:00:00Z", "2026-07-01T02:00:00+02:00"),
        ("2026-07-01 09:00 UTC", "2026-07-01T09:00:00Z", "2026-07-01T11:00:00+02:00"),
        (
            "2026-07-01T09:00+02:00[Europe/Berlin]",
            "2026-07-01T07:00:00Z",
            "2026-07-01T09:00:00+02:00",
        ),
        ("2026-07-01T09:00Z[UTC]", "2026-07-01T09:00:00Z", "2026-07-01T11:00:00+02:00"),
        // Clocks are put forward over it, and back over it.
        ("2026-03-29T02:30[Europe/Berlin]", "2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00"),
        ("2026-10-25T02:30[Europe/Berlin]", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
    ] {
        let date = Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(date.text(&Zone::default()), shown_in_utc, "{text}");
        assert_eq!(date.text(&zone("Europe/Berlin")), shown_in_berlin, "{text}");
    }
}

#[test]
fn what_is_no_date_is_refused_with_the_way_out() {
    let form = "a date is `2026-11-27`, or `2026-11-27T09:00` with a time: the year first, in \
                four digits";
    let time = "a time has two digits for each part: `09:00`, or `09:00:30`";
    let offset = "an offset is `Z` or like `+01:00`; a zone is like `Europe/Berlin`";
    for (text, message, help) in [
        ("", "`` is no date", form),
        ("tomorrow", "`tomorrow` is no date", form),
        ("27.11.2026", "`27.11.2026` is no date", form),
        ("11/27/2026", "`11/27/2026` is no date", form),
        ("26-11-27", "`26-11-27` is no date", form),
        ("2026-11", "`2026-11` is no date", form),
        ("20261127", "`20261127` is no date", form),
        ("2026-11-27x", "`2026-11-27x` is no date", form),
        ("2026-11-279", "`2026-11-279` is no date", form),
        ("２０２６-11-27", "`２０２６-11-27` is no date", form),
        ("2026-1-5", "`2026-1-5` is no date", "write `2026-01-05`"),
        ("2026/11/27", "`2026/11/27` is no date", "write `2026-11-27`"),
        (
            "2026-02-30",
            "the day `2026-02-30` does not exist",
            "February 2026 has 28 days, 01 to 28",
        ),
        (
            "2024-02-30T09:00",
            "the day `2024-02-30` does not exist",
            "February 2024 has 29 days, 01 to 29",
        ),
        ("2026-04-31", "the day `2026-04-31` does not exist", "April 2026 has 30 days, 01 to 30"),
        ("2026-04-00", "the day `2026-04-00` does not exist", "April 2026 has 30 days, 01 to 30"),
        (
            "2026-13-01",
            "the day `2026-13-01` does not exist",
            "months are 01 to 12, and stand between the year and the day",
        ),
        ("2026-11-27T25:00", "`25:00` is no time of day", time),
        ("2026-11-27 9:00", "`9:00` is no time of day", time),
        ("2026-11-27T0900", "`0900` is no time of day", time),
        ("2026-11-27T", "`` is no time of day", time),
        ("2026-11-27T24:00", "`24:00` is no time of day", time),
        ("2026-11-27T09:00+25:00", "`+25:00` is no offset from UTC", offset),
        ("2026-11-27T09:00+", "`+` is no offset from UTC", offset),
        (
            "2026-07-01T09:00+01:00[Europe/Berlin]",
            "`+01:00` is not the offset of `Europe/Berlin` at this time",
            "leave out the offset, or the zone",
        ),
        (
            "2026-07-01T09:00 Europe/Berln",
            "`Europe/Berln` is no time zone",
            "did you mean `Europe/Berlin`?",
        ),
    ] {
        let error = Date::parse(text).unwrap_err();
        assert_eq!((&*error.message, &*error.help), (message, help), "{text}");
    }
}

#[test]
fn zones_are_found_by_their_names_and_suggested_by_their_cities() {
    for name in ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "europe/berlin"] {
        assert!(Zone::named(name).is_ok(), "{name}");
    }
    let any = "a zone has the name of the IANA database, such as `Europe/Berlin` or `UTC`";
    for (name, help) in [
        ("Berlin", "did you mean `Europe/Berlin`?"),
        ("new york", "did you mean `America/New_York`?"),
        ("Europe/Pariss", "did you mean `Europe/Paris`?"),
        ("Tokio", "did you mean `Asia/Tokyo`?"),
        ("+01:00:00:00", any),
        ("../etc/passwd/of/them/all", any),
    ] {
        assert_eq!(Zone::named(name).unwrap_err().help, help, "{name}");
    }
}

#[test]
fn a_date_is_written_by_a_pattern() {
    let berlin = zone("Europe/Berlin");
    for (date, pattern, expected) in [
        ("2026-11-05", "%d %B %Y", "05 November 2026"),
        ("2026-11-05", "%-d. %b %y, %A", "5. Nov 26, Thursday"),
        ("2026-11-05", "%Y-%m-%d %H:%M 100%%", "2026-11-05 00:00 100%"),
        ("2026-11-05T09:05", "%H:%M %Z", "09:05 CET"),
        ("2026-07-05T09:05Z", "%-H:%M %z", "11:05 +0200"),
        ("2026-07-05", "", ""),
    ] {
        assert_eq!(Date::parse(date).unwrap().format(pattern, &berlin).as_deref(), Ok(expected));
    }
    for (pattern, help) in [
        ("%d %z", "has no zone"),
        ("%:z", "has no zone"),
        ("%s", "has no zone"),
        ("%d %K", "patterns are those of strftime"),
        ("100%", "patterns are those of strftime"),
    ] {
        let error = Date::parse("2026-11-05").unwrap().format(pattern, &berlin).unwrap_err();
        assert!(error.help.contains(help), "{pattern}: {error:?}");
        assert!(error.message.starts_with(&format!("the pattern `{pattern}` cannot")), "{error}");
    }
}

#[test]
fn feeds_get_the_moment_at_which_a_date_begins() {
    for (date, zone_name, rfc3339, rfc2822) in [
        ("2026-11-05", "UTC", "2026-11-05T00:00:00Z", "Thu, 5 Nov 2026 00:00:00 +0000"),
        (
            "2026-11-05",
            "America/New_York",
            "2026-11-05T00:00:00-05:00",
            "Thu, 5 Nov 2026 00:00:00 -0500",
        ),
        (
            "2026-11-05T09:00+02:00",
            "Asia/Kolkata",
            "2026-11-05T12:30:00+05:30",
            "Thu, 5 Nov 2026 12:30:00 +0530",
        ),
    ] {
        let (date, zone) = (Date::parse(date).unwrap(), zone(zone_name));
        assert_eq!((&*date.rfc3339(&zone), &*date.rfc2822(&zone)), (rfc3339, rfc2822));
    }
}

#[test]
fn a_day_is_public_when_it_begins_anywhere_and_a_time_exactly() {
    let new_york = zone("America/New_York");
    for (date, public, begins) in [
        ("2026-11-05", "2026-11-04T10:00:00Z", "2026-11-05T05:00:00Z"),
        ("2026-11-05T09:00", "2026-11-05T14:00:00Z", "2026-11-05T14:00:00Z"),
        ("2026-11-05T09:00Z", "2026-11-05T09:00:00Z", "2026-11-05T09:00:00Z"),
        // At the ends of the calendar.
        ("9999-12-31", "9999-12-30T10:00:00Z", "9999-12-30T22:00:00Z"),
        ("0000-01-01", "-000001-12-31T10:00:00Z", "0000-01-01T04:56:02Z"),
    ] {
        let date = Date::parse(date).unwrap();
        let shown = |time| Date::at(time).rfc3339(&Zone::default());
        let times = (shown(date.is_public_from(&new_york)), shown(date.begins(&new_york)));
        assert_eq!(times, (public.to_owned(), begins.to_owned()));
    }
}

#[test]
fn parts_of_a_date_are_those_in_its_zone() {
    let tokyo = zone("Asia/Tokyo");
    let at = UNIX_EPOCH + Duration::from_secs(1_764_000_000);
    for (date, fields) in [
        (Date::parse("2026-11-05").unwrap(), [2026, 11, 5, 0, 0, 0]),
        (Date::parse("2026-11-05T09:01:02").unwrap(), [2026, 11, 5, 9, 1, 2]),
        (Date::at(at), [2025, 11, 25, 1, 0, 0]),
    ] {
        assert_eq!(date.fields(&tokyo), fields);
    }
    assert_eq!(Date::of_unix(1_764_000_000), Some(Date::at(at)));
    assert_eq!(Date::of_unix(i64::MAX), None);
}
