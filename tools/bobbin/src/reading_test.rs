//! Every format reads back what it wrote, however the bytes come.

use net_client::Record;

use super::*;

fn reading(format: &str) -> Reading {
    Reading::of(&Layout::parse(format).expect("a layout")).expect("it can be read")
}

/// All records of `input`, which comes in pieces of `step` bytes.
fn all(format: &str, input: &[u8], step: usize) -> Result<Vec<Read>, String> {
    let reading = reading(format);
    let mut found = Vec::new();
    let (mut held, mut at): (Vec<u8>, usize) = (Vec::new(), 0);
    loop {
        let ended = at == input.len();
        match reading.take(&held, ended) {
            _ if ended && held.is_empty() => return Ok(found),
            Outcome::Record(read, length) => {
                found.push(*read);
                held.drain(..length);
            }
            Outcome::Misfit(why) => return Err(why),
            Outcome::More if ended => return Err(format!("{held:?} is left")),
            Outcome::More => {
                let end = input.len().min(at + step);
                held.extend(&input[at..end]);
                at = end;
            }
        }
    }
}

fn record(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[(&str, Option<&[u8]>)]) -> Record {
    Record {
        topic: "t".into(),
        partition: 3,
        offset: 77,
        timestamp: 1_772_368_200_123,
        log_append_time: false,
        key: key.map(<[u8]>::to_vec),
        value: value.map(<[u8]>::to_vec),
        headers: headers.iter().map(|(n, v)| (n.to_string(), v.map(<[u8]>::to_vec))).collect(),
        leader_epoch: 4,
        producer_id: -1,
        producer_epoch: -1,
    }
}

#[test]
fn what_a_format_wrote_it_reads() {
    let plain: &[(&str, Option<&[u8]>)] = &[("a", Some(b"1")), ("b", None)];
    let formats = [
        "%k\\t%v\\t%h\\n",
        "%t[%p]@%o %T %k=%v;%h\\n",
        "%K{big32}%k%V{big32}%v%h\\n",
        "%k{hex} %v{base64} %h\\n",
        "%T{rfc3339} %k{base64raw},%v|%h|",
    ];
    for format in formats {
        let layout = Layout::parse(format).expect("a layout");
        let mut bytes = Vec::new();
        for value in ["one", "", "three"] {
            layout.lay_out(&record(Some(b"k"), Some(value.as_bytes()), plain), 1, &mut bytes);
        }
        for step in [1, 3, 1000] {
            let found = all(format, &bytes, step).expect(format);
            assert_eq!(found.len(), 3, "{format}");
            for (read, value) in found.iter().zip(["one", "", "three"]) {
                assert_eq!(read.key.as_deref(), Some(&b"k"[..]), "{format}");
                assert_eq!(read.value.as_deref(), Some(value.as_bytes()), "{format}");
                assert_eq!(read.headers, record(None, None, plain).headers, "{format}");
            }
            if format.contains("%T") {
                assert_eq!(found[0].timestamp, Some(1_772_368_200_123));
            }
            if format.contains("%p") {
                assert_eq!(found[0].partition, Some(3));
            }
        }
    }
}

#[test]
fn any_bytes_survive_with_their_lengths_and_null_is_told_from_empty() {
    let headers: &[(&str, Option<&[u8]>)] = &[("x", Some(b"\n;=")), ("y", Some(b""))];
    let format = "%K{big32}%k%V{little64}%v%H{hex8}%h{%K{big16}%k%V{big32}%v}";
    let layout = Layout::parse(format).expect("a layout");
    let records = [
        record(None, Some(b"\n\xff\0"), headers),
        record(Some(b""), None, &[]),
        record(Some(b"\n"), Some(b""), headers),
    ];
    let mut bytes = Vec::new();
    records.iter().for_each(|r| layout.lay_out(r, 1, &mut bytes));
    for step in [1, 7, 4096] {
        let found = all(format, &bytes, step).expect("records");
        assert_eq!(found.len(), records.len());
        for (read, wrote) in found.iter().zip(&records) {
            assert_eq!((&read.key, &read.value), (&wrote.key, &wrote.value));
            assert_eq!(read.headers, wrote.headers);
        }
    }
}

#[test]
fn headers_one_by_one_end_where_the_next_text_begins() {
    let found = all("%v %h{%k:%v;}\\n", b"one a:1;b:2;\ntwo \n", 1).expect("records");
    assert_eq!(found[0].headers.len(), 2);
    assert_eq!(found[0].headers[1], ("b".into(), Some(b"2".to_vec())));
    assert_eq!(found[1].headers, []);
}

#[test]
fn the_last_line_needs_no_end_and_what_does_not_fit_is_told() {
    let values = |format, input: &str| {
        let found = all(format, input.as_bytes(), 2)?;
        Ok::<_, String>(found.into_iter().map(|r| r.value.unwrap_or_default()).collect::<Vec<_>>())
    };
    assert_eq!(values("%v\\n", "a\nb"), Ok(vec![b"a".to_vec(), b"b".to_vec()]));
    assert_eq!(values("%v", "a\nb"), Ok(vec![b"a\nb".to_vec()]));
    assert!(values("%p %v\\n", "one two\n").is_err_and(|why| why.contains("a number")));
    assert!(values("%v{hex}\\n", "0g\n").is_err_and(|why| why.contains("hexadecimal")));
    assert!(values("<%v>\\n", "x>\n").is_err_and(|why| why.contains("expected \"<\"")));
    assert!(values("%V{big32}%v", "\0\0\0\x09abc").is_err(), "it says 9 and there are 3");
}

#[test]
fn formats_that_cannot_be_read_are_refused() {
    for format in ["%k%v\\n", "plain", "%h%v\\n", "%v%h{%k=%v}\\n", "%v %h{%k=%v}\\n"] {
        let layout = Layout::parse(format).expect("a layout");
        assert!(Reading::of(&layout).is_err(), "{format}");
    }
}
