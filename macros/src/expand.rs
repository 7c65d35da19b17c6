//! Expansion: `#[model]` and the statements in its body, to calls of the plain builder.

use crate::leaving::leaving;
use crate::part::{in_scope, with_scope};
use crate::statement::{Assignment, Missing, Plate, Sample, Scan, literal};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use std::collections::HashMap;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Error, Ident, ItemFn, Macro, Result, ReturnType, Stmt};

/// Expands `#[model]` on a function.
pub(crate) fn model(attribute: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new(attribute.span(), "`#[model]` takes no arguments"));
    }
    let mut function: ItemFn = syn::parse2(item)?;
    check_signature(&function)?;
    let is_part = matches!(function.sig.output, ReturnType::Type(..));
    let mut body = Statements { names: HashMap::new(), errors: None };
    body.splice(&mut function.block);
    if let Some(error) = body.errors {
        return Err(error);
    }
    let ItemFn { attrs, vis, mut sig, block, .. } = function;
    let (scope, statements) = (scope(), &block.stmts);
    if is_part {
        in_scope(&mut sig, &scope);
        return Ok(quote! {
            #(#attrs)*
            #vis #sig {
                ::core::result::Result::Ok({ #(#statements)* })
            }
        });
    }
    // As a part of the signature: it stands before a `where` clause.
    sig.output = syn::parse_quote!(-> ::mynah::__private::Result<::mynah::__private::Model>);
    Ok(quote! {
        #(#attrs)*
        #vis #sig {
            ::mynah::__private::Model::record(|#scope| {
                #(#statements)*
                ::core::result::Result::Ok(())
            })
        }
    })
}

fn check_signature(function: &ItemFn) -> Result<()> {
    if let ReturnType::Type(_, ty) = &function.sig.output
        && is_model(ty)
    {
        let message = "a #[model] function returns `mynah::Result<Model>` without saying so: leave the return type out; with one it is a part \
                       of other models (`submodel!`) and returns what it says, a `Var` say";
        return Err(Error::new(ty.span(), message));
    }
    if let Some(token) = &function.sig.asyncness {
        return Err(Error::new(token.span(), "a #[model] function cannot be async"));
    }
    Ok(())
}

/// Whether a type is `Model` or a result of one.
fn is_model(ty: &syn::Type) -> bool {
    let syn::Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "Model" || last.ident == "Result")
}

/// The scope's variable: only generated code can name it.
fn scope() -> Ident {
    Ident::new("scope", Span::mixed_site())
}

/// Rewrites the statements of a block in place.
struct Statements {
    /// Where each site's name was first used. Sites in loops or with a `name = ...` are checked when the model is built.
    names: HashMap<String, Span>,
    errors: Option<Error>,
}

impl VisitMut for Statements {
    /// A block of its own, such as the branch of an `if`: names used in it do not clash with those of other branches.
    fn visit_block_mut(&mut self, block: &mut Block) {
        let names = self.names.clone();
        self.splice(block);
        self.names = names;
    }
}

impl Statements {
    fn splice(&mut self, block: &mut Block) {
        let statements = std::mem::take(&mut block.stmts);
        for statement in statements {
            match self.expand(&statement) {
                Some(Ok(tokens)) => match syn::parse2::<Block>(quote!({ #tokens })) {
                    // Spliced into this block, so that what a statement binds stays visible.
                    Ok(expanded) => block.stmts.extend(expanded.stmts),
                    Err(error) => self.fail(error),
                },
                Some(Err(error)) => self.fail(error),
                None => {
                    let mut statement = statement;
                    visit_mut::visit_stmt_mut(self, &mut statement);
                    block.stmts.push(statement);
                }
            }
        }
    }

    fn fail(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// The expansion of a statement, if it is one of ours.
    fn expand(&mut self, statement: &Stmt) -> Option<Result<TokenStream>> {
        let Stmt::Macro(statement) = statement else { return None };
        let call = &statement.mac;
        match call.path.segments.last()?.ident.to_string().as_str() {
            "sample" => Some(parse::<Sample>(call).and_then(|sample| self.sample(sample))),
            "plate" => Some(parse::<Plate>(call).map(|plate| self.plate(plate))),
            "deterministic" => {
                Some(parse::<Assignment>(call).and_then(|value| self.assignment(value, "deterministic")))
            }
            "submodel" => Some(parse::<Assignment>(call).and_then(|assignment| self.submodel(assignment))),
            "scan" => Some(parse::<Scan>(call).map(|scan| self.scan(scan))),
            "factor" => Some(parse::<Assignment>(call).and_then(|value| self.assignment(value, "factor"))),
            _ => None,
        }
    }

    fn sample(&mut self, sample: Sample) -> Result<TokenStream> {
        let Sample { variable, distribution, observed, missing, name } = sample;
        let (scope, name) = (scope(), self.name(&variable, name)?);
        let span = distribution.span();
        Ok(match observed {
            Some(data) if missing == Some(Missing::Skip) => {
                quote_spanned!(span=> #scope.site(#name).observe_seen(#distribution, #data);)
            }
            Some(data) if missing == Some(Missing::Impute) => {
                quote_spanned!(span=> #[allow(unused_variables)] let #variable = #scope.site(#name).impute(#distribution, #data);)
            }
            Some(data) => quote_spanned!(span=> #scope.site(#name).observe(#distribution, #data);),
            // A prior's sites are often named for what they are, and used by nobody.
            None => {
                quote_spanned!(span=> #[allow(unused_variables)] let #variable = #scope.site(#name).sample(#distribution);)
            }
        })
    }

    fn plate(&mut self, plate: Plate) -> TokenStream {
        let Plate { name, length, parent, mut body } = plate;
        self.splice(&mut body);
        // After its statements are expanded, so that what stands inside of those is seen too.
        leaving(&name.to_string(), &mut body).into_iter().for_each(|error| self.fail(error));
        let (scope, name, statements) = (scope(), literal(&name), &body.stmts);
        let enter = match (length, parent) {
            (None, _) => quote!(#scope.enter_again(#name);),
            (Some(length), None) => quote!(#scope.enter(#name, #length);),
            (Some(length), Some((parent, index))) => {
                let parent = literal(&parent);
                quote!(#scope.enter_of(#name, #length, #parent, #index);)
            }
        };
        quote! {
            #enter
            #(#statements)*
            #scope.exit();
        }
    }

    fn scan(&mut self, scan: Scan) -> TokenStream {
        let Scan { states, starts, inputs, next, before } = scan;
        let (scope, name) = (scope(), literal(&states[0]));
        let (names, arrays): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
        quote! {
            #[allow(unused_variables)]
            let [#(#states),*] = #scope.scan(
                #name,
                [#(::mynah::__private::IntoArgument::into_argument(#starts)),*],
                [#(::mynah::__private::IntoArgument::into_argument(#arrays)),*],
                |[#(#states),*], [#(#names),*]| {
                    #(#before)*
                    [#(::mynah::__private::IntoArgument::into_argument(#next)),*]
                },
            );
        }
    }

    fn assignment(&mut self, assignment: Assignment, kind: &str) -> Result<TokenStream> {
        let Assignment { variable, value, name } = assignment;
        let (scope, name) = (scope(), self.name(&variable, name)?);
        let span = value.span();
        Ok(match kind {
            "factor" => quote_spanned!(span=> #scope.site(#name).factor(#value);),
            _ => {
                quote_spanned!(span=> #[allow(unused_variables)] let #variable = #scope.site(#name).deterministic(#value);)
            }
        })
    }

    /// What the function returns; its sites stand under the name.
    fn submodel(&mut self, assignment: Assignment) -> Result<TokenStream> {
        let Assignment { variable, value, name } = assignment;
        let (scope, name) = (scope(), self.name(&variable, name)?);
        let span = value.span();
        let call = with_scope(value, &scope)?;
        Ok(
            quote_spanned!(span=> #[allow(unused_variables, clippy::let_unit_value)] let #variable = #scope.submodel(#name, |#scope| #call)?;),
        )
    }

    /// The site's name as an expression; a name written out twice is an error here already.
    fn name(&mut self, variable: &Ident, name: Option<syn::Expr>) -> Result<TokenStream> {
        if let Some(name) = name {
            return Ok(quote!(#name));
        }
        let literal = literal(variable);
        if self.names.insert(literal.value(), variable.span()).is_some() {
            let message = format!(
                "the site `{variable}` appears twice in this model; give each site a name of its own, or add \
                 `name = ...`"
            );
            return Err(Error::new(variable.span(), message));
        }
        Ok(quote!(#literal))
    }
}

fn parse<T: Parse>(call: &Macro) -> Result<T> {
    call.parse_body::<T>()
}
