"""The activation as a SymPy object: identity, evaluation, derivatives, and its place inside SymPy functions."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from fractions import Fraction

import mpmath
import pytest
import sympy as sp

from derive.activations import VARIABLE, Activation, activation, registered_activations
from derive.errors import DomainError, InputError, ParseError, UnsupportedError

x = sp.Symbol("x", real=True)
q, t = sp.symbols("q t", positive=True)


class Head(sp.Function):
    """A stand-in for V(phi, q): a SymPy function of an activation and a number."""

    nargs = 2

    def fdiff(self, argindex=1):
        assert argindex == 2, "SymPy must never differentiate by the activation"
        phi, u = self.args
        return Head(phi.diff(), u)


TANH, OWN = activation("tanh"), activation("x*erf(x)")
H = Head(TANH, q)


def test_equality_is_by_expression_whatever_the_way_in():
    """A name, its text, and an expression in any symbol give one and the same activation."""
    others = [
        activation("tanh(x)"),
        Activation(sp.tanh(q)),
        Activation(sp.tanh(sp.Symbol("complex_one"))),
        activation(TANH),
    ]
    for other in others:
        assert other == TANH
        assert hash(other) == hash(TANH)
        assert str(other) == "tanh"
    assert TANH != OWN
    assert TANH not in (1, "tanh", sp.tanh(x))


def test_equality_is_structural():
    """A deep identity is not looked for."""
    assert activation("(exp(2*x) - 1)/(exp(2*x) + 1)") != TANH
    assert activation("2*x/2") == activation("x")


def test_it_has_no_symbols_and_no_arguments():
    """An activation is a constant to SymPy, and commutes."""
    assert TANH.free_symbols == set()
    assert TANH.args == ()
    assert TANH.is_commutative is True
    assert H.is_commutative is True
    assert H.free_symbols == {q}
    assert not H.has(sp.tanh)
    assert TANH.variable is VARIABLE


@pytest.mark.parametrize("name", registered_activations())
def test_pickle_and_copy_keep_it(name):
    """Pickling goes through the expression, alone and inside a larger expression."""
    phi = activation(name, alpha="79/100") if name == "alpha_relu" else activation(name)
    for again in (pickle.loads(pickle.dumps(phi)), copy.deepcopy(phi)):
        assert again == phi
        assert again.name == phi.name
    assert pickle.loads(pickle.dumps(Head(phi, q) + 1)) == Head(phi, q) + 1


def test_pickle_crosses_processes():
    """The common variable is the same symbol in another process."""
    code = (
        "import pickle, sys, derive; phi = pickle.loads(bytes.fromhex(sys.argv[1]));"
        "assert phi == derive.activation('x*erf(x)'); print(phi.kinks, phi.parity, pickle.dumps(phi).hex())"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, pickle.dumps(OWN).hex()], capture_output=True, text=True, check=True
    )
    kinks, parity, back = out.stdout.split()
    assert (kinks, parity) == ("()", "even")
    assert pickle.loads(bytes.fromhex(back)) == OWN


def test_substitution_leaves_it_alone():
    """Only the other arguments are substituted; an activation can be exchanged as a whole."""
    assert H.subs(q, 2) == Head(TANH, 2)
    for symbol in (x, sp.Symbol("x"), VARIABLE):
        assert H.subs(symbol, 2) == H
        assert H.xreplace({symbol: t}) == H
    assert H.subs(TANH, OWN) == Head(OWN, q)
    assert H.xreplace({TANH: OWN, q: t}) == Head(OWN, t)
    assert H.replace(TANH, OWN) == Head(OWN, q)


def test_differentiation_by_a_symbol_sees_a_constant():
    """phi.diff(symbol) is 0, phi.diff(n) is a derivative; the chain rule of a head goes through its own rule."""
    assert TANH.diff(q) == 0
    assert sp.diff(TANH, q) == 0
    assert TANH.diff((q, 2)) == 0
    assert H.diff(x) == 0
    assert H.diff(q) == Head(TANH.diff(), q)
    assert Head(TANH, q**2 * t).diff(t) == q**2 * Head(TANH.diff(), q**2 * t)
    assert sp.Derivative(H, q).doit() == H.diff(q)


def test_series_and_limits_see_a_constant():
    """Taylor expansion and limits of a head go through."""
    expected = Head(TANH, 1) + q * Head(TANH.diff(), 1)
    assert Head(TANH, 1 + q).series(q, 0, 2).removeO() == expected
    assert H.limit(q, 2) == Head(TANH, 2)
    assert (q * H).nseries(q, 0, 2).removeO() == q * Head(TANH, 0)


@pytest.mark.parametrize(
    "operation",
    [
        sp.simplify,
        sp.factor,
        sp.cancel,
        sp.together,
        sp.powsimp,
        sp.nsimplify,
        lambda e: e.doit(),
        lambda e: e.rewrite(sp.exp),
        lambda e: sp.expand(e, deep=True),
        lambda e: sp.collect(e, q),
        lambda e: sp.piecewise_fold(e),
        lambda e: e.evalf(20),
        lambda e: e.normal(),
        lambda e: sp.separatevars(e),
        lambda e: sp.cse(e)[1][0],
    ],
)
def test_simplification_leaves_it_alone(operation):
    """SymPy's rewriting functions neither look inside nor stumble."""
    assert operation(H) == H


def test_text_forms_name_it():
    """str and LaTeX use the registered name, or the formula in x."""
    assert str(Head(TANH, q)) == "Head(tanh, q)"
    assert str(Head(OWN, q)) == "Head(x*erf(x), q)"
    assert sp.latex(TANH) == r"\tanh"
    assert sp.latex(TANH.diff()) == r"\tanh'"
    assert sp.latex(TANH.diff(2)) == r"\tanh''"
    assert sp.latex(OWN) == r"\left( x \mapsto x \operatorname{erf}{\left(x \right)} \right)"
    assert repr(TANH) == "Activation(tanh)"
    assert "tanh" in TANH._repr_latex_()
    assert sp.pretty(H) == "Head(tanh, q)"
    assert sp.srepr(H).startswith("Head(Activation(tanh), ")


@pytest.mark.parametrize("modules", ["numpy", "scipy", "mpmath", "math"])
def test_generated_code_hands_over_its_text(modules):
    """lambdify passes the text of the activation, from which the receiving function makes it again."""
    for phi in (TANH, OWN, activation("hard_tanh"), activation("leaky_relu(slope=1/7)")):
        received, value = sp.lambdify(q, Head(phi, q), modules=[{"Head": lambda p, u: (p, u)}, modules])(2)
        assert activation(received) == phi
        assert value == 2


def test_values_are_exact():
    """phi(x) puts the argument in; Python numbers are exact, text goes through the parser."""
    assert TANH(q) == sp.tanh(q)
    assert TANH(0.5) == sp.tanh(sp.Rational(1, 2))
    assert TANH(0.1) == sp.tanh(sp.Rational(*(0.1).as_integer_ratio()))
    assert TANH(Fraction(1, 3)) == sp.tanh(sp.Rational(1, 3))
    assert TANH("q/2") == sp.tanh(sp.Symbol("q", real=True) / 2)
    assert OWN(1) == sp.erf(1)


def test_a_removable_gap_is_filled():
    """sin(x)/x is 1 at 0; (exp(x) - 1 - x)/x**2 is 1/2."""
    assert activation("sin(x)/x")(0) == 1
    assert activation("(exp(x) - 1 - x)/x**2")(0) == sp.Rational(1, 2)


def test_a_binary_exponent_is_no_trap():
    """alpha = 0.79 as a float has the denominator 2**50; SymPy's own 135**alpha would need gigabytes.

    The digits are mpmath's.
    """
    phi = activation("alpha_relu", alpha=0.79)
    with mpmath.workdps(30):
        expected = mpmath.mpf(135) ** mpmath.mpf(0.79)
        assert abs(mpmath.mpf(phi(135).evalf(25)._mpf_) - expected) < mpmath.mpf(10) ** -22
    assert phi.kink_orders == (sp.Rational(*(0.79).as_integer_ratio()),)


HOSTILE = [
    "__import__('os')",
    "x.__class__",
    "x[0]",
    "'x'",
    "lambda: 1",
    "10**10**10",
    "(" * 10**6,
    "",
    "exp(exp(exp(x)))",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "entrance",
    [
        activation,
        Activation,
        TANH,
        lambda text: activation("leaky_relu", slope=text),
        lambda text: activation("alpha_relu", alpha=text),
        lambda text: activation(f"elu(alpha={text})"),
    ],
    ids=["activation", "Activation", "call", "slope", "alpha", "text parameter"],
)
def test_hostile_text_is_a_parse_error_everywhere(entrance, text):
    """Text in any argument position meets the parser, and nothing else."""
    with pytest.raises(ParseError):
        entrance(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1j, None, True, [1]])
def test_values_that_are_no_numbers_are_refused(value):
    """NaN, infinity, complex and foreign objects have no value under an activation."""
    with pytest.raises(InputError):
        TANH(value)


@pytest.mark.parametrize("order", [-1, 1.5, "1", None])
def test_orders_that_are_no_counts_are_refused(order):
    """diff(n) takes a non-negative integer."""
    with pytest.raises(InputError, match="non-negative integer"):
        TANH.diff(order)


def test_two_symbols_are_refused():
    """An activation has one variable; the message names the symbols."""
    with pytest.raises(InputError, match="has a, x"):
        activation("a*tanh(x)")


def test_a_constant_is_an_activation():
    """The derivative of a linear function is one."""
    assert activation("x").diff() == Activation(1)
    assert Activation(1).limits == (1, 1)
    assert activation("3/7")(q) == sp.Rational(3, 7)


def test_floats_in_an_expression_become_exact():
    """A SymPy Float counts as the fraction it stores."""
    assert Activation(sp.Float(0.5) * x) == Activation(x / 2)


@pytest.mark.parametrize(
    "expr", [sp.I * x, sp.oo, sp.nan, sp.zoo * x, sp.Integral(x, x), sp.Derivative(sp.Function("f")(x), x)], ids=str
)
def test_expressions_that_are_no_real_formulas_are_refused(expr):
    """Imaginary, infinite and unevaluated expressions."""
    with pytest.raises(InputError):
        Activation(expr)


def test_assumptions_of_the_given_symbol_do_not_stick():
    """sqrt(x**2) given in a complex symbol is Abs(x) for a real variable."""
    z = sp.Symbol("z")
    assert Activation(sp.sqrt(z**2)) == Activation(sp.Abs(x))


SMOOTH = ["tanh", "erf", "sigmoid", "arctan", "sin", "gelu", "swish", "softplus", "x*erf(x)", "x*tanh(softplus(x))"]
KINKED = ["relu", "leaky_relu", "hard_tanh", "selu", "elu", "softsign", "Abs(x)*sin(x)", "Max(x, x**2)"]


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_agree_with_numerical_differentiation(name):
    """mpmath.diff of phi is the source for phi.diff(n), n = 1, 2, 3."""
    phi = activation(name)
    with mpmath.workdps(40):
        f = phi.mp()
        for n in (1, 2, 3):
            slope = phi.diff(n).mp()
            for at in (-1.3, 0.2, 2.7):
                assert abs(slope(mpmath.mpf(at)) - mpmath.diff(f, mpmath.mpf(at), n)) < 1e-15


@pytest.mark.parametrize("name", KINKED)
def test_first_derivatives_of_kinked_functions_agree_between_the_kinks(name):
    """As above, at points away from the kinks."""
    phi = activation(name)
    with mpmath.workdps(40):
        f, slope = phi.mp(), phi.diff().mp()
        for at in (-2.3, -0.4, 0.7, 1.9):
            assert abs(slope(mpmath.mpf(at)) - mpmath.diff(f, mpmath.mpf(at))) < 1e-15


@pytest.mark.parametrize(
    ("name", "highest"), [("relu", 1), ("hard_tanh", 1), ("softsign", 2), ("x**2*Abs(x)", 3), ("elu", 2)]
)
def test_a_derivative_that_would_miss_a_mass_is_refused(name, highest):
    """phi.diff(n) exists while the derivatives below n are continuous; beyond, only on request."""
    phi = activation(name)
    assert isinstance(phi.diff(highest), Activation)
    with pytest.raises(UnsupportedError, match="Dirac mass"):
        phi.diff(highest + 1)
    with pytest.raises(UnsupportedError, match="Dirac mass"):
        phi.diff(highest).diff()
    assert isinstance(phi.derivative_away_from_kinks(highest + 1), Activation)


def test_derivatives_of_derivatives_are_derivatives():
    """Taking derivatives one by one or at once is the same function."""
    for name in SMOOTH:
        phi = activation(name)
        assert sp.simplify(phi.diff().diff().expr - phi.diff(2).expr) == 0


@pytest.mark.parametrize("name", SMOOTH)
def test_taylor_coefficients_agree_with_mpmath(name):
    """mpmath.taylor is the source for the exact coefficients."""
    phi = activation(name)
    exact = phi.taylor(12)
    assert len(exact) == 13
    with mpmath.workdps(60):
        numerical = mpmath.taylor(phi.mp(), 0, 12)
        for mine, other in zip(exact, numerical, strict=True):
            assert abs(mpmath.mpf(str(mine.evalf(40))) - other) < 1e-25


def test_there_is_no_taylor_series_at_a_kink():
    """Expanding relu at 0 is refused; hard_tanh is linear there."""
    with pytest.raises(DomainError, match="not analytic at 0"):
        activation("relu").taylor(3)
    assert activation("hard_tanh").taylor(3) == [0, 1, 0, 0]


def test_balls_enclose_the_values():
    """phi.ball() is an enclosure; mpmath at higher precision is the source."""
    from flint import arb, ctx

    for name in [*SMOOTH, *KINKED]:
        phi = activation(name)
        with ctx.workprec(100), mpmath.workdps(60):
            ball = phi.ball()(arb(3) / 8)
            exact = phi.mp()(mpmath.mpf(3) / 8)
            middle = mpmath.mpf(ball.mid().str(50, radius=False))
            assert abs(middle - exact) <= mpmath.mpf(ball.rad().str(20, radius=False)) * 1.01 + mpmath.mpf(10) ** -45
            assert ball.rad() < 1e-25
