"""The 17 posteriors with mynah, stanli and nutpie in turn: effective draws per second, as a markdown table.

    VENV/bin/python run.py POSTERIORS [--mynah target/release/examples/posteriordb]

POSTERIORS holds one folder for each posterior (`data.json`, `reference_summary.csv`). Run it with the interpreter of the
environment the peers are installed in (`requirements.txt`), on a machine that does nothing else. A fit that fails or
does not end is a cell of the table; the others go on. The program ends with 1 if there was one, or one was wrong.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from math import hypot, inf
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEMS = ["mynah", "stanli", "nutpie"]
# A mean further from the reference than so many combined standard errors: another posterior, and its speed means nothing.
MOST_ERRORS = 4.5
# Draws that mix so badly that their standard errors mean nothing either.
MOST_R_HAT = 1.05


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("posteriors", type=Path, help="the folder of the posteriors")
    mynah = HERE.parents[2] / "target/release/examples/posteriordb"
    parser.add_argument("--mynah", type=Path, default=mynah, help="the built example")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=SYSTEMS)
    parser.add_argument("--only", default="", help="posteriors whose name holds this")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="the table has the median over them")
    parser.add_argument("--draws", type=int, default=1000, help="of each of four chains, after a warm-up of 1000")
    parser.add_argument("--threads", type=int, default=2, help="cores that each system may use")
    parser.add_argument("--target-acceptance", type=float, default=0.8, help="for all systems")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for a system on a posterior")
    parser.add_argument("--json", type=Path, help="adds each fit to this file, a line for each")
    return parser.parse_args()


def commands(system, given, folder, report):
    """What is run for all seeds."""
    shared = ["--draws", given.draws, "--target-acceptance", given.target_acceptance]
    if system != "mynah":
        seeds = ["--threads", given.threads, "--seeds", *given.seeds]
        return [[sys.executable, HERE / f"fit_{system}.py", folder, *shared, *seeds]]
    place = ["--data", folder.parent, "--only", folder.name, "--json", report]
    return [[given.mynah, *place, *shared, "--seed", seed] for seed in given.seeds]


def fits(system, given, folder):
    """A fit for each seed, or the reason why not."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        done = []
        for command in commands(system, given, folder, report):
            ran = execute(command, given)
            if system == "mynah" and report.exists():
                # Its exit says whether its own, stricter comparison held.
                done += json.loads(report.read_text())["fits"]
                report.unlink()
            elif ran.returncode == 0:
                done += [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
            else:
                raise RuntimeError(last_line(ran.stderr) or f"exit {ran.returncode}")
    if len(done) != len(given.seeds):
        raise RuntimeError(f"expected {len(given.seeds)} fits, got {len(done)}")
    return done


def execute(command, given):
    one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=given.timeout,
        env=os.environ | one | {"RAYON_NUM_THREADS": str(given.threads)},
    )


def last_line(text):
    lines = text.strip().splitlines()
    return lines[-1].replace("|", "/")[:120] if lines else ""


def judged(fit, reference):
    """The least bulk ESS per second, and the worst mean in combined standard errors; R-hat that is too high is infinite."""
    found = {row["name"]: row for row in fit["parameters"]}
    missing = sorted(set(reference) - set(found))
    if missing:
        raise RuntimeError(f"no draws of {missing[0]}")
    rows = [(found[name], expected) for name, expected in reference.items()]
    worst = max(
        abs(row["mean"] - expected["mean"]) / hypot(row["mcse_mean"], expected["mcse_mean"]) for row, expected in rows
    )
    if not max(row["r_hat"] for row, _ in rows) < MOST_R_HAT:
        worst = inf
    return min(row["ess_bulk"] for row, _ in rows) / fit["seconds"], worst


def references(folder):
    with open(folder / "reference_summary.csv") as rows:
        fields = ("mean", "mcse_mean")
        return {row["parameter"]: {field: float(row[field]) for field in fields} for row in csv.DictReader(rows)}


def measured(system, given, folder):
    """ESS per second (None if it is not to be had), the worst mean, the divergences, and a word on what went wrong."""
    try:
        done = fits(system, given, folder)
        speeds, errors = zip(*(judged(fit, references(folder)) for fit in done))
    except (RuntimeError, OSError, TypeError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        print(f"{system}, {folder.name}: {error}", file=sys.stderr)
        return None, None, None, "no end" if isinstance(error, subprocess.TimeoutExpired) else "failed"
    write(given, system, done)
    divergences = sum(fit["divergences"] for fit in done)
    right = max(errors) < MOST_ERRORS
    return statistics.median(speeds) if right else None, max(errors), divergences, "" if right else "wrong"


def write(given, system, done):
    if given.json:
        run = {"system": system, "target_acceptance": given.target_acceptance, "draws_per_chain": given.draws}
        with open(given.json, "a") as file:
            file.writelines(json.dumps(run | fit) + "\n" for fit in done)


def peers(given):
    """Those that mynah is compared with, if it is run."""
    return [system for system in given.systems if system != "mynah" and "mynah" in given.systems]


def print_head(given):
    seeds, threads = ", ".join(map(str, given.seeds)), given.threads
    print(
        f"Least bulk ESS per second of sampling: warm-up included, compilation not; the median over the seeds {seeds}. "
        f"4 chains of 1000 + {given.draws} draws, {threads} threads, target acceptance {given.target_acceptance} for all. "
        f"Worst mean: its distance from the reference in combined standard errors, the worst of the seeds.\n"
    )
    ratios = [f"mynah / {peer}" for peer in peers(given)]
    each = ", ".join(given.systems)
    cells = ["posterior", *given.systems, *ratios, f"worst mean ({each})", f"divergences ({each})"]
    print(f"| {' | '.join(cells)} |\n|---|{'---:|' * (len(cells) - 1)}", flush=True)


def print_row(given, name, results):
    speeds = {system: result[0] for system, result in results.items()}
    cells = [results[system][3] or f"{speeds[system]:.0f}" for system in given.systems]
    for peer in peers(given):
        known = speeds["mynah"] and speeds[peer]
        cells.append(f"{speeds['mynah'] / speeds[peer]:.2f}" if known else "-")
    worst = ", ".join("-" if result[1] is None else f"{result[1]:.1f}" for result in results.values())
    divergences = ", ".join("-" if result[2] is None else str(result[2]) for result in results.values())
    print(f"| {name} | {' | '.join(cells)} | {worst} | {divergences} |", flush=True)


def use_cores(count):
    """All that is started from here stays on so many cores, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def main():
    given = options()
    folders = sorted(file.parent.resolve() for file in given.posteriors.glob("*/data.json"))
    folders = [folder for folder in folders if given.only in folder.name]
    if not folders:
        sys.exit(f"expected folders with a data.json in {given.posteriors}, found none whose name holds '{given.only}'")
    use_cores(given.threads)
    print_head(given)
    held = True
    for folder in folders:
        results = {system: measured(system, given, folder) for system in given.systems}
        print_row(given, folder.name, results)
        held &= not any(result[3] for result in results.values())
    sys.exit(not held)


if __name__ == "__main__":
    main()
