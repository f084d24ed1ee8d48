//! The command line as people type it.

use clap::{CommandFactory, Parser};

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn lines_that_are_understood() {
    let lines = [
        "bobbin start --dev",
        "bobbin start --config server.properties --listen 127.0.0.1:9092,[::1]:9092",
        "bobbin start --data /d --cores 2 --memory 4GiB -X num.partitions=3 -X log.retention.ms=5",
        "bobbin topic create a b -p 3 -r 1 -c retention.ms=5 -c cleanup.policy=compact -o json",
        "bobbin topic create a -p -1",
        "bobbin topic list",
        "bobbin topic list -i -o json -b 127.0.0.1:1",
        "bobbin topic describe a --all-configs",
        "bobbin topic delete a --if-exists",
        "bobbin produce a -K : -z zstd -H a=1 -H b=2 --acks -1 -p 3",
        "bobbin produce a -X linger.ms=5 --acks all file.txt",
        "bobbin consume a b -o -10 -n 5",
        "bobbin consume a -o start -o json",
        "bobbin consume a -o @-1h -e",
        "bobbin consume a --offset -3 -c 3",
        "bobbin topic alter a b -c retention.ms=5 --delete cleanup.policy --dry-run",
        "bobbin topic add-partitions a -n 3",
        "bobbin topic add-partitions a --total 3 -o yaml",
        "bobbin topic trim a --before -7 -p 0,1",
        "bobbin consume a -g g --instance one -o end -n 3",
        "bobbin group list --state stable,empty -o wide",
        "bobbin group describe g h -o jsonl",
        "bobbin group seek g --to -10 -t a:0,1 -t b --dry-run",
        "bobbin group delete g -t a",
        "bobbin config get topic a retention.ms -a",
        "bobbin config set broker default log.retention.ms=5 --append a=b",
        "bobbin generate completion zsh",
        "bobbin cluster info -o json",
        "bobbin debug verify /d",
        "bobbin debug dump-log /d/x.log -o json",
    ];
    for line in lines {
        if let Err(error) = parse(line) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn lines_that_are_not() {
    let lines = [
        "bobbin",
        "bobbin begin",
        "bobbin start --devv",
        "bobbin topic",
        "bobbin topic create",
        "bobbin topic create a -p three",
        "bobbin topic list -o xml",
        "bobbin produce",
        "bobbin produce a -k x -K :",
        "bobbin consume",
        "bobbin consume a -g g -p 0",
        "bobbin consume a --instance x",
        "bobbin topic add-partitions a",
        "bobbin topic trim a",
        "bobbin group seek g",
        "bobbin config get user a",
        "bobbin generate completion tcsh",
        "bobbin consume a -n many",
        "bobbin debug verify",
    ];
    for line in lines {
        let error = parse(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn a_negative_offset_is_no_flag() {
    let Command::Consume(args) = parse("bobbin consume a -o -10").expect("parses").command else {
        panic!("another command");
    };
    assert_eq!(args.o, ["-10"]);
}
