//! Imports go down only.
//!
//! The source is read as text: comments, strings and `#[cfg(test)]` items are blanked out, then every path that starts at
//! the crate (`crate::x`, `mynah::x`, or as many `super` as lead there) must name a module on the same floor or below.
//! A module that stands on no floor fails too, and so does candle named anywhere below `neural`.
//! What the files of one module may import of each other is said in `layers/circles.rs`.

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/source.rs"]
mod source;

use source::{Token, code_only, is_test_file, is_word, module_path, rust_files, tokens, without_tests};
use std::collections::BTreeSet;
use std::path::Path;

/// The floors, lowest first. Modules on one floor may import each other.
const FLOORS: [&[&str]; 13] = [
    &["error", "file", "seed", "math", "logdensity", "progress", "stop"],
    &["transform"],
    &["graph"],
    &["dist"],
    &["model"],
    &["draws"],
    &["simulate"],
    &["neural"],
    &["infer"],
    &["surrogate"],
    &["sbi"],
    &["check"],
    // The roof: it re-exports whatever is below it.
    &["lib"],
];

/// Where the names that `lib.rs` re-exports come from.
const REEXPORTS: [(&str, &[&str]); 7] = [
    ("error", &["Error", "ErrorKind", "Result"]),
    ("logdensity", &["DensityError", "LogDensity"]),
    ("progress", &["Progress", "Step"]),
    ("seed", &["Domain", "Seed", "Stream"]),
    ("stop", &["Stop"]),
    ("model", &["Model", "deterministic", "factor", "model", "plate", "sample", "scan", "submodel"]),
    ("lib", &["prelude", "__private"]),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

/// The module that a name at the crate's root belongs to.
fn home(name: &str) -> &str {
    let reexported = REEXPORTS.iter().find(|(_, names)| names.contains(&name) && floor(name).is_none());
    reexported.map_or(name, |(module, _)| module)
}

// --- The rule -----------------------------------------------------------------------------------------------------

/// The names at the crate's root that paths in these tokens start from, each with its line.
fn roots<'a>(tokens: &[Token<'a>], depth: usize) -> Vec<(&'a str, usize)> {
    let text = |at: usize| tokens.get(at).map_or("", |token: &Token<'a>| token.text);
    let mut found = vec![];
    let mut at = 0;
    while at < tokens.len() {
        let inside_a_path = at > 0 && text(at - 1) == "::" && at > 1 && is_word(text(at - 2));
        let mut next = at;
        match text(at) {
            "crate" | "mynah" if !inside_a_path => next = at + 1,
            "super" if !inside_a_path => {
                let supers = (0..).take_while(|k| text(at + 2 * k) == "super").count();
                // `super::super::x` in src/a/b.rs starts at the crate's root, `super::x` at a.
                next = if supers >= depth { at + 2 * supers - 1 } else { at };
            }
            _ => {}
        }
        if next > at && text(next) == "::" {
            found.extend(heads(tokens, next + 1));
        }
        at = next.max(at + 1);
    }
    found
}

/// The first name of a path, or of each path in a list `{a::b, c::{d, e}}`.
fn heads<'a>(tokens: &[Token<'a>], from: usize) -> Vec<(&'a str, usize)> {
    let Some(first) = tokens.get(from) else { return vec![] };
    if first.text != "{" {
        return vec![(first.text, first.line)];
    }
    let mut heads = vec![];
    let mut depth = 0;
    for at in from..tokens.len() {
        match tokens[at].text {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            name if depth == 1 && ["{", ","].contains(&tokens[at - 1].text) => {
                heads.push((name, tokens[at].line));
            }
            _ => {}
        }
    }
    heads
}

/// Everything in one file that breaks the rule, as `file:line: what`.
fn violations(file: &Path, source: &str) -> Vec<String> {
    let path = module_path(file);
    let Some(own) = path.first().map(String::as_str) else { return vec![] };
    let Some(own_floor) = floor(own) else {
        return vec![format!("{}:1: `{own}` stands on no floor; add it to the table", file.display())];
    };
    let code = code_only(source);
    let tokens = without_tests(tokens(&code));
    let mut found = vec![];
    let mut complain = |line: usize, what: String| found.push(format!("{}:{line}: {what}", file.display()));
    for (name, line) in roots(&tokens, path.len()) {
        let module = home(name);
        match floor(module) {
            Some(floor) if floor > own_floor => {
                complain(line, format!("`{own}` imports `{name}` from `{module}`, a higher floor"));
            }
            Some(_) => {}
            None => complain(line, format!("`{own}` imports `{name}`, which stands on no floor")),
        }
    }
    if own_floor < floor("neural").expect("it is in the table") {
        for token in tokens.iter().filter(|token| token.text.starts_with("candle")) {
            complain(
                token.line,
                format!("`{own}` names {}; only `neural` and what is above may", token.text),
            );
        }
    }
    found
}

// --- The promises -------------------------------------------------------------------------------------------------

#[test]
fn imports_go_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    let mut modules = BTreeSet::new();
    for file in rust_files(&root.join("src")).iter().filter(|file| !is_test_file(file)) {
        let source = std::fs::read_to_string(file).expect("a file that can be read");
        let file = file.strip_prefix(root).expect("it lies in the root");
        modules.extend(module_path(file).first().cloned());
        found.extend(violations(file, &source));
    }
    assert!(found.is_empty(), "imports must go down:\n{}", found.join("\n"));
    // The table names no module that is not there.
    for module in FLOORS.concat() {
        assert!(modules.contains(module), "`{module}` is in the table but not in src/");
    }
}

/// The test can fail: each of these lines breaks the rule, in the file named before it.
#[test]
fn bad_imports_are_flagged() {
    let bad = [
        ("src/graph/record/tape.rs", "use crate::dist::Normal;"),
        ("src/graph/record/tape.rs", "use crate::{\n    error::Result,\n    model::{Model, Site},\n};"),
        ("src/dist/normal.rs", "fn f() -> crate::draws::Draws { todo() }"),
        ("src/dist/wiener/series.rs", "use super::super::super::infer::Nuts;"),
        ("src/transform/mod.rs", "use super::graph::Tape;"),
        ("src/seed.rs", "use super::Model;"),
        ("src/error.rs", "use mynah::prelude::*;"),
        ("src/math/gamma.rs", "macro_rules! m { () => { $crate::sbi::Nle } }"),
        ("src/model/mod.rs", "use candle_core::Tensor;"),
        ("src/utils/mod.rs", "use crate::error::Result;"),
        ("src/dist/normal.rs", "use crate::utils::f;"),
        ("src/seed.rs", "#[cfg(test)]\nmod tests { use crate::model::Model; }\nuse crate::model::Site;"),
    ];
    for (file, source) in bad {
        let found = violations(Path::new(file), source);
        assert_eq!(found.len(), 1, "{file}: {source}\n{found:?}");
    }
    let found = violations(Path::new("src/seed.rs"), "//! One.\n\nuse crate::model::Site;");
    assert_eq!(found, ["src/seed.rs:3: `seed` imports `model` from `model`, a higher floor"]);
}

#[test]
fn good_imports_pass() {
    let good = [
        ("src/dist/normal.rs", "use crate::{Error, Result, seed::Stream, graph::{Call, Sink}};"),
        ("src/dist/wiener/series.rs", "use super::super::kernel::Kernel; pub(crate) fn f() {}"),
        (
            "src/dist/normal.rs",
            "/// See [`crate::sbi::Nle`].\nfn f() { g(\"crate::sbi::Nle\", '\"', 'x', &'a y) } // crate::sbi",
        ),
        ("src/seed.rs", "#[cfg(test)]\nmod tests {\n    use crate::model::Model;\n}"),
        ("src/graph/record/tape.rs", "#[cfg(test)]\nmod tests;\nuse super::var::Var;"),
        ("src/neural/mlp.rs", "use candle_core::Tensor;"),
        ("src/lib.rs", "pub use crate::sbi::Nle;"),
    ];
    for (file, source) in good {
        assert_eq!(violations(Path::new(file), source), Vec::<String>::new(), "{file}: {source}");
    }
}
