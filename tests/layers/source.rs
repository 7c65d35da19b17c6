//! Reading Rust, as far as needed: the source's words and marks, without comments, strings and tests.

use std::path::{Path, PathBuf};

/// The source with comments, strings and characters blanked out; lines stay where they are.
pub(crate) fn code_only(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let len = skipped(rest);
        let taken = if len == 0 { first.len_utf8() } else { len };
        let (piece, after) = rest.split_at(taken);
        match len {
            0 => out.push_str(piece),
            _ => out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
        }
        rest = after;
    }
    out
}

/// The length of the comment, string or character that the text starts with; 0 if it starts with none.
fn skipped(text: &str) -> usize {
    let until =
        |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    if text.starts_with("r#\"") {
        return until("\"#", 3);
    }
    if text.starts_with('"') {
        return quoted(text);
    }
    // A character, but not a lifetime: 'x' or '\n'.
    let mut next = text.chars().skip(1);
    match (text.starts_with('\''), next.next(), next.next()) {
        (true, Some('\\'), _) => until("'", 3),
        (true, Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A word or a mark of the code, and its line.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = vec![];
    let mut line = 1;
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        let word = code[at..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(code.len() - at);
        let len = match word {
            0 if code[at..].starts_with("::") => 2,
            0 => c.len_utf8(),
            len => len,
        };
        if !c.is_whitespace() {
            tokens.push(Token { text: &code[at..at + len], line });
        }
        line += usize::from(c == '\n');
        at += len;
    }
    tokens
}

/// The tokens without the items marked `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let marks = ["#", "[", "cfg", "(", "test", ")", "]"];
    let marked = |at: usize| {
        marks.iter().enumerate().all(|(k, mark)| tokens.get(at + k).is_some_and(|token| token.text == *mark))
    };
    let mut keep = vec![true; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let end = if marked(at) { end_of_item(&tokens, at + marks.len()) } else { at + 1 };
        if end > at + 1 {
            keep[at..end].fill(false);
        }
        at = end;
    }
    tokens.into_iter().zip(keep).filter_map(|(token, keep)| keep.then_some(token)).collect()
}

/// Behind the item's closing brace, or its semicolon.
fn end_of_item(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

pub(crate) fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Where in the crate a file stands: `src/dist/wiener/series.rs` is `["dist", "wiener", "series"]`.
pub(crate) fn module_path(file: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        file.with_extension("").iter().skip(1).map(|part| part.to_string_lossy().into_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder that can be read");
    let mut files = vec![];
    for path in entries.map(|entry| entry.expect("an entry that can be read").path()) {
        match path.is_dir() {
            true => files.extend(rust_files(&path)),
            false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
            false => {}
        }
    }
    files.sort();
    files
}

/// Files that are compiled for tests alone: `tests.rs`, `nle_tests.rs`.
pub(crate) fn is_test_file(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "tests" || stem.to_string_lossy().ends_with("_tests"))
}
