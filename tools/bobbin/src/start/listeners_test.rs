//! What is listened on and what clients are told, for each way of asking.

use super::*;
use crate::cli::StartArgs;

fn ask(set: &[&str], allow: bool) -> Result<Vec<Listener>, Failure> {
    let set = set.iter().map(|s| s.to_string()).collect();
    let args = StartArgs { set, ..StartArgs::default() };
    listeners(&Sources::gather(&args, None, &[]).expect("sources"), allow)
}

#[test]
fn nothing_asked_is_both_loopbacks() {
    let found = ask(&[], false).expect("loopbacks");
    let shown: Vec<String> = found.iter().map(|l| l.bind.to_string()).collect();
    assert_eq!(shown, ["127.0.0.1:9092", "[::1]:9092"]);
    assert!(found.iter().all(|l| l.advertised == l.bind));
    assert!(found[1].optional && !found[0].optional);
}

#[test]
fn what_is_served() {
    // properties, --allow-plaintext, then `NAME bind advertised` of each listener.
    let cases: &[(&[&str], bool, &[&str])] = &[
        (&["listeners=127.0.0.1:1"], false, &["PLAINTEXT 127.0.0.1:1 127.0.0.1:1"]),
        (&["listeners=[::1]:0"], false, &["PLAINTEXT [::1]:0 [::1]:0"]),
        (&["listeners=localhost:1"], false, &["PLAINTEXT localhost:1 localhost:1"]),
        (&["listeners=10.0.0.5:1"], true, &["PLAINTEXT 10.0.0.5:1 10.0.0.5:1"]),
        (&["listeners=PLAINTEXT://10.0.0.5:1"], false, &["PLAINTEXT 10.0.0.5:1 10.0.0.5:1"]),
        (
            &["listeners=PLAINTEXT://:9092", "advertised.listeners=PLAINTEXT://k.example:9092"],
            false,
            &["PLAINTEXT :9092 k.example:9092"],
        ),
        (
            &["listeners=PLAINTEXT://0.0.0.0:1", "advertised.listeners=k.example:2"],
            false,
            &["PLAINTEXT 0.0.0.0:1 k.example:2"],
        ),
        (
            // Kafka's stock file: one node that is broker and controller.
            &[
                "listeners=PLAINTEXT://:9092,CONTROLLER://:9093",
                "advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
                "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            ],
            false,
            &["PLAINTEXT :9092 localhost:9092"],
        ),
        (
            &[
                "listeners=IN://127.0.0.1:1,OUT://10.0.0.5:2",
                "advertised.listeners=OUT://k.example:3",
                "listener.security.protocol.map=IN:PLAINTEXT,OUT:PLAINTEXT",
            ],
            false,
            &["IN 127.0.0.1:1 127.0.0.1:1", "OUT 10.0.0.5:2 k.example:3"],
        ),
    ];
    for (set, allow, expect) in cases {
        let found = ask(set, *allow).unwrap_or_else(|no| panic!("{set:?}: {no}"));
        let shown: Vec<String> =
            found.iter().map(|l| format!("{} {} {}", l.name, l.bind, l.advertised)).collect();
        assert_eq!(shown, *expect, "{set:?}");
    }
}

#[test]
fn what_is_refused_and_the_line_that_mends_it() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["listeners=10.0.0.5:9092"], "without authentication", "--listen PLAINTEXT://10.0.0.5"),
        (&["listeners=k.example:9092"], "without authentication", "--allow-plaintext"),
        (&["listeners=PLAINTEXT://0.0.0.0:9092"], "every address", "--advertise HOST:9092"),
        (&["listeners=PLAINTEXT://[::]:9092"], "every address", "--advertise HOST:9092"),
        (&["listeners=PLAINTEXT://:9092"], "every address", "--advertise HOST:9092"),
        (&["listeners=SSL://127.0.0.1:9093"], "TLS and SASL are not served", "PLAINTEXT://"),
        (&["listeners=FOO://127.0.0.1:1"], "protocol of FOO", "FOO:PLAINTEXT"),
        (&["listeners=127.0.0.1:1,127.0.0.1:2"], "PLAINTEXT is taken", "own"),
        (&["listeners=127.0.0.1:1,[::1]:2"], "PLAINTEXT is taken", "own"),
        (&["listeners="], "no listener", "listeners="),
        (&["listeners=9092"], "needs a port", "PLAINTEXT://"),
        (&["listeners=PLAINTEXT://:99999"], "65535", "PLAINTEXT://"),
        (&["listeners=bad name://a:1"], "letters", "PLAINTEXT://"),
        (&["advertised.listeners=0.0.0.0:9092"], "every address", "PLAINTEXT://"),
        (&["advertised.listeners=OUT://k.example:1"], "no listener OUT", "PLAINTEXT://"),
        (
            &["listeners=CONTROLLER://:9093", "controller.listener.names=CONTROLLER"],
            "no listener",
            "listeners=",
        ),
        (&["listener.security.protocol.map=FOO"], "NAME:PROTOCOL", ""),
    ];
    for (set, what, next) in cases {
        let failure = ask(set, false).expect_err("must be refused");
        assert_eq!(failure.exit, Exit::Usage, "{set:?}");
        assert!(failure.what.contains(what), "{set:?}: {failure}");
        assert!(failure.next.unwrap_or_default().contains(next), "{set:?}");
    }
}
