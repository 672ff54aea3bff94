r"""Convolutional networks: the covariance map on a ring or torus, its fixed point and the spectrum of its Jacobian.

.. math:: \Sigma' = A \star C(\Sigma), \qquad
   C(\Sigma)_{\alpha\alpha'} = \sigma_w^2\, E\,\varphi(h_\alpha)\varphi(h_{\alpha'}) + \sigma_b^2,

paper 002, equations (13)-(22), for any activation and any kernel variances.  At the fixed point the derivative of an
entry of C(Sigma) by itself is :math:`\chi_q` on the diagonal and :math:`\chi_c` off it; an off-diagonal entry depends
on the two variances of its positions as well, so the Jacobian of C is block triangular (not diagonal), with those two
eigenvalues.  It commutes with translations, A star is diagonal in the characters, and so the eigenvalues of the
Jacobian of the whole map are :math:`\chi_q \lambda_k` (each mode once) and :math:`\chi_c \lambda_k` (as often as the
mode occurs off the diagonal, :meth:`~derive.networks.convolution.kernel.Kernel.off_diagonal_multiplicity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import sympy as sp

from derive.activations import Activation, activation
from derive.errors import DomainError, InputError
from derive.networks.convolution.equations import SYMBOLS, covariance_equation
from derive.networks.convolution.fixed_point import ConvolutionalFixedPoint, fixed_point
from derive.networks.convolution.kernel import Index, Kernel, read_kernel, read_size
from derive.numerics.compile import mpf_to_sympy, to_mpf
from derive.numerics.exact import exact_number, positive_integer, variance

__all__ = ["Convolutional", "ConvolutionalSpectrum", "Mode"]


@dataclass(frozen=True)
class Mode:
    r"""One eigenvalue chi lambda_k of the Jacobian: ``kind`` is ``"diagonal"`` (chi_q) or ``"off-diagonal"`` (chi_c).

    ``depth_scale`` is xi = -1/log|eigenvalue|: 0 for an eigenvalue 0, oo for modulus 1, negative for growth.
    """

    index: Any
    kind: str
    eigenvalue: sp.Expr
    multiplicity: int
    depth_scale: sp.Expr


@dataclass(frozen=True)
class ConvolutionalSpectrum:
    """All eigenvalues of the Jacobian of the covariance map at the fixed point, by mode."""

    point: ConvolutionalFixedPoint
    modes: tuple[Mode, ...]

    def eigenvalues(self) -> list[sp.Expr]:
        """The eigenvalues with their multiplicities, largest modulus first: n(n+1)/2 of them for n positions."""
        listed = [m.eigenvalue for m in self.modes for _ in range(m.multiplicity)]
        return sorted(listed, key=lambda x: -abs(complex(x)))

    def depth_scales(self) -> dict[Any, sp.Expr]:
        """{mode: depth scale} of the off-diagonal modes, which carry what tells two positions apart."""
        return {m.index: m.depth_scale for m in self.modes if m.kind == "off-diagonal"}

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(
            rf"{m.index} & \text{{{m.kind}}} & {sp.latex(m.eigenvalue.evalf(6))} & {m.multiplicity}"
            for m in self.modes[:12]
        )
        head = r"k & \text{block} & \chi\lambda_k & \text{multiplicity}"
        return rf"$\displaystyle \begin{{array}}{{cccc}} {head} \\ {rows} \end{{array}}$"


class Convolutional:
    r"""A deep convolutional network of wide layers with periodic boundary (paper 002, section 3.3).

    ``size`` is the number of positions (a pair for a torus), ``kernel_variances`` the shares v of the kernel taps,
    non-negative with sum exactly 1: a sequence of odd length for the offsets -k..k (nested for a torus), or a mapping
    {offset: share}.  The weight at offset beta has the variance sigma_w2 v_beta / channels.

    Raises :class:`~derive.errors.InputError` and :class:`~derive.errors.DomainError` naming what is wrong.

    >>> net = Convolutional("tanh", size=4, kernel_variances=["1/3", "1/3", "1/3"])
    >>> net.eigenvalue(1), net.eigenvalue(2)
    (1/3, -1/3)
    >>> point = net.fixed_point(digits=20, sigma_w2=2, sigma_b2="1/20")
    >>> point.phase, point.q, point.c
    ('chaotic', 0.72176187265207142362, 0.74408241950118396077)
    """

    def __init__(self, phi: Any, size: Any, kernel_variances: Any) -> None:
        self.activation: Activation = activation(phi)
        self.size: Index = read_size(size)
        self.kernel: Kernel = read_kernel(self.size, kernel_variances)

    def __repr__(self) -> str:
        size = self.size[0] if len(self.size) == 1 else self.size
        shares = {b[0] if len(b) == 1 else b: str(v) for b, v in self.kernel.variances}
        return f"Convolutional({str(self.activation)!r}, size={size}, kernel_variances={shares})"

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{sp.latex(eq.lhs)} &= {sp.latex(eq.rhs)}" for eq in self.recurrences().values())
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"

    @property
    def positions(self) -> int:
        """How many positions there are."""
        return int(sp.prod(self.size))

    # equations

    def recurrences(self) -> dict[str, sp.Eq]:
        """The covariance map, derived from the layer: ``q`` for one position alpha, ``sigma`` for two, alpha and beta.

        ``Sigma_`` is the layer before.  Source: paper 002, equations (13)-(17).

        >>> net = Convolutional("relu", size=5, kernel_variances={0: "1/2", 1: "1/2"})
        >>> print(net.recurrences()["q"].rhs)
        sigma_b2 + sigma_w2*(V(relu, Sigma_(alpha, alpha))/2 + V(relu, Sigma_(alpha + 1, alpha + 1))/2)
        """
        a, b = (self._position(name) for name in ("alpha", "beta"))
        return {
            "q": covariance_equation(self.kernel, self.activation, a, a),
            "sigma": covariance_equation(self.kernel, self.activation, a, b),
        }

    def _position(self, name: str) -> Any:
        if len(self.size) == 1:
            return sp.Symbol(name, integer=True)
        return tuple(sp.Symbol(f"{name}{i}", integer=True) for i in range(1, len(self.size) + 1))

    @property
    def symbols(self) -> Any:
        """The variances as symbols: ``sigma_w2``, ``sigma_b2``."""
        return SYMBOLS

    # numbers

    def step(self, covariance: Any, digits: int = 15, **variances: Any) -> sp.Matrix:
        """One layer: Sigma' = A star C(Sigma) for an explicit symmetric matrix (positions in the order of the kernel).

        Entries are exact numbers or Floats (their binary value); every expectation is right to ``digits`` digits.
        """
        from derive.expectations import E, V

        w2, b2 = self._variances(variances)
        digits = positive_integer(digits, "digits")
        places = list(self.kernel.positions())
        given = self._matrix(covariance)
        mapped = sp.zeros(len(places), len(places))
        for a in range(len(places)):
            for b in range(a, len(places)):
                phi = self.activation
                mean = V(phi, given[a, a]) if a == b else E(phi, phi, given[a, a], given[b, b], given[a, b])
                mapped[a, b] = mapped[b, a] = (w2 * mean + b2).evalf(digits)
        number = {p: i for i, p in enumerate(places)}

        def convolved(a: int, b: int) -> sp.Expr:
            def entry(offset: Index) -> sp.Expr:
                return mapped[
                    number[self.kernel.moved(places[a], offset)], number[self.kernel.moved(places[b], offset)]
                ]

            return sp.Add(*(v * entry(offset) for offset, v in self.kernel.variances)).evalf(digits)

        return sp.Matrix(len(places), len(places), convolved)

    def _matrix(self, covariance: Any) -> sp.Matrix:
        n = self.positions
        if isinstance(covariance, (str, bytes)):
            raise InputError("a covariance is a matrix (nested lists of numbers, or a SymPy matrix), not text")
        rows = covariance.tolist() if hasattr(covariance, "tolist") else [list(row) for row in covariance]
        if len(rows) != n or any(len(row) != n for row in rows):
            raise InputError(f"the covariance has to be a {n} x {n} matrix, one row for each position")
        exact = sp.Matrix(n, n, lambda a, b: exact_number(rows[a][b], f"covariance entry ({a}, {b})"))
        if exact != exact.T:
            raise InputError("the covariance is not symmetric")
        return exact

    def _variances(self, given: dict[str, Any]) -> tuple[sp.Expr, sp.Expr]:
        unknown = sorted(set(given) - {"sigma_w2", "sigma_b2"})
        if unknown:
            raise InputError(
                f"unknown keyword {unknown[0]}={given[unknown[0]]!r}; this network takes sigma_w2, sigma_b2"
            )
        missing = [name for name in ("sigma_w2", "sigma_b2") if given.get(name) is None]
        if missing:
            raise InputError(f"missing {', '.join(missing)}; give every variance as a keyword, e.g. {missing[0]}=1")
        w2, b2 = (variance(given[name], name) for name in ("sigma_w2", "sigma_b2"))
        if w2 == 0:
            raise DomainError("sigma_w2 = 0: the layer forgets its input, all covariances are sigma_b2")
        return w2, b2

    def fixed_point(self, digits: int = 30, q0: Any = 1, **variances: Any) -> ConvolutionalFixedPoint:
        r"""Sigma* = q*(delta + (1 - delta) c*), with chi_1, chi_q, chi_c; q* is the one reached from ``q0``.

        Digits of q* are checked by a sign change in balls.  Raises :class:`~derive.errors.DomainError` where the
        variance grows without bound or tends to 0, :class:`~derive.errors.PrecisionError` on the critical line.
        Source: paper 002, equations (18)-(20).
        """
        w2, b2 = self._variances(variances)
        return fixed_point(self.activation, w2, b2, variance(q0, "q0"), positive_integer(digits, "digits"))

    def eigenvalue(self, mode: Any) -> sp.Expr:
        """lambda_k of the convolution for the mode k (a tuple on a torus), exactly."""
        index = tuple(mode) if isinstance(mode, (tuple, list)) else (mode,)
        if len(index) != len(self.size):
            raise InputError(f"the mode {mode!r} has {len(index)} parts for {len(self.size)} dimensions")
        whole = [exact_number(k, "mode") for k in index]
        if not all(k.is_Integer for k in whole):
            raise InputError(f"the mode {mode!r} is not a whole number")
        return self.kernel.eigenvalue(tuple(int(k) % n for k, n in zip(whole, self.size, strict=True)))

    def spectrum(self, digits: int = 30, q0: Any = 1, **variances: Any) -> ConvolutionalSpectrum:
        r"""All eigenvalues of the Jacobian of Sigma -> A star C(Sigma) at the fixed point, with depth scales.

        The Jacobian acts on symmetric matrices, so there are n(n+1)/2 eigenvalues for n positions, listed by mode with
        multiplicities.  They are complex for a kernel that is not symmetric.  Source: paper 002, equations (19)-(22),
        where the Jacobian of C is called diagonal; it is triangular, with the same eigenvalues.
        """
        digits = positive_integer(digits, "digits")
        point = self.fixed_point(digits + 5, q0, **variances)
        modes = []
        with mpmath.workdps(digits + 10):
            chi_q, chi_c = to_mpf(point.chi_q), to_mpf(point.chi_c)
            for index in self.kernel.positions():
                lam = self.kernel.number(index)
                name = index[0] if len(index) == 1 else index
                off = self.kernel.off_diagonal_multiplicity(index)
                modes.append(_mode(name, "diagonal", chi_q * lam, 1, digits))
                if off:
                    modes.append(_mode(name, "off-diagonal", chi_c * lam, off, digits))
        return ConvolutionalSpectrum(point, tuple(modes))

    def depth_scales(self, digits: int = 30, q0: Any = 1, **variances: Any) -> dict[Any, sp.Expr]:
        r"""{k: xi_k} with :math:`\xi_k^{-1} = -\log|\chi_c \lambda_k|`: paper 002, equation (21), with the modulus."""
        return self.spectrum(digits, q0, **variances).depth_scales()

    def jacobian(self, digits: int = 15, q0: Any = 1, **variances: Any) -> sp.Matrix:
        r"""The Jacobian itself on the entries alpha <= alpha', rows in the order (0,0), (0,1), ..., (n-1,n-1).

        Built from Price's theorem and the heat equation: an entry of C depends on itself by chi_q or chi_c, and off the
        diagonal on the two variances by :math:`\tfrac12 \sigma_w^2 E \varphi''(u_1)\varphi(u_2)`.
        """
        from derive.expectations import E

        w2, _ = self._variances(variances)
        point = self.fixed_point(digits + 5, q0, **variances)
        phi, lam = self.activation, point.q * point.c
        half = (w2 * E(phi.diff(2), phi, point.q, point.q, lam) / 2).evalf(digits + 5)
        places = list(self.kernel.positions())
        number = {p: i for i, p in enumerate(places)}
        pairs = [(a, b) for a in range(len(places)) for b in range(a, len(places))]
        column = {pair: i for i, pair in enumerate(pairs)}
        J = sp.zeros(len(pairs), len(pairs))
        for row, (a, b) in enumerate(pairs):
            for offset, v in self.kernel.variances:
                c, d = sorted(number[self.kernel.moved(places[x], offset)] for x in (a, b))
                if c == d:
                    J[row, column[c, c]] += v * point.chi_q
                else:
                    J[row, column[c, d]] += v * point.chi_c
                    J[row, column[c, c]] += v * half
                    J[row, column[d, d]] += v * half
        return J.evalf(digits)


def _mode(index: Any, kind: str, value: Any, multiplicity: int, digits: int) -> Mode:
    size = abs(value)
    if size == 0:
        return Mode(index, kind, sp.S.Zero, multiplicity, sp.S.Zero)
    xi = sp.oo if size == 1 else mpf_to_sympy(-1 / mpmath.log(size), digits)
    if isinstance(value, mpmath.mpc):
        number = mpf_to_sympy(value.real, digits) + sp.I * mpf_to_sympy(value.imag, digits)
    else:
        number = mpf_to_sympy(value, digits)
    return Mode(index, kind, number, multiplicity, xi)
