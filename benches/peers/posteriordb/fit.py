"""What the programs of both peers share: their options, and a fit as one line of JSON.

A fit has the fields of the JSON report of `examples/posteriordb`: its name, the seconds of sampling (warm-up included,
compilation not), the divergences, and mean, sd, mcse_mean, ess_bulk and r_hat of each parameter, by ArviZ.
"""

import argparse
import csv
import json
import time
import warnings
from pathlib import Path

import arviz
import numpy as np

warnings.filterwarnings("ignore")


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="of one posterior: data.json and reference_summary.csv")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--warmup", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--target-acceptance", type=float, default=0.8)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    return parser.parse_args()


def run(given, prepare, sample):
    """Prepares once, then samples with each seed and prints the fit.

    `prepare()` gives what `sample(prepared, warmup, draws, seed)` takes; that gives the seconds it took, a function from a
    parameter's name to its draws (chains, draws), and the number of divergences.
    """
    begin = time.perf_counter()
    prepared = prepare()
    prepare_seconds = time.perf_counter() - begin
    # What is done lazily at the first call is no part of sampling.
    sample(prepared, 20, 20, 0)
    with open(given.folder / "reference_summary.csv") as rows:
        names = [row["parameter"] for row in csv.DictReader(rows)]
    for seed in given.seeds:
        seconds, draws, divergences = sample(prepared, given.warmup, given.draws, seed)
        fit = {"name": given.folder.name, "seed": seed, "prepare_seconds": prepare_seconds, "seconds": seconds}
        fit |= {"divergences": divergences, "parameters": [row(name, draws(name)) for name in names]}
        print(json.dumps(fit), flush=True)


def row(name, draws):
    draws = np.asarray(draws, float)
    number = lambda value: float(np.squeeze(value))
    return {
        "name": name,
        "mean": number(draws.mean()),
        "sd": number(draws.std(ddof=1)),
        "mcse_mean": number(arviz.mcse(draws, method="mean")),
        "ess_bulk": number(arviz.ess(draws, method="bulk")),
        "r_hat": number(arviz.rhat(draws)),
    }
