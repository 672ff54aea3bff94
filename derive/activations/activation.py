r"""The activation: one real function of one real variable as a SymPy object.

An :class:`Activation` can stand as an argument of SymPy functions (``V(phi, q)``).  It is an atom: it has no free
symbols and no arguments, so substitution, differentiation, series and simplification of what contains it leave it
alone.
Everything else about it is worked out from its expression when asked for.
"""

from __future__ import annotations

import numbers
from typing import Any

import sympy as sp

from derive.activations.local import local_series
from derive.activations.pieces import Analysis, Piece, analyse
from derive.activations.symmetry import is_increasing, parity
from derive.activations.tails import tail
from derive.activations.values import put
from derive.activations.zeros import plain
from derive.errors import DomainError, InputError, UnsupportedError

__all__ = ["VARIABLE", "Activation"]

# The one variable of all activations; index 0 is never given to another Dummy, so it is the same in every process.
VARIABLE = sp.Dummy("x", dummy_index=0, real=True)


class Activation(sp.Atom):
    r"""A function phi from the real line to itself, given by an exact expression in one symbol.

    Two activations are equal when their expressions are, after SymPy's automatic simplification (``x*2/2`` is ``x``)
    but not after deeper identities: ``tanh(x)`` and ``(exp(2*x) - 1)/(exp(2*x) + 1)`` are two activations.  A constant
    is an activation too (it is the derivative of a linear one).

    ``expr`` may be a SymPy expression with at most one free symbol, a number, or text for :func:`derive.parsing.parse`;
    binary floating-point numbers in it become the fractions they store.  Use :func:`derive.activation` for names and
    for a check of the domain.

    >>> phi = Activation("x*erf(x)")
    >>> phi.parity, phi.limits, phi.growth
    ('even', (oo, oo), 1)
    >>> phi(sp.Symbol("u"))
    u*erf(u)
    >>> phi.diff()
    Activation(2*x*exp(-x**2)/sqrt(pi) + erf(x))
    """

    __slots__ = ("expr",)
    is_commutative = True
    is_finite = True
    is_number = False
    variable = VARIABLE  # the symbol in which every `expr` is written

    expr: sp.Expr

    def __new__(cls, expr: Any) -> Activation:
        self = super().__new__(cls)
        self.expr = _canonical(expr)
        return self

    # identity

    def _hashable_content(self) -> tuple[sp.Expr]:
        return (self.expr,)

    def __getnewargs__(self) -> tuple[sp.Expr]:
        return (self.expr,)

    @property
    def name(self) -> str | None:
        """The registered name, as in ``leaky_relu(slope=1/100)``; None for an unregistered function."""
        from derive.activations.registry import name_of

        return name_of(self.expr)

    # as a function

    def __call__(self, argument: Any) -> sp.Expr:
        """phi(argument): a SymPy expression, a number (exact), or text through the parser."""
        x = _argument(argument)
        value = put(self.expr, VARIABLE, x)
        if value.has(sp.nan, sp.zoo) and x.is_number:
            return self._filled_in(x)
        return value

    def _filled_in(self, at: sp.Expr) -> sp.Expr:
        """The value where the formula is 0/0 but the function is not singular, as sin(x)/x at 0."""
        piece = next(p for p in self.pieces if p.right == sp.oo or p.right >= at)
        side = -1 if piece.right == at else 1
        found = local_series(piece.expr, VARIABLE, at, side, 1)
        if found.valuation < 0:
            raise DomainError(f"{self} is not finite at {at}")
        return found.coefficient(0)

    def diff(self, n: Any = 1, *symbols: Any) -> Any:
        """The n-th derivative as an activation.

        The derivative is meant almost everywhere.  Where phi, or a derivative below the n-th, jumps, it would miss a
        Dirac mass and formulas such as Price's theorem would come out wrong; that is refused with
        :class:`~derive.errors.UnsupportedError` (:meth:`derivative_away_from_kinks` gives it all the same).  With
        respect to a symbol the derivative is 0, as SymPy's rules for functions of an activation need it.
        """
        if symbols or (isinstance(n, (sp.Basic, tuple, list)) and not isinstance(n, sp.Number)):
            return sp.S.Zero
        if not isinstance(n, numbers.Integral) or int(n) < 0:
            raise InputError(f"the order of a derivative is a non-negative integer, not {n}")
        if int(n) > 0:
            self._refuse_lost_masses(int(n))
        return self.derivative_away_from_kinks(int(n))

    def _refuse_lost_masses(self, n: int) -> None:
        for at, order in zip(self.kinks, self.kink_orders, strict=True):
            if order <= n - 1:
                below = f"derivative {sp.ceiling(order)}" if order > 0 else "the function itself"
                raise UnsupportedError(
                    f"derivative {n} of {self} is no function: {below} is not continuous at {at}, so a Dirac mass "
                    f"would be missed; derivative_away_from_kinks({n}) leaves it out knowingly"
                )

    def derivative_away_from_kinks(self, n: int = 1) -> Activation:
        """The n-th derivative on the pieces between the kinks."""
        if n == 0:
            return self
        if not self.kinks:
            pieces = self.pieces
            return Activation(sp.diff(pieces[0].expr if self.expr.has(sp.Abs, sp.sign) else self.expr, VARIABLE, n))
        return Activation(_joined([Piece(p.left, p.right, sp.diff(p.expr, VARIABLE, n)) for p in self.pieces]))

    # what is worked out

    @property
    def analysis(self) -> Analysis:
        """Pieces, kinks and their orders together."""
        return analyse(self.expr, VARIABLE)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The analytic branches from left to right: ``.left``, ``.right`` and ``.expr`` in :attr:`variable`."""
        return self.analysis.pieces

    @property
    def kinks(self) -> tuple[sp.Expr, ...]:
        """The points where phi is not analytic, in increasing order."""
        return self.analysis.kinks

    @property
    def kink_orders(self) -> tuple[sp.Expr, ...]:
        """The exponent of the first irregular term at each kink: 0 for a jump, 1 for a corner, 1/2 for a root."""
        return self.analysis.orders

    @property
    def is_smooth(self) -> bool:
        """Whether phi is analytic on the whole line."""
        return not self.kinks

    @property
    def parity(self) -> str | None:
        """``"odd"``, ``"even"`` or None."""
        return parity(self.analysis, VARIABLE)

    @property
    def limits(self) -> tuple[sp.Expr, sp.Expr]:
        """The limits at minus and plus infinity; an ``AccumBounds`` interval where phi oscillates."""
        return self._tails[0].limit, self._tails[1].limit

    @property
    def growth(self) -> sp.Expr:
        """The infimum g >= 0 of exponents with phi = O(\\|x\\|^g); oo when phi grows faster than every power.

        The infimum is attained except for logarithmic factors: :attr:`is_bounded` tells asinh (0) from tanh (0).
        """
        return sp.Max(*(t.growth for t in self._tails))

    @property
    def is_bounded(self) -> bool:
        """Whether phi is bounded on the line."""
        return all(t.bounded for t in self._tails) and all(o >= 0 for o in self.kink_orders)

    @property
    def _tails(self) -> tuple[Any, Any]:
        return tail(self.pieces[0].expr, VARIABLE, -1), tail(self.pieces[-1].expr, VARIABLE, 1)

    @property
    def is_increasing(self) -> bool | None:
        """Whether phi never decreases; None when that could not be decided exactly."""
        return is_increasing(self.analysis, VARIABLE)

    @property
    def is_tanh_like(self) -> bool | None:
        """Whether phi is odd and increases to 1; None when monotonicity could not be decided.

        Definition of paper 000, section 3.
        """
        if self.parity != "odd" or self.limits[1] != 1:
            return False
        return self.is_increasing

    def taylor(self, n: int) -> list[sp.Expr]:
        """The exact Taylor coefficients at 0 up to x**n: a list of n + 1 numbers.

        Raises :class:`~derive.errors.DomainError` when 0 is a kink.

        >>> Activation("tanh(x)").taylor(5)
        [0, 1, 0, -1/3, 0, 2/15]
        """
        if sp.S.Zero in self.kinks:
            raise DomainError(f"{self} is not analytic at 0, so it has no Taylor series there; expand its pieces")
        piece = next(p for p in self.pieces if p.right == sp.oo or p.right > 0)
        series = local_series(piece.expr, VARIABLE, sp.S.Zero, 1, n + 1)
        return [series.coefficient(k) for k in range(n + 1)]

    # numbers

    def mp(self) -> Any:
        """phi as a function of mpmath numbers, at mpmath's current precision."""
        from derive.numerics.compile import compile_mp

        return compile_mp(self.expr, (VARIABLE,))

    def ball(self) -> Any:
        """phi as a function of python-flint balls; see :func:`derive.numerics.compile.compile_ball`."""
        from derive.numerics.compile import compile_ball

        return compile_ball(self.expr, (VARIABLE,))

    # SymPy's protocols: an activation is a constant to all of them

    def as_leading_term(self, *symbols: Any, **options: Any) -> Activation:
        """Itself: it depends on no symbol."""
        return self

    def limit(self, *arguments: Any, **options: Any) -> Activation:
        """Itself: it depends on no symbol."""
        return self

    def nseries(self, *arguments: Any, **options: Any) -> Activation:
        """Itself: it depends on no symbol."""
        return self

    _eval_nseries = series = nseries

    def removeO(self) -> Activation:
        """Itself."""
        return self

    def getO(self) -> None:
        """No order term."""
        return None

    def evalf(self, *arguments: Any, **options: Any) -> Activation:
        """Itself: a function has no digits; evaluate ``phi(x)``."""
        return self

    n = evalf

    # printing

    def _plain(self) -> sp.Expr:
        return self.expr.xreplace({VARIABLE: sp.Symbol("x", real=True)})

    def _sympystr(self, printer: Any) -> str:
        return self.name or printer.doprint(self._plain())

    def _sympyrepr(self, printer: Any) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"Activation({self})"

    def _code(self, printer: Any) -> str:
        """In generated Python code an activation is its text, which ``derive.activation`` reads back."""
        return repr(str(self))

    _pythoncode = _lambdacode = _mpmathcode = _numpycode = _scipycode = _code

    def _latex(self, printer: Any) -> str:
        from derive.activations.registry import latex_of

        return latex_of(self.expr) or rf"\left( x \mapsto {printer.doprint(self._plain())} \right)"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {sp.latex(self)}$"


def _canonical(expr: Any) -> sp.Expr:
    """The expression in VARIABLE, exact, or an error that says what is wrong with it."""
    from derive.numerics.exact import exact_number

    if isinstance(expr, str):
        from derive.parsing import parse

        expr = parse(expr)
    if not isinstance(expr, sp.Expr):
        return exact_number(expr, "expr")
    symbols = expr.free_symbols
    if len(symbols) > 1:
        names = ", ".join(sorted(str(s) for s in symbols))
        raise InputError(
            f"an activation has one variable, but {expr} has {names}; put numbers in for the others, and write Euler's "
            "number as E or exp(1)"
        )
    expr = expr.xreplace(dict.fromkeys(symbols, VARIABLE))
    if symbols and any(isinstance(a, sp.Symbol) and not a.is_real for a in symbols):
        expr = _rebuilt(expr)
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo, sp.I, sp.Derivative, sp.Integral):
        raise DomainError(f"{plain(expr)} is not a finite real formula")
    return expr.replace(lambda e: isinstance(e, sp.Float), lambda e: exact_number(e, "number"))


def _rebuilt(expr: sp.Expr) -> sp.Expr:
    """The expression built anew, so that what holds for a real variable is used (sqrt(x**2) is Abs(x))."""
    if not expr.args:
        return expr
    return expr.func(*(_rebuilt(a) for a in expr.args))


def _argument(argument: Any) -> sp.Expr:
    if isinstance(argument, sp.Expr):
        return argument
    if isinstance(argument, str):
        from derive.parsing import parse

        return parse(argument)
    from derive.numerics.exact import exact_number

    return exact_number(argument, "x")


def _joined(pieces: list[Piece]) -> sp.Expr:
    """One expression for all pieces; a single step is written with Heaviside."""
    if len(pieces) == 2:
        low, high = pieces
        step = sp.Heaviside(VARIABLE - high.left)
        if not low.expr or (high.expr - low.expr).is_number:
            return low.expr + (high.expr - low.expr) * step
    *first, last = pieces
    return sp.Piecewise(*((p.expr, sp.Lt(VARIABLE, p.right)) for p in first), (last.expr, True))
