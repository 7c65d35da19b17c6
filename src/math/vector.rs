//! What vectors of f32 and of f64 numbers have in common: loading, arithmetic with operators, comparing and choosing.
//!
//! [`pulp`] has one function for each operation and type; the macro gives them one form, so that formulae read as formulae.

/// Defines a vector: its name, the type of its numbers, and the names of pulp's types and functions.
macro_rules! vector {
    (
        $(#[$doc:meta])* $name:ident: $number:ident, $vector:ident, $mask:ident, $slice:ident, $slice_mut:ident, $splat:ident,
        $add:ident, $sub:ident, $mul:ident, $div:ident, $neg:ident, $mul_add_e:ident, $max:ident, $min:ident, $abs:ident,
        $less_than:ident, $less_than_or_equal:ident, $select:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name<S: Simd> {
            simd: S,
            values: S::$vector,
        }

        impl<S: Simd> $name<S> {
            #[inline(always)]
            pub(crate) fn splat(simd: S, value: $number) -> Self {
                Self { simd, values: simd.$splat(value) }
            }

            /// The same number in every place.
            #[inline(always)]
            pub(crate) fn all(self, value: $number) -> Self {
                Self::splat(self.simd, value)
            }

            /// The vector at place `index` of some numbers.
            #[inline(always)]
            pub(crate) fn load(simd: S, values: &[$number], index: usize) -> Self {
                Self { simd, values: S::$slice(values).0[index] }
            }

            #[inline(always)]
            pub(crate) fn store(self, values: &mut [$number], index: usize) {
                S::$slice_mut(values).0[index] = self.values;
            }

            /// `self * factor + term`.
            #[inline(always)]
            pub(crate) fn mul_add(self, factor: Self, term: Self) -> Self {
                Self { values: self.simd.$mul_add_e(self.values, factor.values, term.values), ..self }
            }

            /// The larger; what is not a number in `self` stays (the instructions of x86 return the second operand then).
            #[inline(always)]
            pub(crate) fn max(self, other: Self) -> Self {
                Self { values: self.simd.$max(other.values, self.values), ..self }
            }

            /// The smaller; what is not a number in `self` stays.
            #[inline(always)]
            pub(crate) fn min(self, other: Self) -> Self {
                Self { values: self.simd.$min(other.values, self.values), ..self }
            }

            #[inline(always)]
            pub(crate) fn abs(self) -> Self {
                Self { values: self.simd.$abs(self.values), ..self }
            }

            #[inline(always)]
            pub(crate) fn less_than(self, other: Self) -> S::$mask {
                self.simd.$less_than(self.values, other.values)
            }

            #[inline(always)]
            pub(crate) fn at_most(self, other: Self) -> S::$mask {
                self.simd.$less_than_or_equal(self.values, other.values)
            }

            /// `self` where the mask holds, `other` elsewhere.
            #[inline(always)]
            pub(crate) fn or(self, mask: S::$mask, other: Self) -> Self {
                Self { values: self.simd.$select(mask, self.values, other.values), ..self }
            }

            /// `c_0 + x (c_1 + x (c_2 + ...))`, by Horner's rule.
            #[inline(always)]
            pub(crate) fn polynomial<const N: usize>(self, coefficients: [$number; N]) -> Self {
                let mut sum = self.all(coefficients[N - 1]);
                for coefficient in coefficients[..N - 1].iter().rev() {
                    sum = sum.mul_add(self, self.all(*coefficient));
                }
                sum
            }
        }

        $crate::math::vector::operators! { $name, $number, Add add $add, Sub sub $sub, Mul mul $mul, Div div $div }

        impl<S: Simd> std::ops::Neg for $name<S> {
            type Output = Self;

            #[inline(always)]
            fn neg(self) -> Self {
                Self { values: self.simd.$neg(self.values), ..self }
            }
        }
    };
}

/// The operators of arithmetic, between vectors and with a number on the right.
macro_rules! operators {
    ($name:ident, $number:ident, $($trait:ident $method:ident $simd:ident),*) => {$(
        impl<S: Simd> std::ops::$trait for $name<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self { values: self.simd.$simd(self.values, other.values), ..self }
            }
        }

        impl<S: Simd> std::ops::$trait<$number> for $name<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: $number) -> Self {
                std::ops::$trait::$method(self, self.all(other))
            }
        }
    )*};
}

pub(crate) use {operators, vector};
