r"""A real number known to lie in an interval: midpoint and radius.

:class:`Ball` wraps python-flint's ``arb`` and changes one thing that matters: a comparison of overlapping balls raises
:class:`~derive.errors.Undecided` (flint answers ``False`` to each of ``<``, ``>`` and ``==``).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from derive.errors import DomainError, Undecided

__all__ = ["Ball"]


class Ball:
    """The set of reals within ``rad`` of ``mid``; immutable.

    ``Ball(mid, rad=0)`` takes exact numbers (int, Fraction, text, float as its binary value, SymPy number);
    ``Ball.from_arb(x)`` takes a python-flint ``arb`` as it is.  Arithmetic with balls and exact numbers encloses
    the result at the working precision of the operands (at least 64 bits).  Comparisons raise
    :class:`~derive.errors.Undecided` when the balls overlap.

    >>> third = Ball("1/3")
    >>> third * 3 - 1 < "1e-15"
    True
    >>> third.contains(sp.Rational(1, 3))
    True
    """

    __slots__ = ("_bits", "arb")

    arb: Any
    _bits: int

    def __init__(self, mid: Any, rad: Any = 0, *, bits: int = 64) -> None:
        from flint import arb, ctx

        from derive.numerics.compile import to_arb
        from derive.numerics.exact import exact_number, variance

        with ctx.workprec(bits):
            ball = to_arb(exact_number(mid, "mid"))
            spread = to_arb(variance(rad, "rad"))
            if not spread.is_zero():
                ball = ball + arb(0, spread.upper())
        object.__setattr__(self, "arb", ball)
        object.__setattr__(self, "_bits", max(bits, 64))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a Ball cannot be changed; make a new one")

    @classmethod
    def from_arb(cls, ball: Any, bits: int | None = None) -> Ball:
        """A Ball around an ``arb``, kept exactly; ``bits`` is the working precision of further arithmetic."""
        if not ball.is_finite():
            raise DomainError(f"the enclosure {ball} is not finite; ask for more digits or a smaller set")
        new = object.__new__(cls)
        object.__setattr__(new, "arb", ball)
        object.__setattr__(new, "_bits", bits or max(64, ball.mid().bits()))
        return new

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (*_man_exp(self.arb.mid()), *_man_exp(self.arb.rad()), self._bits)

    # what it says ----------------------------------------------------------------------------------------------------

    @property
    def mid(self) -> sp.Float:
        """The midpoint, exactly, as a SymPy Float with as many bits as it needs."""
        from derive.numerics.compile import arb_to_mpf

        bits = max(53, self.arb.mid().bits())
        return sp.Float._new(arb_to_mpf(self.arb)._mpf_, bits)

    @property
    def rad(self) -> sp.Float:
        """The radius, exactly (python-flint keeps it with 30 bits, rounded up)."""
        from derive.numerics.compile import arb_to_mpf

        return sp.Float._new(arb_to_mpf(self.arb.rad())._mpf_, 53)

    @property
    def digits(self) -> int:
        """How many significant decimal digits the ball fixes (0 if it contains zero; those of its bits if exact)."""
        if self.arb.is_exact():
            return max(1, int(self.arb.mid().bits() * 0.30103))
        return max(0, int(self.arb.rel_accuracy_bits() * 0.30102999))

    def bounds(self) -> tuple[Fraction, Fraction]:
        """The ends of the interval as exact fractions."""
        mid, rad = _fraction(self.arb.mid()), _fraction(self.arb.rad())
        return mid - rad, mid + rad

    def contains(self, number: Any) -> bool:
        """Is a number (or a whole ball) certainly inside?  Exact for rationals.

        A number such as ``sqrt(2)`` is enclosed with 64 bits more than the ball; if that does not settle it the
        method raises :class:`~derive.errors.Undecided`.
        """
        from flint import ctx

        from derive.numerics.compile import to_arb
        from derive.numerics.exact import exact_number

        if isinstance(number, Ball):
            low, high = self.bounds()
            other_low, other_high = number.bounds()
            return low <= other_low and other_high <= high
        exact = exact_number(number)
        if exact.is_Rational:
            low, high = self.bounds()
            return low <= Fraction(int(exact.p), int(exact.q)) <= high
        with ctx.workprec(self._bits + 64):
            point = to_arb(exact)
            if self.arb.contains(point):
                return True
            if not self.arb.overlaps(point):
                return False
        raise Undecided(f"cannot tell whether {number} lies in {self}; its enclosure crosses the ball's end")

    def overlaps(self, other: Ball) -> bool:
        """Do two balls share a point?  (Exact.)"""
        low, high = self.bounds()
        other_low, other_high = other.bounds()
        return low <= other_high and other_low <= high

    # text ------------------------------------------------------------------------------------------------------------

    def to_decimal(self, digits: int | None = None) -> str:
        """Decimal text ``m +/- r`` whose interval contains the ball; m has ``digits`` significant digits.

        The text depends on the ball alone: the same on every machine.  ``digits=None`` prints what the ball fixes.

        >>> Ball("1/3", "1e-10").to_decimal(5)
        '0.33333 +/- 3.4e-6'
        """
        from derive.numerics.exact import positive_integer

        mid, rad = _fraction(self.arb.mid()), _fraction(self.arb.rad())
        places = max(1, self.digits + 2) if digits is None else positive_integer(digits, "digits")
        shown = round_significant(mid, places)
        spread = rad + abs(mid - shown[0])
        if spread == 0:
            return _plain_end(shown[1])
        return f"{shown[1]} +/- {round_up(spread, 2)}"

    def __str__(self) -> str:
        return self.to_decimal().replace("+/-", "±")

    def __repr__(self) -> str:
        return f"Ball({self.to_decimal()})"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def latex(self) -> str:
        r"""LaTeX such as ``0.33333 \pm 3.4 \cdot 10^{-6}``."""
        return " \\pm ".join(_latex_decimal(part) for part in self.to_decimal().split(" +/- "))

    # arithmetic and comparison ---------------------------------------------------------------------------------------

    def _with(self, other: Any) -> tuple[Any, int]:
        from flint import ctx

        from derive.numerics.compile import to_arb
        from derive.numerics.exact import exact_number

        if isinstance(other, Ball):
            return other.arb, max(self._bits, other._bits)
        with ctx.workprec(self._bits):
            return to_arb(exact_number(other)), self._bits

    def _binary(self, other: Any, operation: str, swapped: bool = False) -> Ball:
        import operator

        from flint import ctx

        b, bits = self._with(other)
        with ctx.workprec(bits):
            pair = (b, self.arb) if swapped else (self.arb, b)
            return Ball.from_arb(getattr(operator, operation)(*pair), bits)

    def __add__(self, other: Any) -> Ball:
        return self._binary(other, "add")

    __radd__ = __add__

    def __mul__(self, other: Any) -> Ball:
        return self._binary(other, "mul")

    __rmul__ = __mul__

    def __sub__(self, other: Any) -> Ball:
        return self._binary(other, "sub")

    def __rsub__(self, other: Any) -> Ball:
        return self._binary(other, "sub", swapped=True)

    def __truediv__(self, other: Any) -> Ball:
        return self._binary(other, "truediv")

    def __rtruediv__(self, other: Any) -> Ball:
        return self._binary(other, "truediv", swapped=True)

    def __pow__(self, exponent: Any) -> Ball:
        from flint import ctx

        from derive.numerics.ball_arithmetic import BALLS
        from derive.numerics.exact import exact_number

        with ctx.workprec(self._bits):
            return Ball.from_arb(BALLS.power(exact_number(exponent, "exponent"))(False, self.arb), self._bits)

    def __neg__(self) -> Ball:
        return Ball.from_arb(-self.arb, self._bits)

    def __abs__(self) -> Ball:
        from derive.numerics.ball_arithmetic import BALLS

        return Ball.from_arb(BALLS.functions[sp.Abs](False, self.arb), self._bits)

    def __float__(self) -> float:
        return float(self.mid)

    def _order(self, other: Any) -> int:
        """-1, 0, 1 for certainly less, certainly equal (two exact points), certainly greater."""
        b, _ = self._with(other)
        low, high = self.bounds()
        mid, rad = _fraction(b.mid()), _fraction(b.rad())
        if high < mid - rad:
            return -1
        if low > mid + rad:
            return 1
        if low == high == mid and rad == 0:
            return 0
        raise Undecided(f"{self} and {other} overlap, so their order is not known; ask for more digits")

    def __lt__(self, other: Any) -> bool:
        return self._weakly(other, -1, strict=True)

    def __gt__(self, other: Any) -> bool:
        return self._weakly(other, 1, strict=True)

    def __le__(self, other: Any) -> bool:
        return self._weakly(other, -1, strict=False)

    def __ge__(self, other: Any) -> bool:
        return self._weakly(other, 1, strict=False)

    def _weakly(self, other: Any, side: int, strict: bool) -> bool:
        order = self._order(other)
        return order == side or (order == 0 and not strict)

    def __eq__(self, other: Any) -> bool:
        return self._order(other) == 0

    def __ne__(self, other: Any) -> bool:
        return self._order(other) != 0

    def __hash__(self) -> int:
        return hash(self.bounds())

    def __bool__(self) -> bool:
        return self != 0


def _man_exp(exact: Any) -> tuple[int, int]:
    mantissa, exponent = exact.man_exp()
    return int(mantissa), int(exponent)


def _fraction(exact: Any) -> Fraction:
    mantissa, exponent = _man_exp(exact)
    return Fraction(mantissa) * (Fraction(2) ** exponent)


def _rebuild(mid: int, mid_exponent: int, rad: int, rad_exponent: int, bits: int) -> Ball:
    from flint import arb

    return Ball.from_arb(arb((mid, mid_exponent), (rad, rad_exponent)), bits)


def _decimal_exponent(value: Fraction) -> int:
    """The e with 10**e <= value < 10**(e+1), value > 0."""
    e = int((value.numerator.bit_length() - value.denominator.bit_length()) * 0.30103)
    while Fraction(10) ** e > value:
        e -= 1
    while Fraction(10) ** (e + 1) <= value:
        e += 1
    return e


def round_significant(value: Fraction, digits: int) -> tuple[Fraction, str]:
    """``value`` to ``digits`` significant digits: the rounded number, exactly, and its decimal text."""
    if value == 0:
        return Fraction(0), "0"
    place = _decimal_exponent(abs(value)) - digits + 1
    units = round(value / Fraction(10) ** place)
    return units * Fraction(10) ** place, _decimal_text(units, place)


def round_up(value: Fraction, digits: int) -> str:
    """A decimal text of a number that is at least ``value`` > 0, in ``digits`` significant digits."""
    place = _decimal_exponent(value) - digits + 1
    units = -(-value // Fraction(10) ** place)
    return _decimal_text(int(units), place)


def _figures(number: int) -> str:
    """The decimal figures of an integer of any length; Python's own ``str`` stops at 4300."""
    from flint import fmpz

    return str(number) if number.bit_length() < 10_000 else fmpz(number).str()


def _decimal_text(units: int, place: int) -> str:
    """units * 10**place as text: plain for moderate sizes, with an exponent otherwise."""
    sign, figures = ("-" if units < 0 else ""), _figures(abs(units))
    exponent = len(figures) - 1 + place
    if -5 <= exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{figures}"
    if 0 <= exponent < len(figures) - 1:
        return f"{sign}{figures[: exponent + 1]}.{figures[exponent + 1 :]}"
    if exponent == len(figures) - 1:
        return f"{sign}{figures}"
    fraction = figures[1:].rstrip("0")
    return f"{sign}{figures[0]}{'.' + fraction if fraction else ''}e{exponent}"


def _plain_end(text: str) -> str:
    """An exact decimal without trailing zeros."""
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def _latex_decimal(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa
