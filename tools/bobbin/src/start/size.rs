//! Sizes as people write them: `1GiB`, `512M`, `60%` of the machine's memory.

/// Reads a size in bytes; K, M, G and T are powers of 1024 with or without `iB` behind them, as in
/// the JVM's flags. A percentage is of `whole`.
pub(crate) fn parse(text: &str, whole: u64) -> Option<u64> {
    let text = text.trim();
    if let Some(percent) = text.strip_suffix('%') {
        let percent: u64 = percent.trim().parse().ok()?;
        return (1..=100).contains(&percent).then(|| whole / 100 * percent);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let shift = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// A size for people: the largest unit that leaves no fraction, or one digit of it.
pub(crate) fn show(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    for (unit, shift) in units {
        if bytes >= 1 << shift {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return match tenths % 10 {
                0 => format!("{} {unit}", tenths / 10),
                rest => format!("{}.{rest} {unit}", tenths / 10),
            };
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        let cases = [
            ("1GiB", Some(1 << 30)),
            ("1g", Some(1 << 30)),
            ("512 MiB", Some(512 << 20)),
            ("4096", Some(4096)),
            ("50%", Some(500)),
            ("0%", None),
            ("101%", None),
            ("GiB", None),
            ("-1", None),
            ("1.5G", None),
            ("99999999999999T", None),
            ("", None),
        ];
        for (text, expect) in cases {
            assert_eq!(parse(text, 1000), expect, "{text}");
        }
        let shown = [(1 << 30, "1 GiB"), (1536 << 20, "1.5 GiB"), (100, "100 B"), (4096, "4 KiB")];
        for (bytes, expect) in shown {
            assert_eq!(show(bytes), expect);
        }
    }
}
