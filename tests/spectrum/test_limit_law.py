"""The universal law of the singular values: closed forms against Green's equation, quadrature and limit laws."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DomainError, InputError, UnsupportedError
from derive.spectrum import JacobianSpectrum
from derive.spectrum.angle_arrays import angle_table, middle_angle
from derive.spectrum.limit_law import KAPPA, log_cumulant, log_moment, moment

CS = ["1/1000000", "1/8", 1, 10, 100]


def inner_points(S, n):
    low, high = (float(e) for e in S.edges(20))
    return np.exp(np.linspace(np.log(low), np.log(high), n + 2)[1:-1])


def defining_integral(c, f):
    """Quadrature of f(y) sigma(y)/(2 pi c) over the explicit curve, sigma as the variable: shares only the curve."""
    c = mpmath.mpf(sp.Rational(c).p) / sp.Rational(c).q

    def tau(s):
        return mpmath.acosh(mpmath.cos(s) + c * mpmath.sin(s) / s)

    top = mpmath.findroot(lambda s: s * mpmath.tan(s / 2) - c, middle_angle(float(c)))

    def y(s):
        return tau(s) + s * mpmath.sinh(tau(s)) / mpmath.sin(s)

    # integrate by parts: int f(y) rho dy = int F(y(s)) ds/(2 pi c) with F(y) = int_{-y}^{y} f
    def even(s):
        return f(y(s)) / (2 * mpmath.pi * c)

    return mpmath.quad(even, [top * mpmath.mpf(10) ** -30, top / 2, top * (1 - mpmath.mpf(10) ** -30)])


@pytest.mark.parametrize("c", CS)
def test_greens_equation_holds_to_1e13(c):
    S = JacobianSpectrum(c=c)
    s = inner_points(S, 20001)
    z, G, k = s * s, S.green(s), float(S.kappa)
    residual = np.abs(G - (z * G - 1) * np.exp(k * (1 - 2 * z * G))) / np.abs(G)
    assert residual.max() < 1e-13


@pytest.mark.parametrize("c", CS)
def test_density_is_minus_the_imaginary_part_of_greens_function(c):
    S = JacobianSpectrum(c=c)
    s = inner_points(S, 1001)
    expected = -S.green(s).imag / np.pi * 2 * s
    assert np.allclose(S.density(s), expected, rtol=1e-12)


@pytest.mark.parametrize("c", ["1/8", 1, 5])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_moments_agree_with_quadrature_to_30_digits(c, k):
    with mpmath.workdps(40):
        # int_{-y}^{y} e^(kt) dt = 2 sinh(ky)/k
        found = defining_integral(c, lambda y: 2 * mpmath.sinh(k * y) / k)
        assert mpmath.almosteq(found, mpmath.mpf(str(JacobianSpectrum(c=c).moment(k, digits=36))), 1e-29)


@pytest.mark.parametrize("k", ["7/3", "-5/2"])
def test_moments_of_any_order_agree_with_quadrature(k):
    order = sp.Rational(k)
    with mpmath.workdps(40):
        power = mpmath.mpf(order.p) / order.q
        found = defining_integral("1/2", lambda y: 2 * mpmath.sinh(power * y) / power)
        assert mpmath.almosteq(found, mpmath.mpf(str(JacobianSpectrum(c="1/2").moment(order, digits=36))), 1e-29)


def test_complex_moments_are_means_of_lambda_to_a_complex_power():
    S = JacobianSpectrum(c="3/4")
    u = (np.arange(200000) + 0.5) / 200000
    lam = S.quantile(u) ** 2
    found = complex(S.moment(1 + 2j, digits=16))
    assert abs(np.mean(lam ** (1 + 2j)) - found) < 1e-6


def test_edges_solve_the_double_root_condition_to_30_digits():
    """d lambda/dG = 0 with lambda from Green's equation, by mpmath's root finder."""
    for c in ("1/8", "3", "1/1000"):
        high = JacobianSpectrum(c=c).edges(36)[1]
        with mpmath.workdps(45):
            kappa = mpmath.mpf(sp.Rational(c).p) / sp.Rational(c).q

            root = mpmath.findroot(lambda v, k=kappa: -2 / (v * v - 1) + k, mpmath.sqrt((kappa + 2) / kappa) * 1.001)
            log_lam = mpmath.log((root + 1) / (root - 1)) + kappa * root
            assert mpmath.almosteq(mpmath.exp(log_lam / 2), mpmath.mpf(str(high)), 1e-34)


def test_certified_edges_contain_the_digits():
    S = JacobianSpectrum(c="1/8")
    for ball, digits in zip(S.edges(30, certified=True), S.edges(50), strict=True):
        low, high = ball.bounds()
        value = sp.Rational(str(digits))
        assert low - sp.Rational(1, 10**49) <= value <= high + sp.Rational(1, 10**49)
        assert ball.digits >= 30


def test_condition_number_is_the_ratio_of_the_edges():
    S = JacobianSpectrum(c="2/3", skip="1/2", depth=7).universal()
    low, high = S.edges(40)
    assert abs(S.condition_number(30) - high / low) < sp.Float("1e-27") * high / low


@given(st.floats(1e-8, 50), st.floats(0.01, 0.99))
@settings(max_examples=25, deadline=None)
def test_the_law_is_symmetric_in_the_logarithm(c, u):
    S = JacobianSpectrum(c=c)
    assert abs(S.quantile(u) * S.quantile(1 - u) - 1) < 1e-12
    s = S.quantile(u)
    assert abs(S.cdf(s) + S.cdf(1 / s) - 1) < 1e-12


@given(st.floats(1e-10, 1e4), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_quantile_inverts_the_distribution_function(c, u):
    from derive.spectrum.quantiles import quantile_logs

    law = JacobianSpectrum(c=c)._arrays
    assert abs(law.cdf(quantile_logs(law, np.array([u])))[0] - u) < 1e-12


@pytest.mark.parametrize("c", CS)
def test_density_is_the_derivative_of_the_distribution_function(c):
    law = JacobianSpectrum(c=c)._arrays
    y = np.linspace(-0.95, 0.95, 400) * law.high
    h = 1e-4 * law.high
    slope = (law.cdf(y + h) - law.cdf(y - h)) / (2 * h)
    assert np.allclose(slope * law.high, law.density(y) * law.high, rtol=1e-5)


def test_small_c_gives_the_semicircle_of_log_lambda():
    law = JacobianSpectrum(c="1e-8")._arrays
    y = np.linspace(-0.99, 0.99, 101) * law.high
    semicircle = np.sqrt(law.high**2 - y**2) * 2 / (np.pi * law.high**2)
    assert np.allclose(law.density(y), semicircle, rtol=1e-6)


def test_large_c_gives_a_uniform_log_lambda():
    law = JacobianSpectrum(c=10000)._arrays
    y = np.linspace(-0.9, 0.9, 51) * 10000
    x = y / 10000
    # sigma = pi - 2 pi/(kappa (1 - x^2)) + ...: cosh(tau) = cos(sigma) + kappa sin(sigma)/sigma at tau = 2 artanh(x)
    assert np.allclose(law.density(y) * 20000, 1 - 2 / (10000 * (1 - x**2)), atol=1e-5)
    assert np.allclose(law.cdf(y), (1 + x) / 2, atol=1e-3)


def test_log_cumulants_are_those_of_the_density():
    law = JacobianSpectrum(c=2)._arrays
    t = np.linspace(0, np.pi, 20001)
    y = -law.high * np.cos(t)
    weight = law.density(y) * law.high * np.sin(t)
    for k in (2, 4, 6):
        expected = float(log_moment(k).subs(KAPPA, 2))
        assert abs(np.trapezoid(weight * y**k, t) / expected - 1) < 1e-9
    assert log_cumulant(3) == 0


def test_moment_matches_direct_power_series_reversion():
    """psi of chi(z) = z/(1+z) e^(-kappa(1+2z)) reverted by SymPy: another route to the moments."""
    z, w = sp.symbols("z w")
    chi = z / (1 + z) * sp.exp(-KAPPA * (1 + 2 * z))
    unknown = sp.symbols("u1:5")
    psi = sum(u * w ** (i + 1) for i, u in enumerate(unknown))
    series = sp.expand(sp.series(chi, z, 0, 5).removeO().subs(z, psi))
    found = {}
    for i, u in enumerate(unknown):
        equation = series.coeff(w, i + 1).subs(found) - (1 if i == 0 else 0)
        found[u] = sp.expand(sp.solve(equation, u)[0])
        assert sp.simplify(found[u] - moment(sp.Integer(i + 1), KAPPA)) == 0


def test_digits_of_density_and_cdf_agree_with_arrays():
    S = JacobianSpectrum(c="1/8")
    for s in ("0.61", "0.999", "1", "1.2", "1.65"):
        value = float(sp.Rational(s))
        assert abs(float(S.density(s, digits=25)) / S.density(value) - 1) < 1e-11
        assert abs(float(S.cdf(s, digits=25)) - S.cdf(value)) < 1e-13
    assert S.density("1.7", digits=20) == 0 and S.cdf("0.5", digits=20) == 0


def test_the_centre_keeps_all_digits():
    """rho(1) = sigma_m/(pi c) with sigma_m tan(sigma_m/2) = c, by mpmath."""
    with mpmath.workdps(40):
        top = mpmath.findroot(lambda s: s * mpmath.tan(s / 2) - mpmath.mpf(1) / 8, 0.49)
        expected = top / (mpmath.pi / 8)
        assert mpmath.almosteq(mpmath.mpf(str(JacobianSpectrum(c="1/8").density(1, digits=35))), expected, 1e-34)
    assert JacobianSpectrum(c="1/8").density(1.0) == pytest.approx(float(expected), rel=1e-14)


def test_tables_solve_both_equations_everywhere():
    for kappa in (1e-6, 0.125, 3.0, 40.0):
        edge = float(np.sqrt(kappa * (kappa + 2)) + 2 * np.arcsinh(np.sqrt(kappa / 2)))
        table = angle_table(kappa, edge)
        y = np.linspace(-1, 1, 30001) * edge * (1 - 1e-9)
        sigma, tau = table.sigma(y), table.tau(y)
        over = sigma / np.sin(sigma)
        assert np.max(np.abs(2 * (np.sinh(tau / 2) ** 2 + np.sin(sigma / 2) ** 2) * over / kappa - 1)) < 5e-14
        assert np.max(np.abs(tau + over * np.sinh(tau) - y)) < 5e-14 * edge


def test_a_skip_other_than_one_scales_and_rescales_c():
    S, T = JacobianSpectrum(c=1, skip=2, depth=3).universal(), JacobianSpectrum(c="1/4")
    assert S.edges(20)[1] / 8 == pytest.approx(T.edges(20)[1])
    assert sp.simplify(S.moment(2) - 4096 * T.moment(2)) == 0
    assert S.cdf(8 * 1.1) == pytest.approx(T.cdf(1.1), abs=1e-13)


def test_zero_c_is_a_point_mass():
    S = JacobianSpectrum(c=0, skip=2, depth=3)
    assert [float(e) for e in S.edges()] == [8, 8]
    assert S.moment(2) == 4096
    assert list(S.cdf([7.9, 8.1])) == [0, 1]
    assert S.sample(3, seed=1).tolist() == pytest.approx([8, 8, 8])
    with pytest.raises(DomainError, match="c = 0"):
        S.density(1.0)


def test_huge_c_has_edges_and_moments_and_refuses_arrays():
    S = JacobianSpectrum(c="1e30")
    assert S.edges(10)[0] > 0
    with pytest.raises(UnsupportedError, match="uniform"):
        S.density(1.0)


@pytest.mark.parametrize("c", [-1, float("nan"), float("inf"), "x", None, True, 1j], ids=str)
def test_unfit_c_is_refused(c):
    with pytest.raises(InputError):
        JacobianSpectrum(c=c)


def test_unfit_arguments_are_refused():
    with pytest.raises(DomainError, match="skip = 0"):
        JacobianSpectrum(c=1, skip=0)
    S = JacobianSpectrum(c=1)
    with pytest.raises(DomainError, match="NaN"):
        S.density([1.0, float("nan")])
    with pytest.raises(DomainError):
        S.quantile(1.5)
    with pytest.raises(DomainError):
        S.green(100.0)
    with pytest.raises(InputError):
        S.moment(True)


def test_outside_the_support_density_is_zero_and_cdf_constant():
    S = JacobianSpectrum(c="1/8")
    assert S.density([-1.0, 0.0, 0.5, 2.0]).tolist() == [0, 0, 0, 0]
    assert S.cdf([-1.0, 0.0, 0.5, 2.0, np.inf]).tolist() == [0, 0, 0, 1, 1]


def test_samples_follow_the_law_and_repeat_with_the_seed():
    S = JacobianSpectrum(c=1)
    sample = np.sort(S.sample(20000, seed=3))
    assert np.array_equal(sample, np.sort(S.sample(20000, seed=3)))
    gap = np.max(np.abs(S.cdf(sample) - (np.arange(20000) + 0.5) / 20000))
    assert gap < 0.012  # 1.7/sqrt(n): Kolmogorov's law, probability below 1 %
