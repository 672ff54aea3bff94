r"""Every stable fixed point of a feed-forward network, with susceptibilities, depth scales, phase and basin.

At a fixed length q* with correlation c*:

* :math:`\chi_1 = (\sigma_w^2/\rho)\,E\varphi'^2`, the factor of the gradient's mean square;
* :math:`\chi_q = Q'(q^*)`, the factor of a small error of the length (for smooth phi
  :math:`\chi_1 + (\sigma_w^2/\rho)\,E\varphi\varphi''`), which may be negative, but at least -1/2: the integral
  :math:`\sqrt q\,V(q)` of a square against :math:`e^{-x^2/2q}` increases, so :math:`qV' \ge -V/2`, and lengths do not
  oscillate for ever;
* :math:`\chi_c = \sigma_w^2 E\varphi'(u_1)\varphi'(u_2)`, the factor of a small error of the correlation at fixed
  length;
* :math:`\xi = -1/\log|\chi|` for q, c and (signed) gradients.

The correlation is driven by the length: :math:`c' - c^* = \chi_c(c - c^*) + k(q - q^*) + \dots`.  Where c* < 1 and
k is not 0 an orbit of two inputs of equal norm therefore decays like :math:`\max(|\chi_c|,|\chi_q|)^l`: ``rate_c``.  At
c* = 1 the length cannot drive c (equal inputs stay equal), and the rate is :math:`\chi_1`; likewise at c* = 0 of an odd
activation without biases.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation
from derive.display import cell, rows_html
from derive.errors import DomainError
from derive.networks.feedforward.correlation import correlation_gap, forcing, gradient_factor, slope_product
from derive.networks.feedforward.lengths import LengthMap, Roots, all_lengths
from derive.networks.feedforward.silence import germ, silent_correlation
from derive.networks.feedforward.values import Layer
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import sign_of

__all__ = ["FixedPoint", "FixedPoints", "fixed_points"]


@dataclass(frozen=True)
class FixedPoint:
    """One stable fixed point; see the module's docstring.  ``c`` is nan where it depends on the start.

    ``rate_c`` is the factor per layer by which c - c* finally shrinks; ``basin`` the open interval of starting lengths
    that end here; ``notes`` says what is special.  ``xi_grad`` is signed: negative where gradients explode.
    """

    q: sp.Expr
    c: sp.Expr
    one_minus_c: sp.Expr
    chi_1: sp.Expr
    chi_q: sp.Expr
    chi_c: sp.Expr
    xi_q: sp.Expr
    xi_c: sp.Expr
    xi_grad: sp.Expr
    rate_c: sp.Expr
    phase: str
    basin: tuple[sp.Expr, sp.Expr]
    notes: tuple[str, ...] = field(default=())

    def _repr_latex_(self) -> str:
        rows = {
            "q^*": self.q,
            "c^*": self.c,
            r"\chi_1": self.chi_1,
            r"\chi_q": self.chi_q,
            r"\chi_c": self.chi_c,
            r"\xi_q": self.xi_q,
            r"\xi_c": self.xi_c,
        }
        body = r",\ ".join(f"{name} = {sp.latex(value.n(8))}" for name, value in rows.items())
        return rf"$\displaystyle {body}\quad\text{{({self.phase})}}$"


class FixedPoints(tuple):
    """The stable fixed points from small to large q.

    ``unstable`` are the other fixed lengths, ``complete`` says whether the list is proved to be complete (else
    ``reason`` says what was not shown), ``unbounded`` that starts beyond the last unstable length grow for ever.  With
    a single point its attributes can be read off directly.
    """

    unstable: tuple[sp.Expr, ...]
    complete: bool
    reason: str
    unbounded: bool

    def __new__(cls, points: Any, unstable: Any, complete: bool, reason: str, unbounded: bool) -> FixedPoints:
        self = super().__new__(cls, points)
        self.unstable, self.complete, self.reason, self.unbounded = tuple(unstable), complete, reason, unbounded
        return self

    def __getattr__(self, name: str) -> Any:
        if name in FixedPoint.__dataclass_fields__:
            if len(self) == 1:
                return getattr(self[0], name)
            lengths = ", ".join(str(sp.N(p.q, 6)) for p in self)
            raise AttributeError(f"there are {len(self)} stable points (q = {lengths}): choose one by its index")
        raise AttributeError(f"FixedPoints has no attribute {name!r}")

    def _repr_html_(self) -> str:
        columns = ("q", "c", "chi_1", "chi_q", "chi_c", "xi_q", "xi_c", "phase")
        head = "".join(f"<th>{name}</th>" for name in columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{cell(getattr(p, name))}</td>" for name in columns) + "</tr>" for p in tuple(self)
        )
        complete = "complete (proved)" if self.complete else f"not proved complete: {self.reason}"
        notes = {"unstable lengths": self.unstable, "list": complete, "unbounded": self.unbounded}
        return f"<table><tr>{head}</tr>{rows}</table>{rows_html(notes)}"

    def __reduce__(self) -> Any:
        return FixedPoints, (tuple(self), self.unstable, self.complete, self.reason, self.unbounded)


def fixed_points(phi: Activation, layer: Layer, digits: int) -> FixedPoints:
    """All stable fixed points; see :meth:`derive.FeedForward.fixed_points`."""
    length = LengthMap(phi, layer)
    roots = all_lengths(length)
    stable, unstable = [], []
    zero_attracts = roots.zero and (not roots.brackets[0].falling if roots.brackets else not roots.grows)
    values = [length.root(b, digits + 6) for b in roots.brackets]
    for i, (q, bracket) in enumerate(zip(values, roots.brackets, strict=True)):
        if not bracket.falling:
            unstable.append(_number(q, digits))
            continue
        low = values[i - 1] if i else mpmath.mpf(0)
        high = values[i + 1] if i + 1 < len(values) else mpmath.inf
        stable.append(_point(length, bracket, (low, high), digits))
    if zero_attracts:
        high = values[0] if values else mpmath.inf
        stable.insert(0, _silent_point(length, roots, high, digits))
    elif roots.zero:
        unstable.insert(0, sp.Integer(0))
    if not stable:
        raise DomainError(
            f"{phi} has no stable fixed point of the length at {layer}: lengths grow without bound; take a smaller "
            "sigma_w2"
        )
    return FixedPoints(stable, unstable, roots.proved, roots.reason, roots.grows)


def _number(value: Any, digits: int) -> sp.Expr:
    if value is None:
        return sp.nan
    if mpmath.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    if value == int(value) and abs(value) < 2:
        return sp.Integer(int(value))
    return mpf_to_sympy(value, digits)


def depth_scale(chi: Any, signed: bool = False) -> Any:
    """-1/log|chi| (0 at chi = 0, infinite at |chi| = 1); unsigned values are moduli."""
    if chi == 0:
        return mpmath.mpf(0)
    if abs(chi) == 1:
        return mpmath.inf
    scale = -1 / mpmath.log(abs(chi))
    return scale if signed else abs(scale)


def _point(length: LengthMap, bracket: Any, basin: tuple[Any, Any], digits: int) -> FixedPoint:
    """A stable point with q > 0."""
    phi, layer = length.phi, length.layer
    notes: list[str] = []
    rough = gradient_factor(phi, layer, length.root(bracket, 24), 20)
    work = digits + 6 + _lost(rough)
    for _ in range(3):  # near criticality 1 - chi is small, and as many digits more are needed
        q = length.root(bracket, work + 4)
        with mpmath.workdps(work + 4):
            chi_1 = gradient_factor(phi, layer, q, work)
            critical = abs(chi_1 - 1) < mpmath.mpf(10) ** -(digits + 4)
            gap = mpmath.mpf(0) if critical and layer.rho == 1 else correlation_gap(phi, layer, q, chi_1, digits + 3)
            chi_c = _chi_c(phi, layer, q, gap, chi_1, work)
            lost = max(_lost(chi_1), _lost(chi_c))
        if critical or work >= digits + lost + 5:
            break
        work = digits + lost + 6
    with mpmath.workdps(work + 4):
        if critical:
            chi_1 = mpmath.mpf(1)
            chi_c = chi_1 if layer.rho == 1 else chi_c
        chi_q = length.slope(q, digits + 6)
        rate, note = _rate(phi, layer, q, gap, chi_c, chi_q)
        notes += [note] if note else []
        phase = "critical" if critical else "ordered" if chi_1 < 1 else "chaotic"
        if not _rising(length, q):
            notes.append("Q is not monotone: the basin is the interval between unstable lengths, not all starts")
        return _made((q, gap, chi_1, chi_q, chi_c, rate), phase, basin, tuple(notes), digits)


def _made(
    numbers: tuple[Any, ...], phase: str, basin: tuple[Any, Any], notes: tuple[str, ...], digits: int
) -> FixedPoint:
    """The point from q, 1 - c, chi_1, chi_q, chi_c and the rate of c as mpf, with what follows from them."""
    q, gap, chi_1, chi_q, chi_c, rate = numbers
    rows = {
        "q": q,
        "c": None if gap is None else 1 - gap,
        "one_minus_c": gap,
        "chi_1": chi_1,
        "chi_q": chi_q,
        "chi_c": chi_c,
        "xi_q": depth_scale(chi_q),
        "xi_c": depth_scale(chi_c),
        "xi_grad": depth_scale(chi_1, True),
        "rate_c": rate,
    }
    interval = (_number(basin[0], digits), _number(basin[1], digits))
    return FixedPoint(**{n: _number(v, digits) for n, v in rows.items()}, phase=phase, basin=interval, notes=notes)


def _lost(chi: Any) -> int:
    """How many digits of 1 - chi cancel."""
    distance = abs(1 - chi)
    return int(-mpmath.log10(distance)) if 0 < distance < 1 else 0


def _chi_c(phi: Activation, layer: Layer, q: Any, gap: Any, chi_1: Any, digits: int) -> Any:
    if sign_of(layer.sigma_w2) == 0:
        return mpmath.mpf(0)
    if gap == 0:
        return chi_1 * to_mpf(layer.rho)
    return to_mpf(layer.sigma_w2) * slope_product(phi, q, gap, digits)


def _rate(phi: Activation, layer: Layer, q: Any, gap: Any, chi_c: Any, chi_q: Any) -> tuple[Any, str]:
    """The factor by which c - c* shrinks: that of the length where it is slower and drives c."""
    if gap == 0 or abs(chi_q) <= abs(chi_c):
        return abs(chi_c), ""
    if (phi.parity == "odd" and layer.sigma_b2 == 0) or abs(q * forcing(phi, layer, q, gap)) < mpmath.mpf(10) ** -8:
        return abs(chi_c), ""
    return abs(chi_q), "c decays at the rate of q, which is slower than xi_c (unless q starts at q*)"


def _rising(length: LengthMap, q: Any) -> bool:
    """Whether V rises on a grid around q (two decades either way)."""
    values = [length.variance_ball(to_arb_point(q * mpmath.mpf(2) ** k)) for k in range(-7, 8)]
    return not any(b < a for a, b in itertools.pairwise(values))


def to_arb_point(value: Any) -> Any:
    """An mpf as an exact ball."""
    from flint import arb

    from derive.numerics.compile import to_arb

    return arb(to_arb(value).mid())


def _silent_point(length: LengthMap, roots: Roots, high: Any, digits: int) -> FixedPoint:
    """The stable point q* = 0."""
    phi, layer = length.phi, length.layer
    with mpmath.workdps(digits + 8):
        chi_q = to_mpf(roots.zero_slope) if roots.zero_slope is not None else mpmath.mpf(0)
        if sign_of(layer.sigma_w2) == 0:
            chi_1 = mpmath.mpf(0)
            silent = None
        else:
            s, minus, plus = germ(phi)
            chi_1 = to_mpf(sp.simplify(layer.gain * (minus**2 + plus**2) / 2)) if s == 1 else mpmath.mpf(0)
            silent = silent_correlation(phi, layer, chi_q, digits + 6)
        phase = "ordered" if chi_1 < 1 else "critical" if chi_1 == 1 else "chaotic"
        gap = silent.gap if silent else None
        chi_c, rate = (silent.slope, silent.rate) if silent else (mpmath.mpf(0), mpmath.mpf(0))
        note = silent.note if silent else "sigma_w2 = 0: every layer is silent"
        zero = mpmath.mpf(0)
        return _made((zero, gap, chi_1, chi_q, chi_c, rate), phase, (zero, high), (note,), digits)
