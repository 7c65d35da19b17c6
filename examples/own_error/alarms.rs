//! Alarms: likelihoods learned badly in known ways, and whether their posteriors are warned of.
//!
//! For each seed one data set, 125 trials of each of 4 subjects with a drift of their own, and one exact posterior; beside it the posteriors
//! of likelihoods learned from few simulations, in few steps, from simulations that fail, under a prior that leaves out where the posterior
//! is, and from a simulator with a coarse time step. Two rules are judged, parameter by parameter:
//!
//! 1. whatever lies more than 1 posterior sd off is warned of, by its own shift or by what is said of the whole run;
//! 2. nothing within 0.3 is accused by its own shift.

use crate::options::Options;
use crate::report::{Fit, Parameter, nuts, timed};
use mynah::draws::Warning;
use mynah::prelude::*;
use mynah::simulate::SimulationOptions;
use rand::RngExt;
use serde::Serialize;

const SUBJECTS: usize = 4;
const NAMES: [&str; 4] = ["v", "a", "w", "t0"];
/// What lies farther off is to be warned of.
const FAR: f64 = 1.0;
/// What lies nearer is not to be accused.
const NEAR: f64 = 0.3;
/// The largest drift of the training prior that leaves out the first subject's.
const NARROW: f64 = 1.5;
/// The time step of the coarse simulator, in seconds.
const STEP: f64 = 0.01;

/// What is wrong with the simulations or the training.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Two epochs only.
    Short,
    /// The simulator fails for the slowest of the trials, this share of them at the truth.
    Failures(f64),
    /// Training drifts reach up to [`NARROW`] only.
    Narrow,
    /// The simulator has the time step [`STEP`]; the check is given the exact one.
    Coarse,
}

/// Name, simulations, and what is wrong with them.
const CASES: [(&str, usize, Fault); 9] = [
    ("100 000 simulations", 100_000, Fault::None),
    ("10 000 simulations", 10_000, Fault::None),
    ("1 000 simulations", 1_000, Fault::None),
    ("200 simulations", 200, Fault::None),
    ("10 000 simulations, 2 epochs", 10_000, Fault::Short),
    ("100 000 simulations, slowest 5 % fail", 100_000, Fault::Failures(0.05)),
    ("100 000 simulations, slowest 1 % fail", 100_000, Fault::Failures(0.01)),
    ("100 000 simulations, narrow prior", 100_000, Fault::Narrow),
    ("100 000 simulations, coarse time step", 100_000, Fault::Coarse),
];

/// By what words of a summary something is said of a whole run. What is said of the data is told apart, but does not count as a
/// warning of the likelihood.
const KINDS: [(&str, &[&str]); 5] = [
    ("region", &["outside the training region", "have density zero"]),
    ("failures", &["simulations at the posterior failed", "learned from failed"]),
    ("training", &["training was stopped", "still falling", "by heart", "may be off by about"]),
    ("unchecked", &["was not checked"]),
    ("data", &["the range of the simulations", "unlike those observed"]),
];
/// The kinds of [`KINDS`] that count as a warning of every parameter.
const WARNINGS: usize = 4;

#[model]
fn learned_model(ddm: &NeuralLikelihood, data: &Data) {
    plate!(subjects = SUBJECTS, {
        sample!(v ~ Normal(0.0, 1.5));
    });
    sample!(a ~ Uniform(0.6, 3.0));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.trials.len(), {
        sample!(response ~ ddm.given(v: v.at(&data.subject), a, w, t0), observed = &data.trials);
    });
}

#[model]
fn exact_model(data: &Data) {
    plate!(subjects = SUBJECTS, {
        sample!(v ~ Normal(0.0, 1.5));
    });
    sample!(a ~ Uniform(0.6, 3.0));
    sample!(w ~ Uniform(0.2, 0.8));
    sample!(t0 ~ Uniform(0.0, data.fastest()));
    plate!(trials = data.trials.len(), {
        sample!(response ~ Wiener(v.at(&data.subject), a, w, t0), observed = &data.trials);
    });
}

/// The trials of a seed, and what they were drawn from.
struct Data {
    truth: Vec<Wiener>,
    subject: Vec<usize>,
    trials: Vec<Response>,
}

impl Data {
    /// The first subject's drift lies outside of the narrow prior.
    fn draw(each: usize, seed: u64) -> Self {
        let mut stream = Seed(seed).stream(Domain::User, 5);
        let mut between = |low: f64, high: f64| low + (high - low) * stream.random::<f64>();
        let (a, w, t0) = (between(0.9, 2.0), between(0.4, 0.6), between(0.15, 0.4));
        let mut drift = |s| if s == 0 { between(NARROW + 0.2, NARROW + 0.9) } else { between(-1.0, 1.0) };
        let truth: Vec<Wiener> = (0..SUBJECTS).map(|s| Wiener(drift(s), a, w, t0)).collect();
        let subject: Vec<usize> = (0..SUBJECTS * each).map(|trial| trial / each).collect();
        let trials = subject.iter().map(|s| truth[*s].sample(&mut stream)).collect();
        Self { truth, subject, trials }
    }

    fn fastest(&self) -> f64 {
        self.trials.iter().map(|trial| trial.rt).fold(f64::INFINITY, f64::min)
    }

    /// The time that this share of all subjects' trials exceeds.
    fn slow(&self, share: f64, seed: u64) -> f64 {
        let mut stream = Seed(seed).stream(Domain::User, 6);
        let mut times: Vec<f64> =
            (0..40_000).map(|trial| self.truth[trial % SUBJECTS].sample(&mut stream).rt).collect();
        times.sort_unstable_by(f64::total_cmp);
        times[((1.0 - share) * times.len() as f64) as usize]
    }
}

/// Walks in steps of [`STEP`] until one ends beyond a boundary.
fn walk(theta: &[f64], stream: &mut Stream) -> Response {
    let [v, a, w, t0] = theta[..] else { unreachable!("four names") };
    let (mut place, mut steps) = (a * w, 0.0);
    while place > 0.0 && place < a {
        place += Normal(v * STEP, STEP.sqrt()).sample(stream);
        steps += 1.0;
    }
    Response { rt: t0 + steps * STEP, choice: u8::from(place >= a) }
}

/// The exact simulator, failing for times beyond a limit.
fn failing(limit: f64) -> impl Simulator + Send + 'static {
    let limited = move |theta: &[f64], stream: &mut Stream| {
        let trial = Wiener(theta[0], theta[1], theta[2], theta[3]).sample(stream);
        Response { rt: if trial.rt > limit { f64::NAN } else { trial.rt }, ..trial }
    };
    ChoiceTimes(limited).names(NAMES)
}

/// A likelihood learned with a fault.
fn learn(
    simulations: usize,
    fault: Fault,
    data: &Data,
    options: &Options,
    seed: u64,
) -> mynah::Result<NeuralLikelihood> {
    let drift = if fault == Fault::Narrow { NARROW } else { 3.0 };
    let prior = BoxPrior::new([("v", -drift, drift), ("a", 0.6, 3.0), ("w", 0.2, 0.8), ("t0", 0.0, 0.5)])?;
    let count = if options.quick { simulations.min(1_000) } else { simulations };
    let simulate = SimulationOptions::default().progress(Progress::Hidden).allow_failures(1.0);
    let run = |simulator: &dyn Simulator| -> mynah::Result<Simulations> {
        Ok(simulate.run(&prior, simulator, count, seed)?.simulations)
    };
    let nle = Nle::default().shift("t0").progress(Progress::Hidden).seed(seed);
    let nle = if options.quick { nle.max_epochs(10) } else { nle };
    match fault {
        Fault::None | Fault::Narrow => nle.fit(&run(&Ddm::default())?),
        Fault::Short => nle.max_epochs(2).fit(&run(&Ddm::default())?),
        Fault::Failures(share) => {
            let limit = data.slow(share, seed);
            nle.fit(&run(&failing(limit))?)?.simulator(failing(limit))
        }
        Fault::Coarse => nle.fit(&run(&ChoiceTimes(walk).names(NAMES))?)?.simulator(Ddm::default()),
    }
}

/// For each parameter whether the summary warns of its shift, or would with room for all names.
pub(crate) fn says_moved(draws: &Draws) -> Vec<bool> {
    let far = draws.report().moved.as_ref().map_or(vec![], |moved| moved.far());
    (0..draws.labels().len()).map(|label| far.contains(&label)).collect()
}

/// A posterior and all that was said of it.
#[derive(Serialize)]
struct Judged {
    case: &'static str,
    seed: u64,
    parameters: Vec<Parameter>,
    /// For each parameter whether it is warned of by its own shift.
    moved: Vec<bool>,
    /// The kinds of what was said of the whole run.
    said: Vec<&'static str>,
    warnings: Vec<String>,
    messages: Vec<String>,
}

impl Judged {
    fn of(case: &'static str, seed: u64, fit: Fit, learned: &Draws) -> Self {
        let summary = learned.summary();
        let beyond = summary.warnings.iter().any(|w| matches!(w, Warning::OutsideTrainingRegion { .. }));
        let has = |phrases: &[&str]| {
            summary.messages.iter().any(|message| phrases.iter().any(|phrase| message.contains(phrase)))
        };
        let said = KINDS.iter().filter(|(kind, phrases)| has(phrases) || (beyond && *kind == "region"));
        Self {
            case,
            seed,
            parameters: fit.parameters,
            moved: says_moved(learned),
            said: said.map(|(kind, _)| *kind).collect(),
            warnings: summary.warnings.iter().map(Warning::to_string).collect(),
            messages: summary.messages,
        }
    }

    fn says(&self, kind: &str) -> bool {
        self.said.contains(&kind)
    }

    fn far(&self, p: usize) -> bool {
        !(self.parameters[p].off.abs() <= FAR)
    }

    fn near(&self, p: usize) -> bool {
        self.parameters[p].off.abs() < NEAR
    }

    fn warned(&self, p: usize) -> bool {
        self.moved[p] || self.warned_whole()
    }

    /// Whether there is a warning of every parameter.
    fn warned_whole(&self) -> bool {
        KINDS[..WARNINGS].iter().any(|(kind, _)| self.says(kind))
    }

    fn missed(&self, p: usize) -> bool {
        self.far(p) && !self.warned(p)
    }

    fn accused(&self, p: usize) -> bool {
        self.near(p) && self.moved[p]
    }
}

/// Everything judged; a posterior that could not be had is named in `refused`.
#[derive(Serialize, Default)]
struct Study {
    judged: Vec<Judged>,
    refused: Vec<String>,
}

/// Learns, fits and judges all cases, prints the tables and writes the figures.
pub(crate) fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let mut study = Study::default();
    for seed in options.seeds() {
        let data = Data::draw(if options.quick { 25 } else { 125 }, seed);
        let nuts = nuts(options, seed);
        let exact = timed("exact", || exact_model(&data)?.sample(&nuts))?;
        for (index, (case, simulations, fault)) in CASES.into_iter().enumerate() {
            let own = Seed(seed).derive(index as u64).0;
            let judged = || {
                let ddm = timed("learned", || learn(simulations, fault, &data, options, own))?;
                let learned = timed("fitted", || learned_model(&ddm, &data)?.sample(&nuts))?;
                let fit = Fit::of(format!("{case}, seed {seed}"), simulations, &learned, &exact)?;
                Ok::<_, mynah::Error>(Judged::of(case, seed, fit, &learned))
            };
            match judged() {
                Ok(judged) => study.judged.push(judged),
                Err(error) => study.refused.push(format!("{case}, seed {seed}: {error}")),
            }
        }
    }
    study.judged.sort_by_key(|judged| CASES.iter().position(|(case, ..)| *case == judged.case));
    study.print();
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&study)?)?;
    }
    Ok(())
}

impl Study {
    fn of_case(&self, case: &str) -> Vec<&Judged> {
        self.judged.iter().filter(|judged| judged.case == case).collect()
    }

    fn print(&self) {
        println!("\n## By case\n");
        println!(
            "| case | more than {FAR} sd off | warned of | by its own shift | region | failures | training | not checked | (data) | \
             rule 1 held, worst parameter | within {NEAR} | accused | rule 2 held, worst parameter | whole runs warned of | of these with \
             nothing more than {FAR} off |"
        );
        println!("|---|{}", "---:|".repeat(14));
        CASES.iter().for_each(|(case, ..)| println!("{}", self.row(case)));
        println!("\n## By case and parameter: warned of / more than {FAR} off; accused / within {NEAR}\n");
        self.print_parameters();
        self.print_wrong("Missed", Judged::missed);
        self.print_wrong("Accused", Judged::accused);
        self.refused.iter().for_each(|refused| println!("refused: {refused}"));
    }

    fn row(&self, case: &str) -> String {
        let runs = self.of_case(case);
        let count = |of: &dyn Fn(&Judged, usize) -> bool| -> usize {
            runs.iter().map(|run| (0..run.parameters.len()).filter(|p| of(run, *p)).count()).sum()
        };
        let kinds = KINDS.map(|(kind, _)| count(&|run, p| run.far(p) && run.says(kind)).to_string());
        let whole: Vec<&&Judged> = runs.iter().filter(|run| run.warned_whole()).collect();
        let worst = |broken: fn(&Judged, usize) -> bool| {
            let seeds = |p: usize| runs.iter().filter(|run| !broken(run, p)).count();
            let parameters = runs.first().map_or(0, |run| run.parameters.len());
            let held = (0..parameters).map(seeds).min().unwrap_or(0);
            format!("{held} of {}", runs.len())
        };
        let cells = [
            case.to_owned(),
            count(&Judged::far).to_string(),
            count(&|run, p| run.far(p) && run.warned(p)).to_string(),
            count(&|run, p| run.far(p) && run.moved[p]).to_string(),
            kinds.join(" | "),
            worst(Judged::missed),
            count(&Judged::near).to_string(),
            count(&Judged::accused).to_string(),
            worst(Judged::accused),
            whole.len().to_string(),
            whole.iter().filter(|run| !(0..run.parameters.len()).any(|p| run.far(p))).count().to_string(),
        ];
        format!("| {} |", cells.join(" | "))
    }

    fn print_parameters(&self) {
        let names = self.judged.first().map_or(vec![], |run| {
            run.parameters.iter().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>()
        });
        println!("| case | {} |", names.join(" | "));
        println!("|---|{}", "---:|".repeat(names.len()));
        for (case, ..) in CASES {
            let runs = self.of_case(case);
            let count = |of: &dyn Fn(&Judged) -> bool| runs.iter().filter(|run| of(run)).count();
            let cell = |p: usize| {
                let warned = (count(&|r| r.far(p) && r.warned(p)), count(&|r| r.far(p)));
                let accused = (count(&|r| r.accused(p)), count(&|r| r.near(p)));
                format!("{}/{}; {}/{}", warned.0, warned.1, accused.0, accused.1)
            };
            let cells: Vec<String> = (0..names.len()).map(cell).collect();
            println!("| {case} | {} |", cells.join(" | "));
        }
    }

    /// One line for each parameter of a run for which this holds, and after it what was said of that run.
    fn print_wrong(&self, title: &str, wrong: fn(&Judged, usize) -> bool) {
        println!("\n## {title}\n");
        for run in &self.judged {
            let wrong: Vec<usize> = (0..run.parameters.len()).filter(|p| wrong(run, *p)).collect();
            for p in &wrong {
                let Parameter { name, off, predicted, left, mcse } = &run.parameters[*p];
                println!(
                    "- {}, seed {}, {name}: off {off:+.2}, predicted {predicted:+.2}, left {left:+.2}, mcse {mcse:.2}",
                    run.case, run.seed
                );
            }
            if !wrong.is_empty() {
                run.warnings.iter().chain(&run.messages).for_each(|said| println!("  - {said}"));
            }
        }
    }
}
