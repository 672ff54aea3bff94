"""Alpha-ReLU networks at any depth, against plain iteration with closed-form means in mpmath."""

from functools import lru_cache

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, PrecisionError
from derive.kernels import c_alpha

R = sp.Rational
RUN = {"sigma_v2": R(9, 8), "sigma_w2": R(3, 4), "sigma_a2": R(3, 8), "sigma_b2": R(2, 3), "p0": R(7, 5), "e0": R(1, 2)}


def net(alpha):
    return dv.FullResidual(dv.activation("alpha_relu", alpha=alpha))


def kernel(a, c):
    """J by the Gaussian hypergeometric function, in mpmath alone."""
    scale = mpmath.gamma(a + 1) ** 2 / (2 * mpmath.sqrt(2 * mpmath.pi) * mpmath.gamma(a + 1.5))
    norm = 2 ** (a - 1) * mpmath.gamma(a + 0.5) / mpmath.sqrt(mpmath.pi)
    return scale * (1 + c) ** (a + 0.5) * mpmath.hyp2f1(0.5, 0.5, a + 1.5, (1 + c) / 2) / norm


@lru_cache(maxsize=8)
def iterated(alpha, depth, two=True, digits=45, **changes):
    """p, log chi ratio and e by plain iteration."""
    with mpmath.workdps(digits):
        a = mpmath.mpf(alpha.p) / alpha.q
        sv, sw, sa, sb, p, e = (mpmath.mpf(sp.Rational(v).p) / sp.Rational(v).q for v in ({**RUN, **changes}).values())
        norm = 2 ** (a - 1) * mpmath.gamma(a + 0.5) / mpmath.sqrt(mpmath.pi)
        slope = a**2 * 2 ** (a - 2) * mpmath.gamma(a - 0.5) / mpmath.sqrt(mpmath.pi) if a > 0.5 else mpmath.inf
        g, log = e * p, mpmath.mpf(0)
        for _ in range(depth):
            q, lam = sw * p + sb, sw * g + sb
            log += mpmath.log(1 + sv * sw * slope * q ** (a - 1))
            if two:
                g += sv * norm * q**a * kernel(a, lam / q) + sa
            p += sv * norm * q**a + sa
        return p, log, g / p


def close(value, reference, digits):
    with mpmath.workdps(60):
        return abs(mpmath.mpf(str(value)) - reference) < abs(reference) * mpmath.mpf(10) ** -digits


@pytest.mark.parametrize("alpha", [R(79, 100), R(16, 25), R(53, 100), R(2, 3), R(999, 1000)], ids=str)
def test_length_and_gradient_at_a_thousand_layers_agree_with_iteration(alpha):
    p, log, _ = iterated(alpha, 1000, two=False)
    assert close(net(alpha).at(1000, "p", digits=30, **RUN), p, 29)
    assert close(net(alpha).at(1000, "log_chi_ratio", digits=30, **RUN), log, 29)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [R(79, 100), R(16, 25), R(53, 100)], ids=str)
def test_far_along_the_flow_the_digits_are_those_of_iteration(alpha):
    p, log, _ = iterated(alpha, 200_000, two=False)
    assert close(net(alpha).at(200_000, "p", digits=30, **RUN), p, 29)
    assert close(net(alpha).at(200_000, "log_chi_ratio", digits=30, **RUN), log, 29)


@pytest.mark.parametrize("alpha", [R(79, 100), R(1, 5), R(1, 2)], ids=str)
def test_cosine_behind_the_start_of_the_flow_agrees_with_iteration(alpha):
    e = iterated(alpha, 1300)[2]
    assert close(net(alpha).at(1300, "e", digits=25, **RUN), e, 24)


def test_resonant_degree_one_half_agrees_with_iteration():
    p = iterated(R(1, 2), 3000, two=False)[0]
    assert close(net(R(1, 2)).at(3000, "p", digits=30, **RUN), p, 29)


def test_irrational_degree_at_great_depth_follows_the_leading_law():
    alpha = sp.sqrt(2) / 2
    law = (sp.Rational(9, 8) * R(3, 4) ** alpha * c_alpha(alpha) * (1 - alpha) * sp.Integer(10) ** 40) ** (
        1 / (1 - alpha)
    )
    ratio = net(alpha).at(10**40, "p", digits=30, **RUN) / law.evalf(30)
    assert abs(ratio - 1) < sp.Rational(1, 10**29)  # the next term is log n/n


def test_arccosine_network_agrees_with_iteration():
    relu = dv.FullResidual("relu")
    p, log, e = iterated(R(1), 2000)
    assert close(relu.at(2000, "p", digits=30, **RUN), p, 29)
    assert close(relu.at(2000, "log_chi_ratio", digits=30, **RUN), log, 29)
    gap = 1 - relu.at(2000, "e", digits=40, **RUN)
    assert close(gap, mpmath.fsub(1, e, exact=True), 25)


def test_degree_two_doubles_the_digits_and_its_cosine_settles():
    quadratic = net(2)
    assert close(quadratic.at(9, "p", digits=30, **RUN), iterated(R(2), 9)[0], 29)
    assert quadratic.at(10**9, "e", digits=25, **RUN) == quadratic.cosine_limit(
        digits=25, sigma_v2=1, sigma_w2=1, sigma_a2=1, sigma_b2=1
    ).e.n(25)
    with pytest.raises(PrecisionError, match="fewer layers"):
        quadratic.at(10**9, "p", **RUN)


def test_infinite_gradients_are_named():
    with pytest.raises(DomainError, match="exceeds 1/2"):
        net(R(1, 2)).at(10, "log_chi_ratio", **RUN)
    with pytest.raises(DomainError, match="exceeds 1/2"):
        net(R(1, 3)).asymptotics("log_chi_ratio")


def test_the_arrays_hold_what_single_values_hold():
    alpha = R(3, 5)
    run = net(alpha).trajectory(40, **RUN)
    for name in ("p", "e", "s"):
        assert run[name][-1] == pytest.approx(float(net(alpha).at(40, name, digits=20, **RUN)), rel=1e-14)
    assert run.log_chi[0] == pytest.approx(float(net(alpha).at(40, "log_chi_ratio", **RUN)), rel=1e-14)


@pytest.mark.parametrize("e0", [1, -1, 0, "999999999999/1000000000000"], ids=str)
def test_extreme_starts_of_the_cosine(e0):
    values = RUN | {"e0": R(e0)}
    reference = iterated(R(3, 4), 30, e0=R(e0))[2]
    assert close(net(R(3, 4)).at(30, "e", digits=25, **values), reference, 24)


def test_equal_inputs_stay_equal_at_every_depth():
    assert net(R(3, 4)).at(10**6, "s", **(RUN | {"e0": 1})) == 0
    assert net(R(3, 4)).at(10**6, "e", **(RUN | {"e0": 1})) - 1 == 0


def test_without_any_signal_the_stream_stays_zero():
    quiet = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": 0, "sigma_b2": 0, "p0": 0}
    assert net(R(3, 4)).at(10**6, "p", **quiet) == 0


def test_linear_activation_keeps_the_ratio():
    # P' = (1 + sv2 sw2) P and s' the same: e tends to a limit that depends on e0
    linear = dv.FullResidual("x")
    run = RUN | {"sigma_a2": 0, "sigma_b2": 0}
    assert linear.at(50, "e", digits=20, **run) - R(1, 2) == 0


@pytest.mark.parametrize(
    ("alpha", "changes"),
    [
        (R(3, 4), {"sigma_v2": R(1, 10**20)}),  # the branch hardly counts
        (R(3, 4), {"sigma_v2": 10**20, "sigma_a2": 0, "sigma_b2": 0, "p0": R(1, 10**30)}),
        (R(3, 4), {"sigma_w2": R(1, 10**12)}),  # p is a small difference of P and sigma_b2/sigma_w2
        (R(99, 100), {"sigma_v2": 100, "p0": 0}),  # hundreds of layers before the growth slows down
        (R(51, 100), {"sigma_w2": 10**10, "sigma_a2": R(1, 10**10)}),
    ],
    ids=str,
)
def test_extreme_variances_and_starts(alpha, changes):
    values = RUN | changes
    p, log, _ = iterated(alpha, 3000, two=False, digits=70, **changes)
    assert close(net(alpha).at(3000, "p", digits=30, **values), p, 29)
    assert close(net(alpha).at(3000, "log_chi_ratio", digits=30, **values), log, 29)


def test_a_reduced_network_with_an_odd_power_agrees_with_iteration():
    # p' = p + E|u| with E|u| = sqrt(2 q/pi), q = sw2 p + sb2
    reduced = dv.ReducedResidual("sign(x)*sqrt(Abs(x))")
    with mpmath.workdps(50):
        p = mpmath.mpf(1)
        for _ in range(2000):
            p += mpmath.sqrt(2 * (p / 2 + mpmath.mpf(1) / 3) / mpmath.pi)
    found = reduced.at(2000, "p", digits=30, sigma_w2=R(1, 2), sigma_b2=R(1, 3), p0=1)
    assert close(found, p, 29)
