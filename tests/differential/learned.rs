//! A density plugged in per distinct row: log p(x | a, b, c) = -(x - a b)^2 - c^2 x.

use mynah::Result;
use mynah::graph::{Learned, RowDensity, RowEvaluator};
use std::sync::Arc;

pub(crate) struct Bent {
    names: Vec<String>,
}

impl Bent {
    pub(crate) fn shared() -> Arc<dyn Learned> {
        Arc::new(Bent { names: ["a", "b", "c"].map(String::from).to_vec() })
    }
}

impl Learned for Bent {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn width(&self) -> usize {
        1
    }

    fn bind(&self, data: &[f64], row_of_datum: &[u32], rows: usize) -> Result<Arc<dyn RowDensity>> {
        Ok(Arc::new(Bound { data: data.to_vec(), row_of_datum: row_of_datum.to_vec(), rows }))
    }
}

#[derive(Clone)]
struct Bound {
    data: Vec<f64>,
    row_of_datum: Vec<u32>,
    rows: usize,
}

impl RowDensity for Bound {
    fn parameters(&self) -> usize {
        3
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn evaluator(&self) -> Box<dyn RowEvaluator> {
        Box::new(self.clone())
    }

    fn rows_outside(&self, _: &[f64]) -> usize {
        0
    }
}

impl Bound {
    fn each(&self, parameters: &[f64], i: usize) -> (f64, usize, [f64; 3]) {
        let (row, x) = (self.row_of_datum[i] as usize, self.data[i]);
        let [a, b, c] = [0, 1, 2].map(|p| parameters[p * self.rows + row]);
        let miss = x - a * b;
        (-miss * miss - c * c * x, row, [2.0 * miss * b, 2.0 * miss * a, -2.0 * c * x])
    }
}

impl RowEvaluator for Bound {
    fn log_prob(&mut self, parameters: &[f64]) -> f64 {
        (0..self.data.len()).map(|i| self.each(parameters, i).0).sum()
    }

    fn log_prob_and_gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let mut total = 0.0;
        for i in 0..self.data.len() {
            let (log_prob, row, slopes) = self.each(parameters, i);
            total += log_prob;
            (0..3).for_each(|p| gradient[p * self.rows + row] += slopes[p]);
        }
        total
    }

    fn pointwise(&mut self, parameters: &[f64], out: &mut [f64]) {
        out.iter_mut().enumerate().for_each(|(i, out)| *out = self.each(parameters, i).0);
    }
}
