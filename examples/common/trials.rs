#![allow(dead_code, reason = "each program uses its part of this file")]
//! Trials of a decision experiment: from a CSV file, or simulated from known parameters.

use mynah::prelude::*;
use std::path::Path;

/// Choices and response times of several subjects.
pub(crate) struct Trials {
    /// Each trial's subject, counted from 0.
    pub(crate) subject: Vec<usize>,
    pub(crate) responses: Vec<Response>,
    /// Each subject's label in the file.
    pub(crate) labels: Vec<String>,
}

impl Trials {
    pub(crate) fn len(&self) -> usize {
        self.responses.len()
    }

    pub(crate) fn subjects(&self) -> usize {
        self.labels.len()
    }

    /// The fastest response: the non-decision time must be shorter.
    pub(crate) fn fastest(&self) -> f64 {
        self.responses.iter().map(|response| response.rt).fold(f64::INFINITY, f64::min)
    }

    /// Reads the columns `subj_idx`, `rt` (seconds) and `response` (1 = upper, 0 = lower); other columns are ignored.
    /// Subjects are numbered in the order in which they appear.
    pub(crate) fn read(path: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let mut file =
            csv::Reader::from_path(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let headers = file.headers()?.clone();
        let column = |name: &str| {
            let known = || headers.iter().collect::<Vec<_>>().join(", ");
            let at = headers.iter().position(|header| header.trim() == name);
            at.ok_or_else(|| format!("expected a column `{name}` in {}, got {}", path.display(), known()))
        };
        let (subject, rt, response) = (column("subj_idx")?, column("rt")?, column("response")?);
        let mut trials = Trials { subject: vec![], responses: vec![], labels: vec![] };
        for (line, row) in file.records().enumerate() {
            let row = row?;
            let number = |at: usize| -> Result<f64, String> {
                let text = row.get(at).unwrap_or("").trim();
                text.parse().map_err(|_| {
                    format!("expected a number in row {} of {}, got `{text}`", line + 2, path.display())
                })
            };
            trials.push(row.get(subject).unwrap_or("").trim(), number(rt)?, number(response)? as u8);
        }
        Ok(trials)
    }

    fn push(&mut self, label: &str, rt: f64, choice: u8) {
        let known = self.labels.iter().position(|known| known == label);
        let subject = known.unwrap_or_else(|| {
            self.labels.push(label.to_string());
            self.labels.len() - 1
        });
        self.subject.push(subject);
        self.responses.push(Response { rt, choice });
    }

    /// 14 subjects x 285 trials from known parameters.
    pub(crate) fn simulate(truth: &Truth, trials_each: usize, seed: u64) -> Self {
        let mut stream = Seed(seed).stream(Domain::User, 1);
        let mut trials = Trials { subject: vec![], responses: vec![], labels: vec![] };
        for (subject, &v) in truth.v.iter().enumerate() {
            for _ in 0..trials_each {
                let trial = Wiener(v, truth.a, truth.w, truth.t0).sample(&mut stream);
                trials.push(&subject.to_string(), trial.rt, trial.choice);
            }
        }
        trials
    }
}

/// The parameters that trials were simulated from.
pub(crate) struct Truth {
    pub(crate) v_mu: f64,
    pub(crate) v_sigma: f64,
    pub(crate) v: Vec<f64>,
    pub(crate) a: f64,
    pub(crate) w: f64,
    pub(crate) t0: f64,
}

impl Truth {
    pub(crate) fn draw(subjects: usize, seed: u64) -> Self {
        let (v_mu, v_sigma) = (0.5, 0.4);
        let mut stream = Seed(seed).stream(Domain::User, 0);
        let v = (0..subjects).map(|_| Normal(v_mu, v_sigma).sample(&mut stream)).collect();
        Self { v_mu, v_sigma, v, a: 2.0, w: 0.48, t0: 0.33 }
    }

    /// The true value of a column of the draws.
    pub(crate) fn of(&self, column: &str) -> Option<f64> {
        match column {
            "v_mu" => Some(self.v_mu),
            "v_sigma" => Some(self.v_sigma),
            "a" => Some(self.a),
            "w" => Some(self.w),
            "t0" => Some(self.t0),
            v => self.v.get(v.strip_prefix("v[")?.strip_suffix(']')?.parse::<usize>().ok()?).copied(),
        }
    }
}
