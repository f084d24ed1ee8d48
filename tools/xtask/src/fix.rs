//! `cargo xtask fix`: the changes a machine can make so that `cargo xtask ci` likes the tree
//! better.

use anyhow::Result;

use crate::process;
use crate::process::cargo;

pub(crate) const HELP: &str = "
cargo xtask fix [--format]

Runs clippy --fix over the workspace, formats it, and wraps comments wider than 100 columns.
--format leaves clippy out. The only command beside codegen that changes the tree; it works on
uncommitted files too.
";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let root = crate::tree::root()?;
    if !arguments.iter().any(|argument| argument == "--format") {
        let clippy = ["clippy", "--fix", "--workspace", "--all-targets", "--allow-dirty"];
        process::run(cargo(&root, &clippy).arg("--allow-staged"))?;
    }
    process::run(&mut cargo(&root, &["fmt", "--all"]))?;
    for path in crate::tidy::rust_files(&root)? {
        if crate::wrap::wrap_file(&root.join(&path))? {
            println!("wrapped {path}");
        }
    }
    Ok(())
}
