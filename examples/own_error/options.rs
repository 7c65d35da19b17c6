//! The command line.

use mynah::infer::ScoreCheck;
use std::path::PathBuf;

const TASKS: [&str; 4] = ["single", "hierarchy", "cookies", "bakeries"];

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    pub(crate) alarms: bool,
    pub(crate) check: ScoreCheck,
    pub(crate) seeds: u64,
    pub(crate) first: u64,
    pub(crate) tasks: Vec<String>,
    pub(crate) simulations: Vec<usize>,
    pub(crate) data: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
}

impl Options {
    pub(crate) fn parse() -> Result<Self, Box<dyn std::error::Error>> {
        use lexopt::prelude::*;
        let mut options = Self {
            quick: false,
            alarms: false,
            check: ScoreCheck::default(),
            seeds: 5,
            first: 2001,
            tasks: TASKS.map(String::from).to_vec(),
            simulations: vec![10_000, 100_000],
            data: None,
            json: None,
        };
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("quick") => {
                    options.quick = true;
                    (options.seeds, options.simulations) = (1, vec![3_000]);
                }
                Long("alarms") => options.alarms = true,
                Long("check") => {
                    options.check =
                        ScoreCheck::default().simulations(arguments.value()?.parse()?).seconds(f64::INFINITY);
                }
                Long("seeds") => options.seeds = arguments.value()?.parse()?,
                Long("first") => options.first = arguments.value()?.parse()?,
                Long("tasks") => options.tasks = list(&arguments.value()?.string()?),
                Long("simulations") => {
                    let list = list(&arguments.value()?.string()?);
                    options.simulations =
                        list.iter().map(|number| number.parse()).collect::<Result<_, _>>()?;
                }
                Long("data") => options.data = Some(arguments.value()?.into()),
                Long("json") => options.json = Some(arguments.value()?.into()),
                other => return Err(other.unexpected().into()),
            }
        }
        match options.tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
            Some(task) => Err(format!("expected tasks among {}, got {task}", TASKS.join(", ")).into()),
            None => Ok(options),
        }
    }

    pub(crate) fn seeds(&self) -> impl Iterator<Item = u64> + use<> {
        self.first..self.first + self.seeds
    }

    /// The draws of each chain.
    pub(crate) fn draws(&self) -> usize {
        if self.quick { 150 } else { 4000 }
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}
