"""An exact expectation over every weight of a residual layer of width two, for the proofs of the layer equations.

The activation is a polynomial, so that outputs and gradients are polynomials in the individual weights, and the
expectation of a monomial is a product of Gaussian moments (2k-1)!! variance^k.  Nothing of ``derive.networks`` is
used: no index sums, no pairing, no self-averaging.  At the first layer the recurrences are exact at every width.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product

import sympy as sp

WIDTH = 2
HEADS = (
    "MeanSquare(n, q) = E f(u)^2, MeanProduct(n, q, lam) = E f(u1) f(u2) for the n-th derivative f of the activation"
)


def isserlis(order: int, q: sp.Expr, lam: sp.Expr) -> sp.Expr:
    """E f(u1) f(u2) for the order-th derivative f of the cube: Isserlis' theorem written out by hand."""
    return {0: 9 * q**2 * lam + 6 * lam**3, 1: 9 * (q**2 + 2 * lam**2), 2: 36 * lam, 3: sp.Integer(36)}.get(order, 0)


def put_cube(expr: sp.Expr) -> sp.Expr:
    """Read a statement for the cubic activation."""
    from derive.networks.residual.equations import MeanProduct, MeanSquare

    expr = expr.replace(MeanSquare, lambda n, q: isserlis(int(n), q, q))
    return expr.replace(MeanProduct, lambda n, q, lam: isserlis(int(n), q, lam))


def gaussian_mean(expr: sp.Expr, variances: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The expectation of a polynomial in independent centred Gaussian symbols, monomial by monomial."""
    symbols = list(variances)
    total = sp.Integer(0)
    for powers, coefficient in sp.Poly(expr, *symbols).terms():
        if all(k % 2 == 0 for k in powers):
            moments = [variances[s] ** (k // 2) * sp.factorial2(k - 1) for s, k in zip(symbols, powers, strict=True)]
            total += coefficient * sp.Mul(*moments)
    return sp.expand(total)


class Layer:
    """One layer of width two with explicit weights; ``full`` or reduced; back weights are fresh copies."""

    def __init__(self, full: bool, sigma: Mapping[str, sp.Expr]) -> None:
        self.full, self.units = full, range(WIDTH)
        pairs = list(product(self.units, self.units))
        self.w = {ij: sp.Symbol(f"w{ij[0]}{ij[1]}") for ij in pairs}
        self.back = {ij: sp.Symbol(f"z{ij[0]}{ij[1]}") for ij in pairs}
        self.v = {ij: sp.Symbol(f"v{ij[0]}{ij[1]}") for ij in pairs}
        self.b = [sp.Symbol(f"b{i}") for i in self.units]
        self.a = [sp.Symbol(f"a{i}") for i in self.units]
        inner = dict.fromkeys((*self.w.values(), *self.back.values()), sigma["w"] / WIDTH)
        outer = dict.fromkeys(self.v.values(), sigma["v"] / WIDTH) if full else {}
        biases = dict.fromkeys(self.b, sigma["b"]) | (dict.fromkeys(self.a, sigma["a"]) if full else {})
        self.variances = inner | outer | biases

    def hidden(self, x) -> list[sp.Expr]:
        return [sum(self.w[i, j] * x[j] for j in self.units) + self.b[i] for i in self.units]

    def output(self, x) -> list[sp.Expr]:
        f = [h**3 for h in self.hidden(x)]
        if not self.full:
            return [x[i] + f[i] for i in self.units]
        return [x[i] + sum(self.v[i, k] * f[k] for k in self.units) + self.a[i] for i in self.units]

    def gradient(self, x, delta, kind: str) -> list[sp.Expr]:
        """The gradients with respect to all entries of one kind ('', b, w, v, a), weights on the way back fresh."""
        h = self.hidden(x)
        reach = [sum(delta[i] * self.v[i, k] for i in self.units) for k in self.units] if self.full else list(delta)
        at_h = [reach[k] * 3 * h[k] ** 2 for k in self.units]
        if kind == "":
            return [delta[j] + sum(at_h[k] * self.back[k, j] for k in self.units) for j in self.units]
        if kind == "b":
            return at_h
        if kind == "w":
            return [at_h[k] * x[j] for k in self.units for j in self.units]
        if kind == "v":
            return [delta[i] * h[k] ** 3 for i in self.units for k in self.units]
        return list(delta)

    def mean_product(self, left, right) -> sp.Expr:
        """The expectation of the average product of two lists."""
        return gaussian_mean(sum(l * r for l, r in zip(left, right, strict=True)), self.variances) / len(left)


X, DELTA = (sp.Rational(2, 3), sp.Rational(-5, 4)), (sp.Rational(3, 2), sp.Rational(-1, 3))
Y = X[::-1]  # a second input of the same norm, as the recurrences assume
SIGMA = {"w": sp.Rational(3, 7), "b": sp.Rational(2, 5), "v": sp.Rational(5, 3), "a": sp.Rational(1, 6)}


def mean(left, right) -> sp.Expr:
    return sum(l * r for l, r in zip(left, right, strict=True)) / WIDTH


def setting() -> dict[sp.Symbol, sp.Expr]:
    """The numbers that the symbols of the recurrences have for these inputs, gradients and variances."""
    from derive.networks.residual.equations import SYMBOLS as S

    point = {getattr(S, f"sigma_{k}2"): value for k, value in SIGMA.items()}
    point |= {S.p_: mean(X, X), S.gamma_: mean(X, Y), S.chi: mean(DELTA, DELTA)}
    point[S.q] = SIGMA["w"] * point[S.p_] + SIGMA["b"]
    point[S.lam] = SIGMA["w"] * point[S.gamma_] + SIGMA["b"]
    return point


@lru_cache(maxsize=32)
def exact_value(name: str, full: bool) -> sp.Expr:
    """The exact value of one layer quantity at width two."""
    layer = Layer(full, SIGMA)
    second = X if name in ("q", "p") else Y
    if name in ("q", "lam"):
        return layer.mean_product(layer.hidden(X), layer.hidden(second))
    if name in ("p", "gamma"):
        return layer.mean_product(layer.output(X), layer.output(second))
    entries = layer.gradient(X, DELTA, name.removeprefix("chi").lstrip("_"))
    return layer.mean_product(entries, entries)


def derived(name: str, full: bool) -> sp.Expr:
    """The right-hand side as the package computes it from the layer definition."""
    from derive.networks.residual.equations import general_equations

    return dict(general_equations("full" if full else "reduced"))[name].rhs


def checks_of(name: str, full: bool):
    """The check shared by the layer equations: an exact rational number, all weights integrated out one by one."""
    from derive.evidence import holds

    def agrees(statement, point) -> bool:
        return put_cube(statement.rhs).subs(point) == exact_value(name, full)

    yield holds(
        "width two, cubic activation",
        agrees,
        [setting()],
        method="exact expectation of a polynomial in all weights of a layer of width 2, monomial by monomial",
    )
