//! What Java reads out of a properties file, we read.

use super::*;

fn pairs(text: &str) -> Vec<(String, String)> {
    let entries = parse(text).expect("a properties file");
    entries.into_iter().map(|entry| (entry.name, entry.value)).collect()
}

fn one(text: &str) -> (String, String) {
    let pairs = pairs(text);
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    pairs.into_iter().next().expect("just counted")
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.into(), value.into())
}

#[test]
fn separators_are_equals_colon_and_blanks() {
    for text in ["a=b", "a:b", "a b", "a = b", "a\t:\tb", "  a  b", "a\u{c}b", "a=b\n", "a=b\r\n"] {
        assert_eq!(one(text), pair("a", "b"), "{text:?}");
    }
    assert_eq!(one("a == b"), pair("a", "= b"));
    assert_eq!(one("a : = b"), pair("a", "= b"));
    assert_eq!(one("a"), pair("a", ""));
    assert_eq!(one("=b"), pair("", "b"));
    assert_eq!(one("a=b "), pair("a", "b "));
    assert_eq!(one("u=http://h:80/?q=1#x"), pair("u", "http://h:80/?q=1#x"));
}

#[test]
fn comments_and_blank_lines_are_nothing() {
    assert_eq!(pairs("# a=b\n ! c=d\n\n \t\n#x\\\ne=f"), vec![pair("e", "f")]);
    assert_eq!(pairs(""), vec![]);
}

#[test]
fn a_backslash_at_the_end_goes_on() {
    assert_eq!(one("a=b,\\\n   c,\\\r\n\td"), pair("a", "b,c,d"));
    assert_eq!(pairs("a=b\\\\\nc=d"), vec![pair("a", "b\\"), pair("c", "d")]);
    assert_eq!(one("a=b\\"), pair("a", "b"));
    assert_eq!(one("a=b\\\n# no comment"), pair("a", "b# no comment"));
    assert_eq!(one("a\\\n=b"), pair("a", "b"));
}

#[test]
fn escapes_are_read() {
    assert_eq!(one("a\\ b\\=c\\:d=e"), pair("a b=c:d", "e"));
    assert_eq!(one("a=\\t\\n\\r\\f\\\\\\q\\u00e9\\ud83d\\ude00"), pair("a", "\t\n\r\u{c}\\qé😀"));
    assert_eq!(one("a=\\  b"), pair("a", "  b"));
    assert_eq!(parse("\n\na=\\u12"), Err(BadEscape { line: 3 }));
    assert_eq!(parse("a=\\u+123"), Err(BadEscape { line: 1 }));
    assert_eq!(parse("a=\\u12é"), Err(BadEscape { line: 1 }));
}

#[test]
fn lines_are_counted() {
    let entries = parse("# one\na=\\\n b\nc=d\r\re=f").expect("a properties file");
    assert_eq!(entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 4, 6]);
}
