//! Whose passwords are kept: nobody's.

use anyhow::Result;
use net_wire::messages::describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, UserName,
};

use super::versions;
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    let request = |names: Option<&[&str]>| DescribeUserScramCredentialsRequest {
        users: names.map(|names| {
            let name = |name: &&str| UserName { name: (*name).to_owned() };
            names.iter().map(name).collect()
        }),
    };
    let long = "u".repeat(300);
    // The order of Kafka's answer is that of a hash map: among these names it is the alphabet's.
    let cases: &[(&str, &[&str])] = &[
        ("none", &[]),
        ("a user", &["ann"]),
        ("two users", &["ann", "bob"]),
        ("two users the other way round", &["bob", "ann"]),
        ("a user twice", &["ann", "ann"]),
        ("a user three times", &["ann", "ann", "ann"]),
        ("a user twice among others", &["ann", "bob", "ann", "eve"]),
        ("no name", &[""]),
        ("a name with a space", &["a b"]),
        ("a name with signs", &["a=b,c"]),
        ("a name that is no ASCII", &["é"]),
        ("a long name", &[&long]),
    ];
    for version in versions::<DescribeUserScramCredentialsRequest>() {
        for (what, names) in cases {
            side.ask(what, version, &request(Some(names)))?;
        }
        side.ask("all", version, &request(None))?;
    }
    Ok(())
}
