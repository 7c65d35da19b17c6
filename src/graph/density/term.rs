//! Terms of the log density: one fused node per distribution, evaluated per distinct row of parameters.
//!
//! A statement `x[i] ~ D(p[i], q[i])` over many elements i often has few distinct rows (p, q): a plate shares its
//! hyperparameters, a gather repeats a subject's parameters over its trials. A [`Plan`] lists the distinct rows and sorts
//! the elements by row, so that whatever depends on the parameters alone is computed once per row.

use super::classes::Classes;
use crate::graph::shape::Map;
use crate::seed::Stream;
use std::ops::Range;
use std::sync::Arc;

/// A source of numbers inside the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// Where the source array starts in the workspace.
    pub(crate) offset: usize,
    /// Which of its elements is wanted.
    pub(crate) map: Map,
}

impl Slot {
    /// Element i of it.
    #[inline(always)]
    pub(crate) fn read(&self, values: &[f64], i: usize) -> f64 {
        values[self.offset + self.map.at(i)]
    }
}

/// The distinct rows of parameters of a term, and the elements of each row.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) rows: usize,
    pub(crate) elements: usize,
    segments: Segments,
    /// The original position of each element in the sorted order; `None` when the order is the original one.
    pub(crate) order: Option<Arc<[u32]>>,
    /// Per parameter: where a row finds it.
    pub(crate) parameters: Vec<Map>,
}

#[derive(Debug)]
enum Segments {
    /// One row holds every element.
    One,
    /// Every row holds one element.
    Each,
    /// Row r holds the elements from `bounds[r]` to `bounds[r + 1]`.
    Bounds(Box<[u32]>),
}

impl Plan {
    /// Finds the distinct rows. `maps` says, per parameter, where each of the `elements` elements finds its source.
    pub(crate) fn new(elements: usize, maps: &[Map]) -> Plan {
        if maps.iter().all(|map| matches!(map, Map::One(_))) {
            let parameters = maps.to_vec();
            return Plan { rows: 1, elements, segments: Segments::One, order: None, parameters };
        }
        match Classes::of_maps(elements, &maps.iter().collect::<Vec<_>>()) {
            None => {
                let parameters = maps.to_vec();
                Plan { rows: elements, elements, segments: Segments::Each, order: None, parameters }
            }
            Some(rows) => Self::sorted(elements, maps, &rows),
        }
    }

    fn sorted(elements: usize, maps: &[Map], Classes { of: row_of, first }: &Classes) -> Plan {
        let mut order: Vec<u32> = (0..elements as u32).collect();
        order.sort_by_key(|&i| row_of[i as usize]);
        let mut bounds = vec![0u32; first.len() + 1];
        for &row in row_of {
            bounds[row as usize + 1] += 1;
        }
        for r in 0..first.len() {
            bounds[r + 1] += bounds[r];
        }
        let sorted = order.windows(2).all(|pair| pair[0] < pair[1]);
        Plan {
            rows: first.len(),
            elements,
            segments: Segments::Bounds(bounds.into()),
            order: (!sorted).then(|| order.into()),
            parameters: maps.iter().map(|map| map.at_all(first)).collect(),
        }
    }

    /// The elements of row r, in the sorted order.
    #[inline(always)]
    pub(crate) fn segment(&self, r: usize) -> Range<usize> {
        match &self.segments {
            Segments::One => 0..self.elements,
            Segments::Each => r..r + 1,
            Segments::Bounds(bounds) => bounds[r] as usize..bounds[r + 1] as usize,
        }
    }

    /// The original position of the `e`-th element of the sorted order.
    #[inline(always)]
    pub(crate) fn original(&self, e: usize) -> usize {
        match &self.order {
            None => e,
            Some(order) => order[e] as usize,
        }
    }

    /// The row of an element, and its place in the sorted order. Slow: for messages.
    pub(crate) fn row_of(&self, element: usize) -> (usize, usize) {
        let places = (0..self.rows).flat_map(|r| self.segment(r).map(move |e| (r, e)));
        places.into_iter().find(|(_, e)| self.original(*e) == element).expect("every element is in one row")
    }

    /// Data of `width` numbers per element, sorted as the elements are.
    pub(crate) fn sort(&self, data: &[f64], width: usize) -> Arc<[f64]> {
        let row = |e: usize| &data[self.original(e) * width..][..width];
        (0..self.elements).flat_map(|e| row(e).iter().copied()).collect()
    }

    /// The row of each element, in the original order.
    pub(crate) fn row_of_element(&self) -> Vec<u32> {
        let mut rows = vec![0; self.elements];
        for r in 0..self.rows {
            for e in self.segment(r) {
                rows[self.original(e)] = r as u32;
            }
        }
        rows
    }
}

/// The value that a term is the density of.
#[derive(Debug)]
pub(crate) enum Value {
    /// Data, sorted by row, `width` numbers per element.
    Observed(Arc<[f64]>),
    /// A variable of the graph; its map is in the sorted order.
    Live(Slot),
}

/// All that a formula needs for one evaluation.
pub(crate) struct Call<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) value: &'a Value,
    pub(crate) parameters: &'a [Slot],
    pub(crate) plan: &'a Plan,
}

impl Call<'_> {
    /// Parameter p of row r.
    #[inline(always)]
    pub(crate) fn parameter(&self, p: usize, r: usize) -> f64 {
        let slot = &self.parameters[p];
        self.values[slot.offset + slot.map.at(r)]
    }

    /// The first `P` parameters of row r.
    #[inline(always)]
    pub(crate) fn row<const P: usize>(&self, r: usize) -> [f64; P] {
        std::array::from_fn(|p| self.parameter(p, r))
    }

    /// A live value at the `e`-th element of the sorted order.
    #[inline(always)]
    pub(crate) fn live(&self, slot: &Slot, e: usize) -> f64 {
        self.values[slot.offset + slot.map.at(e)]
    }
}

/// Where partial derivatives are added up. Constants have no adjoints: what is sent to them is dropped.
pub(crate) struct Sink<'a> {
    pub(crate) adjoints: &'a mut [f64],
    /// The number of constants in front of the variables in the workspace.
    pub(crate) constants: usize,
}

impl Sink<'_> {
    #[inline(always)]
    pub(crate) fn add(&mut self, slot: &Slot, i: usize, derivative: f64) {
        if slot.offset >= self.constants {
            self.adjoints[slot.offset - self.constants + slot.map.at(i)] += derivative;
        }
    }

    /// The same, by the number's place in the workspace.
    #[inline(always)]
    pub(crate) fn add_at(&mut self, place: usize, derivative: f64) {
        if place >= self.constants {
            self.adjoints[place - self.constants] += derivative;
        }
    }
}

/// A distribution given by a formula, as the graph sees it.
pub(crate) trait Formula: Send + Sync {
    /// The sum of the log densities of all elements, the carriers of observed data left out.
    fn log_prob(&self, call: &Call<'_>) -> f64;

    /// The same sum, with all its partial derivatives added to the sink.
    fn accumulate(&self, call: &Call<'_>, sink: &mut Sink<'_>) -> f64;

    /// The log density of each element, in the original order, the carriers of observed data left out.
    fn each(&self, call: &Call<'_>, out: &mut [f64]);

    /// Adds the partial derivatives of the sum in which element i, in the original order, counts `weights[i]` times. An
    /// element of weight 0 sends nothing, whatever its derivatives are.
    fn accumulate_weighted(&self, call: &Call<'_>, weights: &[f64], sink: &mut Sink<'_>);

    /// The normalised log density of each element, in the original order.
    fn pointwise(&self, call: &Call<'_>, out: &mut [f64]) {
        self.each(call, out);
        if let Value::Observed(data) = call.value {
            for (e, datum) in data.chunks_exact(self.width()).enumerate() {
                let log_prob = &mut out[call.plan.original(e)];
                // The carrier has no meaning outside the support.
                if *log_prob != f64::NEG_INFINITY {
                    *log_prob += self.carrier(datum);
                }
            }
        }
    }

    /// One draw of each element, `width` numbers each, in the original order.
    fn sample(&self, call: &Call<'_>, stream: &mut Stream, out: &mut [f64]);

    /// The part of the log density that depends on the data alone, summed over `data`.
    fn carrier(&self, data: &[f64]) -> f64;

    /// The numbers per element.
    fn width(&self) -> usize;

    /// The parameters' names, in the order of the slots; for messages.
    fn parameter_names(&self) -> Vec<String>;

    /// What a parameter should be, if this value of it is not; for messages.
    fn expected(&self, parameter: usize, value: f64) -> Option<String>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_finds_distinct_rows_across_several_indices() {
        let subject = Map::Index([0, 1, 0, 1, 0].into());
        let condition = Map::Index([0, 0, 1, 0, 0].into());
        let plan = Plan::new(5, &[subject, condition, Map::One(0)]);
        assert_eq!(plan.rows, 3);
        assert_eq!(plan.row_of_element(), [0, 1, 2, 1, 0]);
        assert_eq!((0..3).map(|r| plan.segment(r).len()).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(plan.sort(&[10.0, 11.0, 12.0, 13.0, 14.0], 1)[..], [10.0, 14.0, 11.0, 13.0, 12.0]);
        assert_eq!(plan.parameters[0], Map::Index([0, 1, 0].into()));
        assert_eq!(plan.parameters[2], Map::One(0));
    }

    #[test]
    fn scalars_make_one_row_and_dense_parameters_a_row_each() {
        assert_eq!(Plan::new(4, &[Map::One(0), Map::One(0)]).rows, 1);
        assert_eq!(Plan::new(4, &[Map::One(0), Map::Same]).rows, 4);
        assert_eq!(Plan::new(3, &[Map::Index([2, 0, 1].into())]).rows, 3);
    }
}
