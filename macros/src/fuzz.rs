//! Random models: parsing and expansion end, with tokens or with an error, and never with a panic.
//!
//! Random token trees, and valid models with tokens removed, doubled, replaced and exchanged, at any depth. 2 000 inputs of
//! each kind; the variable `PROPTEST_CASES` sets another number. The generator's seed is fixed, so that a failure repeats.

use crate::expand::model;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::time::{Duration, Instant};

/// A model expands in well under a millisecond; so long takes only a hang, on the slowest machine.
const HANG: Duration = Duration::from_secs(20);

const WORDS: [&str; 37] = [
    "sample",
    "plate",
    "deterministic",
    "factor",
    "scan",
    "submodel",
    "missing",
    "skip",
    "of",
    "fn",
    "let",
    "mut",
    "if",
    "else",
    "for",
    "in",
    "match",
    "return",
    "observed",
    "name",
    "mu",
    "Normal",
    "scope",
    "self",
    "async",
    "pub",
    "struct",
    "_",
    "impl",
    "continue",
    "break",
    "loop",
    "while",
    "given",
    "as",
    "async",
    "move",
];
const MARKS: [char; 18] =
    ['~', '=', ',', ';', ':', '!', '.', '#', '-', '>', '<', '&', '|', '?', '*', '+', '\'', '$'];

/// Valid models that use every statement in every form.
const MODELS: [&str; 7] = [
    "fn rates(bakery: &[usize], chips: &[u64]) { sample!(mu ~ Gamma(2.0, 0.2)); plate!(bakeries = 5, { sample!(lam ~ \
     Gamma(mu.powi(2), mu / 3.0)); }); deterministic!(twice = mu * 2.0); factor!(penalty = -mu.abs(), name = \"p\"); \
     plate!(cookies = chips.len(), { sample!(count ~ Poisson(lam.at(bakery)), observed = chips); }); }",
    "pub fn walk<T: Into<f64>>(y: &[T]) { let mut previous = sample(0.0); for (t, y) in y.iter().enumerate() { if t > 2 { \
     sample!(h ~ Normal(previous, 1.0), name = format!(\"h{t}\"),); previous = h; } else { sample!(r#loop ~ Flat, observed = \
     &y[..],); } } }",
    "#[doc = \"A model.\"] fn learned(ddm: &NeuralLikelihood, data: &Trials) { sample!(v ~ Normal(0.0, 2.0)); plate!(trials = \
     data.len(), { sample!(response ~ ddm.given(v: v.at(&data.subject), a: 1.5, w: f(x: 2, y: 3)), observed = &data.responses); }); }",
    "fn shorthand<A: Shift, B>(ddm: &NeuralLikelihood, data: &[Response]) where B: Scale<A> { sample!(v ~ prior::<A, B>(0, 1)); \
     plate!(trials = <B as Scale<A, A>>::LEN, { sample!(early ~ ddm.given(v, a, w), observed = data); sample!(late ~ \
     ddm.given(v: f::<A, B>(x), a: x < y), observed = data, name = g::<A, B>(1)); }); }",
    "fn jumps(rows: &[Vec<f64>]) { 'all: for (i, row) in rows.iter().enumerate() { if row.is_empty() { continue 'all; } \
     plate!(columns = row.len(), { let best = loop { if i > 2 { break 1; } }; let cut = 'cut: { if best > 0 { break 'cut 0; } \
     2 }; let f = |x: usize| { return x + cut; }; while f(i) > 2 { continue; } sample!(y ~ Normal(0, 1), observed = row, \
     name = format!(\"y{i}\")); }); if i > 3 { break; } } return Ok(()); }",
    "fn effects<'a, T>(&self, names: &'a [&str], scale: impl IntoArgument, mean: Var<'_>) -> (Var, Vec<Var<'_>>) where T: Into<f64> { \
     sample!(spread ~ HalfNormal(scale)); plate!(groups = names, { sample!(effect ~ Normal(mean, spread)); }); if names.len() > 3 { return \
     Ok((effect, vec![])); } (effect, vec![spread]) }",
    "fn whole(names: &[&str], x: &[f64]) { submodel!(first = effects::<f32>(names, 2)); submodel!(second = prior.effects(names, mu,), name = \
     format!(\"s{i}\")); plate!(rows = x.len(), of = groups.by(&group), { sample!(x ~ Normal(first.0, 1), observed = x, missing = impute); \
     scan!((a, b) = (0.0, x), (u = first.1, v = &data) => { let c = a + u; (c, b * v) }); sample!(y ~ Normal(a, b), missing = skip, observed = x); }); \
     plate!(groups, { factor!(w = scan); }); }",
];

/// What may not stand in a plate: each of these is one mistake.
const LEAVING: [&str; 14] = [
    "continue;",
    "break;",
    "return;",
    "return Ok(());",
    "continue 'rows;",
    "if x > 0.0 { continue; }",
    "match x { 0 => {} _ => break 'rows }",
    "let Some(y) = x else { continue };",
    "for y in { break; } {}",
    "loop { continue 'rows; }",
    "'inner: loop { break 'inner; } continue;",
    "loop { return; }",
    "let f = || { return 1; }; return;",
    "sample!(y ~ Normal(0, 1), observed = match data { Some(data) => data, None => continue });",
];

fn leaf() -> impl Strategy<Value = TokenTree> {
    let ident = |word: &str| TokenTree::Ident(Ident::new(word, Span::call_site()));
    prop_oneof![
        4 => (0..WORDS.len()).prop_map(move |word| ident(WORDS[word])),
        4 => ((0..MARKS.len()), any::<bool>()).prop_map(|(mark, joint)| {
            Punct::new(MARKS[mark], if joint { Spacing::Joint } else { Spacing::Alone }).into()
        }),
        1 => any::<f32>().prop_filter("literals are finite", |x| x.is_finite()).prop_map(|x| Literal::f64_unsuffixed(f64::from(x.abs())).into()),
        1 => any::<u8>().prop_map(|x| Literal::u8_suffixed(x).into()),
        1 => "[a-z{}]{0,5}".prop_map(|text| Literal::string(&text).into()),
    ]
}

fn tree() -> impl Strategy<Value = TokenTree> {
    leaf().prop_recursive(5, 60, 8, |inner| {
        let delimiters = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
        (0..4_usize, vec(inner, 0..8))
            .prop_map(move |(which, trees)| Group::new(delimiters[which], trees.into_iter().collect()).into())
    })
}

/// Random trees as a whole function, as its body, or inside one of the statements.
fn random() -> impl Strategy<Value = TokenStream> {
    (0..5_usize, 0..6_usize, vec(tree(), 0..20)).prop_map(|(place, statement, trees)| {
        let inner: TokenStream = trees.into_iter().collect();
        let name = Ident::new(WORDS[statement], Span::call_site());
        match place {
            0 => inner,
            1 => quote::quote!(fn f(x: &[f64]) { #inner }),
            2 => quote::quote!(fn f() { #name!(#inner); }),
            3 => quote::quote!(
                fn f() {
                    loop {
                        plate!(rows = 3, { #inner });
                    }
                }
            ),
            _ => quote::quote!(fn f() { #name!(mu ~ #inner); #name!(mu = #inner); }),
        }
    })
}

#[derive(Clone, Debug)]
enum Change {
    Remove,
    Double,
    Replace(TokenTree),
    Insert(TokenTree),
    Unwrap,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Remove),
        Just(Change::Double),
        Just(Change::Unwrap),
        tree().prop_map(Change::Replace),
        tree().prop_map(Change::Insert),
    ]
}

fn count(tokens: &TokenStream) -> usize {
    let inside =
        |token: TokenTree| if let TokenTree::Group(group) = token { count(&group.stream()) } else { 0 };
    tokens.clone().into_iter().map(|token| 1 + inside(token)).sum()
}

/// The tokens with a change at the `at`-th of them, counted depth first.
fn changed(tokens: TokenStream, at: &mut usize, change: &Change) -> TokenStream {
    let mut out = vec![];
    for token in tokens {
        let here = *at == 0;
        *at = at.wrapping_sub(1);
        match (here, token, change) {
            (true, _, Change::Remove) => {}
            (true, token, Change::Double) => out.extend([token.clone(), token]),
            (true, _, Change::Replace(by)) => out.push(by.clone()),
            (true, token, Change::Insert(by)) => out.extend([by.clone(), token]),
            (true, TokenTree::Group(group), Change::Unwrap) => out.extend(group.stream()),
            (_, TokenTree::Group(group), _) => {
                out.push(Group::new(group.delimiter(), changed(group.stream(), at, change)).into());
            }
            (_, token, _) => out.push(token),
        }
    }
    out.into_iter().collect()
}

fn mutated() -> impl Strategy<Value = TokenStream> {
    (0..MODELS.len(), vec((any::<Index>(), change()), 1..5)).prop_map(|(which, changes)| {
        let tokens: TokenStream = MODELS[which].parse().expect("a valid model");
        changes.into_iter().fold(tokens, |tokens, (at, change)| match count(&tokens) {
            0 => tokens,
            size => changed(tokens, &mut at.index(size), &change),
        })
    })
}

fn fuzz(name: &str, inputs: impl Strategy<Value = TokenStream>) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2000);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (expanded, start) = (std::cell::Cell::new(0), Instant::now());
    let outcome = runner.run(&inputs, |tokens| {
        let start = Instant::now();
        match model(TokenStream::new(), tokens) {
            // What the macro hands to the compiler, error or not, is made in full.
            Ok(tokens) => drop((expanded.set(expanded.get() + 1), tokens.to_string())),
            Err(error) => drop(error.into_compile_error().to_string()),
        }
        prop_assert!(start.elapsed() < HANG);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    println!("{name}: {cases} inputs in {:.1} s, {} expanded", start.elapsed().as_secs_f64(), expanded.get());
}

#[test]
fn valid_models_expand() {
    for text in MODELS {
        let tokens = model(TokenStream::new(), text.parse().unwrap())
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(syn::parse2::<syn::ItemFn>(tokens).is_ok(), "{text}");
    }
}

#[test]
fn a_plate_is_not_left() {
    for body in LEAVING {
        // The innermost open plate is named, and one jump over two plates is reported once.
        for (plates, named) in [
            (format!("plate!(rows = 3, {{ {body} }});"), "rows"),
            (format!("plate!(outer = 2, {{ plate!(inner = 3, {{ {body} }}); }});"), "inner"),
        ] {
            let text = format!("fn f(x: &[f64]) {{ 'rows: for x in x {{ {plates} }} }}");
            let error = model(TokenStream::new(), text.parse().unwrap()).expect_err(&text);
            assert_eq!(error.into_iter().count(), 1, "{text}");
            let error = model(TokenStream::new(), text.parse().unwrap()).unwrap_err();
            assert!(
                error.to_string().contains(&format!("would leave the plate `{named}` open")),
                "{text}: {error}"
            );
        }
    }
}

#[test]
fn arguments_by_name() {
    let expanded = |call: &str| {
        let text = format!("fn f() {{ sample!(y ~ {call}, observed = data); }}");
        model(TokenStream::new(), text.parse().unwrap()).map(|tokens| tokens.to_string().replace(' ', ""))
    };
    let pair = |name: &str, value: &str| {
        format!("(\"{name}\",::mynah::__private::IntoArgument::into_argument({value}))")
    };
    let pairs = [pair("v", "v"), pair("a", "a"), pair("w", "1")];
    for (call, expected) in [
        ("ddm.given(v, a, w: 1)", format!("ddm.given([{},{},{},])", pairs[0], pairs[1], pairs[2])),
        ("ddm.given(v, a)", format!("ddm.given([{},{},])", pairs[0], pairs[1])),
        ("ddm.given(v)", format!("ddm.given([{},])", pairs[0])),
        ("ddm.given(r#type)", format!("ddm.given([{},])", pair("type", "r#type"))),
        ("ddm.given([(\"v\", v)])", "ddm.given([(\"v\",v)])".to_string()),
        ("Normal(v, a)", "Normal(v,a)".to_string()),
        ("given(v, a)", "given(v,a)".to_string()),
    ] {
        let tokens = expanded(call).unwrap_or_else(|error| panic!("{call}: {error}"));
        assert!(tokens.contains(&expected), "{call}: {tokens}");
    }
    for call in ["ddm.given(v.at(i), a)", "ddm.given(v, 1.5)", "ddm.given(v: 1, a.at(i))"] {
        assert!(expanded(call).unwrap_err().to_string().contains("name every parameter"), "{call}");
    }
    assert!(expanded("ddm.given(v, v)").unwrap_err().to_string().contains("given twice"));
}

#[test]
fn random_tokens() {
    fuzz("random tokens", random());
}

#[test]
fn mutated_models() {
    fuzz("mutated models", mutated());
}
