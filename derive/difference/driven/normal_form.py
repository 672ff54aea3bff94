r"""The normal form of a nonlinear driven state, for digits: no small divisors, no logarithms.

The transseries :math:`\sum_i E_i(w)(C h)^i` is what one wants to read, but not to compute with: where the exponent b of
:math:`h \sim w^b` is close to an integer j, :math:`E_0` contains :math:`w^j/(j-b)`, which nearly cancels against
:math:`C w^b`, and all its powers are large.  Here both are kept in one variable

.. math:: v = C' w^b + f\,\frac{w^j - w^b}{M_k\,(j - b)}, \qquad
          v' = M^b v + \rho, \quad \rho = f\,w^j\,\frac{M^j - M^b}{M_k\,(j - b)},

whose last term is :math:`f w^b \log w/M_k` at resonance, and
:math:`\eta = \Phi(w, v) = v + \sum \varphi_{a,i} w^a v^i`.  The unknown :math:`\varphi_{a,i}` enters the equation
:math:`\Phi(w M, v') = \sum_j m_j \Phi^j` with the leading factor :math:`M_k (a + (i-1) b)`, which vanishes for no
a, i except (j, 0) near resonance; that one is put to zero, and its equation determines f instead.  This is the
Poincare-Dulac normal form of the fibred map.

*Order of work.*  With weights p of w and q of v (q = j p near resonance, else q/p close to b) everything is a power
series in one variable t whose coefficients are homogeneous polynomials; they are found one weight after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

from derive.difference.driven.chain import first_order
from derive.difference.driven.normal_state import NEAR, NormalForm
from derive.difference.series import powerseries as ps
from derive.difference.series.rows import room

__all__ = ["normal_form"]


def normal_form(
    M: Sequence[Any],
    m: Sequence[Sequence[Any]],
    k: int,
    depth: int,
    pq: tuple[int, int],
    resonant: int | None,
    bits: int,
) -> NormalForm:
    """Phi through weight ``depth``, for the weights ``pq``; ``resonant`` is b where that is exactly an integer."""
    from flint import arb

    lead = arb(0) + M[k]
    b = m[1][k] / lead
    p, q = pq
    j = q if p == 1 and abs(float(b) - q) < NEAR and first_order(m[0]) < len(m[0]) else 0
    with room(depth + p * k + 1):
        solver = _Solver(M, m, k, depth, p, q, j, b, lead, resonant is not None and j == resonant)
        solver.run()
    parts = [solver.parts.get(d, ()) for d in range(depth + 1)]
    return NormalForm(tuple(parts), b, lead, solver.f, j, solver.is_resonant, 2 * p, bits)


class _Solver:
    """The work of :func:`normal_form`: one weight after the other."""

    def __init__(
        self,
        M: Sequence[Any],
        m: Sequence[Sequence[Any]],
        k: int,
        depth: int,
        p: int,
        q: int,
        j: int,
        b: Any,
        lead: Any,
        is_resonant: bool,
    ) -> None:
        from flint import arb, arb_poly, arb_series

        self.k, self.depth, self.p, self.q, self.j, self.b, self.lead = k, depth, p, q, j, b, lead
        self.is_resonant, self.f = is_resonant, arb(0)
        self.size = depth // p + k + 1
        self.m = [[(s, arb(0) + c) for s, c in enumerate(row[: self.size]) if not ps.is_zero(c)] for row in m]
        self.log_M = arb_series(ps.truncate(M, self.size), prec=self.size).log()
        self.zero = arb_poly([])
        self.phi: list[Any] = [self.zero]
        self.parts: dict[int, tuple[tuple[int, int, Any], ...]] = {}
        self.powers: list[list[Any]] = [[], self.phi]
        self.images: dict[int, list[Any]] = {}
        self.exponentials: dict[tuple[int, int], Any] = {}
        self.bends: list[Any] = [arb_series([1], prec=self.size)]
        self.bend_rows: list[list[Any]] = []

    def run(self) -> None:
        """Find every weight up to the depth."""
        for d in range(1, self.depth + 1):
            part = self._solve_weight(d)
            self.parts[d] = tuple((a, i, c) for a, i, c in part if not ps.is_zero(c))
            self._append(d)
            for a, i, c in self.parts[d]:
                self._add_image(d, a, i, c)

    def _solve_weight(self, d: int) -> list[tuple[int, int, Any]]:
        right = self._nonlinear(d).coeffs()
        out: list[tuple[int, int, Any]] = []
        known: dict[int, Any] = {}
        for i in range(d // self.q, -1, -1):
            a, rest = divmod(d - self.q * i, self.p)
            if rest:
                continue
            rho = (right[i] if i < len(right) else 0) - self._image(i, d)
            if self.j and i + 1 in known and a >= self.j:
                rho = rho - known[i + 1] * (i + 1) * self.f
            if (a, i) == (0, 1):
                c = self.lead * 0 + 1
            elif self.j and (a, i) == (self.j, 0):
                self.f, c = self.f + rho, self.lead * 0
            elif ps.is_zero(rho):
                c = 0
            else:
                c = rho / (self.lead * (a + self.b * (i - 1)))
            known[i] = c
            out.append((a, i, c))
        from flint import arb_poly

        self.phi.append(arb_poly([known.get(i, 0) for i in range(d // self.q + 1)]))
        return out

    def _append(self, d: int) -> None:
        """The weight d (d + 1 for higher powers) of Phi**l."""
        top = len(self.m)
        while len(self.powers) < min(top, d + 2):
            self.powers.append([])
        for l in range(2, len(self.powers)):
            row = self.powers[l]
            while len(row) <= d + 1:
                n = len(row)
                if n < l:
                    row.append(self.zero)
                    continue
                total = self.zero
                for s in range(1, n - l + 2):
                    total = total + self.phi[s] * self.powers[l - 1][n - s]
                row.append(total)

    def _nonlinear(self, d: int) -> Any:
        """The weight d + p k of sum_j m_j Phi**j, without m_1's terms that the unknown takes part in."""
        from flint import arb_poly

        goal = d + self.p * self.k
        total = arb_poly([c for s, c in self.m[0] if self.p * s == goal][:1])
        for s, c in self.m[1]:
            n = goal - self.p * s
            if s > self.k and n >= 1:
                total = total + self.phi[n] * c
        for l in range(2, min(len(self.m), len(self.powers))):
            row = self.powers[l]
            for s, c in self.m[l]:
                n = goal - self.p * s
                if n < l:
                    break
                total = total + row[n] * c
        return total

    # images under the map ------------------------------------------------------------------------------------------

    def _image(self, i: int, d: int) -> Any:
        """What is known of the coefficient of y**i, weight d + p k, in Phi(w M, v')."""
        row = self.images.get(i)
        if row is None:
            return 0
        a = (d - self.q * i) // self.p + self.k
        return row[a] if 0 <= a < len(row) else 0

    def _add_image(self, d: int, a: int, i: int, c: Any) -> None:
        """Add c w**a M**a (M**b v + rho)**i, without the parts of weights up to d + p k that _solve_weight treats."""
        scale = c
        for l in range(i + 1):
            shift = a + l * (self.j + self.k)
            if d + l * self.p * self.k > self.depth + self.p * self.k or (l and not self.j):
                break
            if l:
                scale = c * comb(i, l) * self.f**l
            need = (self.depth - self.q * (i - l)) // self.p + self.k + 1 - shift
            if need > 0:
                self._accumulate(i - l, shift, self._factor(a, i - l, l, need), scale, self.k + 1 if l == 0 else l == 1)

    def _accumulate(self, i: int, shift: int, factor: list[Any], scale: Any, first: int) -> None:
        top = (self.depth - self.q * i) // self.p + self.k + 1
        if top <= shift + first:
            return
        row = self.images.setdefault(i, [])
        while len(row) < top:
            row.append(0)
        for s in range(first, min(len(factor), top - shift)):
            if not ps.is_zero(factor[s]):
                row[shift + s] = row[shift + s] + factor[s] * scale

    def _factor(self, a: int, i: int, l: int, need: int) -> list[Any]:
        """The first ``need`` coefficients of M**(a + b i) R**l, where rho = f w**(j+k) R."""
        from flint import arb_series

        key = (a, i)
        if key not in self.exponentials:
            self.exponentials[key] = (self.log_M * (a + self.b * i)).exp().coeffs()
        if l == 0:
            return self.exponentials[key][:need]
        left, right = self.exponentials[key][:need], self._bend(l)[:need]
        return (arb_series(left, prec=need) * arb_series(right, prec=need)).coeffs()

    def _bend(self, l: int) -> list[Any]:
        """The coefficients of R**l, with R = M**b (exp((j-b) log M) - 1) / ((j-b) M_k w**k); no division by j - b."""
        from flint import arb_series

        if len(self.bends) == 1:
            gap, term, total = self.j - self.b, self.log_M, self.log_M
            for n in range(2, self.size // self.k + 2):
                term = term * self.log_M * gap / n
                total = total + term
            total = total * (self.log_M * self.b).exp()
            rows = [c / self.lead for c in total.coeffs()[self.k :]]
            self.bends.append(arb_series(rows, prec=self.size - self.k))
        while len(self.bends) <= l:
            self.bends.append(self.bends[-1] * self.bends[1])
        while len(self.bend_rows) < len(self.bends):
            self.bend_rows.append(self.bends[len(self.bend_rows)].coeffs())
        return self.bend_rows[l]
