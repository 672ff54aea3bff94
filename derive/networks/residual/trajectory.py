"""Layer-by-layer iteration of a residual network: every quantity at every layer as float64 arrays.

The states p and s = p - gamma are carried with guard digits and each expectation is computed to full double accuracy,
so that the arrays are right to a few units in the last place at any depth that can be iterated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.errors import DomainError, InputError
from derive.networks.residual.equations import SYMBOLS, MeanProduct, MeanSquare, general_equations
from derive.networks.values import VARIANCES, RunValues
from derive.numerics.compile import to_mpf

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Trajectory", "compile_step", "iterate", "run"]

GUARD_DIGITS = 22


@dataclass(frozen=True)
class Trajectory(Mapping):
    """Named float64 arrays over the layers 0..depth; entries that do not exist (q at the input) are NaN.

    Read as a mapping or by attribute: ``run["p"]``, ``run.p``.
    """

    arrays: Mapping[str, np.ndarray]
    inputs: Mapping[str, str]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.arrays)

    def __len__(self) -> int:
        return len(self.arrays)

    def __getattr__(self, name: str) -> np.ndarray:
        arrays = object.__getattribute__(self, "__dict__").get("arrays", {})
        if name in arrays:
            return arrays[name]
        raise AttributeError(f"no quantity {name}; this run has {', '.join(arrays)}")

    def to_xarray(self) -> Any:
        """The same as an ``xarray.Dataset`` along the dimension ``layer`` (needs the extra ``grid``)."""
        try:
            import xarray
        except ImportError as missing:
            raise InputError("to_xarray needs the package xarray: pip install meanfield-derive[grid]") from missing
        data = {name: ("layer", values) for name, values in self.arrays.items()}
        return xarray.Dataset(
            data, coords={"layer": range(len(next(iter(self.arrays.values()))))}, attrs=dict(self.inputs)
        )

    def _repr_html_(self) -> str:
        from derive.networks.display import trajectory_html

        return trajectory_html(self)


@dataclass(frozen=True)
class Step:
    """The layer equations as functions of numbers, expectations passed in: ``sigma`` stands for the four variances.

    ``p(p_, V, *sigma)``, ``q(p_, *sigma)``, ``s(s_, gap, *sigma)`` with gap = V - W, and one function
    ``(chi, p_, V, slope, *sigma)`` per gradient, slope = E phi'^2.
    """

    p: Callable
    q: Callable
    s: Callable
    gradients: Mapping[str, Callable]


@lru_cache(maxsize=64)
def compile_step(architecture: str) -> Step:
    """Turn the derived layer equations into numeric functions."""
    S = SYMBOLS
    branch, slope, gap, before = sp.symbols("branch slope gap before")
    rows = {}
    for name, eq in general_equations(architecture):
        squares = eq.rhs.replace(MeanSquare, lambda n, q: slope if n else branch)
        rows[name] = squares.replace(MeanProduct, lambda n, q, lam: branch - gap)
    sigma = (S.sigma_v2, S.sigma_w2, S.sigma_a2, S.sigma_b2)
    difference = sp.expand(rows["p"] - rows["gamma"].subs(S.gamma_, S.p_ - before))
    gradients = {
        name: sp.lambdify((S.chi, S.p_, branch, slope, *sigma), rhs, "numpy")
        for name, rhs in rows.items()
        if name.startswith("chi")
    }
    return Step(
        sp.lambdify((S.p_, branch, *sigma), rows["p"], "mpmath"),
        sp.lambdify((S.p_, *sigma), rows["q"], "mpmath"),
        sp.lambdify((before, gap, *sigma), difference, "mpmath"),
        gradients,
    )


def iterate(architecture: str, phi: Activation, values: RunValues, digits: int) -> Iterator[dict[str, Any]]:
    """Yield p, q, V, slope (= E phi'^2) and, with two inputs, s and the gap q - lam, of layers 1, 2, ...

    Numbers are mpmath's, with about ``digits`` right digits (relative, s and gap included).
    """
    from derive.expectations.values import gap_value, variance_value

    step = compile_step(architecture)
    singular = any(order <= sp.Rational(1, 2) for order in phi.kink_orders)  # E phi'^2 is infinite
    derivative = None if singular else phi.diff(1)
    with mpmath.workdps(digits + 10):
        sigma = [to_mpf(getattr(values, n)) for n in VARIANCES]
        p = to_mpf(values.p0)
        s = None if values.e0 is None else (1 - to_mpf(values.e0)) * p
    while True:
        with mpmath.workdps(digits + 10):
            row = {"q": step.q(p, *sigma)}
            row["V"] = variance_value(phi, row["q"], digits)
            row["slope"] = mpmath.inf if singular else variance_value(derivative, row["q"], digits)
            if s is not None:
                row["gap"] = sigma[1] * s
                lost = gap_value(phi, row["q"], row["gap"] / row["q"], digits) if row["gap"] else 0
                s = row["s"] = step.s(s, lost, *sigma)
            p = row["p"] = step.p(p, row["V"], *sigma)
        yield row


def run(
    architecture: str, phi: Activation, values: RunValues, depth: int, progress: Callable[[int], None] | None = None
) -> Trajectory:
    """Iterate ``depth`` layers.  Gradients are normalised to chi = 1 at the last layer."""
    import numpy as np

    for name in VARIANCES:
        if mpmath.isinf(float(getattr(values, name))):
            raise DomainError(f"{name} is too large for the float64 numbers of a trajectory; net.at takes any number")
    names = ("q", "p", "V", "slope") + (() if values.e0 is None else ("lam", "gamma", "e", "one_minus_e", "s"))
    table = {name: np.full(depth + 1, np.nan) for name in names}
    with mpmath.workdps(GUARD_DIGITS):
        start = {"p": to_mpf(values.p0)}
        if values.e0 is not None:
            start["s"] = (1 - to_mpf(values.e0)) * start["p"]
        _store(table, 0, start)
        for layer, row in zip(range(1, depth + 1), iterate(architecture, phi, values, GUARD_DIGITS), strict=False):
            _store(table, layer, row)
            if progress:
                progress(layer)
    gradients = _gradients(compile_step(architecture), table, values)
    inputs = {n: str(getattr(values, n)) for n in (*VARIANCES, "p0", "e0") if getattr(values, n) is not None}
    return Trajectory({n: a for n, a in table.items() if n not in ("V", "slope")} | gradients, inputs)


def _store(table: dict, layer: int, row: Mapping[str, Any]) -> None:
    """Write one layer's numbers; e and gamma come from s, which is exact near e = 1."""
    for name in ("p", "q", "V", "slope", "s"):
        if name in row:
            table[name][layer] = row[name]
    if "gap" in row:
        table["lam"][layer] = row["q"] - row["gap"]
    if "s" in row:
        table["gamma"][layer] = row["p"] - row["s"]
        if row["p"]:
            table["one_minus_e"][layer], table["e"][layer] = row["s"] / row["p"], 1 - row["s"] / row["p"]


def _gradients(step: Step, table: dict, values: RunValues) -> dict:
    """chi and the parameter gradients, backwards from chi = 1 at the last layer.

    ``log_chi`` stays finite where chi itself overflows.
    """
    import numpy as np

    sigma = [float(getattr(values, n)) for n in VARIANCES]
    before = np.concatenate([[np.nan], table["p"][:-1]])
    with np.errstate(over="ignore", invalid="ignore"):  # where a length has overflowed, infinity times zero is NaN
        factor = step.gradients["chi"](1.0, before, table["V"], table["slope"], *sigma) * np.ones_like(before)
        log_chi = np.concatenate([np.cumsum(np.log(factor[:0:-1]))[::-1], [0.0]])
        chi = np.exp(log_chi)
        rest = {
            name: function(chi, before, table["V"], table["slope"], *sigma) * np.where(np.isnan(before), np.nan, 1.0)
            for name, function in step.gradients.items()
            if name != "chi"
        }
    return {"log_chi": log_chi, "chi": chi, **rest}
