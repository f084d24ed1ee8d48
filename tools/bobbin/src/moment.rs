//! Moments as people write them on a command line, and as they read them in a listing.
//! Kept true: text to milliseconds and back never panics, whatever the text.
//!
//! Accepted: seconds, milliseconds or nanoseconds since 1970 (10, 13 or 19 digits, as rpk has it),
//! `2026-03-01`, `2026-03-01T12:30:00Z` (RFC 3339, fractions and zone offsets too), and a span
//! before now: `-90s`, `-15m`, `-1h`, `-2d`.

/// Milliseconds since 1970 UTC.
pub(crate) type Ms = i64;

const DAY_MS: i64 = 86_400_000;

/// Reads a moment; spans count back from `now`.
pub(crate) fn parse(text: &str, now: Ms) -> Option<Ms> {
    if let Some(span) = text.strip_prefix('-') {
        return now.checked_sub(span_ms(span)?);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return match text.len() {
            10 => number.checked_mul(1000),
            13 => Some(number),
            19 => Some(number / 1_000_000),
            _ => None,
        };
    }
    rfc3339(text)
}

/// Reads a span such as `1h30m`, `90s`, `250ms`, `2d`, in milliseconds.
pub(crate) fn span_ms(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().ok()?;
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &rest[digits..digits + letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => DAY_MS,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + letters..];
    }
    Some(total)
}

fn rfc3339(text: &str) -> Option<Ms> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || !text.is_ascii() {
        return None;
    }
    let day = days_of(number(&text[..4])?, number(&text[5..7])?, number(&text[8..10])?)?;
    let midnight = day * DAY_MS;
    if bytes.len() == 10 {
        return Some(midnight);
    }
    if bytes.len() < 19 || !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    if bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let (hour, minute) = (number(&text[11..13])?, number(&text[14..16])?);
    let second = number(&text[17..19])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction_ms, zone) = fraction(&text[19..])?;
    let offset_minutes = zone_minutes(zone)?;
    Some(midnight + ((hour * 60 + minute - offset_minutes) * 60 + second) * 1000 + fraction_ms)
}

fn number(digits: &str) -> Option<i64> {
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Splits `.123456Z` into milliseconds and the zone.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let first_three: String = rest[..digits].chars().chain("00".chars()).take(3).collect();
    Some((first_three.parse().ok()?, &rest[digits..]))
}

fn zone_minutes(zone: &str) -> Option<i64> {
    let bytes = zone.as_bytes();
    match bytes {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let minutes = number(&zone[1..3])? * 60 + number(&zone[4..6])?;
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

/// Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date
/// algorithms", days_from_civil).
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if day < 1 || day > length {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// A moment as RFC 3339 in UTC with milliseconds (civil_from_days of the same paper).
pub(crate) fn show(ms: Ms) -> String {
    let days = ms.div_euclid(DAY_MS) + 719_468;
    let within = ms.rem_euclid(DAY_MS);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (seconds, millis) = (within / 1000, within % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// A span for people: its two largest units, `2d3h`, `4m5s`, `7s`, `250ms`.
pub(crate) fn show_span(ms: Ms) -> String {
    let units = [("d", DAY_MS), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
    let Some(first) = units.iter().position(|(_, unit)| ms >= *unit) else {
        return if ms == 0 { "0s".into() } else { format!("{ms}ms") };
    };
    let (name, unit) = units[first];
    let (whole, rest) = (ms / unit, ms % unit);
    match units.get(first + 1) {
        Some((next, smaller)) if rest >= *smaller => {
            format!("{whole}{name}{}{next}", rest / smaller)
        }
        _ => format!("{whole}{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Ms = 1_772_368_200_000;

    #[test]
    fn moments_as_people_write_them() {
        let cases = [
            ("1772368200", Some(NOW)),
            ("1772368200000", Some(NOW)),
            ("1772368200000000000", Some(NOW)),
            ("2026-03-01", Some(NOW - 45_000_000)),
            ("2026-03-01T12:30:00Z", Some(NOW)),
            ("2026-03-01T12:30:00.5Z", Some(NOW + 500)),
            ("2026-03-01T13:30:00.000001+01:00", Some(NOW)),
            ("2026-03-01T07:00:00-05:30", Some(NOW)),
            ("-1h", Some(NOW - 3_600_000)),
            ("-1h30m", Some(NOW - 5_400_000)),
            ("-250ms", Some(NOW - 250)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2025-02-29", None),
            ("2026-13-01", None),
            ("2026-03-01T25:00:00Z", None),
            ("2026-03-01T12:30:00", None),
            ("2026-03-01T12:30:00.Z", None),
            ("12", None),
            ("-1y", None),
            ("-", None),
            ("", None),
            ("-99999999999999999d", None),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", None),
        ];
        for (text, expect) in cases {
            assert_eq!(parse(text, NOW), expect, "{text}");
        }
    }

    #[test]
    fn spans_for_people_read_back() {
        let cases = [
            (0, "0s"),
            (250, "250ms"),
            (7_400, "7s"),
            (245_000, "4m5s"),
            (3_600_000, "1h"),
            (DAY_MS * 2 + 3_600_000 * 3 + 5, "2d3h"),
        ];
        for (ms, shown) in cases {
            assert_eq!(show_span(ms), shown);
            assert!(span_ms(shown).is_some_and(|read| read <= ms), "{shown}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for ms in [0, NOW, NOW + 999, -1, 951_782_399_999, 4_102_444_800_000] {
            assert_eq!(parse(&show(ms), 0), Some(ms), "{}", show(ms));
        }
        assert_eq!(show(NOW), "2026-03-01T12:30:00.000Z");
    }
}
