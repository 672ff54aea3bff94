"""Whole networks, every point different: time per layer and point, errors, building, compiling and several cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from fractions import Fraction

import numpy as np

import derive as dv
from fast.decades import backends
from fast.machine import fma_speedup, timed

CASES = [
    ("FullResidual", "tanh", "c"),
    ("FullResidual", "tanh", "numba"),
    ("FullResidual", "tanh", "numpy"),
    ("FullResidual", "tanh", "jax"),
    ("FullResidual", "gelu", "c"),
    ("FullResidual", "swish", "c"),
    ("FullResidual", "softplus", "c"),
    ("FullResidual", "x*erf(x)", "c"),
    ("FullResidual", "sin", "c"),
    ("FullResidual", "alpha_relu(alpha=79/100)", "c"),
    ("FullResidual", "alpha_relu(alpha=11/20)", "c"),
    ("FullResidual", "relu", "c"),
    ("FeedForward", "tanh", "c"),
    ("FeedForward", "erf", "c"),
]
OPERATIONS = {"rsqrt": 8, "div": 4, "sqrt": 8}

COMPILE = """
import json, os, time
import derive as dv
dv.FullResidual("relu").compile({backend!r})
times = []
for _ in range(2):
    net, start, children = dv.FullResidual({phi!r}), time.process_time(), sum(os.times()[2:4])
    net.compile({backend!r})
    times.append(time.process_time() - start + sum(os.times()[2:4]) - children)
print(json.dumps(times))
"""


def activation(text: str) -> object:
    if text.startswith("alpha_relu"):
        return dv.activation("alpha_relu", alpha=Fraction(text.split("=")[1].rstrip(")")))
    return text


def operations(program: object) -> int:
    """Multiplications and additions of a layer step, a fused pair counted once in polynomials."""
    total = 0
    for node, used in zip(program.graph.nodes, program.needed(), strict=True):
        if not used or node.op in ("const", "input"):
            continue
        if node.op == "table":
            group, name = node.value
            total += len(program.graph.groups[group].tiles.patterns[name])
        else:
            total += OPERATIONS.get(node.op, 1)
    return total


def inputs_of(network: str, phi: str, points: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    if network == "FeedForward":
        inputs = {"sigma_w2": rng.uniform(0.5, 3, points), "sigma_b2": rng.uniform(0, 0.5, points)}
        return inputs | {"q0": rng.uniform(0.1, 3, points), "c0": rng.uniform(0, 1, points)}
    grows = phi in ("relu", "gelu", "swish", "softplus", "x*erf(x)")
    inputs = {f"sigma_{k}2": rng.uniform(0.3, 1, points) * (0.01 if grows else 1) for k in "vwab"}
    return inputs | {"p0": 10 ** rng.uniform(-2, 1, points), "e0": rng.uniform(0, 1, points)}


def networks(quick: bool, fma: float | None) -> list[dict]:
    """One row a network."""
    rows = []
    for network, phi, backend in CASES:
        if backend not in backends():
            continue
        few = quick or backend in ("numpy", "jax")
        points, depth = (4096, 400) if few else (10_000, 1000)
        f = getattr(dv, network)(activation(phi)).compile(backend)
        inputs = inputs_of(network, phi, points)
        f(depth, **inputs)
        row = {"network": network, "activation": phi, "backend": backend, "points": points, "depth": depth}
        row["ns"] = timed(lambda f=f, d=depth, i=inputs: f(d, **i), 3) / points / depth * 1e9
        row["ns_at_200"] = timed(lambda f=f, i=inputs: f(200, **i), 3) / points / 200 * 1e9
        row["operations"] = operations(f.compiled.program)
        if fma:
            row["over_fma_time"] = row["ns"] / (row["operations"] * fma)
        rows.append(row)
    return rows


def errors(quick: bool) -> list[dict]:
    """Largest relative errors against the iteration with 22 digits: 200 layers of tanh, 12 of other activations."""
    rows = []
    cases = [("tanh", 200, b) for b in backends()]
    if not quick:
        others = ("gelu", "swish", "softplus", "x*erf(x)", "sin", "relu", "alpha_relu(alpha=79/100)")
        cases += [(phi, 12, backends()[0]) for phi in others]
    start = {"sigma_v2": 1.3, "sigma_w2": 0.8, "sigma_a2": 0.1, "sigma_b2": 0.2}
    known: dict = {}
    for phi, depth, backend in cases:
        net = dv.FullResidual(activation(phi))
        f, worst = net.compile(backend), dict.fromkeys(("p", "gamma", "chi", "one_minus_e"), 0.0)
        for p0, e0 in ((1.0, 0.5), (7.0, 0.999)):
            given = start | {"p0": p0, "e0": e0}
            if (phi, p0) not in known:
                known[phi, p0] = net.trajectory(depth, **given)
            run, got = known[phi, p0], f(depth, **given)
            for name in ("p", "gamma", "one_minus_e"):
                worst[name] = max(worst[name], float(abs(got[name] / run[name][-1] - 1)))
            worst["chi"] = max(worst["chi"], float(abs(np.expm1(got["log_chi_ratio"] - run["log_chi"][0]))))
        rows.append({"activation": phi, "depth": depth, "backend": backend, "errors": worst})
    return rows


def compiling(quick: bool) -> list[dict]:
    """Processor seconds to compile for the first time, again in another process, and again in the same one."""
    rows = []
    texts = ("tanh",) if quick else ("tanh", "gelu", "swish", "softplus", "x*erf(x)", "sin", "erf")
    for phi in texts:
        with tempfile.TemporaryDirectory() as folder:
            code = COMPILE.format(phi=phi, backend=backends()[0])
            first, second = (_times(code, folder) for _ in range(2))
        rows.append({"activation": phi, "first_s": first[0], "other_process_s": second[0], "again_s": second[1]})
    return rows


def _times(code: str, folder: str) -> list[float]:
    env = os.environ | {"DERIVE_CACHE": folder}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    return json.loads(done.stdout)


def calls() -> list[dict]:
    """Microseconds of a call for one point and one layer."""
    rows = []
    for backend in backends():
        f = dv.FullResidual("tanh").compile(backend)
        given = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": 0, "sigma_b2": 0.1, "p0": 1, "e0": 0.5}
        f(1, **given)
        seconds = timed(lambda f=f, g=given: f(1, **g), 100, time.perf_counter)
        rows.append({"backend": backend, "microseconds": seconds * 1e6})
    return rows


def scaling(cores: set[int], quick: bool) -> list[dict]:
    """Gains by threads: in time by the clock, beside what a loop of multiply-adds gains, and in processor time.

    On a busy machine the clock tells what others leave; ``efficiency``, the processor time of one thread over that of
    all, tells whether threads hinder each other: with idle cores the gain is the number of threads times that.
    """
    rows, backend = [], backends()[0]
    if backend != "c" or not hasattr(os, "sched_setaffinity"):
        return rows
    os.sched_setaffinity(0, cores)
    points, depth = 20_000, 200 if quick else 1000
    f, inputs = dv.FullResidual("tanh").compile(backend), inputs_of("FullResidual", "tanh", points)
    for threads in sorted({1, 2, len(cores)}):
        best: dict = {}
        for _ in range(3 if quick else 10):
            for count, name in ((1, "one"), (threads, "many")):
                for clock in (time.perf_counter, time.process_time):
                    took = timed(lambda t=count: f(depth, threads=t, **inputs), 1, clock)
                    key = name, clock.__name__
                    best[key] = min(best.get(key, took), took)
        row = {"threads": threads, "speedup": best["one", "perf_counter"] / best["many", "perf_counter"]}
        row["fma_speedup"] = fma_speedup(threads)
        rows.append(row | {"efficiency": best["one", "process_time"] / best["many", "process_time"]})
    os.sched_setaffinity(0, {min(cores)})
    return rows
