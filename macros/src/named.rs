//! Parameters by name: `ddm.given(v: drift, a: 1.5, w)` becomes a call with a list of pairs; `w` alone is `w: w`, as in a
//! struct.

use crate::commas::Commas;
use crate::statement::literal;
use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Error, Result};

/// Rewrites every call whose arguments are given by name, at any depth.
pub(crate) fn with_named_arguments(tokens: TokenStream) -> Result<TokenStream> {
    let mut before = [None, None];
    let rewrite = |token: TokenTree| {
        let token = rewrite(token, is_given(&before))?;
        before = [before[1].take(), Some(token.clone())];
        Ok(token)
    };
    tokens.into_iter().map(rewrite).collect()
}

/// Whether the last two tokens are `.given`: its arguments are names even where none of them has a colon.
fn is_given(before: &[Option<TokenTree>; 2]) -> bool {
    matches!(before, [Some(TokenTree::Punct(dot)), Some(TokenTree::Ident(method))]
        if dot.as_char() == '.' && method == "given")
}

fn rewrite(token: TokenTree, given: bool) -> Result<TokenTree> {
    let TokenTree::Group(group) = token else { return Ok(token) };
    let content = match group.delimiter() == Delimiter::Parenthesis && is_named(group.stream(), given) {
        true => pairs(group.stream())?,
        false => with_named_arguments(group.stream())?,
    };
    let mut rewritten = Group::new(group.delimiter(), content);
    rewritten.set_span(group.span());
    Ok(TokenTree::Group(rewritten))
}

/// An argument by name, without its expression where it is the name itself.
enum Form {
    Named(Ident),
    Short(Ident),
    Other,
}

/// `name: ...` (but not the path `name::...`), `name`, or anything else.
fn form(argument: &TokenStream) -> Form {
    let mut tokens = argument.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), None) => Form::Short(name),
        (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(colon)))
            if colon.as_char() == ':' && colon.spacing() == Spacing::Alone =>
        {
            Form::Named(name)
        }
        _ => Form::Other,
    }
}

/// Whether the arguments are meant by name: the first one is, or one of them is and the others are names alone. Those of
/// `given` always are, but for a list of pairs written out.
fn is_named(tokens: TokenStream, given: bool) -> bool {
    let forms: Vec<Form> = split(tokens).iter().map(form).collect();
    let any = forms.iter().any(|form| matches!(form, Form::Named(_)));
    match given {
        true => forms.len() > 1 || matches!(forms.first(), Some(Form::Named(_) | Form::Short(_))),
        false => {
            matches!(forms.first(), Some(Form::Named(_)))
                || (any && !forms.iter().any(|form| matches!(form, Form::Other)))
        }
    }
}

fn pairs(tokens: TokenStream) -> Result<TokenStream> {
    let mut list = TokenStream::new();
    let mut names: Vec<Ident> = vec![];
    for argument in split(tokens) {
        let (name, value) = match form(&argument) {
            Form::Named(name) => (name, with_named_arguments(argument.into_iter().skip(2).collect())?),
            Form::Short(name) => (name, argument),
            Form::Other => {
                let span = argument.into_iter().next().map_or_else(Span::call_site, |token| token.span());
                return Err(Error::new(
                    span,
                    "expected `name: expression`, or the name alone where a variable is called so: name every parameter",
                ));
            }
        };
        if names.contains(&name) {
            return Err(Error::new(name.span(), format!("the parameter `{name}` is given twice")));
        }
        if value.is_empty() {
            return Err(Error::new(name.span(), format!("expected `{name}: expression`")));
        }
        let literal = literal(&name);
        let span = value.clone().into_iter().next().map_or(name.span(), |token| token.span());
        list.extend(
            quote_spanned!(span=> (#literal, ::mynah::__private::IntoArgument::into_argument(#value)),),
        );
        names.push(name);
    }
    Ok(quote!([#list]))
}

/// Splits at commas outside of brackets.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    let mut commas = Commas::default();
    for token in tokens {
        match commas.separates(&token) {
            true => parts.push(TokenStream::new()),
            false => parts.last_mut().expect("starts with one part").extend([token]),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
