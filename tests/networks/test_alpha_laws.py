"""Laws and limits of networks with homogeneous activations."""

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import UnsupportedError
from derive.networks.homogeneous.laws import kernel_numbers

R = sp.Rational
SIGMA = {"sigma_v2": R(9, 8), "sigma_w2": R(3, 4), "sigma_a2": R(3, 8), "sigma_b2": R(2, 3)}


def net(alpha):
    return dv.FullResidual(dv.activation("alpha_relu", alpha=alpha))


def kernel(a, c):
    """J by quadrature over the angle (Cho and Saul), not by its hypergeometric form."""
    t = mpmath.acos(c)
    f = lambda u: mpmath.cos(u) ** a * mpmath.cos(u - t) ** a  # noqa: E731
    # E over the plane: the radius gives Gamma(a + 1) 2^a, the angles where both inputs are positive the rest
    total = mpmath.quad(f, [t - mpmath.pi / 2, t / 2, mpmath.pi / 2])
    norm = 2 ** (a - 1) * mpmath.gamma(a + 0.5) / mpmath.sqrt(mpmath.pi)
    return 2**a * mpmath.gamma(a + 1) * total / (2 * mpmath.pi) / norm


@pytest.mark.parametrize("alpha", [R(1, 20), R(1, 2), R(79, 100), R(3, 2), R(2)], ids=str)
def test_the_limit_is_the_fixed_point_of_the_angular_integral(alpha):
    limit = net(alpha).cosine_limit(digits=20, **SIGMA)
    with mpmath.workdps(40):
        c = mpmath.mpf(str(limit.e.n(20)))
        assert abs(kernel(mpmath.mpf(alpha.p) / alpha.q, c) - c) < mpmath.mpf(10) ** -12


@pytest.mark.parametrize("alpha", [R(1, 20), R(53, 100), R(64, 100), R(79, 100), R(999, 1000)], ids=str)
def test_limit_and_rate_keep_thirty_relative_digits(alpha):
    short, long = (net(alpha).cosine_limit(digits=d, **(SIGMA | {"sigma_a2": 0})) for d in (30, 60))
    assert abs(short.one_minus_e / long.one_minus_e - 1) < R(1, 10**29)
    assert abs(short.rate / long.rate - 1) < R(1, 10**29)
    ball = net(alpha).cosine_limit(digits=30, certified=True, **(SIGMA | {"sigma_a2": 0}))
    assert ball.one_minus_e.contains(sp.Rational(str(long.one_minus_e))) and ball.rate.contains(
        sp.Rational(str(long.rate))
    )


def test_the_gap_near_degree_one_is_of_fourth_order():
    # 9 pi^2/8 (1 - alpha)^4, from the expansion of the arccosine kernel
    gap = net(R(9999, 10000)).cosine_limit(digits=20, **SIGMA).one_minus_e
    assert abs(gap * 10**16 / (9 * sp.pi**2 / 8).n(20) - 1) < R(1, 100)


def test_the_bias_takes_over_the_rate_below_the_threshold():
    from derive.networks.homogeneous.cosine import threshold_degree

    edge = threshold_degree(15)
    below, above = (net(R(str(edge)) + shift) for shift in (-R(1, 100), R(1, 100)))
    assert "forced" in below.cosine_limit(**SIGMA).conditions[-1]
    assert "start" in above.cosine_limit(**SIGMA).conditions[-1]
    assert "start" in below.cosine_limit(**(SIGMA | {"sigma_a2": 0})).conditions[-1]


def test_leading_length_has_the_constant_of_the_differential_equation():
    law = net(R(3, 4)).asymptotics("p", terms=1)
    K = sp.Symbol("K", positive=True)
    at = {law.n: 10**6, **{s: R(7, 3) for s in law.expr.free_symbols - {law.n, law.c}}, law.c: 0}
    strength = R(7, 3) * R(7, 3) ** R(3, 4) * 2 ** R(-1, 4) * sp.gamma(R(5, 4)) / sp.sqrt(sp.pi)
    leading = (K * 10**6 / 4) ** 4
    assert abs(law.expr.subs(at).n(20) / leading.subs(K, strength).n(20) - 1) < R(1, 10**3)


@pytest.mark.parametrize("quantity", ["e", "s", "gamma"])
def test_transseries_of_two_inputs_start_with_the_limit(quantity):
    law = net(R(3, 5)).asymptotics(quantity, terms=2)
    values = kernel_numbers(dv.activation("alpha_relu", alpha=R(3, 5)))
    limit = net(R(3, 5)).cosine_limit(digits=25, **SIGMA)
    e_star = next(s for s in values if s.name == "e_star")
    assert abs(values[e_star] - limit.e) < R(1, 10**24)
    assert law.powers[0] == {"e": 0, "s": R(5, 2), "gamma": R(5, 2)}[quantity]


def test_the_amplitude_of_the_cosine_is_constant_in_the_end():
    # (e_l - e*) l^mu at 10^20 and 10^26 differ by the next power l^-mu only
    alpha = R(2, 5)
    quiet = SIGMA | {"sigma_a2": 0}
    limit = net(alpha).cosine_limit(digits=60, **quiet)
    one, two = (
        (net(alpha).at(10**k, "e", digits=18, p0=1, e0=R(1, 4), **quiet) - limit.e) * sp.Integer(10) ** (k * limit.rate)
        for k in (20, 26)
    )
    assert abs(one / two - 1) < R(1, 10**5)


def test_arccosine_law_agrees_with_digits_at_great_depth():
    relu = dv.FullResidual("relu")
    law = relu.asymptotics("e", terms=3)
    n, run = 10**9, SIGMA | {"p0": 1, "e0": R(1, 4)}
    sigma = {getattr(relu.symbols, k): v for k, v in SIGMA.items()}
    gap = 1 - law.explicit.subs(sigma)
    # the constant C from one depth, the value at another
    first = 1 - relu.at(n, "e", digits=45, **run)
    C = sp.nsolve((gap.subs(law.n, n) / first - 1).n(40), law.C, 0, prec=30)
    second = 1 - relu.at(100 * n, "e", digits=45, **run)
    assert abs(gap.subs({law.n: 100 * n, law.C: C}).n(40) / second - 1) < R(1, 10**22)


def test_leaky_and_absolute_value_fall_out_of_the_same_code():
    for name, right, left in (("leaky_relu(slope=1/10)", 1, -R(1, 10)), ("Abs(x)", 1, 1)):
        law = dv.FullResidual(name).asymptotics("e", terms=1)
        B, k = law.parameters
        v, w = sp.symbols("sigma_v2 sigma_w2", positive=True)
        growth = 1 + v * w * (right**2 + left**2) / 2
        values = {v: 2, w: 3}
        names = {s: values[t] for s in law.parameters[B].free_symbols for t in values if t.name == s.name}
        assert law.parameters[B].subs(names) == growth.subs(values)
        found = 6 * (right + left) ** 2 / (3 * sp.sqrt(2) * sp.pi * growth.subs(values))
        assert sp.simplify(law.parameters[k].subs(names) - found) == 0


def test_degrees_above_one_are_refused_as_laws_and_settle_geometrically():
    with pytest.raises(UnsupportedError, match="scale of"):
        net(2).asymptotics("p")
    limit = net(2).cosine_limit(digits=20, **SIGMA)
    assert limit.rate == sp.oo
    one, two = (net(2).at(k, "e", digits=30, p0=1, e0=0, **SIGMA) - limit.e for k in (60, 61))
    assert abs(two / one - limit.factor) < R(1, 10**8)


def test_odd_homogeneous_activations_lose_the_angle():
    odd = dv.FullResidual("sign(x)*sqrt(Abs(x))")
    assert odd.cosine_limit(**SIGMA).e == 0
