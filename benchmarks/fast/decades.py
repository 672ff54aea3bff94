"""One layer of a tanh network, decade by decade of q: time at one point and right digits, all in one run."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import derive as dv
from derive.codegen.approximation.evaluate import expectations_program
from derive.codegen.backends.c_backend import compiler
from derive.codegen.compiled import runner_for
from derive.codegen.graph import Program
from derive.expectations.values import covariance_value, expectation_value, gap_value, variance_value
from fast.machine import timed
from fast.rules import gauss_hermite, scipy_quadrature, trapezoid

TANH = dv.activation("tanh")
DECADES = [10.0**k for k in range(-2, 5)]
DISTANCE = Fraction(1, 10)  # 1 - c of the points compared


def backends() -> list[str]:
    """Those that work here."""
    found = ["c"] if compiler() else []
    return [*found, *(["numba"] if find_spec("numba") else []), "numpy", *(["jax"] if find_spec("jax") else [])]


def program() -> Program:
    """The expectations of tanh; q depends on the step before, so that no compiler takes them out of the loop."""
    made = expectations_program(TANH)
    graph, V = made.graph, made.states["V"]
    q = graph.add("add", graph.add("input", value="q"), graph.add("sub", V, V))
    return replace(made, states=made.states | {"q": q}, parameters=("v", "lam"))


def digits(got: float, exact: float) -> float:
    """Right digits of a number, 0 to 16."""
    error = abs(got - exact) / abs(exact)
    return 16.0 if error < 1e-16 else round(min(16.0, max(0.0, -math.log10(error))), 1)


def accuracy(values: tuple[float, ...], q: float) -> dict[str, float]:
    """Right digits of V, S, W and V - W."""
    V, S, W = values[:3]
    gap = values[3] if len(values) > 3 else V - W
    exact = Fraction(q)
    return {
        "V": digits(V, float(variance_value(TANH, exact, 20))),
        "S": digits(S, float(expectation_value(TANH.diff(1).expr ** 2, exact, 20))),
        "W": digits(W, float(covariance_value(TANH, exact, one_minus_c=DISTANCE, digits=20))),
        "V - W": digits(gap, float(gap_value(TANH, exact, DISTANCE, 20))),
    }


def by_decades(quick: bool) -> list[dict]:
    """Rows of the comparison."""
    runners = {b: runner_for(program(), b) for b in backends()}
    others = libraries([q for q in DECADES if q <= (1 if quick else 1e4)])
    rows = []
    for q in DECADES:
        row: dict = {"q": q}
        for name, runner in runners.items():
            n, steps = 8192, 50
            many = {"q": np.full(n, q), "v": np.full(n, q * 0.1), "lam": np.full(n, q) - q * 0.1}
            many = dict.fromkeys(runner.program.states, np.zeros(n)) | many
            got = runner.run(1, many).final
            runner.run(steps, many)
            seconds = timed(lambda r=runner, m=many, k=steps: r.run(k, m), 3 if name == "jax" else 7)
            values = tuple(float(got[k][0]) for k in ("V", "S", "C", "D"))
            row[f"derive, {name}"] = {"ns": seconds / n / steps * 1e9, "digits": accuracy(values, q)}
        peers = {"Gauss-Hermite, 64 nodes": gauss_hermite(64), "Gauss-Hermite, 200 nodes": gauss_hermite(200)}
        if q <= (1 if quick else 1e3):
            peers["trapezoid"] = trapezoid
        if not quick and q <= 1:
            peers["scipy"] = scipy_quadrature
        for name, peer in peers.items():
            values = peer(q, 0.9)
            seconds = timed(lambda p=peer, q=q: p(q, 0.9), 1 if name in ("trapezoid", "scipy") else 3)
            row[name] = {"ns": seconds * 1e9, "digits": accuracy(values, q)}
        for name, cells in others.items():
            for cell in cells:
                if cell["q"] == q:
                    row[name] = {"ns": cell["ns"], "digits": accuracy(tuple(cell["values"]), q)}
        rows.append(row)
    return rows


def libraries(wanted: list[float]) -> dict:
    """What other libraries give, where ``PEERS`` names a Python that has them; see ``libraries.py``."""
    python = os.environ.get("PEERS")
    if not python:
        return {}
    script = Path(__file__).with_name("libraries.py")
    done = subprocess.run([python, str(script), *map(str, wanted)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(rows: list[dict]) -> None:
    for row in rows:
        print(f"q = {row['q']:g}")
        for name, cell in row.items():
            if name != "q":
                worst = "  ".join(f"{k} {v}" for k, v in cell["digits"].items())
                print(f"    {name:28}{cell['ns']:16,.1f} ns   digits {worst}")
