r"""The first correction in 1/width to the mean and the variance of the length of the signal, for any activation.

The length is a Markov chain with conditional mean F(s) and conditional covariance S(s)/N (:mod:`.correction_layers`).
Expanding around the mean-field orbit :math:`s_{l+1} = F(s_l)` gives

.. math:: E s_l = s_l + m_l/N + O(N^{-2}),\quad \mathrm{Cov}\, s_l = C_l/N + O(N^{-2}),\qquad
    C_{l+1} = F' C_l F'^T + S,\quad m_{l+1} = F' m_l + \tfrac12\, C_l : F''.

Derivatives of Gaussian means with respect to the variance put Hermite polynomials under the mean, :math:`\partial_q E
f = E f\,\partial_q\rho/\rho` with the density rho, so activations may have kinks and jumps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp

from derive.activations import VARIABLE, Activation, activation
from derive.display import ShownAsTable
from derive.errors import DomainError, InputError, UnknownNameError
from derive.finite_width.correction_layers import PARAMETERS, Chain, chain, mean_symbol, q
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["WidthCorrection", "width_correction"]

ARCHITECTURES = ("feed_forward", "reduced_residual", "full_residual", "scaled_residual")


@dataclass(frozen=True)
class WidthCorrection(ShownAsTable):
    """Arrays over the layers 0..depth: ``mean`` + ``mean_correction``/N and ``variance``/N, to O(1/N^2).

    ``name`` is the quantity: p, or q in a feed-forward net.
    """

    name: str
    mean: Any
    mean_correction: Any
    variance: Any

    def at(self, width: Any) -> dict[str, Any]:
        """{name: the mean at this width}, as a theory for :meth:`Simulation.z_score`."""
        return {self.name: self.mean + self.mean_correction / positive_integer(width, "width")}

    def variance_at(self, width: Any) -> Any:
        """The variance of the measured length from net to net at this width."""
        return self.variance / positive_integer(width, "width")


def width_correction(network: Any, phi: Any = None, *, depth: Any, digits: int = 15, **values: Any) -> WidthCorrection:
    r"""Mean and variance of the length of the signal to first order in 1/width, layer by layer.

    ``network`` is "feed_forward", "reduced_residual", "full_residual" or "scaled_residual" with an activation, or an
    architecture object; ``values`` are its variances and p0 (q0 for feed-forward nets, whose layer 0 is Gaussian with
    that variance).  The start is an input of exactly that mean square, in a random direction, as in
    :func:`~derive.finite_width.simulate`.  Any activation with a finite fourth moment; Gaussian means are right to
    ``digits`` digits in the sense of :func:`~derive.expectations.values.expectation_value`.

    Terms of order 1/N^2 are left out: with depth/width not small the corrections are not small either.

    >>> found = width_correction("feed_forward", "relu", depth=3, sigma_w2=2, sigma_b2=0, q0=1)
    >>> [round(float(v), 9) for v in found.variance], [round(float(m), 9) for m in found.mean_correction]
    ([2.0, 7.0, 12.0, 17.0], [0.0, 0.0, 0.0, 0.0])
    """
    import numpy as np

    name, phi, values = _network(network, phi, values)
    depth = positive_integer(depth, "depth")
    numbers, start = _numbers(name, depth, values)
    law = chain(name)
    rows = list(_orbit(law, phi, numbers, start, depth, positive_integer(digits, "digits")))
    mean, correction, spread = (np.array([float(row[i]) for row in rows]) for i in range(3))
    return WidthCorrection("q" if name == "feed_forward" else "p", mean, correction, spread)


def _network(network: Any, phi: Any, values: Mapping[str, Any]) -> tuple[str, Activation, dict[str, Any]]:
    own: dict[str, Any] = {}
    name = network
    if not isinstance(network, str):
        name = "".join("_" + c.lower() if c.isupper() else c for c in type(network).__name__).lstrip("_")
        phi = getattr(network, "activation", phi)
        own = {n: getattr(network, n) for n in ("keep_probability", "skip") if hasattr(network, n)}
    name = name.replace("-", "_").lower()
    if name not in ARCHITECTURES:
        raise UnknownNameError(f"no corrections are known for {network!r}; there are {', '.join(ARCHITECTURES)}")
    if phi is None:
        raise InputError("give the activation as second argument, e.g. 'tanh'")
    return name, activation(phi), own | dict(values)


def _numbers(name: str, depth: int, values: dict[str, Any]) -> tuple[dict[sp.Symbol, sp.Expr], sp.Expr]:
    """Exact parameters by symbol, and the start."""
    start = "q0" if name == "feed_forward" else "p0"
    needed = ["sigma_w2", "sigma_b2", start] + (["sigma_v2", "sigma_a2"] if name == "full_residual" else [])
    extra = {"feed_forward": ["keep_probability"], "scaled_residual": ["skip"]}.get(name, [])
    unknown = [n for n in values if n not in (*needed, *extra)]
    missing = [n for n in needed if values.get(n) is None]
    if unknown or missing:
        raise InputError(f"missing {missing}, unknown {unknown}; this network takes {', '.join((*needed, *extra))}")
    found = {PARAMETERS[n]: variance(values[n], n) for n in needed if n != start}
    if name == "scaled_residual":
        found[PARAMETERS["sigma_w2"]] /= depth
    if name == "feed_forward":
        keep = found[PARAMETERS["keep_probability"]] = exact_number(
            values.get("keep_probability", 1), "keep_probability"
        )
        if not (keep > 0 and keep <= 1):
            raise DomainError(f"keep_probability = {keep} is not a probability above 0")
    else:
        found[PARAMETERS["skip"]] = exact_number(values.get("skip", 1), "skip")
    return found, variance(values[start], start)


@lru_cache(maxsize=8)
def _derivatives(name: str) -> tuple[Any, ...]:
    """F, its first and second derivatives, S, the noise of the measurement and q as numeric functions of the means."""
    law: Chain = chain(name)

    def slope(expr: sp.Expr, state: sp.Symbol) -> sp.Expr:
        total = sp.diff(expr, state)
        for m in sorted(expr.free_symbols, key=str):
            if str(m).startswith("m") and "_" in str(m):
                power, order = (int(k) for k in str(m)[1:].split("_"))
                total += sp.diff(expr, m) * mean_symbol(power, order + 1) * sp.diff(law.variance, state)
        return total

    first = sp.Matrix([[slope(F, s) for s in law.states] for F in law.mean])
    second = [sp.Matrix([[slope(slope(F, s), t) for t in law.states] for s in law.states]) for F in law.mean]
    parts = (sp.Matrix(law.mean), first, second, law.noise, law.observed_noise, law.variance)
    used = {m for part in (parts[0], first, *second, law.noise) for m in part.free_symbols if str(m)[0] == "m"}
    means = sorted((m for m in used if "_" in str(m)), key=str)
    arguments = (*law.states, *means, *PARAMETERS.values())
    compiled = tuple(sp.lambdify(arguments, part, "mpmath") for part in parts)
    return means, compiled


@lru_cache(maxsize=4)
def _weight(order: int) -> sp.Expr:
    """The n-th derivative of the Gaussian density with respect to its variance, divided by the density."""
    density = sp.exp(-(VARIABLE**2) / (2 * q)) / sp.sqrt(q)
    return sp.simplify(sp.diff(density, q, order) / density)


def _gaussian_mean(phi: Activation, power: int, order: int, at: Any, digits: int) -> Any:
    """The derivative of E phi(h)^power of the given order with respect to the variance, at a variance above 0."""
    import mpmath

    from derive.expectations.values import expectation_value

    poly = sp.Poly(sp.expand(_weight(order) * q ** (2 * order)), VARIABLE)
    total = mpmath.mpf(0)
    for (k,), c in zip(poly.monoms(), poly.coeffs(), strict=True):
        integrand = sp.expand(phi.expr**power * VARIABLE**k) if phi.is_smooth else _times(phi, power, k)
        if power % 2 and k % 2 == 0 and phi.parity == "odd":
            continue
        factor = sp.lambdify(q, c, "mpmath")(at)
        total += factor * expectation_value(integrand, at, digits)
    return total / at ** (2 * order)


def _times(phi: Activation, power: int, k: int) -> sp.Expr:
    """phi^power x^k, piece by piece."""
    pieces = [(piece.expr**power * VARIABLE**k, piece.right) for piece in phi.pieces]
    *low, (last, _) = pieces
    return sp.Piecewise(*((e, sp.Lt(VARIABLE, right)) for e, right in low), (last, True))


def _orbit(law: Chain, phi: Activation, numbers: Any, start: sp.Expr, depth: int, digits: int) -> Iterator[tuple]:
    """(length, correction of its mean, N times its variance) of layers 0..depth."""
    import mpmath

    from derive.numerics.compile import to_mpf

    name = next(n for n in ARCHITECTURES if chain(n) is law)
    means, (mean, first, second, noise, seen, inner) = _derivatives(name)
    size = len(law.states)
    with mpmath.workdps(digits + 15):
        parameters = [to_mpf(numbers.get(symbol, sp.Integer(0))) for symbol in PARAMETERS.values()]
        state = mpmath.matrix([to_mpf(start), *([mpmath.mpf(0)] * (size - 1))])
        m, C = mpmath.matrix(size, 1), mpmath.matrix(size, size)
        if size > 1:
            C[1, 1] = state[0]  # the mean of the entries of a random direction has variance p0/N
        for layer in range(depth + 1):
            blank = [*state, *([mpmath.mpf(0)] * len(means)), *parameters]
            yield state[0], m[0], C[0, 0] + seen(*blank)
            if layer == depth:
                return
            values = _means_at(phi, means, inner(*blank), digits)
            arguments = [*state, *values, *parameters]
            J, H = first(*arguments), second(*arguments)
            curved = mpmath.matrix([sum(h[i, j] * C[i, j] for i in range(size) for j in range(size)) / 2 for h in H])
            state, m, C = mean(*arguments), J * m + curved, J * C * J.T + noise(*arguments)


def _means_at(phi: Activation, means: Any, at: Any, digits: int) -> list[Any]:
    import mpmath

    if at == 0:
        flat = phi(sp.Integer(0))
        if flat != 0:
            raise DomainError("the pre-activations have variance 0; give a positive sigma_b2 or start")
        return [mpmath.mpf(0) for _ in means]
    keys = [tuple(int(k) for k in str(symbol)[1:].split("_")) for symbol in means]
    return [_gaussian_mean(phi, power, order, at, digits) for power, order in keys]
