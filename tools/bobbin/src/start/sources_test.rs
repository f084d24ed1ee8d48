//! Which source wins, and what is refused on the way in.

use std::path::Path;

use super::*;

fn gather(
    args: &StartArgs,
    file: Option<(&str, &str)>,
    environment: &[(&str, &str)],
) -> Result<Sources, Failure> {
    let environment: Vec<(String, String)> =
        environment.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Sources::gather(args, file.map(|(path, text)| (Path::new(path), text)), &environment)
}

fn value<'a>(sources: &'a Sources, key: &str) -> &'a str {
    sources.get(key).map_or("(none)", |setting| &setting.value)
}

#[test]
fn file_then_environment_then_flags() {
    let file = Some(("server.properties", "cores=3\nnum.partitions=3\nlog.dirs=/file\n"));
    let environment = [("BOBBIN_CORES", "4"), ("BOBBIN_DATA", "/environment"), ("PATH", "/bin")];
    let flags = StartArgs { cores: Some("5".into()), dev: true, ..StartArgs::default() };
    let bare = StartArgs::default();
    let table = [
        (gather(&bare, None, &[]), "(none)", "(none)", "(none)"),
        (gather(&flags, None, &[]), "5", "(none)", "(none)"),
        (gather(&bare, file, &[]), "3", "3", "/file"),
        (gather(&bare, file, &environment), "4", "3", "/environment"),
        (gather(&flags, file, &environment), "5", "3", "/environment"),
    ];
    for (i, (sources, cores, partitions, data)) in table.into_iter().enumerate() {
        let sources = sources.expect("understood");
        assert_eq!(value(&sources, "cores"), cores, "row {i}");
        assert_eq!(value(&sources, "num.partitions"), partitions, "row {i}");
        assert_eq!(value(&sources, "log.dirs"), data, "row {i}");
    }
}

#[test]
fn dev_presumes_and_any_source_overrules_it() {
    let dev = StartArgs { dev: true, ..StartArgs::default() };
    assert_eq!(value(&gather(&dev, None, &[]).expect("dev"), "memory"), "1GiB");
    let file = Some(("a.properties", "memory=2GiB\n"));
    assert_eq!(value(&gather(&dev, file, &[]).expect("dev"), "memory"), "2GiB");
}

#[test]
fn a_value_remembers_its_source() {
    let args = StartArgs { set: vec!["num.partitions=3".into()], ..StartArgs::default() };
    let file = Some(("server.properties", "# words\n\ncores=3\n"));
    let sources = gather(&args, file, &[("BOBBIN_LOG_RETENTION_MS", "7")]).expect("understood");
    let origin = |key: &str| sources.get(key).map(|s| s.origin.to_string()).unwrap_or_default();
    assert_eq!(origin("num.partitions"), "-X num.partitions");
    assert_eq!(origin("cores"), "server.properties, line 3");
    assert_eq!(origin("log.retention.ms"), "BOBBIN_LOG_RETENTION_MS");
}

#[test]
fn toml_flattens_to_the_same_names() {
    let text = "cores = 2\nlisteners = [\"PLAINTEXT://a:1\", \"PLAINTEXT://b:2\"]\n\
                auto.create.topics.enable = false\n[log.retention]\nms = 5\n";
    let sources = gather(&StartArgs::default(), Some(("b.toml", text)), &[]).expect("understood");
    assert_eq!(value(&sources, "cores"), "2");
    assert_eq!(value(&sources, "listeners"), "PLAINTEXT://a:1,PLAINTEXT://b:2");
    assert_eq!(value(&sources, "auto.create.topics.enable"), "false");
    assert_eq!(value(&sources, "log.retention.ms"), "5");
}

#[test]
fn two_names_for_one_thing_do_not_both_stand() {
    let file = Some(("a.properties", "log.dirs=/new\nlog.dir=/old\nnode.id=2\nbroker.id=1\n"));
    let sources = gather(&StartArgs::default(), file, &[]).expect("understood");
    assert_eq!(value(&sources, "log.dirs"), "/new");
    assert_eq!(value(&sources, "log.dir"), "(none)");
    assert_eq!(value(&sources, "node.id"), "2");
    let args = StartArgs { set: vec!["log.dir=/flag".into()], ..StartArgs::default() };
    let sources = gather(&args, file, &[]).expect("understood");
    assert_eq!(value(&sources, "log.dirs"), "(none)");
    assert_eq!(value(&sources, "log.dir"), "/flag");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let bare = StartArgs::default();
    let set = StartArgs { set: vec!["num.partitions".into()], ..StartArgs::default() };
    let cases = [
        (gather(&bare, Some(("b.toml", "a = \n")), &[]), "b.toml, line 1"),
        (
            gather(&bare, Some(("b.toml", "x = 1\na = 2026-01-01\n")), &[]),
            "b.toml: a is a datetime",
        ),
        (gather(&bare, Some(("b.toml", "a = [[1]]\n")), &[]), "b.toml: a is a array"),
        (gather(&set, None, &[]), "-X num.partitions: it needs a value"),
    ];
    for (outcome, expect) in cases {
        let failure = outcome.expect_err(expect);
        assert_eq!(failure.exit, crate::failure::Exit::Usage);
        assert!(failure.what.contains(expect), "{failure}");
    }
}
