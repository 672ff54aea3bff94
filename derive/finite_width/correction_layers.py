r"""The length of the signal in a layer of finite width as a Markov chain: conditional mean and noise, derived.

Given the signal x of a layer, pre-activations are independent and Gaussian with a variance q that depends on x through
its mean square p alone.  So (p, mu), mu the mean of the entries, is a Markov chain at every width N: the next state is
a mean over N independent units, with conditional mean F(p, mu) *exactly* and conditional covariance S(p, mu)/N (up to
O(1/N^2) for the full residual layer).  F and S are computed here from the polynomial that a unit of the next layer is
in x and f = phi(h); what remains are Gaussian means E f^k, k <= 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

__all__ = ["PARAMETERS", "Chain", "chain", "mean_symbol", "mu", "p", "q"]

p, q = sp.symbols("p q", positive=True)
mu = sp.Symbol("mu", real=True)
x, f, g = sp.symbols("x f g", real=True)  # a unit: the stream, phi of the pre-activation, the Gaussian output
PARAMETERS = {
    name: sp.Symbol(name, nonnegative=True)
    for name in ("sigma_w2", "sigma_b2", "sigma_v2", "sigma_a2", "keep_probability", "skip")
}


def mean_symbol(power: int, derivative: int = 0) -> sp.Symbol:
    """The Gaussian mean E phi(h)^power, h of variance q, or one of its derivatives with respect to q."""
    return sp.Symbol(f"m{power}_{derivative}", real=True)


@dataclass(frozen=True)
class Chain:
    """``variance`` is q of the state; ``mean`` holds F and ``noise`` N times the conditional covariance.

    ``observed_noise`` is N times what the measured length varies by around the first state, given the state.
    """

    states: tuple[sp.Symbol, ...]
    variance: sp.Expr
    mean: tuple[sp.Expr, ...]
    noise: sp.Matrix
    observed_noise: sp.Expr


def _average(expr: sp.Expr) -> sp.Expr:
    """Powers of f by their Gaussian means, then powers of x by the state; f and x are independent."""
    poly = sp.Poly(sp.expand(expr), x, f)
    stream = {0: sp.Integer(1), 1: mu, 2: p}
    return sum(
        c * stream[a] * (mean_symbol(b) if b else 1) for (a, b), c in zip(poly.monoms(), poly.coeffs(), strict=True)
    )


def _conditional_covariance(a: sp.Expr, b: sp.Expr, over: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The mean over units of Cov(a, b given x), ``over`` being the mean over what is random in a unit."""
    return _stream(sp.expand(over(a * b) - over(a) * over(b)))


def _stream(expr: sp.Expr) -> sp.Expr:
    poly = sp.Poly(expr, x)
    stream = {0: sp.Integer(1), 1: mu, 2: p}
    return sum(c * stream[a] for (a,), c in zip(poly.monoms(), poly.coeffs(), strict=True))


def _over_f(expr: sp.Expr) -> sp.Expr:
    poly = sp.Poly(sp.expand(expr), f)
    return sum(c * (mean_symbol(b) if b else 1) for (b,), c in zip(poly.monoms(), poly.coeffs(), strict=True))


def _over_gaussian(size: sp.Expr) -> Callable[[sp.Expr], sp.Expr]:
    """The mean over a Gaussian g of variance ``size``."""

    def over(expr: sp.Expr) -> sp.Expr:
        poly = sp.Poly(sp.expand(expr), g)
        even = {b: size ** (b // 2) * sp.factorial2(b - 1) if b % 2 == 0 else sp.Integer(0) for (b,) in poly.monoms()}
        return sum(c * even[b] for (b,), c in zip(poly.monoms(), poly.coeffs(), strict=True))

    return over


@lru_cache(maxsize=8)
def chain(architecture: str) -> Chain:
    """The chain of ``feed_forward``, ``reduced_residual``, ``full_residual`` or ``scaled_residual``."""
    S = PARAMETERS
    if architecture == "feed_forward":
        return _feed_forward(S)
    inner = S["sigma_w2"] * p + S["sigma_b2"]
    if architecture == "full_residual":
        return _full(S, inner)
    skip = S["skip"]
    unit = skip * x + f
    means = tuple(_average(power) for power in (unit**2, unit))
    noise = sp.Matrix(2, 2, lambda i, j: _conditional_covariance(unit ** (2 - i), unit ** (2 - j), _over_f))
    return Chain((p, mu), inner, means, noise, sp.Integer(0))


def _feed_forward(S: dict[str, sp.Symbol]) -> Chain:
    """The state is the variance of the next pre-activations given the layer; ``p`` stands for it.

    A mask keeps a unit with probability rho and divides it by rho: E mask^2 = 1/rho, E mask^4 = 1/rho^3.
    """
    rho, w = S["keep_probability"], S["sigma_w2"]
    mean = w * mean_symbol(2) / rho + S["sigma_b2"]
    noise = w**2 * (mean_symbol(4) / rho**3 - (mean_symbol(2) / rho) ** 2)
    return Chain((p,), p, (mean,), sp.Matrix([[noise]]), 2 * p**2)


def _full(S: dict[str, sp.Symbol], inner: sp.Expr) -> Chain:
    """x' = x + g, g Gaussian of variance sigma_v2 mean f^2 + sigma_a2 given the hidden layer: both stages vary."""
    size = S["sigma_v2"] * mean_symbol(2) + S["sigma_a2"]
    unit = (x + g) ** 2
    over = _over_gaussian(size)
    outer = _conditional_covariance(unit, unit, over)
    hidden = S["sigma_v2"] ** 2 * (mean_symbol(4) - mean_symbol(2) ** 2)
    return Chain(
        (p,), inner, (_stream(sp.expand(over(unit))),), sp.Matrix([[sp.expand(outer + hidden)]]), sp.Integer(0)
    )
