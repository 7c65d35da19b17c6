//! Draws as CmdStan writes them: a CSV file for each chain, which ArviZ, posterior and CmdStan's own tools read.

use super::{DrawStatistics, Draws, Parameter};
use crate::file;
use crate::{Error, ErrorKind, Result};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The sampler's columns; a number for each draw.
type Column = (&'static str, fn(&DrawStatistics) -> f64);

const SAMPLER: [Column; 7] = [
    ("lp__", |s| s.log_density),
    ("accept_stat__", |s| s.acceptance),
    ("stepsize__", |s| s.step_size),
    ("treedepth__", |s| f64::from(s.depth)),
    ("n_leapfrog__", |s| f64::from(s.gradients)),
    ("divergent__", |s| f64::from(u8::from(s.diverging))),
    ("energy__", |s| s.energy),
];

impl Draws {
    /// Writes the draws in the layout of CmdStan: chain k to `PREFIX_k.csv`, counted from 1, with the sampler's columns, then one per scalar,
    /// elements counted from 1 with the first index fastest (`theta.1.1`, `theta.2.1`, ...). Returns the paths. A file already there is replaced
    /// once the new one is complete. Warm-up is not written.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when a file cannot be written; [`ErrorKind::Value`] for draws with weights, for which CmdStan has no place.
    ///
    /// # Examples
    /// ```no_run
    /// # use mynah::prelude::*;
    /// # fn save(posterior: &Draws) -> mynah::Result<()> {
    /// posterior.save_cmdstan("output/cookies")?; // cookies_1.csv, cookies_2.csv, ...
    /// // In Python: arviz.from_cmdstan("output/cookies_*.csv")
    /// # Ok(())
    /// # }
    /// ```
    pub fn save_cmdstan(&self, prefix: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
        if self.weights().is_some() {
            let message = "expected draws that count alike, got draws with weights; CmdStan's files have no place for these";
            return Err(Error::new(ErrorKind::Value, message));
        }
        let columns = columns(self.parameters());
        let path = |chain: usize| {
            let mut name = prefix.as_ref().as_os_str().to_owned();
            name.push(format!("_{}.csv", chain + 1));
            PathBuf::from(name)
        };
        let paths: Vec<PathBuf> = (0..self.chains()).map(path).collect();
        for (chain, path) in paths.iter().enumerate() {
            file::write(path, |out| self.write_chain(out, chain, &columns))?;
        }
        Ok(paths)
    }

    fn write_chain(&self, out: &mut dyn Write, chain: usize, columns: &[(String, usize)]) -> io::Result<()> {
        let (statistics, draws) = (self.statistics(chain), self.chain_lengths()[chain]);
        // The lines that readers ask for; the sampler and its numbers.
        writeln!(out, "# stan_version_major = 2\n# stan_version_minor = 36\n# stan_version_patch = 0")?;
        writeln!(out, "# model = mynah_model\n# method = sample (Default)\n#   sample")?;
        writeln!(
            out,
            "#     num_samples = {draws}\n#     num_warmup = 0\n#     save_warmup = 0\n#     thin = 1 (Default)"
        )?;
        writeln!(
            out,
            "#     adapt\n#       engaged = 0\n#     algorithm = hmc (Default)\n#       hmc\n#         engine = nuts (Default)\n# id = {}",
            chain + 1
        )?;
        let sampler: &[Column] = if statistics.is_empty() { &[] } else { &SAMPLER };
        let names: Vec<&str> = sampler
            .iter()
            .map(|(name, _)| *name)
            .chain(columns.iter().map(|(name, _)| name.as_str()))
            .collect();
        writeln!(out, "{}", names.join(","))?;
        let values: Vec<&[f64]> = columns.iter().map(|(_, label)| self.column_at(*label)[chain]).collect();
        for draw in 0..draws {
            let statistics = statistics.get(draw);
            let of_sampler = sampler.iter().filter_map(|(_, number)| statistics.map(number));
            let numbers = of_sampler.chain(values.iter().map(|column| column[draw]));
            let cells: Vec<String> = numbers.map(number).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(())
    }
}

/// As Stan writes what is not finite.
fn number(x: f64) -> String {
    match x {
        x if x.is_nan() => "nan".to_owned(),
        x if x.is_infinite() => if x > 0.0 { "inf" } else { "-inf" }.to_owned(),
        x => format!("{x}"),
    }
}

/// Names as Stan has them, with the number of the label: the first index fastest. What Stan reads as its own, dots and commas, is replaced.
fn columns(parameters: &[Parameter]) -> Vec<(String, usize)> {
    let mut columns = vec![];
    let mut first = 0;
    for parameter in parameters {
        let name: String =
            parameter.name.chars().map(|c| if ".,\"\n".contains(c) { '_' } else { c }).collect();
        let lengths = &parameter.shape;
        for k in 0..parameter.width() {
            let (mut rest, mut at) = (k, vec![]);
            for length in lengths {
                at.push(rest % length);
                rest /= length;
            }
            let flat = at.iter().zip(lengths).fold(0, |flat, (at, length)| flat * length + at);
            let index: String = at.iter().map(|at| format!(".{}", at + 1)).collect();
            columns.push((format!("{name}{index}"), first + flat));
        }
        first += parameter.width();
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::ChainDraws;

    #[test]
    fn columns_are_named_and_ordered_as_in_stan() {
        let parameters = [Parameter::new("mu", vec![]), Parameter::new("theta", vec![2, 3])];
        let names: Vec<(String, usize)> = columns(&parameters);
        let expected = [
            ("mu", 0),
            ("theta.1.1", 1),
            ("theta.2.1", 4),
            ("theta.1.2", 2),
            ("theta.2.2", 5),
            ("theta.1.3", 3),
            ("theta.2.3", 6),
        ];
        assert_eq!(names, expected.map(|(name, label)| (name.to_owned(), label)));
    }

    #[test]
    fn files_hold_what_was_drawn() {
        let parameters = vec![Parameter::new("x", vec![2])];
        let mut chain = ChainDraws::default();
        chain.push(&[0.1, f64::NAN], DrawStatistics { log_density: -1.5, depth: 3, ..Default::default() });
        chain.push(&[1e-300, f64::NEG_INFINITY], DrawStatistics { diverging: true, ..Default::default() });
        let draws = Draws::new(parameters, vec![chain.clone(), chain]).unwrap();
        let prefix = std::env::temp_dir().join(format!("mynah-cmdstan-{}", std::process::id()));
        let paths = draws.save_cmdstan(&prefix).unwrap();
        assert_eq!(paths.len(), 2);
        let text = std::fs::read_to_string(&paths[1]).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines[0],
            "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__,x.1,x.2"
        );
        assert_eq!(lines[1], "-1.5,0,0,3,0,0,0,0.1,nan");
        assert!(lines[2].ends_with(",-inf") && lines.len() == 3, "{text}");
        let small: f64 = lines[2].split(',').nth(7).unwrap().parse().unwrap();
        assert_eq!(small, 1e-300);
        paths.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    }
}
