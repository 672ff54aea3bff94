"""Maps whose exponents lie on fine lattices: digits against plain iteration in mpmath, and honest errors of proofs."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp
from flint import arb, ctx

from derive.difference import Recurrence, linear
from derive.difference.digits.numbers_of import numbers_of
from derive.difference.digits.sum_values import value_of_sum
from derive.difference.formal.abel import telescope
from derive.difference.formal.sparse_abel import telescope_few, window_of, worth_it
from derive.errors import CertificationError
from derive.expectations import V

P = sp.Symbol("P", positive=True)
R = sp.Rational
DEPTHS = (10, 100, 1000, 3000)


def residual(alpha: sp.Rational) -> sp.Expr:
    """P + K P**alpha + a of an alpha-ReLU full residual network."""
    K = R(1, 2) ** alpha * 2 ** (alpha - 1) * sp.gamma(alpha + R(1, 2)) / sp.sqrt(sp.pi)
    return P + K * P**alpha + R(1, 3)


def iterated(F: sp.Expr, x0: sp.Rational, depths: tuple[int, ...]) -> dict[int, mpmath.mpf]:
    """x_n by plain iteration with a hundred digits."""
    step, found = sp.lambdify(P, F.evalf(120), "mpmath"), {}
    with mpmath.workdps(100):
        x = mpmath.mpf(x0.p) / x0.q
        for n in range(max(depths) + 1):
            if n in depths:
                found[n] = x
            x = step(x)
    return found


def wrong_digits(value: sp.Float, truth: mpmath.mpf, digits: int) -> bool:
    with mpmath.workdps(100):
        return abs(mpmath.mpf(value._mpf_) / truth - 1) > mpmath.mpf(10) ** (1 - digits)


@pytest.mark.parametrize(
    "alpha", ["79/100", "64/100", "53/100", "97/100", "1/3", "2/7", "13/20", "5/7", "23/50", "9/10"]
)
def test_digits_agree_with_iteration(alpha):
    F, x0 = residual(R(alpha)), R(7, 3)
    truth = iterated(F, x0, DEPTHS)
    law = Recurrence(P, F).asymptotics(terms=2)
    for digits in (15, 23, 30, 45, 60):
        for n in DEPTHS:
            assert not wrong_digits(law.at(n, x0, digits=digits), truth[n], digits), (alpha, digits, n)


@pytest.mark.parametrize(
    "F",
    [
        P + P ** R(79, 100) + 10**6,  # the constant is larger than the power for long
        P + P ** R(53, 100) - P ** R(-47, 100) / 7,
        P + P ** R(1, 3) * (1 + P ** R(-3, 7)),
        P + 1 / P + R(10) ** 30 / P**50,  # a term beyond the order of the series that the digits need
    ],
)
def test_several_scales(F):
    x0 = R(5)
    truth = iterated(F, x0, DEPTHS)
    law = Recurrence(P, F).asymptotics(terms=1)
    for digits in (15, 30, 45):
        for n in DEPTHS:
            assert not wrong_digits(law.at(n, x0, digits=digits), truth[n], digits), (digits, n)


@pytest.mark.parametrize(
    ("F", "point", "x0"),
    [
        (P / 2 + P ** R(151, 100) + P**3, 0, R(1, 10)),
        (P / 2 + P ** R(79, 50), 0, R(1, 10)),
        (P / 2 + P**40, 0, R(2, 5)),  # beyond the order of the series
        (2 * P + P ** R(3, 100) + 1, sp.oo, R(3)),
        (P**2 + P ** R(7, 3), 0, R(1, 2)),
        (P**3 + P ** R(301, 100), 0, R(1, 2)),
    ],
)
def test_geometric_and_doubly_geometric_classes(F, point, x0):
    depths = (10, 60, 200) if F.coeff(P) else (3, 7)  # doubly geometric orbits go faster
    truth = iterated(F, x0, depths)
    law = Recurrence(P, F, point=point).asymptotics(terms=1)
    for digits in (15, 40, 60):
        for n in depths:
            assert not wrong_digits(law.at(n, x0, digits=digits), truth[n], digits), (digits, n)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", ["79/100", "53/100", "2/7"])
def test_great_depth(alpha):
    F, x0 = residual(R(alpha)), R(7, 3)
    truth = iterated(F, x0, (10**4, 10**5))
    law = Recurrence(P, F).asymptotics(terms=2)
    for n, value in truth.items():
        for digits in (15, 30, 60):
            assert not wrong_digits(law.at(n, x0, digits=digits), value, digits), (digits, n)


@pytest.mark.parametrize("alpha", ["79/100", "53/100", "2/7"])
def test_estimates_of_the_truncated_expansion(alpha):
    F, x0, depths = residual(R(alpha)), R(7, 3), (300, 3000)
    truth = iterated(F, x0, depths)
    law = Recurrence(P, F).asymptotics(terms=10)
    c = law.constant_value(x0, digits=60)
    with mpmath.workdps(60):
        for n in depths:
            for terms in range(1, 11):
                value, estimate = law.evaluate(n, c, digits=50, terms=terms)
                assert estimate > 0.1 * abs(value - truth[n]), (n, terms)


def test_sums_on_a_fine_lattice():
    F, x0, n = residual(R(79, 100)), R(7, 3), 2000
    step = sp.lambdify(P, F, "mpmath")
    with mpmath.workdps(80):
        x, total = mpmath.mpf(7) / 3, mpmath.mpf(0)
        for _ in range(n):
            total, x = total + 1 / x, step(x)
    for digits in (15, 30):
        assert not wrong_digits(value_of_sum(Recurrence(P, F), n, x0, digits=digits, g=1 / P), total, digits)


def test_sparse_and_dense_equations_agree():
    what = numbers_of(Recurrence(P, residual(R(79, 100)))).what
    order, bits = 160, 256
    body = what.body(order + 2 * what.k, bits)
    assert worth_it(body, what.stride, order + 2 * what.k)
    with ctx.workprec(bits):
        few = telescope_few(body, [1], 0, order)
        dense = telescope(what.multiplier(order + 2 * what.k, bits), [1], 0, order)
        assert few.start == dense.start
        for a, b in zip(few.coefficients, dense.coefficients, strict=True):
            assert abs(arb(a) - arb(b)) < 1e-40
        assert abs(arb(few.log) - arb(dense.log)) < 1e-40


def test_the_window_reaches_the_next_family_of_terms():
    assert window_of([21, 100], 21) == 79
    assert window_of([1, 2, 3], 1) == 1
    assert window_of([2, 4, 51], 2) == 49


def test_a_homogeneous_mean_is_enclosed_in_closed_form():
    found = Recurrence(P, P + V("relu", P) + 1).asymptotics(terms=1).at(100, 2, digits=20, certified=True)
    exact = R(3, 2) ** 100 * 4 - 2  # P' = 3 P/2 + 1
    with ctx.workprec(400):
        assert found.arb.contains(arb(int(exact.p)) / int(exact.q))


def test_what_cannot_be_enclosed_is_a_certification_error():
    """The class is the public one: the inner signal to give up does not come out."""
    law = Recurrence(P, P / 2 + P * sp.exp(-1 / P), point=0).asymptotics(terms=1)
    with pytest.raises(CertificationError) as caught:
        law.at(100, R(1, 10), digits=10, certified=True)
    assert type(caught.value) is CertificationError


@pytest.mark.slow
def test_a_driven_linear_equation_on_a_fine_lattice():
    F, x0, n = P + P ** R(79, 100) + R(1, 3), 3, 20_000
    multiplier, forcing = 1 - R(1, 2) / P ** R(21, 100), 1 / P
    step, factor = (sp.lambdify(P, f.evalf(100), "mpmath") for f in (F, multiplier))
    with mpmath.workdps(80):
        x, e = mpmath.mpf(x0), mpmath.mpf(1)
        for _ in range(n):
            x, e = step(x), factor(x) * e + 1 / x
    law = linear(Recurrence(P, F), multiplier, forcing)
    for digits in (12, 20):
        assert not wrong_digits(law.at(n, x0, 1, digits=digits), e, digits)
