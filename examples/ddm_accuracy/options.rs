//! The command line; its flags are described in the head of `main.rs`.

use lexopt::prelude::*;
use mynah::prelude::*;
use std::path::PathBuf;

/// Which box the parameters of trials come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Region {
    Peers,
    Narrow,
}

impl Region {
    /// Uniform over the box.
    pub(crate) fn prior(self) -> mynah::Result<BoxPrior> {
        BoxPrior::new(self.sides())
    }

    pub(crate) fn sides(self) -> [(&'static str, f64, f64); 4] {
        match self {
            Self::Peers => [("v", -3.0, 3.0), ("a", 0.6, 5.0), ("w", 0.1, 0.9), ("t0", 0.0, 2.0)],
            Self::Narrow => [("v", -3.0, 3.0), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)],
        }
    }
}

pub(crate) struct Options {
    pub(crate) simulations: usize,
    pub(crate) copies: usize,
    pub(crate) epochs: usize,
    pub(crate) ensemble: usize,
    pub(crate) batch: usize,
    pub(crate) rate: f64,
    pub(crate) decay: f64,
    pub(crate) first: u64,
    pub(crate) seeds: u64,
    pub(crate) sets: u64,
    pub(crate) trials: Vec<usize>,
    pub(crate) region: Region,
    pub(crate) parts: Vec<String>,
    pub(crate) quick: bool,
    pub(crate) json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            simulations: 100_000,
            copies: 19,
            epochs: 2,
            ensemble: 4,
            batch: 256,
            rate: 0.002,
            decay: 0.03,
            first: 1,
            seeds: 1,
            sets: 5,
            trials: vec![1, 10, 100, 1000],
            region: Region::Peers,
            parts: ["trial", "hierarchy", "single"].map(String::from).to_vec(),
            quick: false,
            json: None,
        }
    }
}

impl Options {
    /// Reads the command line.
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        let mut options = Self::default();
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("help") | Short('h') => help(),
                Long("simulations") => options.simulations = arguments.value()?.parse()?,
                Long("copies") => options.copies = arguments.value()?.parse()?,
                Long("epochs") => options.epochs = arguments.value()?.parse()?,
                Long("ensemble") => options.ensemble = arguments.value()?.parse()?,
                Long("batch") => options.batch = arguments.value()?.parse()?,
                Long("rate") => options.rate = arguments.value()?.parse()?,
                Long("decay") => options.decay = arguments.value()?.parse()?,
                Long("first") => options.first = arguments.value()?.parse()?,
                Long("seeds") => options.seeds = arguments.value()?.parse()?,
                Long("sets") => options.sets = arguments.value()?.parse()?,
                Long("trials") => {
                    let list = arguments.value()?.string()?;
                    options.trials = list
                        .split(',')
                        .map(str::parse)
                        .collect::<Result<_, _>>()
                        .map_err(|_| format!("expected numbers such as 10,100, got {list}"))?;
                }
                Long("box") => options.region = arguments.value()?.parse_with(region)?,
                Long("parts") => options.parts = arguments.value()?.parse_with(parts)?,
                Long("json") => options.json = Some(arguments.value()?.into()),
                Long("plain") => options.plain(),
                Long("quick") => options.quick(),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    /// The defaults of `Nle`, on the simulations as they are.
    fn plain(&mut self) {
        (self.copies, self.epochs, self.ensemble) = (0, 20, 1);
        (self.batch, self.rate, self.decay) = (256, 0.003, 0.1);
    }

    /// Everything once, in seconds.
    fn quick(&mut self) {
        self.quick = true;
        self.trials = vec![1, 10, 100];
        (self.simulations, self.copies, self.ensemble, self.sets) = (2000, 4, 2, 1);
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.parts.iter().any(|own| own == part)
    }
}

/// Prints the options with their defaults and ends the program.
fn help() -> ! {
    let Options { simulations, copies, epochs, ensemble, batch, rate, decay, first, seeds, sets, .. } =
        Options::default();
    println!(
        "Options:
  --simulations N  simulated trials to learn from (default: {simulations})
  --copies N       moved copies of each (default: {copies})
  --epochs N       passes over simulations and copies (default: {epochs})
  --ensemble N     networks whose densities are averaged (default: {ensemble})
  --batch N        rows per batch (default: {batch})
  --rate X         learning rate (default: {rate})
  --decay X        weight decay (default: {decay})
  --plain          no copies, one network, the defaults of Nle; flags after it still count (default: off)
  --box NAME       peers (a 0.6-5, w 0.1-0.9, t0 0-2) or narrow (a 0.6-3, w 0.2-0.8, t0 0-0.5) (default: peers)
  --first N        the first seed (default: {first})
  --seeds N        how many seeds (default: {seeds})
  --sets N         data sets of a single subject, per seed and number of trials (default: {sets})
  --trials LIST    numbers of trials of a single subject (default: 1,10,100,1000)
  --parts LIST     some of trial,hierarchy,single (default: all)
  --json PATH      write the figures there (default: none)
  --quick          everything once, in seconds; its figures mean nothing (default: off)
  --help           print this"
    );
    std::process::exit(0)
}

fn region(name: &str) -> Result<Region, String> {
    match name {
        "peers" => Ok(Region::Peers),
        "narrow" => Ok(Region::Narrow),
        other => Err(format!("expected peers or narrow, got {other}")),
    }
}

fn parts(list: &str) -> Result<Vec<String>, String> {
    let parts: Vec<String> = list.split(',').map(String::from).collect();
    match parts.iter().find(|part| !["trial", "hierarchy", "single"].contains(&part.as_str())) {
        None => Ok(parts),
        Some(other) => Err(format!("expected some of trial,hierarchy,single, got {other}")),
    }
}
