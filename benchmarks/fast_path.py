"""Compiled networks against quadrature and other libraries, side by side in one run on one pinned core.

    python benchmarks/fast_path.py [--quick] [--only PART ...] [--record FOLDER]

The parts are ``decades`` (nanoseconds for V, E phi'^2, W and V - W of tanh at one point and their right digits, for
q from 1e-2 to 1e4), ``networks`` (nanoseconds per layer and point, beside the time that the machine needs for as many
fused multiply-adds), ``errors`` (after many layers), ``compiling``, ``calls``, ``scaling`` (several cores, beside what
a loop of multiply-adds gains) and ``phases`` (diagrams of 1000 x 1000 points).  ``PEERS`` may name the Python of an
environment with neural-tangents and dks (``benchmarks/fast/libraries.py``).  ``--record`` writes fast_path.json and
phase_diagrams.json, with the machine's name and load; the package's own are in derive/report/measured.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")

from fast import decades, machine, networks, phases

PARTS = ("decades", "networks", "errors", "compiling", "calls", "scaling", "phases")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--record", metavar="FOLDER", type=Path)
    options = parser.parse_args()
    cores = machine.pin()
    about = machine.about()
    print(f"{about['machine']}; load {about['load']}; one multiply-add of one lane: {about['fma_ns']} ns")
    parts = {
        "decades": lambda: decades.by_decades(options.quick),
        "networks": lambda: networks.networks(options.quick, about["fma_ns"]),
        "errors": lambda: networks.errors(options.quick),
        "compiling": lambda: networks.compiling(options.quick),
        "calls": networks.calls,
        "scaling": lambda: networks.scaling(cores, options.quick),
        "phases": lambda: phases.phase_diagrams(options.quick),
    }
    shown = {"decades": decades.show, "phases": phases.show}
    found = {}
    for name in options.only:
        print(f"--- {name}")
        found[name] = parts[name]()
        shown.get(name, _rows)(found[name])
    if options.record:
        _write(options.record / "fast_path.json", about, {n: r for n, r in found.items() if n != "phases"})
        _write(options.record / "phase_diagrams.json", about, {"phase_diagrams": found.get("phases")})


def _rows(rows: list[dict]) -> None:
    for row in rows:
        print({k: float(f"{v:.3g}") if isinstance(v, float) else v for k, v in row.items()})


def _write(path: Path, about: dict, parts: dict) -> None:
    """Write the parts that were measured; others stay as they are."""
    known = json.loads(path.read_text()) if path.exists() else {}
    new = {name: rows for name, rows in parts.items() if rows is not None}
    if new:
        path.write_text(json.dumps(about | {k: v for k, v in known.items() if k not in about} | new, indent=1) + "\n")


if __name__ == "__main__":
    main()
