"""Parity, monotonicity, limits and growth, worked out from the expression."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from derive.activations import activation
from derive.errors import UnsupportedError

oo, R = sp.oo, sp.Rational
WAVE = sp.AccumBounds(-1, 1)


@pytest.mark.parametrize(
    ("text", "parity"),
    [
        ("tanh", "odd"),
        ("erf", "odd"),
        ("softsign", "odd"),
        ("hard_tanh", "odd"),
        ("sin", "odd"),
        ("arctan", "odd"),
        ("relu", None),
        ("sigmoid", None),
        ("gelu", None),
        ("x*erf(x)", "even"),
        ("2*sigmoid(2*x) - 1", "odd"),
        ("(exp(2*x) - 1)/(exp(2*x) + 1)", "odd"),
        ("log(cosh(x))", "even"),
        ("softplus(x) - x/2", "even"),
        ("Max(0, x) - Max(0, -x)", "odd"),
        ("sign(x)*log(1 + Abs(x))", "odd"),
        ("Piecewise((x + 1, x < -1), (0, x < 1), (x - 1, True))", "odd"),
        ("Piecewise((x + 1, x < -1), (0, x < 2), (x - 2, True))", None),
        ("tanh(x) + 1e-200", None),
        ("tanh(x) + 1e-200*x**2", None),
        ("Abs(x - 1) - Abs(x + 1)", "odd"),
        ("0*x", "even"),
        ("cos(x)", "even"),
        ("x**2*tanh(x)", "odd"),
    ],
)
def test_parity(text, parity):
    """Known by hand; a constant of 1e-200 is enough to break oddness."""
    assert activation(text).parity == parity


@pytest.mark.parametrize(
    ("text", "limits", "growth", "bounded"),
    [
        ("tanh", (-1, 1), 0, True),
        ("erf", (-1, 1), 0, True),
        ("sigmoid", (0, 1), 0, True),
        ("arctan", (-sp.pi / 2, sp.pi / 2), 0, True),
        ("softsign", (-1, 1), 0, True),
        ("sin", (WAVE, WAVE), 0, True),
        ("relu", (0, oo), 1, False),
        ("leaky_relu(slope=-1/2)", (oo, oo), 1, False),
        ("alpha_relu(alpha=3/4)", (0, oo), R(3, 4), False),
        ("hard_tanh", (-1, 1), 0, True),
        ("elu(alpha=2)", (-2, oo), 1, False),
        ("gelu", (0, oo), 1, False),
        ("swish", (0, oo), 1, False),
        ("softplus", (0, oo), 1, False),
        ("x*erf(x)", (oo, oo), 1, False),
        ("x*tanh(softplus(x))", (0, oo), 1, False),
        ("x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))", (0, oo), 1, False),
        ("x/2 + x*erf(x)/2", (0, oo), 1, False),
        ("x**2*(1 - tanh(x)**2)", (0, 0), 0, True),
        ("x**5*exp(-x**2)", (0, 0), 0, True),
        ("x - x**3/(1 + x**2)", (0, 0), 0, True),
        ("sqrt(1 + x**2) - Abs(x)", (0, 0), 0, True),
        ("x*(sqrt(1 + x**2) - Abs(x))", (R(-1, 2), R(1, 2)), 0, True),
        ("x/sqrt(1 + x**2)", (-1, 1), 0, True),
        ("log(cosh(x)) - Abs(x)", (-sp.log(2), -sp.log(2)), 0, True),
        ("log(cosh(x))", (oo, oo), 1, False),
        ("asinh(x)", (-oo, oo), 0, False),
        ("log(1 + x**2)", (oo, oo), 0, False),
        ("asinh(exp(x))/(1 + Abs(x))", (0, 1), 0, True),
        ("exp(-exp(-x))", (0, 1), 0, True),
        ("exp(x)", (0, oo), oo, False),
        ("sinh(x)", (-oo, oo), oo, False),
        ("exp(x**2/8)*sin(x)", (sp.AccumBounds(-oo, oo), sp.AccumBounds(-oo, oo)), oo, False),
        ("x*sin(x)", (sp.AccumBounds(-oo, oo), sp.AccumBounds(-oo, oo)), 1, False),
        ("x + sin(x)**2", (-oo, oo), 1, False),
        ("(1 + x**2)**0.37", (oo, oo), R(37, 50), False),
        ("erf(x)*(2 + atan(x)/pi)", (R(-3, 2), R(5, 2)), 0, True),
        ("x*erfc(x)", (-oo, 0), 1, False),
        ("atan(sinh(x))", (-sp.pi / 2, sp.pi / 2), 0, True),
        ("x**3 - x**2", (-oo, oo), 3, False),
        ("1/(1 + Abs(x))**2", (0, 0), 0, True),
        ("x**2/(1 + Abs(x))", (oo, oo), 1, False),
        ("exp(x)/(1 + exp(x)) + exp(-x**2)", (0, 1), 0, True),
        ("2**x/(1 + 2**x)", (0, 1), 0, True),
        ("exp(-x)*log(1 + exp(x))", (1, 0), 0, True),
        ("7", (7, 7), 0, True),
    ],
)
def test_limits_and_growth(text, limits, growth, bounded):
    """Known by hand."""
    phi = activation(text)
    assert phi.limits == limits
    assert phi.growth == growth
    assert phi.is_bounded is bounded


@pytest.mark.parametrize(
    "text",
    [
        "tanh", "erf", "sigmoid", "arctan", "softsign", "hard_tanh", "gelu", "swish", "softplus", "selu", "elu",
        "x*tanh(softplus(x))", "x*(sqrt(1 + x**2) - Abs(x))", "log(cosh(x)) - Abs(x)", "x**2*sin(1/(1 + x**2))",
        "(x**3 + 1)/(x**2 + 1) - x", "tanh(x)*(1 + exp(-x**2))",
        "erfc(x)*exp(x**2)*x/(1 + exp(-x))",
    ],
)  # fmt: skip
def test_limits_agree_with_values_far_out(text):
    """mpmath at |x| = 10^6 is the source: finite limits are met to 1e-5, infinite ones have the right sign."""
    phi = activation(text)
    with mpmath.workdps(60):
        f = phi.mp()
        for limit, at in zip(phi.limits, (-(10**6), 10**6), strict=True):
            value = f(mpmath.mpf(at))
            if limit.is_finite:
                assert abs(value - mpmath.mpf(str(limit.evalf(30)))) < 1e-5
            else:
                assert mpmath.sign(value) == sp.sign(limit)
                assert abs(value) > 100


def test_a_tail_that_cannot_be_decided_is_refused():
    """sin(x)/sin(x + 1) has no limit the rules know, and is not guessed."""
    with pytest.raises(UnsupportedError):
        activation("sin(x**2)*tanh(x)/(2 + cos(x)) - sin(x**2)*tanh(x)/(2 + cos(x))*erf(x)").growth  # noqa: B018


@pytest.mark.parametrize(
    ("text", "increasing"),
    [
        ("tanh", True),
        ("erf", True),
        ("arctan", True),
        ("sigmoid", True),
        ("softplus", True),
        ("softsign", True),
        ("relu", True),
        ("hard_tanh", True),
        ("elu", True),
        ("selu", True),
        ("alpha_relu(alpha=1/2)", True),
        ("x + sin(x)", True),
        ("x**3", True),
        ("sign(x)", True),
        ("tanh(x) + Heaviside(x)", True),
        ("tanh(x) - Heaviside(x)", False),
        ("gelu", False),
        ("swish", False),
        ("sin", False),
        ("x*erf(x)", False),
        ("x**3 - x/1000", False),
        ("leaky_relu(slope=-1/100)", False),
        ("1 - x", False),
    ],
)
def test_monotonicity(text, increasing):
    """Known by hand."""
    assert activation(text).is_increasing is increasing


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("tanh", True),
        ("erf", True),
        ("softsign", True),
        ("hard_tanh", True),
        ("2/pi*atan(pi*x/2)", True),
        ("x/sqrt(1 + x**2)", True),
        ("(exp(x) - 1)/(exp(x) + 1)", True),
        ("arctan", False),
        ("sin", False),
        ("sigmoid", False),
        ("relu", False),
        ("erf(x)*(1 + exp(-x**2))", False),
        ("tanh(x) + x*exp(-x**2)", False),
    ],
)
def test_tanh_like(text, answer):
    """Odd and increasing to 1: the definition of paper 000; the last two overshoot."""
    assert activation(text).is_tanh_like is answer
