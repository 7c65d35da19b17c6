//! Parameters by name: `ddm.given(v: drift, a: 1.5)` becomes a call with a list of pairs.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Error, LitStr, Result};

/// Rewrites every call whose arguments are all of the form `name: expression`, at any depth.
pub(crate) fn with_named_arguments(tokens: TokenStream) -> Result<TokenStream> {
    tokens.into_iter().map(rewrite).collect()
}

fn rewrite(token: TokenTree) -> Result<TokenTree> {
    let TokenTree::Group(group) = token else { return Ok(token) };
    let content = match group.delimiter() == Delimiter::Parenthesis && starts_with_name(group.stream()) {
        true => pairs(group.stream())?,
        false => with_named_arguments(group.stream())?,
    };
    let mut rewritten = Group::new(group.delimiter(), content);
    rewritten.set_span(group.span());
    Ok(TokenTree::Group(rewritten))
}

/// `name :` but not the path `name ::`.
fn starts_with_name(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(colon))) => {
            colon.as_char() == ':' && colon.spacing() == Spacing::Alone
        }
        _ => false,
    }
}

fn pairs(tokens: TokenStream) -> Result<TokenStream> {
    let mut list = TokenStream::new();
    let mut names: Vec<Ident> = vec![];
    for argument in split(tokens) {
        let mut argument = argument.into_iter();
        let (name, colon) = (argument.next(), argument.next());
        let (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(colon))) = (&name, &colon) else {
            let span = name.map_or_else(proc_macro2::Span::call_site, |token| token.span());
            return Err(Error::new(span, "expected `name: expression`: name all parameters, or none"));
        };
        if names.contains(name) {
            return Err(Error::new(name.span(), format!("the parameter `{name}` is given twice")));
        }
        let value = with_named_arguments(argument.collect())?;
        if value.is_empty() || colon.as_char() != ':' {
            return Err(Error::new(name.span(), format!("expected `{name}: expression`")));
        }
        let literal = LitStr::new(&name.to_string(), name.span());
        let span = value.clone().into_iter().next().map_or(name.span(), |token| token.span());
        list.extend(quote_spanned!(span=> (#literal, ::mynah::__private::Argument::from(#value)),));
        names.push(name.clone());
    }
    Ok(quote!([#list]))
}

/// Splits at commas outside of brackets.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().expect("starts with one part").extend([token]),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
