r"""From SymPy expressions with V, W, CovarianceAt and GapAt to a graph of float64 operations.

Each Gaussian expectation becomes a closed formula where phi is a polynomial, a power (homogeneous functions such as the
ReLU) or has a rational V; elsewhere tables in the coordinates of :mod:`derive.codegen.approximation.charts`.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derive.activations import Activation
from derive.codegen.approximation.functions import Part, split
from derive.codegen.approximation.homogeneous import homogeneous
from derive.codegen.approximation.table_set import Tables
from derive.codegen.approximation.tables import tables_for
from derive.codegen.graph import Graph
from derive.codegen.heads import CovarianceAt, GapAt
from derive.errors import UnsupportedError
from derive.expectations.functions import E, V, W

__all__ = ["Lowering"]

_TINY = 1e-280
_UNARY = {sp.exp: "exp", sp.log: "log", sp.asin: "asin", sp.Abs: "abs"}


class Lowering:
    """Builds nodes; ``inputs`` maps symbols to the names of states and parameters."""

    def __init__(
        self,
        inputs: Mapping[sp.Symbol, str],
        covaried: frozenset[Activation] = frozenset(),
        tables: Mapping[Activation, Tables] | None = None,
    ) -> None:
        self.graph = Graph()
        self.inputs = inputs
        self.covaried = covaried
        self.given = dict(tables or {})
        self.slopes = {phi.derivative_away_from_kinks(1): phi for phi in covaried}
        self.done: dict[sp.Expr, int] = {}

    # ------------------------------------------------------------------------------------------ expressions

    def expr(self, e: sp.Expr) -> int:
        """The node of an expression."""
        if e not in self.done:
            self.done[e] = self._make(e)
        return self.done[e]

    def _make(self, e: sp.Expr) -> int:
        g = self.graph
        if isinstance(e, sp.Symbol):
            if e not in self.inputs:
                raise UnsupportedError(f"{e} is neither a state nor a parameter of this system")
            return g.add("input", value=self.inputs[e])
        if e.is_number and not e.atoms(sp.Function):
            return g.const(float(e))
        if isinstance(e, (V, W, CovarianceAt, GapAt)):
            return self._expectation(e)
        if isinstance(e, E) and len(e.args) == 2 and isinstance(e.args[0], Activation):
            return self._first_moment(e)
        if isinstance(e, (sp.Add, sp.Mul)):
            return self._sum(e) if e.is_Add else self._product(e)
        if isinstance(e, sp.Pow):
            return self._power(e)
        if type(e) in _UNARY:
            return g.add(_UNARY[type(e)], self.expr(e.args[0]))
        if isinstance(e, (sp.Min, sp.Max)):
            name = "min" if isinstance(e, sp.Min) else "max"
            nodes = [self.expr(a) for a in e.args]
            result = nodes[0]
            for node in nodes[1:]:
                result = g.add(name, result, node)
            return result
        if e.is_number:
            return g.const(float(e))
        raise UnsupportedError(f"no generated code for {type(e).__name__} in {e}; rewrite it with elementary functions")

    def _sum(self, e: sp.Add) -> int:
        positive = [a for a in e.args if not a.could_extract_minus_sign()]
        negative = [-a for a in e.args if a.could_extract_minus_sign()]
        result = self.graph.const(0.0)
        for a in positive:
            result = self.graph.add("add", result, self.expr(a))
        for a in negative:
            result = self.graph.add("sub", result, self.expr(a))
        return result

    def _product(self, e: sp.Mul) -> int:
        over, under = e.as_numer_denom()
        if under != 1 and not under.is_number:
            return self.graph.add("div", self.expr(over), self.expr(under))
        number, rest = e.as_coeff_mul()
        result = self.graph.const(float(number))
        for factor in rest:
            result = self.graph.add("mul", result, self.expr(factor))
        return result

    def _power(self, e: sp.Pow) -> int:
        base, exponent = e.args
        if exponent.is_Integer:
            return self.graph.power(self.expr(base), int(exponent))
        if exponent in (sp.Rational(1, 2), sp.Rational(-1, 2)):
            return self.graph.add("sqrt" if exponent > 0 else "rsqrt", self.expr(base))
        if exponent.is_Rational and exponent.q == 2:
            whole = self.graph.power(self.expr(base), int(sp.floor(exponent)))
            return self.graph.add("mul", whole, self.graph.add("sqrt", self.expr(base)))
        if exponent.is_number:
            from derive.codegen.approximation.homogeneous import real_power

            return real_power(self.graph, self.expr(base), exponent)
        raise UnsupportedError(f"no generated code for the power {e}")

    # ------------------------------------------------------------------------------------------ expectations

    def _expectation(self, e: sp.Expr) -> int:
        phi = e.args[0]
        q = self.expr(e.args[1])
        if isinstance(e, V):
            return self.second_moment(phi, q)
        lam = self.expr(e.args[2])
        v = self.expr(e.args[3] if len(e.args) == 4 else sp.expand(e.args[1] - e.args[2]))
        covariance, gap = self.covariance_and_gap(phi, q, lam, v)
        return gap if isinstance(e, GapAt) else covariance

    def _first_moment(self, e: sp.Expr) -> int:
        """E phi at a variance; that of a homogeneous activation by its closed form."""
        phi = e.args[0]
        if homogeneous(phi) is None:
            return self._mean(phi, self.expr(e.args[1]))
        form = e.doit()
        if form.has(E):
            raise UnsupportedError(f"no generated code for the mean of {phi}")
        return self.expr(form)

    def second_moment(self, phi: Activation, q: int) -> int:
        """E phi^2 at a variance."""
        if phi in self.slopes:
            return self._slope_moment(self.slopes[phi], q)
        power = homogeneous(phi)
        if power is not None:
            return power.second_moment(self.graph, q)
        closed = self._closed(phi, q)
        if closed is not None:
            return closed
        total = self.graph.power(self._mean(phi, q), 2)
        for part in split(phi):
            total = self.graph.add("add", total, self._variance(phi, part, q))
        return total

    def covariance_and_gap(self, phi: Activation, q: int, lam: int, v: int) -> tuple[int, int]:
        """(E phi(u1) phi(u2), V less it)."""
        g = self.graph
        size = g.add("abs", lam)
        zero = g.const(0.0)
        # v is accurate where lam > 0; where lam < 0 the distance from -q is q + lam = 2q - v
        distance = g.add("below", lam, zero, g.add("sub", g.add("add", q, q), v), v)
        power = homogeneous(phi)
        pairs = (
            power.covariance_and_gap(g, q, size, distance)
            if power is not None
            else [self._part_pair(phi, part, q, size, distance) for part in split(phi) if not part.is_zero]
        )
        covariance = g.const(0.0) if power is not None else g.power(self._mean(phi, q), 2)
        gap = g.const(0.0)
        for parity, total, c, d in pairs:
            if parity < 0:
                c, d = (
                    g.add("below", lam, zero, g.add("sub", zero, c), c),
                    g.add("below", lam, zero, g.add("add", total, c), d),
                )
            covariance, gap = g.add("add", covariance, c), g.add("add", gap, d)
        return covariance, gap

    def _part_pair(self, phi: Activation, part: Part, q: int, size: int, v: int) -> tuple[int, int, int, int]:
        """(parity, A, C, D) of one part, for the absolute covariance and its distance from q."""
        g = self.graph
        if part.polynomial is not None:
            return part.parity, *self._polynomial(part, q, size, v)
        tables = self._tables(phi, True)
        if tables.two is None:
            raise UnsupportedError(f"the tables given for {phi} are for one input")
        name = "odd" if part.parity < 0 else "even"
        total = self._variance(phi, part, q)
        x, z = tables.chart.weights(g, q, size, v, tables.two, f"T_{name}", tables.shapes[name])
        ratio = g.add("div", total, g.add("add", g.add("add", x, z), g.const(_TINY)))  # q = 0 gives 0
        gap = g.add("mul", z, ratio)
        covariance = g.add(
            "below", x, z, g.add("mul", x, ratio), g.add("sub", total, gap)
        )  # equal inputs: the variance
        return part.parity, total, covariance, gap

    def _polynomial(self, part: Part, q: int, size: int, v: int) -> tuple[int, int, int]:
        """(A, C, D) of a polynomial part: C = sum of a_n(q)^2 lam^n, D = sum of a_n^2 (q^n - lam^n)."""
        g = self.graph
        zero = g.const(0.0)
        total, covariance, gap = zero, zero, zero
        for n, square in self._hermite_squares(part, q):
            low, high = g.power(size, n), g.power(q, n)
            ladder = zero
            for i in range(n):  # q^n - lam^n = v (q^(n-1) + ... + lam^(n-1))
                ladder = g.add("add", ladder, g.add("mul", g.power(q, i), g.power(size, n - 1 - i)))
            total = g.add("add", total, g.add("mul", square, high))
            covariance = g.add("add", covariance, g.add("mul", square, low))
            gap = g.add("add", gap, g.add("mul", square, g.add("mul", v, ladder)))
        return total, covariance, gap

    def _hermite_squares(self, part: Part, q: int) -> list[tuple[int, int]]:
        """(n, (E f^(n))^2 / n!) for n >= 1: C = sum over n of this times lam^n."""
        variance, x = sp.Dummy("q", positive=True), part.x
        whole = sp.sympify(part.polynomial, strict=True)
        rows = []
        for n in range(1, int(sp.degree(whole, x)) + 1 if whole.has(x) else 1):
            derivative = sp.Poly(sp.diff(whole, x, n), x)
            mean = sum(c * sp.factorial2(m - 1) * variance ** (m // 2) for (m,), c in derivative.terms() if m % 2 == 0)
            if mean != 0:
                self.done[variance] = q
                rows.append((n, self.expr(sp.expand(sp.sympify(mean, strict=True) ** 2 / sp.factorial(n)))))
        return rows

    def _variance(self, phi: Activation, part: Part, q: int) -> int:
        g = self.graph
        if part.polynomial is not None:
            return self._polynomial(part, q, q, g.const(0.0))[0]
        tables = self._tables(phi, phi in self.covaried)
        name = "odd" if part.parity < 0 else "even"
        return tables.chart.variance(g, q, tables.one, f"A_{name}", tables.shapes[name])

    def _mean(self, phi: Activation, q: int) -> int:
        """E phi at a variance; only the even part has one."""
        g, part = self.graph, split(phi)[1]
        if part.is_zero:
            return g.const(0.0)
        if part.polynomial is not None:
            variance, x = sp.Dummy("q", positive=True), part.x
            terms = sp.Poly(part.polynomial, x).terms()
            self.done[variance] = q
            return self.expr(
                sp.sympify(sum(c * sp.factorial2(m - 1) * variance ** (m // 2) for (m,), c in terms), strict=True)
            )
        tables = self._tables(phi, phi in self.covaried)
        rest = tables.chart.mean(g, q, tables.one, tables.shapes["even"])
        return g.add("add", g.const(float(phi(sp.S.Zero))), rest)

    def _slope_moment(self, phi: Activation, q: int) -> int:
        slope = phi.derivative_away_from_kinks(1)
        power = homogeneous(phi)
        if power is not None:
            return power.slope_moment(self.graph, q)
        closed = self._closed(slope, q)
        if closed is not None:
            return closed
        tables = self._tables(phi, phi in self.covaried)
        return tables.chart.slope(self.graph, q, tables.one, tables.slope)

    def _closed(self, phi: Activation, q: int) -> int | None:
        """V in closed form, where that is a rational function of q."""
        variance = sp.Dummy("q", positive=True)
        form = V(phi, variance).doit()
        if form.has(V) or not form.is_rational_function(variance):
            return None
        self.done[variance] = q
        return self.expr(form)

    def _tables(self, phi: Activation, two: bool) -> Tables:
        if phi not in self.given:
            self.given[phi] = tables_for(phi, two)
        return self.given[phi]
