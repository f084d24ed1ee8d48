//! What patterns match and which are refused: RE2/J's answers, asked of Kafka 4.3.1 where they
//! differ from the `regex` crate's own.

use super::*;

fn matches(pattern: &str, name: &str) -> bool {
    compile(pattern).unwrap().is_match(name)
}

#[test]
fn a_pattern_matches_a_whole_name() {
    assert!(matches("t[ab]", "ta") && matches("ta|tb", "tb") && matches("", ""));
    assert!(!matches("t[ab]", "tab") && !matches("ta|tb", "xtb") && !matches("a", "ba"));
    assert!(matches("(?i)ORDERS-.*", "orders-1") && matches(r"v\d+", "v12"));
    assert!(matches("(?P<a>x)+", "xx") && matches("(?:a|b)c", "bc") && matches("(?s-i:.)", "a"));
}

#[test]
fn what_re2_reads_otherwise_is_read_as_re2_does() {
    assert!(matches(r"\Qa.b*\E", "a.b*") && !matches(r"\Qa.b\E", "axb"));
    assert!(matches(r"a\Q.", "a.") && matches("[[a]", "[") && matches("[a&&b]", "&"));
    assert!(matches("[[:alpha:]_]+", "a_b") && matches("[]a]", "]") && matches("[^]a]", "b"));
    assert!(matches(r"[\]~]", "~"));
}

/// Kafka 4.3.1 was asked each of these.
#[test]
fn what_is_almost_a_repetition_or_a_range_stands_for_itself() {
    assert!(matches("x{,3}", "x{,3}") && matches("{", "{") && matches("t{a", "t{a"));
    assert!(matches("ta{1,2}", "taa") && matches("ta{2}?", "taa") && matches("ta*?", "taa"));
    assert!(matches(r"t\07", "t\u{7}") && matches(r"\101", "A") && matches("a{1000}|ta", "ta"));
    assert!(matches(r"\p{L}+", "ta") && matches(r"[\p{Lu}]", "T") && matches(r"t\x{6a}", "tj"));
    assert!(matches("[a-z--b]+", "T1") && matches("[[:^alpha:]]", "1") && matches("(|ta)", "ta"));
}

#[test]
fn what_is_no_pattern_is_refused_in_words() {
    let bad = [
        "(a",
        "[a",
        "*",
        "(?!a)b",
        "(?<=a)b",
        "(?x)a",
        "(?u)a",
        r"\8",
        "a{2,1}",
        "(?z)",
        "a{1001}",
        "a**",
        "a++",
        "a*+",
        "a{1}{2}",
        "[[:foo:]]",
        r"[\Q]\E]",
        r"t\u0061",
        r"\1",
        r"\p{L",
        "(?R)a",
        "a\\",
    ];
    for bad in bad {
        let why = compile(bad).unwrap_err();
        let Refusal::InvalidRegularExpression(words) = &why else { panic!("{bad}: {why:?}") };
        assert!(words.starts_with(&format!("SubscribedTopicRegex `{bad}` is not")), "{words}");
    }
}

#[test]
fn a_pattern_is_bounded() {
    assert!(compile("((((a{100}){100}){100}){100})").is_err(), "10^8 letters");
    assert!(compile(&"(".repeat(10_000)).is_err());
    let deep = format!("{}a{}", "(".repeat(2_000), ")".repeat(2_000));
    assert!(compile(&deep).is_err(), "deeper than it may be");
    let mut long = String::from("a");
    long.push_str(&"a?".repeat(2_000));
    if let Ok(regex) = compile(&long) {
        assert!(!regex.is_match(&"b".repeat(249)));
    }
}
