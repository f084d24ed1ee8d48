//! The layout language against one record that has everything, and one that has nothing.

use net_client::Record;

use super::Layout;

fn record() -> Record {
    Record {
        topic: "flights".into(),
        partition: 3,
        offset: 1234,
        timestamp: 1_772_368_200_000,
        log_append_time: false,
        key: Some(b"UA".to_vec()),
        value: Some(b"caf\xc3\xa9".to_vec()),
        headers: vec![("a".into(), Some(b"1".to_vec())), ("b".into(), None)],
        leader_epoch: 7,
        producer_id: 9,
        producer_epoch: 2,
    }
}

fn laid_out(layout: &str, record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    Layout::parse(layout).expect("a layout").lay_out(record, 5, &mut out);
    out
}

#[test]
fn a_record_that_has_everything() {
    let cases: &[(&str, &[u8])] = &[
        ("%t[%p]@%o %k=%v\\n", b"flights[3]@1234 UA=caf\xc3\xa9\n"),
        ("%s", b"caf\xc3\xa9"),
        ("%K %V %S %H", b"2 5 5 2"),
        ("%T %d{rfc3339}", b"1772368200000 2026-03-01T12:30:00.000Z"),
        ("%h", b"a=1,b=NULL"),
        ("%h{<%k:%v:%V>}|", b"<a:1:1><b::-1>|"),
        ("%h{%k\\t}", b"a\tb\t"),
        ("%e %i %x %y", b"7 5 9 2"),
        ("%k{hex} %k{base64} %k{base64raw}", b"5541 VUE= VUE"),
        ("%o{hex16} %o{hex8}", b"04d2 d2"),
        ("%K{big32}%V{little16}%p{byte}", b"\0\0\0\x02\x05\0\x03"),
        ("%% %{ %} { }", b"% { } { }"),
        ("\\x41\\0\\\\\\r", b"A\0\\\r"),
        ("", b""),
    ];
    for (layout, expect) in cases {
        assert_eq!(
            String::from_utf8_lossy(&laid_out(layout, &record())),
            String::from_utf8_lossy(expect),
            "{layout}"
        );
    }
}

#[test]
fn a_record_that_has_nothing() {
    let bare = Record { key: None, value: None, headers: vec![], ..record() };
    assert_eq!(laid_out("%k|%K|%v|%V|%h|%H|%h{%k}", &bare), b"|-1||-1||0|");
}

#[test]
fn what_is_not_understood_is_named() {
    let cases = [
        ("%q", "%q at byte 0"),
        ("ab%", "% at byte 2"),
        ("\\q", "\\q at byte 0"),
        ("\\", "\\ at byte 0"),
        ("\\x4", "\\x at byte 0"),
        ("\\x", "\\x at byte 0"),
        ("\\xzz", "\\x at byte 0"),
        ("%k{", "{ at byte 2"),
        ("%k{octal}", "{octal}"),
        ("%o{rfc3339}", "{rfc3339}"),
        ("%h{%k", "{ at byte 2"),
        ("%h{%o}", "at byte 3"),
    ];
    for (layout, expect) in cases {
        let error = Layout::parse(layout).expect_err("must be refused");
        assert!(error.contains(expect), "{layout}: {error}");
    }
}
