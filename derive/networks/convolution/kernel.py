r"""Kernel variances on a ring or torus, and how the convolution acts on covariances.

Positions are the elements of the group :math:`G = Z_{n_1} \times \dots \times Z_{n_d}` (periodic boundary).  The weight
that joins position alpha + beta to alpha has the variance :math:`\sigma_w^2 v_\beta/c`, c channels, with
:math:`v_\beta \ge 0` and :math:`\sum_\beta v_\beta = 1`; so :math:`\sigma_w^2` is the variance a unit collects from a
constant image, and :math:`v_\beta = 1/(2k+1)` is an iid kernel of 2k + 1 taps.  On matrices indexed by pairs

.. math:: (A \star B)_{\alpha\alpha'} = \sum_\beta v_\beta\, B_{\alpha+\beta,\,\alpha'+\beta}

keeps the difference :math:`d = \alpha' - \alpha` and is a circular convolution along each d.  Its eigenvectors are the
characters :math:`e^{2\pi i k\cdot\alpha/n}` with the eigenvalues

.. math:: \lambda_k = \sum_\beta v_\beta\, e^{2\pi i\,k\cdot\beta/n}, \qquad |\lambda_k| \le \lambda_0 = 1 .

A covariance is symmetric, so d and -d are the same entries.  Where 2d = 0 and d != 0 (d = n/2 on a ring of even size)
moving by d maps the entry to itself, and only the modes with :math:`e^{2\pi i k\cdot d/n} = 1` exist (the even ones).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import lcm
from typing import Any

import sympy as sp

from derive.errors import DomainError, InputError
from derive.numerics.exact import exact_number, positive_integer, sign_of

__all__ = ["Kernel", "read_kernel", "read_size"]

Index = tuple[int, ...]
_MOST_POSITIONS = 100_000


def read_size(size: Any) -> Index:
    """The sizes of a ring (one number) or a torus (a sequence of numbers)."""
    parts = list(size) if isinstance(size, Sequence) and not isinstance(size, (str, bytes)) else [size]
    if not 1 <= len(parts) <= 3:
        raise InputError(f"size = {size!r} has {len(parts)} dimensions; give one number for a ring, (n, m) for a torus")
    sizes = tuple(positive_integer(n, "size") for n in parts)
    if sp.prod(sizes) > _MOST_POSITIONS:
        raise DomainError(f"size = {size} has more than {_MOST_POSITIONS} positions; take a smaller ring")
    return sizes


@dataclass(frozen=True)
class Kernel:
    """Exact variances by offset (folded into the ring) for positions of ``sizes``."""

    sizes: Index
    variances: tuple[tuple[Index, sp.Expr], ...]

    # positions and modes

    def positions(self) -> Iterator[Index]:
        """All positions; the modes have the same indices."""
        return product(*(range(n) for n in self.sizes))

    def moved(self, position: Index, offset: Index) -> Index:
        """position + offset on the ring."""
        return tuple((a + b) % n for a, b, n in zip(position, offset, self.sizes, strict=True))

    def phase(self, mode: Index, offset: Index) -> sp.Rational:
        """k.beta/n modulo 1."""
        total = sum((sp.Rational(k * b, n) for k, b, n in zip(mode, offset, self.sizes, strict=True)), sp.S.Zero)
        return total - sp.floor(total)

    def eigenvalue(self, mode: Index) -> sp.Expr:
        """lambda_k, exactly: a sum of cosines and sines of rational multiples of pi."""
        if self.is_zero(mode):
            return sp.S.Zero
        parts = [(v, 2 * sp.pi * self.phase(mode, b)) for b, v in self.variances]
        real = sp.Add(*(v * sp.cos(angle) for v, angle in parts))
        if self.is_symmetric:
            return real
        return real + sp.I * sp.Add(*(v * sp.sin(angle) for v, angle in parts))

    def number(self, mode: Index) -> Any:
        """lambda_k as an mpc (an mpf for a symmetric kernel) at mpmath's current precision."""
        import mpmath

        from derive.numerics.compile import to_mpf

        if self.is_zero(mode):
            return mpmath.mpf(0)
        terms = [(to_mpf(v), 2 * to_mpf(self.phase(mode, b))) for b, v in self.variances]
        real = mpmath.fsum(v * mpmath.cospi(x) for v, x in terms)
        return real if self.is_symmetric else mpmath.mpc(real, mpmath.fsum(v * mpmath.sinpi(x) for v, x in terms))

    def is_zero(self, mode: Index) -> bool:
        """Whether lambda_k = 0 exactly: the cyclotomic polynomial divides the sum (rational variances)."""
        if not all(v.is_Rational for _, v in self.variances):
            return False
        phases = [(self.phase(mode, b), v) for b, v in self.variances]
        order = lcm(*(int(p.q) for p, _ in phases))
        x = sp.Symbol("x")
        total = sp.Add(*(v * x ** int(p * order) for p, v in phases))
        return order > 1 and sp.rem(total, sp.cyclotomic_poly(order, x), x) == 0

    @property
    def is_symmetric(self) -> bool:
        """Whether offsets beta and -beta have the same variance, which makes every lambda_k real."""
        known = dict(self.variances)
        return all(
            known.get(self.moved((0,) * len(self.sizes), tuple(-b for b in beta))) == v for beta, v in known.items()
        )

    # how often a mode occurs

    def differences(self) -> tuple[int, list[Index]]:
        """(number of pairs {d, -d} with d != -d, the d != 0 with d = -d)."""
        zero = (0,) * len(self.sizes)
        halves = [d for d in product(*((0, n // 2) if n % 2 == 0 else (0,) for n in self.sizes)) if d != zero]
        count = int(sp.prod(self.sizes))
        return (count - 1 - len(halves)) // 2, halves

    def off_diagonal_multiplicity(self, mode: Index) -> int:
        """How many independent perturbations of off-diagonal entries have this mode."""
        pairs, halves = self.differences()
        return pairs + sum(self.phase(mode, d) == 0 for d in halves)


def read_kernel(sizes: Index, variances: Any) -> Kernel:
    """Check kernel variances: a sequence of odd length (offsets -k..k; nested for a torus) or {offset: variance}.

    Offsets beyond the ring are folded.  Raises :class:`~derive.errors.DomainError` for negative, NaN or infinite
    entries and for a sum that is not exactly 1.
    """
    entries = _entries(sizes, variances)
    folded: dict[Index, sp.Expr] = {}
    for offset, value in entries:
        number = exact_number(value, f"kernel variance at {offset[0] if len(offset) == 1 else offset}")
        if sign_of(number) < 0:
            raise DomainError(f"the kernel variance {number} at offset {offset} is negative; variances are at least 0")
        place = tuple(b % n for b, n in zip(offset, sizes, strict=True))
        folded[place] = folded.get(place, sp.S.Zero) + number
    total = sp.Add(*folded.values())
    if sp.simplify(total - 1) != 0:
        raise DomainError(
            f"the kernel variances add up to {total}, not to 1; divide them by their sum and put it into sigma_w2 "
            "(fractions or text such as '1/3' are exact, floats mean their binary value)"
        )
    return Kernel(sizes, tuple(sorted((b, v) for b, v in folded.items() if v != 0)))


def _entries(sizes: Index, variances: Any) -> list[tuple[Index, Any]]:
    if isinstance(variances, Mapping):
        return [(_offset(sizes, key), value) for key, value in variances.items()]
    if isinstance(variances, (str, bytes)) or not hasattr(variances, "__len__"):
        raise InputError(
            f"kernel_variances = {variances!r} is not a sequence; give the taps' shares, as in ['1/2', '1/4', '1/4']"
        )
    return list(_nested(list(variances), (), len(sizes)))


def _nested(values: list[Any], prefix: Index, depth: int) -> Iterator[tuple[Index, Any]]:
    if len(values) % 2 == 0:
        raise InputError(
            f"{len(values)} kernel variances have no middle; give an odd number, or a mapping {{offset: variance}}"
        )
    for i, value in enumerate(values):
        here = (*prefix, i - len(values) // 2)
        if depth == 1:
            if hasattr(value, "__len__") and not isinstance(value, str):
                raise InputError("kernel_variances is nested deeper than the size has dimensions")
            yield here, value
        elif isinstance(value, str) or not hasattr(value, "__len__"):
            raise InputError(f"kernel_variances needs {depth} levels of nesting, one for each dimension of the size")
        else:
            yield from _nested(list(value), here, depth - 1)


def _offset(sizes: Index, key: Any) -> Index:
    parts = key if isinstance(key, tuple) else (key,)
    if len(parts) != len(sizes):
        raise InputError(f"the kernel offset {key!r} has {len(parts)} parts for {len(sizes)} dimensions")
    made = []
    for part in parts:
        number = exact_number(part, "kernel offset")
        if not number.is_Integer:
            raise InputError(f"the kernel offset {key!r} is not a whole number of positions")
        made.append(int(number))
    return tuple(made)
