//! Parsing: what stands between the parentheses of a statement.

use crate::commas::Commas;
use crate::named::with_named_arguments;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Block, Error, Expr, Ident, Result, Token};

/// What becomes of data that are missing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Missing {
    Skip,
    Impute,
}

/// `name ~ distribution [, observed = data [, missing = skip | impute]] [, name = expression]`
pub(crate) struct Sample {
    pub(crate) variable: Ident,
    pub(crate) distribution: Expr,
    pub(crate) observed: Option<Expr>,
    pub(crate) missing: Option<Missing>,
    pub(crate) name: Option<Expr>,
}

/// `name = length [, of = parent.by(index)], { statements }`, or `name, { statements }` for one that was open before.
pub(crate) struct Plate {
    pub(crate) name: Ident,
    pub(crate) length: Option<Expr>,
    /// The plate to whose elements those of this one belong, and which.
    pub(crate) parent: Option<(Ident, Expr)>,
    pub(crate) body: Block,
}

/// `name = expression [, name = expression]`
pub(crate) struct Assignment {
    pub(crate) variable: Ident,
    pub(crate) value: Expr,
    pub(crate) name: Option<Expr>,
}

/// `state = start, (input = array, ...) => next`, or tuples of states, starts and next ones.
pub(crate) struct Scan {
    pub(crate) states: Vec<Ident>,
    pub(crate) starts: Vec<Expr>,
    pub(crate) inputs: Vec<(Ident, Expr)>,
    pub(crate) next: Vec<Expr>,
    /// Statements in front of the next states.
    pub(crate) before: Vec<syn::Stmt>,
}

const SCAN: &str = "expected `scan!(state = start, (input = array) => next)`, or tuples: `scan!((a, b) = (a0, b0), (y = &data) => (a + y, b))`";

impl Parse for Scan {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let form = |e: Error| Error::new(e.span(), SCAN);
        let states: Vec<Ident> = if input.peek(syn::token::Paren) {
            let inside;
            syn::parenthesized!(inside in input);
            inside.parse_terminated(Ident::parse, Token![,]).map_err(form)?.into_iter().collect()
        } else {
            vec![input.parse().map_err(form)?]
        };
        input.parse::<Token![=]>().map_err(form)?;
        let starts = members(input.parse().map_err(form)?, states.len())?;
        input.parse::<Token![,]>().map_err(form)?;
        if !input.peek(syn::token::Paren) {
            return Err(form(input.error("no parentheses")));
        }
        let inside;
        syn::parenthesized!(inside in input);
        let mut inputs = vec![];
        while !inside.is_empty() {
            let name = inside.parse().map_err(form)?;
            inside.parse::<Token![=]>().map_err(form)?;
            inputs.push((name, inside.parse()?));
            if !inside.is_empty() {
                inside.parse::<Token![,]>().map_err(form)?;
            }
        }
        input.parse::<Token![=>]>().map_err(form)?;
        let (mut before, mut next): (Vec<syn::Stmt>, Expr) = (vec![], input.parse()?);
        if let Expr::Block(block) = &next
            && let Some((syn::Stmt::Expr(last, None), rest)) = block.block.stmts.split_last()
        {
            (before, next) = (rest.to_vec(), last.clone());
        }
        let next = members(next, states.len())?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        end(input)?;
        Ok(Scan { states, starts, inputs, next, before })
    }
}

/// The members of a tuple for several states, the expression itself for one.
fn members(expression: Expr, states: usize) -> Result<Vec<Expr>> {
    match expression {
        Expr::Tuple(tuple) if states > 1 && tuple.elems.len() == states => {
            Ok(tuple.elems.into_iter().collect())
        }
        other if states == 1 => Ok(vec![other]),
        other => {
            let message = format!("expected a tuple of {states}, one for each state of the recursion");
            Err(Error::new(syn::spanned::Spanned::span(&other), message))
        }
    }
}

impl Parse for Sample {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let variable: Ident = input.parse().map_err(|e| {
            Error::new(e.span(), "expected the site's name, as in `sample!(mu ~ Normal(0.0, 1.0))`")
        })?;
        if input.peek(syn::token::Bracket) {
            let message = format!(
                "expected a name without an index; in a loop write `sample!({variable} ~ ..., name = \
                 format!(\"{variable}{{i}}\"))`, for independent elements `plate!(rows = n, {{ sample!({variable} ~ ...); }})`"
            );
            return Err(Error::new(input.span(), message));
        }
        if !input.peek(Token![~]) {
            let message = format!(
                "expected `~` and a distribution after `{variable}`, as in `{variable} ~ Normal(0.0, 1.0)`"
            );
            return Err(Error::new(input.span(), message));
        }
        input.parse::<Token![~]>()?;
        let tokens = until_comma(input)?;
        if tokens.is_empty() {
            return Err(Error::new(variable.span(), "expected a distribution after `~`"));
        }
        let distribution = syn::parse2(with_named_arguments(tokens)?)?;
        let mut sample = Sample { variable, distribution, observed: None, missing: None, name: None };
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            sample.option(input)?;
        }
        if sample.missing.is_some() && sample.observed.is_none() {
            let message = "expected `observed = ...` beside `missing = ...`: it says what becomes of data that are NaN or `None`";
            return Err(Error::new(sample.variable.span(), message));
        }
        end(input)?;
        Ok(sample)
    }
}

impl Sample {
    fn option(&mut self, input: ParseStream<'_>) -> Result<()> {
        let key: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        let place = match key.to_string().as_str() {
            "observed" => &mut self.observed,
            "name" => &mut self.name,
            "missing" => return self.missing(&key, input),
            other => {
                let message =
                    format!("expected `observed = ...`, `missing = ...` or `name = ...`, got `{other}`");
                return Err(Error::new(key.span(), message));
            }
        };
        if place.is_some() {
            return Err(Error::new(key.span(), format!("`{key}` is given twice")));
        }
        *place = Some(input.parse()?);
        Ok(())
    }

    fn missing(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let form = "expected `missing = skip` (data that are NaN or `None` are left out) or `missing = impute` (they are unknowns)";
        let word: Ident = input.parse().map_err(|error: Error| Error::new(error.span(), form))?;
        let missing = match word.to_string().as_str() {
            "skip" => Missing::Skip,
            "impute" => Missing::Impute,
            _ => return Err(Error::new(word.span(), form)),
        };
        match self.missing.replace(missing) {
            None => Ok(()),
            Some(_) => Err(Error::new(key.span(), "`missing` is given twice")),
        }
    }
}

impl Parse for Plate {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let form = "expected `plate!(name = length, { statements })`, or `plate!(name, { statements })` for a plate that was open before";
        let name: Ident = input.parse().map_err(|e| Error::new(e.span(), form))?;
        let again = input.peek(Token![,]);
        let length = match again {
            true => None,
            false => {
                input.parse::<Token![=]>().map_err(|e| Error::new(e.span(), form))?;
                Some(input.parse()?)
            }
        };
        input.parse::<Token![,]>().map_err(|e| Error::new(e.span(), form))?;
        let mut parent = None;
        if !again && input.peek(Ident) && input.peek2(Token![=]) {
            parent = Some(parent_of(input)?);
            input.parse::<Token![,]>().map_err(|e| Error::new(e.span(), form))?;
        }
        let body = input
            .parse()
            .map_err(|e: Error| if input.peek(syn::token::Brace) { e } else { Error::new(e.span(), form) })?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        end(input)?;
        Ok(Plate { name, length, parent, body })
    }
}

/// `of = subjects.by(&subject)`
fn parent_of(input: ParseStream<'_>) -> Result<(Ident, Expr)> {
    let form = "expected `of = plate.by(index)`, the plate to whose elements those of this one belong, as in `of = subjects.by(&subject)`";
    let key: Ident = input.parse()?;
    if key != "of" {
        return Err(Error::new(key.span(), form));
    }
    input.parse::<Token![=]>()?;
    let plate: Ident = input.parse().map_err(|e: Error| Error::new(e.span(), form))?;
    input.parse::<Token![.]>().map_err(|e| Error::new(e.span(), form))?;
    let by: Ident = input.parse().map_err(|e: Error| Error::new(e.span(), form))?;
    if by != "by" || !input.peek(syn::token::Paren) {
        return Err(Error::new(by.span(), form));
    }
    let inside;
    syn::parenthesized!(inside in input);
    let index = inside.parse()?;
    end(&inside)?;
    Ok((plate, index))
}

impl Parse for Assignment {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let form = "expected `name = expression`, as in `deterministic!(ratio = mu / sigma)` or `factor!(penalty = -mu.abs())`";
        let variable = input.parse().map_err(|e: Error| Error::new(e.span(), form))?;
        let equals = input.parse::<Token![=]>().map_err(|e| Error::new(e.span(), form))?;
        let tokens = until_comma(input)?;
        if tokens.is_empty() {
            return Err(Error::new_spanned(equals, "expected an expression after `=`"));
        }
        let value = syn::parse2(with_named_arguments(tokens)?)?;
        let mut name = None;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                let key: Ident = input.parse()?;
                if key != "name" {
                    return Err(Error::new(key.span(), format!("expected `name = ...`, got `{key}`")));
                }
                input.parse::<Token![=]>()?;
                name = Some(input.parse()?);
            }
        }
        end(input)?;
        Ok(Assignment { variable, value, name })
    }
}

/// The tokens up to the next comma outside of any bracket.
fn until_comma(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut commas = Commas::default();
    while let Some((token, _)) = input.cursor().token_tree() {
        if commas.separates(&token) {
            break;
        }
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

fn end(input: ParseStream<'_>) -> Result<()> {
    match input.is_empty() {
        true => Ok(()),
        false => Err(Error::new(input.span(), "unexpected token: the statement should end here")),
    }
}

/// A name as a string literal with the user's span.
pub(crate) fn literal(name: &Ident) -> syn::LitStr {
    let span: Span = name.span();
    syn::LitStr::new(name.to_string().trim_start_matches("r#"), span)
}
