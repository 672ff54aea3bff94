"""The bivariate normal distribution against one-dimensional quadrature of a conditional probability."""

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError
from derive.expectations.bivariate import BivariateNormal

R = sp.Rational


def conditional(h, k, rho):
    """P(z1 <= h, z2 <= k): integrate the density of z1 times the conditional probability of z2."""
    h, k, rho = (mpmath.mpf(R(v).p) / R(v).q for v in (h, k, rho))
    root = mpmath.sqrt((1 - rho) * (1 + rho))
    f = lambda x: mpmath.npdf(x) * mpmath.ncdf((k - rho * x) / root)  # noqa: E731
    middle = k / rho if rho else h
    cuts = sorted({-30, h - 6, h - 2, h, *(p for p in (middle - 3 * root, middle, middle + 3 * root) if -30 < p < h)})
    return mpmath.quad(f, cuts)


@pytest.mark.parametrize(
    ("h", "k", "rho"),
    [
        (R(1, 2), -1, R(3, 10)),
        (R(1, 2), R(1, 2), R(99, 100)),
        (R(1, 2), R(-3, 2), R(-99, 100)),
        (-3, -4, R(1, 2)),
        (2, 1, R(91, 100)),
        (-2, 1, R(-91, 100)),
        (R(1, 3), R(1, 3), 1 - R(1, 10**6)),
        (R(1, 3), R(-1, 3), R(1, 10**6) - 1),
        (0, R(5, 2), R(-1, 10)),
    ],
    ids=str,
)
def test_values_agree_with_conditional_probabilities(h, k, rho):
    value = BivariateNormal(h, k, rho)
    with mpmath.workdps(40):
        reference = conditional(h, k, rho)
        assert abs(mpmath.mpf(str(value.evalf(30))) - reference) < abs(reference) * mpmath.mpf(10) ** -20
    assert value.ball(25).contains(sp.Rational(str(value.evalf(90))))


def test_closed_forms():
    x = sp.Symbol("x", real=True)
    assert BivariateNormal(0, 0, R(1, 2)) == R(1, 3)
    assert BivariateNormal(x, sp.oo, R(1, 2)) == (1 + sp.erf(x / sp.sqrt(2))) / 2
    assert BivariateNormal(x, -sp.oo, R(1, 2)) == 0
    assert BivariateNormal(1, 2, 1) == (1 + sp.erf(1 / sp.sqrt(2))) / 2
    assert BivariateNormal(1, -2, -1) == 0
    assert BivariateNormal(2, 1, R(1, 3)) == BivariateNormal(1, 2, R(1, 3))


def test_derivatives_agree_with_differences():
    h, k, r = sp.symbols("h k r", real=True)
    at = {h: R(1, 3), k: R(-2, 5), r: R(3, 7)}
    step = R(1, 10**8)
    for symbol in (h, k, r):
        high, low = (BivariateNormal(h, k, r).subs({**at, symbol: at[symbol] + s}).evalf(40) for s in (step, -step))
        found = BivariateNormal(h, k, r).diff(symbol).subs(at).evalf(30)
        assert abs((high - low) / (2 * step) - found) < R(1, 10**14)


def test_quadrants_add_up_to_one():
    h, k, r = R(2, 3), R(-7, 5), R(-3, 10)
    total = (
        BivariateNormal(h, k, r).evalf(30)
        + BivariateNormal(-h, k, -r).evalf(30)
        + BivariateNormal(h, -k, -r).evalf(30)
        + BivariateNormal(-h, -k, r).evalf(30)
    )
    assert abs(total - 1) < R(1, 10**28)


@pytest.mark.parametrize("place", range(3))
def test_hostile_text_is_parsed_and_not_evaluated(place):
    arguments = [0, 0, R(1, 2)]
    arguments[place] = "__import__('os').getcwd()"
    with pytest.raises(InputError):
        BivariateNormal(*arguments)


def test_impossible_correlations_are_refused():
    with pytest.raises(DomainError, match="between -1 and 1"):
        BivariateNormal(0, 1, R(3, 2))


@pytest.mark.parametrize(
    "text", ["hard_tanh", "elu", "Max(0, Min(x, 2))", "Max(-1, x)", "Piecewise((x**2, x > 1), (0, True))"]
)
def test_means_of_piecewise_functions_have_the_digits_of_the_proven_balls(text):
    # covariance_value integrates with proof and knows nothing of the bivariate normal distribution
    q, lam = sp.symbols("q lam", positive=True)
    closed = dv.W(text, q, lam).doit()
    assert closed.has(BivariateNormal)
    for at in ({q: R(9, 5), lam: R(-4, 5)}, {q: R(1, 2), lam: R(1, 3)}):
        value = dv.W(text, at[q], at[lam]).evalf(25)
        assert abs(closed.subs(at).evalf(25) - value) < R(1, 10**22)
        if "Piecewise" not in text:
            assert abs(closed.diff(lam).subs(at).evalf(20) - dv.W(text, q, lam).diff(lam).subs(at).evalf(20)) < R(
                1, 10**17
            )


def test_two_different_functions():
    q, lam = sp.symbols("q lam", positive=True)
    closed = dv.E("hard_tanh", "relu", 2, q, lam).doit()
    at = {q: 3, lam: 1}
    assert abs(closed.subs(at).evalf(20) - dv.E("hard_tanh", "relu", 2, 3, 1).evalf(20)) < R(1, 10**18)
