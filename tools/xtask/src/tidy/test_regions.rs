//! Which lines of a file only tests compile: what follows `#[cfg(test)]`.

use super::scan::block_end;

const MARK: &str = "#[cfg(test)]";

/// By line from 0, for scanned code.
pub(super) fn test_lines(code: &str) -> Vec<bool> {
    let mut marks = vec![false; code.lines().count()];
    for (at, _) in code.match_indices(MARK) {
        let after = past_attributes(code, at);
        let end = block_end(code, after).unwrap_or(after);
        let (first, last) = (line_of(code, at), line_of(code, end));
        for mark in marks.iter_mut().take(last + 1).skip(first) {
            *mark = true;
        }
    }
    marks
}

/// The position after the attributes that begin at `at`.
fn past_attributes(code: &str, mut at: usize) -> usize {
    loop {
        let rest = code[at..].trim_start();
        at = code.len() - rest.len();
        if !rest.starts_with("#[") {
            return at;
        }
        let mut depth = 0;
        for (ahead, c) in rest.char_indices() {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => continue,
            }
            if depth == 0 {
                at += ahead + 1;
                break;
            }
        }
        if depth != 0 {
            return at;
        }
    }
}

/// The line (from 0) of a position.
pub(super) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_is_marked_and_nothing_else() {
        let code = "fn a() {}\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n fn b() {}\n}\nfn c() {}\n";
        assert_eq!(test_lines(code), [false, true, true, true, true, true, false]);
    }

    #[test]
    fn a_module_in_another_file_marks_no_block() {
        let code = "#[cfg(test)]\n#[path = \"\"]\nmod foo_test;\nfn c() {\n}\n";
        assert_eq!(test_lines(code), [true, true, true, false, false]);
    }
}
