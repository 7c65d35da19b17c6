//! Parsing: what stands between the parentheses of a statement.

use crate::commas::Commas;
use crate::named::with_named_arguments;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Block, Error, Expr, Ident, Result, Token};

/// `name ~ distribution [, observed = data] [, name = expression]`
pub(crate) struct Sample {
    pub(crate) variable: Ident,
    pub(crate) distribution: Expr,
    pub(crate) observed: Option<Expr>,
    pub(crate) name: Option<Expr>,
}

/// `name = length, { statements }`
pub(crate) struct Plate {
    pub(crate) name: Ident,
    pub(crate) length: Expr,
    pub(crate) body: Block,
}

/// `name = expression [, name = expression]`
pub(crate) struct Assignment {
    pub(crate) variable: Ident,
    pub(crate) value: Expr,
    pub(crate) name: Option<Expr>,
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
        let mut sample = Sample { variable, distribution, observed: None, name: None };
        while input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            sample.option(input)?;
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
            other => {
                let message = format!("expected `observed = ...` or `name = ...`, got `{other}`");
                return Err(Error::new(key.span(), message));
            }
        };
        if place.is_some() {
            return Err(Error::new(key.span(), format!("`{key}` is given twice")));
        }
        *place = Some(input.parse()?);
        Ok(())
    }
}

impl Parse for Plate {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let form = "expected `plate!(name = length, { statements })`";
        let name: Ident = input.parse().map_err(|e| Error::new(e.span(), form))?;
        input.parse::<Token![=]>().map_err(|e| Error::new(e.span(), form))?;
        let length = input.parse()?;
        input.parse::<Token![,]>().map_err(|e| Error::new(e.span(), form))?;
        let body = input
            .parse()
            .map_err(|e: Error| if input.peek(syn::token::Brace) { e } else { Error::new(e.span(), form) })?;
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        end(input)?;
        Ok(Plate { name, length, body })
    }
}

impl Parse for Assignment {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let form = "expected `name = expression`";
        let variable = input.parse().map_err(|e: Error| Error::new(e.span(), form))?;
        input.parse::<Token![=]>().map_err(|e| Error::new(e.span(), form))?;
        let value = input.parse()?;
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
