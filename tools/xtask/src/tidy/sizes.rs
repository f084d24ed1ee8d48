//! Files stay small enough to be read in one sitting. Generated files are exempt.

use super::Findings;
use super::source::{Source, Tree};

/// Lines of a product file, at most.
const PRODUCT_LINES_MAX: usize = 900;
/// Lines of a test file, at most.
const TEST_LINES_MAX: usize = 1_500;
/// Lines that a product file aims to stay below.
const PRODUCT_LINES_AIM: usize = 300;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust().filter(|file| !file.is_generated()) {
        let lines = file.text.lines().count();
        let most = if file.is_test() { TEST_LINES_MAX } else { PRODUCT_LINES_MAX };
        if lines > most {
            findings.add(&file.path, 0, format!("{lines} lines; at most {most}: split it"));
        }
    }
}

/// One line about the sizes of the product files.
pub(super) fn summary(tree: &Tree) -> String {
    let lines: Vec<usize> = product(tree).map(|file| file.text.lines().count()).collect();
    let long = lines.iter().filter(|&&count| count >= PRODUCT_LINES_AIM).count();
    format!("{} product files, {long} of {PRODUCT_LINES_AIM} lines or more", lines.len())
}

/// The longest product files, longest first, one a line.
pub(super) fn longest(tree: &Tree, count: usize) -> String {
    let mut files: Vec<(usize, &str)> =
        product(tree).map(|file| (file.text.lines().count(), file.path.as_str())).collect();
    files.sort_by(|a, b| b.cmp(a));
    files.iter().take(count).map(|(lines, path)| format!("{lines:>6} {path}\n")).collect()
}

fn product(tree: &Tree) -> impl Iterator<Item = &Source> {
    tree.rust().filter(|file| !file.is_generated() && !file.is_test())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found_and_a_generated_one_is_not() {
        let long = "x\n".repeat(PRODUCT_LINES_MAX + 1);
        let tree = Tree::of(&[
            ("engine/log/src/a.rs", &long),
            ("engine/log/src/a_test.rs", &long),
            ("net/wire/src/generated/a.rs", &long),
        ]);
        let mut findings = Findings::default();
        check(&tree, &mut findings);
        assert_eq!(findings.0.len(), 1);
        assert_eq!(findings.0[0].path, "engine/log/src/a.rs");
    }
}
