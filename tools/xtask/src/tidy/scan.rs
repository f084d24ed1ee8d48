//! A scanner of Rust text, just good enough for the rules: it blanks comments and the insides of
//! literals, so that a rule that looks for a word finds code and nothing else.
//!
//! Kept true: line and column of what remains are those of the text.

/// A text with everything but code blanked, and its string literals.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// As long as the text in lines and columns; comments and literals are spaces.
    pub(super) code: String,
    /// Line (from 0) and content of each string literal, escapes as written.
    pub(super) strings: Vec<(usize, String)>,
}

/// Scans a Rust text.
pub(super) fn scan(text: &str) -> Scan {
    let mut scanner =
        Scanner { text: text.chars().collect(), at: 0, line: 0, out: Scan::default() };
    while scanner.at < scanner.text.len() {
        scanner.step();
    }
    scanner.out
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    line: usize,
    out: Scan,
}

impl Scanner {
    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => self.blank_line(),
            ('/', '*') => self.blank_block(),
            ('"', _) => self.string(0),
            ('r', '"' | '#') if !self.in_word() => self.raw_string(1),
            ('b' | 'c', 'r') if !self.in_word() && matches!(self.peek(2), '"' | '#') => {
                self.raw_string(2);
            }
            ('\'', _) => self.quote(),
            _ => self.keep(),
        }
    }

    fn peek(&self, ahead: usize) -> char {
        self.text.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Whether the character before belongs to the same word, so that `for"` is not a raw string.
    fn in_word(&self) -> bool {
        self.at > 0 && is_word(self.text[self.at - 1])
    }

    fn keep(&mut self) {
        let c = self.peek(0);
        self.line += usize::from(c == '\n');
        self.out.code.push(c);
        self.at += 1;
    }

    fn blank(&mut self) {
        let c = self.peek(0);
        self.line += usize::from(c == '\n');
        self.out.code.push(if c == '\n' { '\n' } else { ' ' });
        self.at += 1;
    }

    fn blank_line(&mut self) {
        while self.at < self.text.len() && self.peek(0) != '\n' {
            self.blank();
        }
    }

    fn blank_block(&mut self) {
        let mut depth = 0;
        while self.at < self.text.len() {
            let pair = (self.peek(0), self.peek(1));
            depth += i32::from(pair == ('/', '*'));
            if pair == ('*', '/') {
                depth -= 1;
            }
            let two = matches!(pair, ('/', '*') | ('*', '/'));
            self.blank();
            if two {
                self.blank();
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self, hashes: usize) {
        let line = self.line;
        self.keep();
        let start = self.at;
        while self.at < self.text.len() {
            if hashes == 0 && self.peek(0) == '\\' {
                self.blank();
                self.blank();
                continue;
            }
            if self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#') {
                break;
            }
            self.blank();
        }
        let end = self.at.min(self.text.len());
        self.out.strings.push((line, self.text[start..end].iter().collect()));
        if self.at < self.text.len() {
            self.keep();
        }
    }

    fn raw_string(&mut self, prefix: usize) {
        let hashes = (0..).take_while(|n| self.peek(prefix + n) == '#').count();
        if self.peek(prefix + hashes) != '"' {
            // A raw identifier such as r#type.
            self.keep();
            return;
        }
        for _ in 0..prefix + hashes {
            self.blank();
        }
        self.string(hashes);
        for _ in 0..hashes {
            self.blank();
        }
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        let escaped = self.peek(1) == '\\';
        if !escaped && self.peek(2) != '\'' {
            self.keep();
            return;
        }
        self.keep();
        self.blank();
        if escaped {
            self.blank();
        }
        while self.at < self.text.len() && self.peek(0) != '\'' {
            self.blank();
        }
        self.keep();
    }
}

/// Whether a character can be part of a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `text` holds `word` with no letter, digit or underscore beside it.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + word.len()..].chars().next().is_some_and(is_word);
        !before && !after
    })
}

/// The position after the brace that closes the first `{` at or after `from` (both in `code`, which
/// was scanned); `None` when a `;` outside brackets comes first, or nothing closes it.
pub(super) fn block_end(code: &str, from: usize) -> Option<usize> {
    let (mut braces, mut others) = (0_i32, 0_i32);
    for (at, c) in code[from..].char_indices() {
        match c {
            '(' | '[' => others += 1,
            ')' | ']' => others -= 1,
            ';' if braces == 0 && others == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 {
                    return Some(from + at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_code_stays_in_place() {
        let text =
            "let a = \"unsafe \\\" x\"; // unsafe\nlet b = 'u'; /* unsafe /* */ */ f::<'a>(b)";
        let scan = scan(text);
        assert!(!scan.code.contains("unsafe"));
        assert_eq!(scan.code.lines().count(), 2);
        assert_eq!(scan.code.find("let b"), text.find("let b"));
        assert!(scan.code.ends_with("f::<'a>(b)"));
        assert_eq!(scan.strings, [(0, "unsafe \\\" x".to_owned())]);
    }

    #[test]
    fn raw_strings_and_escaped_characters_end_where_rust_ends_them() {
        let scan = scan("a(r#\"one \" two\"#, '\\'', br\"x\", r#type); b");
        assert_eq!(scan.strings, [(0, "one \" two".to_owned()), (0, "x".to_owned())]);
        assert!(scan.code.ends_with("; b"));
        assert!(scan.code.contains("r#type"));
    }

    #[test]
    fn words_have_borders() {
        assert!(has_word("pub unsafe fn", "unsafe"));
        assert!(!has_word("unsafe_code", "unsafe"));
    }

    #[test]
    fn blocks_end_at_their_own_brace() {
        let code = "fn a(x: [u8; 3]) { if b { } } fn c();";
        assert_eq!(block_end(code, 0), code.find(" fn c"));
        assert_eq!(block_end(code, code.find("fn c").unwrap()), None);
    }
}
