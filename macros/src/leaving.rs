//! Control flow that would leave a plate before it is closed.
//!
//! A plate is recorded once for all of its elements: its statements are spliced between a call that opens it and one that
//! closes it. `continue`, `break` and `return` would jump over the closing one, and whatever is recorded later would land in
//! the plate. What belongs to a loop, a block or a closure *inside* the plate stays there and is allowed, and so is `?`,
//! which leaves the whole model with its error.

use syn::visit_mut::{self, VisitMut};
use syn::{Block, Error, Expr, Item, Label, Lifetime, spanned::Spanned};

/// An error for every expression of the body that would leave the plate. Each is replaced by `()`, so that the plates around
/// this one do not report it again.
pub(crate) fn leaving(plate: &str, body: &mut Block) -> Vec<Error> {
    let mut search = Search { plate, targets: vec![], returns_stay: false, errors: vec![] };
    search.visit_block_mut(body);
    search.errors
}

/// What a `break` or a `continue` inside the plate may aim at.
struct Target {
    label: Option<String>,
    is_loop: bool,
}

struct Search<'a> {
    plate: &'a str,
    targets: Vec<Target>,
    /// Whether the place is inside a closure or an async block, which a `return` only ends.
    returns_stay: bool,
    errors: Vec<Error>,
}

impl Search<'_> {
    fn stays(&self, label: Option<&Lifetime>) -> bool {
        match label {
            Some(label) => {
                let name = label.ident.to_string();
                self.targets.iter().any(|target| target.label.as_ref() == Some(&name))
            }
            None => self.targets.iter().any(|target| target.is_loop),
        }
    }

    /// The expression's keyword, if the expression leaves the plate.
    fn keyword(&self, expression: &Expr) -> Option<&'static str> {
        match expression {
            Expr::Continue(jump) if !self.stays(jump.label.as_ref()) => Some("continue"),
            Expr::Break(jump) if !self.stays(jump.label.as_ref()) => Some("break"),
            Expr::Return(_) if !self.returns_stay => Some("return"),
            _ => None,
        }
    }

    fn refuse(&mut self, expression: &Expr, keyword: &str) {
        let plate = self.plate;
        let message = format!(
            "`{keyword}` would leave the plate `{plate}` open: a plate is not a loop, its statements are recorded once for all \
             of its elements; put the statements to be skipped into an `if` on the data, or move `{keyword}` out of the plate"
        );
        self.errors.push(Error::new(expression.span(), message));
    }

    fn inside(&mut self, label: Option<&Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) {
        let label = label.map(|label| label.name.ident.to_string());
        self.targets.push(Target { label, is_loop });
        visit(self);
        self.targets.pop();
    }

    /// A body of its own, such as a closure's, which no jump can leave.
    fn apart(&mut self, visit: impl FnOnce(&mut Self)) {
        // A stray `break` in it is the compiler's to report.
        let targets = std::mem::replace(&mut self.targets, vec![Target { label: None, is_loop: true }]);
        let returns_stay = std::mem::replace(&mut self.returns_stay, true);
        visit(self);
        (self.targets, self.returns_stay) = (targets, returns_stay);
    }
}

impl VisitMut for Search<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Some(keyword) = self.keyword(expression) {
            self.refuse(expression, keyword);
            *expression = syn::parse_quote!(());
            return;
        }
        match expression {
            Expr::ForLoop(each) => {
                // The range is evaluated outside of the loop.
                self.visit_expr_mut(&mut each.expr);
                self.inside(each.label.as_ref(), true, |search| search.visit_block_mut(&mut each.body));
            }
            Expr::While(each) => {
                let label = each.label.clone();
                self.inside(label.as_ref(), true, |search| visit_mut::visit_expr_while_mut(search, each));
            }
            Expr::Loop(each) => {
                self.inside(each.label.as_ref(), true, |search| search.visit_block_mut(&mut each.body));
            }
            Expr::Block(block) => {
                self.inside(block.label.as_ref(), false, |search| search.visit_block_mut(&mut block.block));
            }
            Expr::Closure(closure) => self.apart(|search| search.visit_expr_mut(&mut closure.body)),
            Expr::Async(block) => self.apart(|search| search.visit_block_mut(&mut block.block)),
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }

    /// Functions and types defined in the plate are no part of what it records.
    fn visit_item_mut(&mut self, _: &mut Item) {}
}
