//! Models that are parts of others: functions of a scope, and calls of them.

use syn::visit_mut::{self, VisitMut};
use syn::{Error, Expr, GenericArgument, Ident, Lifetime, PathArguments, Result, ReturnType, Signature};
use syn::{Type, TypeParamBound, parse_quote, spanned::Spanned};

/// What belongs to a recording, by the last segment of its path.
const OF_A_RECORDING: [&str; 6] = ["Var", "Density", "Distribution", "Argument", "IntoArgument", "Scope"];

/// Makes a function one of a scope: the scope is its last argument, variables among its arguments and in what it returns are of that
/// scope, and it returns a result.
pub(crate) fn in_scope(signature: &mut Signature, scope: &Ident) {
    let mut lifetimes = Lifetimes;
    signature.inputs.iter_mut().for_each(|input| lifetimes.visit_fn_arg_mut(input));
    lifetimes.visit_return_type_mut(&mut signature.output);
    signature.generics.params.insert(0, parse_quote!('scope));
    signature.inputs.push(parse_quote!(#scope: &'scope ::mynah::model::Scope));
    if let ReturnType::Type(_, ty) = &signature.output {
        signature.output = parse_quote!(-> ::mynah::__private::Result<#ty>);
    }
}

/// Gives the types of a recording the scope's lifetime where they have none of their own.
struct Lifetimes;

impl Lifetimes {
    fn fill(path: &mut syn::Path) {
        let Some(last) = path.segments.last_mut() else { return };
        if !OF_A_RECORDING.iter().any(|name| last.ident == name) {
            return;
        }
        match &mut last.arguments {
            PathArguments::None => last.arguments = PathArguments::AngleBracketed(parse_quote!(<'scope>)),
            PathArguments::AngleBracketed(arguments) => {
                for argument in &mut arguments.args {
                    if let GenericArgument::Lifetime(lifetime) = argument
                        && lifetime.ident == "_"
                    {
                        *lifetime = Lifetime::new("'scope", lifetime.span());
                    }
                }
            }
            PathArguments::Parenthesized(_) => {}
        }
    }
}

impl VisitMut for Lifetimes {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty {
            Self::fill(&mut path.path);
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_type_param_bound_mut(&mut self, bound: &mut TypeParamBound) {
        if let TypeParamBound::Trait(bound) = bound {
            Self::fill(&mut bound.path);
        }
        visit_mut::visit_type_param_bound_mut(self, bound);
    }
}

/// The call of such a function, with the scope as its last argument.
pub(crate) fn with_scope(call: Expr, scope: &Ident) -> Result<Expr> {
    match call {
        Expr::Call(mut call) => {
            call.args.push(parse_quote!(#scope));
            Ok(Expr::Call(call))
        }
        Expr::MethodCall(mut call) => {
            call.args.push(parse_quote!(#scope));
            Ok(Expr::MethodCall(call))
        }
        other => {
            let message = "expected a call of a #[model] function that has a return type, as in `submodel!(subjects = effects(&names))`";
            Err(Error::new(other.span(), message))
        }
    }
}
