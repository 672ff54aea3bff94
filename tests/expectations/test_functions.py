"""V, W and E as SymPy objects: reading, automatic values, calculus, series, digits, printing, generated code."""

import copy
import pickle

import flint
import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.activations import activation
from derive.errors import DeriveError, DomainError, InputError, UnsupportedError
from derive.expectations import E, V, W
from derive.numerics.ball import Ball
from derive.numerics.compile import compile_ball, compile_mp

q, lam, q2 = sp.symbols("q lam q2", positive=True)
c = sp.Symbol("c", real=True)


def mean(f, variance):
    """E f(sqrt(q) z) by mpmath.quad at 30 digits."""
    with mpmath.workdps(30):
        s = mpmath.sqrt(variance)
        weight = lambda z: mpmath.exp(-z * z / 2) / mpmath.sqrt(2 * mpmath.pi)  # noqa: E731
        return mpmath.quad(lambda z: f(s * z) * weight(z), [-12, -6, -3, -1, 0, 1, 3, 6, 12])


def product_mean(f, g, variance, variance2, covariance):
    """E f(u1) g(u2) on a float64 grid of standard normals (step 1/16): spectrally accurate for smooth functions."""
    z = np.arange(-140, 141) / 16
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / 16
    u1 = np.sqrt(variance) * z
    left = f(u1) * density
    slope, rest = covariance / np.sqrt(variance), np.sqrt(variance2 - covariance**2 / variance)
    right = np.array([np.sum(g(slope * a + rest * z) * density) for a in z])
    return float(left @ right)


# reading

HOSTILE = [
    "__import__('os').system('true')",
    "q.__class__",
    "lambda: 1",
    "exec('1')",
    "(" * 100_000,
    "\x00",
    "Symbol('x')",
    "f'{1}'",
    "9**9**9**9",
    "",
]
POSITIONS = {
    "V": [lambda t: V(t, 1), lambda t: V("tanh", t)],
    "W": [lambda t: W(t, 1, 0), lambda t: W("tanh", t, 0), lambda t: W("tanh", 1, t)],
    "E": [lambda t: E(t, 1), lambda t: E("tanh", t)],
    "E2": [
        lambda t: E(t, "sin", 1, 1, 0),
        lambda t: E("sin", t, 1, 1, 0),
        lambda t: E("tanh", "sin", t, 1, 0),
        lambda t: E("tanh", "sin", 1, t, 0),
        lambda t: E("tanh", "sin", 1, 1, t),
    ],
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:12]))
@pytest.mark.parametrize("name", POSITIONS)
def test_hostile_text_is_refused_in_every_position(name, text):
    for call in POSITIONS[name]:
        with pytest.raises(DeriveError):
            call(text)


@pytest.mark.parametrize(
    "bad", [-1, float("nan"), float("inf"), True, 1j, sp.I, sp.oo, sp.zoo, sp.nan, None, [1], b"1", np.array([1.0]), {}]
)
def test_what_is_not_a_variance_is_refused_with_a_message(bad):
    for call in (lambda: V("tanh", bad), lambda: W("tanh", bad, 0), lambda: E("tanh", bad)):
        with pytest.raises(InputError):
            call()


def test_text_is_read_by_the_parser():
    assert V("tanh", "1/2") == V(activation("tanh"), sp.Rational(1, 2))
    assert W("x*erf(x)", "2", "0.5") == W(activation("x*erf(x)"), 2, sp.Rational(1, 2))


def test_a_float_means_its_exact_binary_value():
    assert V("tanh", 0.1).args[1] == sp.Rational(0.1)
    assert V("tanh", sp.Float(0.1)).args[1] == sp.Rational(0.1)


def test_impossible_covariances_and_wrong_counts_are_refused():
    for call in (
        lambda: W("tanh", 1, 2),
        lambda: W("tanh", 1, sp.sqrt(2)),
        lambda: E("tanh", "sin", 1, 2, 2),
    ):
        with pytest.raises(DomainError):
            call()
    for call in (lambda: V("tanh"), lambda: W("tanh", 1), lambda: E("tanh", 1, 2), lambda: E()):
        with pytest.raises(InputError, match="takes"):
            call()


# automatic values


def test_obvious_values_are_taken():
    assert V("tanh", 0) == 0 and V("cos(x)", 0) == 1 and V("x*0 + 3", q) == 9
    assert (
        W("tanh", q, q) == V("tanh", q) and W("tanh", q, -q) == -V("tanh", q) and W("cos(x)", q, -q) == V("cos(x)", q)
    )
    assert W("tanh", q, -lam) == -W("tanh", q, lam) and W("cos(x)", q, -lam) == W("cos(x)", q, lam)
    assert W("tanh", q, 0) == 0 and W("sigmoid", q, 0) == E("sigmoid", q) ** 2
    assert E("x**4 + x", q) == 3 * q**2
    assert E("tanh", "tanh", q, q, lam) == W("tanh", q, lam)
    assert E("tanh", "sin", q, q2, lam) == E("sin", "tanh", q2, q, lam)
    assert E("sin", "tanh", q, q2, 0) == E("sin", q) * E("tanh", q2) and E("x*0 + 2", "cos(x)", q, q2, lam) == 2 * E(
        "cos(x)", q2
    )


def test_assumptions():
    v = V("tanh", q)
    assert v.is_nonnegative and v.is_real and v.is_positive and v.is_commutative and sp.sqrt(v**2) == v
    assert W("tanh", q, lam).is_real and W("tanh", q, lam).is_nonnegative is None
    assert v.free_symbols == {q} and V("tanh", 2).free_symbols == set()


def test_objects_survive_pickling_copying_and_rebuilding():
    for o in (V("tanh", q), W("gelu", q, lam), E("sin", "tanh", q, lam, c), E("x*tanh(x)", q)):
        assert pickle.loads(pickle.dumps(o)) == o and copy.deepcopy(o) == o and o.func(*o.args) == o
    assert V("tanh", q).subs(q, 2) == V("tanh", 2) and V("tanh", q).subs(q, lam**2) == V("tanh", lam**2)
    assert V("tanh", q).xreplace({q: lam}) == V("tanh", lam)


# digits


def test_digits_agree_with_quadrature():
    for variance in (sp.Rational(1, 7), 2, 9):
        with mpmath.workdps(30):
            at = mpmath.mpf(int(variance.p)) / int(variance.q) if hasattr(variance, "p") else mpmath.mpf(variance)
            expected = mean(lambda u: mpmath.tanh(u) ** 2, at)
            found = mpmath.mpf(str(V("tanh", variance).evalf(25)))
        assert abs(found - expected) < mpmath.mpf(10) ** -24
    assert abs(float(E("sin", "tanh", 2, 3, -1)) - product_mean(np.sin, np.tanh, 2, 3, -1)) < 1e-13
    assert abs(float(W("sigmoid", 2, 1)) - product_mean(*[lambda u: 1 / (1 + np.exp(-u))] * 2, 2, 2, 1)) < 1e-13


def test_evalf_takes_substitutions_and_nests():
    assert V("tanh", q).evalf(20, subs={q: 2}) == V("tanh", 2).evalf(20)
    assert V("tanh", q).evalf(20) == V("tanh", q)
    inner = V("tanh", 2).evalf(40)
    assert abs(V("tanh", V("tanh", 2)).evalf(25) - V("tanh", inner).evalf(25)) < 1e-24


def test_balls_hold_the_digits():
    ball = V("tanh", 2).ball(40)
    assert isinstance(ball, Ball) and ball.contains(V("tanh", 2).evalf(60)) and ball.rad < 1e-40
    assert W("tanh", 2, 1).ball(20).contains(W("tanh", 2, 1).evalf(40))
    with pytest.raises(InputError, match="still holds q"):
        V("tanh", q).ball(20)


def test_compiled_evaluation_in_balls_and_mpmath():
    expr = V("tanh", q) * q + W("tanh", q, lam)
    with flint.ctx.workprec(150):
        ball = compile_ball(expr, [q, lam])(flint.arb(2), flint.arb(1))
    with mpmath.workdps(30):
        digits = compile_mp(expr, [q, lam])(mpmath.mpf(2), mpmath.mpf(1))
        assert abs(mpmath.mpf(ball.mid().str(35, radius=False)) - digits) < mpmath.mpf(10) ** -28


def test_precision_is_left_alone():
    before = mpmath.mp.prec, flint.ctx.prec
    V("tanh", 2).evalf(60), V("tanh", 3).ball(50), W("tanh", 2, 1).evalf(30)
    assert (mpmath.mp.prec, flint.ctx.prec) == before


# calculus


def derivative_agrees(expr, symbol, at, digits=11):
    """The symbolic derivative against a central difference of order 6 of the values at 40 digits."""
    h = sp.Rational(1, 1000)
    weights = {1: sp.Rational(3, 4), 2: -sp.Rational(3, 20), 3: sp.Rational(1, 60)}

    def value(shift):
        return expr.subs({**at, symbol: at[symbol] + shift * h}).evalf(40)

    numeric = sum(w * (value(k) - value(-k)) for k, w in weights.items()) / h
    exact = expr.diff(symbol).subs(at).evalf(30)
    return abs(numeric - exact) < sp.Float(10) ** -digits * max(1, abs(exact))


@pytest.mark.parametrize(
    "name", ["tanh", "sigmoid", "gelu", "relu", "elu", "hard_tanh", "sin", "Heaviside(x - 1)*(x + 2)"]
)
def test_derivative_of_v(name):
    assert derivative_agrees(V(name, q), q, {q: sp.Rational(7, 5)})
    assert derivative_agrees(E(name, q), q, {q: sp.Rational(7, 5)})


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu", "gelu"])
def test_derivatives_of_w(name):
    at = {q: sp.Rational(7, 5), lam: sp.Rational(1, 2)}
    assert derivative_agrees(W(name, q, lam), lam, at)
    assert derivative_agrees(W(name, q, lam), q, at)


def test_derivatives_of_e():
    at = {q: sp.Rational(7, 5), q2: sp.Integer(2), lam: sp.Rational(1, 2)}
    for symbol in (q, q2, lam):
        assert derivative_agrees(E("sin", "tanh", q, q2, lam), symbol, at)


def test_heat_rules_have_the_announced_form():
    phi = activation("tanh")
    slope = V(phi, q).diff(q)
    assert isinstance(slope, E) and len(slope.args) == 2
    x = phi.variable
    assert sp.simplify(slope.args[0].expr - (sp.diff(phi.expr**2, x, 2) / 2)) == 0
    assert W(phi, q, lam).diff(lam) == W(phi.diff(), q, lam)
    assert W(phi, q, lam).diff(q) == E(phi.diff(2), phi, q, q, lam)
    assert W(phi, q, c * q).diff(q) == E(phi.diff(2), phi, q, q, c * q) + c * W(phi.diff(), q, c * q)
    assert sp.Derivative(V(phi, q), q).doit().has(E)


def test_a_jump_forbids_the_derivative_in_lam():
    with pytest.raises(UnsupportedError, match="jumps"):
        W("Heaviside(x - 1)", q, lam).diff(lam)


# series


def test_series_at_infinity_and_zero():
    v = V("tanh", q)
    expected = (
        1
        - sp.sqrt(2 / sp.pi) * q ** -sp.Rational(1, 2)
        + sp.sqrt(2) * sp.pi ** sp.Rational(3, 2) / 24 * q ** -sp.Rational(3, 2)
    )
    assert sp.simplify(v.series(q, sp.oo, 2).removeO() - expected) == 0
    assert v.series(q, 0, 4) == q - 2 * q**2 + sp.Rational(17, 3) * q**3 + sp.O(q**4)
    assert W("tanh", q, c * q).series(q, 0, 3).removeO().expand() == c * q - 2 * c * q**2
    assert W("tanh", q, c * q).series(q, sp.oo, 1).removeO() == 2 * sp.asin(c) / sp.pi


COMPOSED = [
    (q * V("tanh", 2 * q + 3), sp.oo),
    (V("tanh", q**2 + q) * V("erf", 3 * q), sp.oo),
    (V("swish", q + sp.sqrt(q)) / (1 + q), sp.oo),
    (q * W("tanh", q + 1, (q + 1) / 3), sp.oo),
    (V("tanh", 2 * q + 3 * q**2) / q, 0),
    (W("tanh", q + q**2, q / 3) * V("sin", q), 0),
    (E("relu", q) / sp.sqrt(q), 0),
    (V("tanh", 2 + q), 0),
    (W("tanh", 2, 1 + q), 0),
]


@pytest.mark.parametrize(("expr", "point"), COMPOSED, ids=str)
def test_composed_series_leave_an_error_of_the_stated_order(expr, point):
    """(f - series)/q^n stays bounded over two decades; a missing term would make it grow at least like sqrt(10)."""
    for n in (2, 3):
        body = sp.series(expr, q, point, n).removeO()
        ratios = []
        for k in (3, 5):
            at = sp.Integer(10) ** k if point == sp.oo else sp.Rational(1, 10**k)
            ratios.append(abs((expr - body).subs(q, at).evalf(30) * sp.Integer(10) ** (k * n)))
        assert ratios[1] < 2 * ratios[0] + sp.Float(10) ** -12


def test_limits():
    v = V("tanh", q)
    assert sp.limit(v, q, sp.oo) == 1 and sp.limit(v / q, q, 0) == 1
    assert sp.simplify(sp.limit(sp.sqrt(q) * (1 - v), q, sp.oo) - sp.sqrt(2 / sp.pi)) == 0
    assert sp.limit(W("tanh", q, c * q), q, sp.oo) == 2 * sp.asin(c) / sp.pi
    assert sp.limit(V("swish", q) / q, q, sp.oo) == sp.Rational(1, 2)


def test_a_growing_variance_without_fixed_correlation_is_refused():
    with pytest.raises(UnsupportedError, match="correlation"):
        W("tanh", q, lam * sp.sqrt(q)).series(q, sp.oo, 2)


def test_protocol_of_large_and_small_arguments():
    v = V("tanh", q)
    assert v.large_argument_terms(1) == {0: 1, -sp.Rational(1, 2): -sp.sqrt(2) / sp.sqrt(sp.pi)}
    bound, exponent, q_min = v.large_argument_remainder(1)
    assert bound > 0 and exponent == -sp.Rational(3, 2) and q_min == 0
    assert v.small_argument_terms(3) == {1: 1, 2: -2}
    with pytest.raises(UnsupportedError):
        E("sin", "tanh", q, q2, lam).large_argument_terms(2)


# printing and generated code


def test_printing():
    assert str(V("tanh", q)) == "V(tanh, q)" and str(W("relu", q, lam)) == "W(relu, q, lam)"
    assert sp.latex(V("tanh", q)) == r"\mathrm{V}\tanh\left(q\right)"
    assert sp.latex(V("tanh", q) ** 2) == r"\mathrm{V}\tanh\left(q\right)^{2}"
    assert r"\mathrm{W}" in sp.latex(W("gelu", q, lam)) and r"\mathrm{E}" in sp.latex(E("sin", "tanh", q, q2, lam))


def test_lambdify_is_right_when_called():
    """numpy (scalars and arrays of any shape), mpmath (at its precision), math and scipy."""
    expr = W("tanh", q, lam) * 2 + V("tanh", q)
    exact = [float(expr.subs({q: a, lam: b}).evalf(20)) for a, b in ((1, 0.5), (2, 0.25), (100, 99))]
    a, b = np.array([1.0, 2.0, 100.0]), np.array([0.5, 0.25, 99.0])
    for modules in (None, "numpy", "scipy"):
        f = sp.lambdify((q, lam), expr, modules)
        np.testing.assert_allclose(f(a, b), exact, rtol=1e-14)
        assert f(a.reshape(3, 1), b.reshape(3, 1)).shape == (3, 1)
        assert abs(f(1.0, 0.5) - exact[0]) < 1e-14
    f = sp.lambdify((q, lam), expr, "mpmath")
    with mpmath.workdps(40):
        assert (
            abs(
                f(mpmath.mpf(2), mpmath.mpf(1) / 4)
                - mpmath.mpf(str(expr.subs({q: 2, lam: sp.Rational(1, 4)}).evalf(45)))
            )
            < 1e-38
        )
    assert abs(sp.lambdify(q, V("tanh", q), "math")(2) - float(V("tanh", 2))) < 1e-15


def test_numeric_solvers_work_on_them():
    root = sp.nsolve(2 * V("tanh", q) - q, q, 1)
    assert abs(2 * V("tanh", sp.Rational(str(root))).evalf(15) - root) < 1e-12
