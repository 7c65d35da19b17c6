//! Which commas separate: those outside of all brackets, angle brackets of generic arguments included.
//!
//! Tokens know round, square and curly brackets as groups, but `<` and `>` are marks like any other. A `<` opens generic
//! arguments after `::` (`f::<A, B>()`) and where an expression starts (`<A as Trait<B, C>>::f()`); elsewhere it compares.

use proc_macro2::{Spacing, TokenTree};

/// Reads tokens one after another.
#[derive(Default)]
pub(crate) struct Commas {
    /// Open angle brackets.
    depth: usize,
    previous: Option<TokenTree>,
}

impl Commas {
    /// Whether this token, which follows those before, is a comma that separates.
    pub(crate) fn separates(&mut self, token: &TokenTree) -> bool {
        let mark = mark(token);
        match mark {
            Some('<') if self.depth > 0 || self.opens() => self.depth += 1,
            // The end of an arrow closes nothing.
            Some('>') if !self.follows_a_hyphen() => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.previous = Some(token.clone());
        mark == Some(',') && self.depth == 0
    }

    /// Whether a `<` here starts generic arguments: behind a mark, and not as the second half of `<<` or behind an operand's
    /// `?`.
    fn opens(&self) -> bool {
        match &self.previous {
            None => true,
            Some(TokenTree::Punct(punct)) => !matches!(punct.as_char(), '<' | '>' | '?'),
            Some(_) => false,
        }
    }

    fn follows_a_hyphen(&self) -> bool {
        matches!(&self.previous, Some(TokenTree::Punct(punct)) if punct.as_char() == '-' && punct.spacing() == Spacing::Joint)
    }
}

fn mark(token: &TokenTree) -> Option<char> {
    match token {
        TokenTree::Punct(punct) => Some(punct.as_char()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;

    #[test]
    fn commas_of_generic_arguments_do_not_separate() {
        let table = [
            ("a, b", 1),
            ("f::<A, B>(x), y", 1),
            ("f::<Vec<(A, B)>, C>(x, y)", 0),
            ("f::<fn(A) -> B, C>(x), y", 1),
            ("<A as Trait<B, C>>::f(x), y", 1),
            ("x + <A as Trait<B, C>>::ONE, y", 1),
            ("a < b, c > d", 1),
            ("a << b, c >> d", 1),
            ("a? < b, c", 1),
            ("x as u8, y", 1),
            ("|x| x < y, z", 1),
            ("A::<{ N > 2 }, B>::new(), z", 1),
        ];
        for (text, separating) in table {
            let mut commas = Commas::default();
            let tokens: TokenStream = text.parse().unwrap();
            let found = tokens.into_iter().filter(|token| commas.separates(token)).count();
            assert_eq!(found, separating, "{text}");
        }
    }
}
