"""Moments of decaying functions against mpmath's adaptive quadrature, and what is refused."""

import pickle

import flint
import mpmath
import pytest
import sympy as sp

from derive.errors import DomainError, InputError, UnsupportedError
from derive.expectations import Moment, moments
from derive.expectations.asymptotic.exp_tail import ExpTail
from derive.expectations.asymptotic.gauss_tail import GaussTail
from derive.expectations.asymptotic.pieces import X, real_function
from derive.expectations.asymptotic.tails import decompose
from derive.numerics.compile import to_arb

x = sp.Symbol("x", real=True)
POINTS = [0, 0.5, 1, 2, 4, 8, 16, 32, 64, 128]


def quadrature(f, k):
    """The moment by adaptive quadrature at 40 digits (independent of the package)."""
    g = sp.lambdify(x, f, "mpmath")
    with mpmath.workdps(40):
        return mpmath.quad(lambda u: u**k * g(u) + (-u) ** k * g(-u), POINTS)


EXACT = [
    1 - sp.tanh(x) ** 2,
    sp.sech(x) ** 4,
    sp.tanh(x) ** 2 * sp.sech(x) ** 2,
    sp.exp(-x) / (1 + sp.exp(-x)) ** 2,
    x * sp.tanh(x) * sp.sech(x) ** 3,
    x**2 / sp.sinh(x) ** 2,
    sp.sech(x),
    sp.sech(x - sp.Rational(1, 2)) ** 2,
    1 - sp.tanh(x) * sp.tanh(2 * x),
    sp.sech(sp.sqrt(2) * x) ** 2,
    sp.sech(x) * sp.sech(x / 3),
    1 - sp.erf(x) ** 2,
    sp.exp(-2 * x**2) * (x**3 + x**2),
    x * sp.exp(-(x**2)) * sp.erf(2 * x),
    1 - sp.erf(x) * sp.erf(x / 3),
    sp.erf(x) ** 3 * x * sp.exp(-(x**2)),
]


@pytest.mark.parametrize("f", EXACT, ids=str)
def test_exact_moments_agree_with_quadrature_to_30_digits(f):
    for k in (0, 3):
        found = moments(f, k)
        assert not found.atoms(Moment)
        expected = quadrature(f, k)
        with mpmath.workdps(35):
            value = mpmath.mpf(str(found.evalf(34)))
            assert abs(value - expected) <= mpmath.mpf(10) ** -30 * max(1, abs(expected)), (k, found)


NUMERIC = [
    sp.exp(-(x**2)) * sp.sin(x) ** 2,
    1 - sp.tanh(x) * sp.erf(x),
    1 - sp.tanh(sp.log(1 + sp.exp(x))) - 1 / (1 + sp.exp(x)),
    1 - sp.erf(x - 1) ** 2,
    1 - sp.tanh(x) * sp.tanh(sp.sqrt(2) * x),
    sp.sin(1) ** 2 - sp.sin(sp.tanh(x)) ** 2,
    1 - sp.erf(x**2 - 2) ** 2,
    1 - sp.tanh(x) ** 7 * sp.erf(x),
]


@pytest.mark.parametrize("f", NUMERIC, ids=str)
def test_numeric_moments_are_enclosed_to_the_digits_asked_for(f):
    """Values by mpmath.quad; the package encloses the integral by acb.integral and a bound of the far part."""
    for k in (1, 6):
        expected = quadrature(f, k)
        with flint.ctx.workprec(140):
            ball = sum((s.moment_ball(k) for s in decompose(real_function(f)).segments), flint.arb(0))
        if abs(expected) < 1e-30:
            assert ball.contains(0)
            continue
        assert ball.rel_accuracy_bits() > 100
        with mpmath.workdps(30):
            middle = mpmath.mpf(ball.mid().str(36, radius=False))
            assert abs(middle - expected) < mpmath.mpf(10) ** -27 * abs(expected)
            assert abs(mpmath.mpf(str(moments(f, k).evalf(30))) - expected) < mpmath.mpf(10) ** -27 * abs(expected)


def test_known_values_of_sech_squared():
    """int x^2 sech^2 = pi^2/6, int x^4 sech^2 = 7 pi^4/120 (Gradshteyn-Ryzhik 3.527.3, 3.527.5)."""
    assert moments(sp.sech(x) ** 2, 2) == sp.pi**2 / 6
    assert moments(sp.sech(x) ** 2, 4) == 7 * sp.pi**4 / 120
    assert moments(sp.sech(x) ** 2, 3) == 0


def test_half_line_moment_of_tanh_tail_gives_odd_zeta():
    """int_0^oo x^2 (1 - tanh x) dx = 2 Gamma(3) eta(3)/2^3 with eta(3) = 3 zeta(3)/4."""
    tail = ExpTail.of(sp.tanh(X))
    assert tail.asymptote == {0: 1}
    assert tail.moment(2) == -3 * sp.zeta(3) / 8


def test_cancelling_poles_at_the_origin_keep_their_finite_part():
    """x^2 e^-x/(1-e^-x)^2 - x e^-x/(1-e^-x): each part has a pole at 0 in s, their difference is integrable."""
    f = X**2 * sp.exp(-X) / (1 - sp.exp(-X)) ** 2 - X * sp.exp(-X) / (1 - sp.exp(-X))
    tail = ExpTail.of(f)
    assert tail.moment(0) == sp.pi**2 / 6
    bare = ExpTail.of((f / X).expand())
    assert sp.simplify(bare.moment(0) - 1) == 0  # int (x e^-x/(1-e^-x)^2 - e^-x/(1-e^-x)) dx = 1


@pytest.mark.parametrize("f", [1 / sp.sinh(x) ** 2, sp.coth(x) ** 2 - 1], ids=str)
def test_a_divergent_integral_is_refused_and_not_continued_analytically(f):
    with pytest.raises(DomainError, match="infinite"):
        moments(f, 0)


def test_a_function_that_does_not_decay_is_refused():
    with pytest.raises(DomainError, match="does not decay"):
        moments(sp.tanh(x), 0)
    with pytest.raises(UnsupportedError):
        moments(sp.atan(x), 0)
    with pytest.raises(UnsupportedError):
        moments(sp.sin(x), 0)
    with pytest.raises(UnsupportedError):
        moments(sp.exp(x), 0)


@pytest.mark.parametrize("bad", ["sech(x)**2", b"x", None, 1.5, [x]])
def test_text_and_other_objects_are_refused(bad):
    with pytest.raises(InputError):
        moments(bad, 0)


@pytest.mark.parametrize("k", [-1, 1.5, True])
def test_order_must_be_a_count(k):
    with pytest.raises(InputError):
        moments(sp.sech(x), k)


def test_moments_of_a_piecewise_function_are_exact():
    """hard tanh: int (1 - f^2) x^2 = 2 (1/3 - 1/5)."""
    f = 1 - sp.Max(-1, sp.Min(1, x)) ** 2
    assert moments(f, 2) == sp.Rational(4, 15)
    assert moments(sp.Piecewise((0, x < 1), (sp.exp(-x), True)), 1) == 2 * sp.exp(-1)


def test_signs_are_decided_by_sturm_counts():
    assert ExpTail.of(1 - sp.tanh(X) ** 2).sign == 1
    assert ExpTail.of(sp.tanh(X) ** 4).sign == -1
    assert ExpTail.of(sp.sech(X) ** 2 * (3 * sp.tanh(X) ** 2 - 1)).sign is None
    assert GaussTail.of(sp.erf(X) ** 2).sign == -1
    assert GaussTail.of(sp.exp(-(X**2)) * (1 - 2 * sp.erf(X))).sign is None


def test_a_moment_number_is_picklable_and_prints():
    m = moments(sp.exp(-(x**2)) * sp.sin(x) ** 2, 0).atoms(Moment).pop()
    assert pickle.loads(pickle.dumps(m)) == m
    assert "Moment" in str(m) and r"\int" in sp.latex(m)
    assert to_arb(m).rel_accuracy_bits() > 40
    with pytest.raises(InputError):
        Moment("exp(-x**2)", 0, 0, 1)


def test_precision_is_left_alone():
    before = mpmath.mp.prec, flint.ctx.prec
    moments(sp.sech(x) ** 2, 2).evalf(50)
    moments(sp.exp(-(x**2)) * sp.sin(x) ** 2, 2).evalf(50)
    assert (mpmath.mp.prec, flint.ctx.prec) == before
