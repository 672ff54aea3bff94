"""Large-depth laws against layer-by-layer iteration, which shares nothing with the asymptotics engine."""

from itertools import islice

import mpmath
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError, UnsupportedError
from derive.networks.residual.trajectory import iterate
from derive.networks.values import read_values

FULL = {"sigma_v2": "1.13", "sigma_w2": "0.77", "sigma_a2": "0.43", "sigma_b2": "0.31", "p0": 1}
REDUCED = {"sigma_w2": "1.3", "sigma_b2": "0.2", "p0": "0.7"}


def iterated(net, values, depths, digits=40):
    """p at some depths by iteration of the layer equations."""
    run = read_values(net._fixed, values)
    rows = islice(iterate(net._architecture, net.activation, run, digits), max(depths))
    return {layer: row["p"] for layer, row in enumerate(rows, start=1) if layer in depths}


@pytest.mark.parametrize(("net", "values"), [(dv.FullResidual("tanh"), FULL), (dv.ReducedResidual("erf"), REDUCED)])
def test_the_first_k_terms_of_p_err_by_about_the_next_two_for_every_k(net, values):
    law = net.asymptotics("p", terms=8)
    run = read_values(net._fixed, values)
    params = run.parameters
    c = law.constant_value(run.P0, digits=30, params=params)
    # the larger of the next two terms counts, because one of them may pass near zero at some depth
    for depth, truth in iterated(net, values, (100, 400, 1600)).items():
        for k in range(2, 9):
            with mpmath.workdps(40):
                value, estimate = law.evaluate(depth, c, digits=30, params=params, terms=k)
                assert abs(value - truth) <= 10 * estimate, (depth, k)


def test_length_at_moderate_depth_is_that_of_iteration():
    net = dv.FullResidual("tanh")
    for depth, truth in iterated(net, FULL, (1, 7, 300)).items():
        with mpmath.workdps(40):
            assert abs(mpmath.mpf(str(net.at(depth, "p", 30, **FULL))) / truth - 1) < mpmath.mpf(10) ** -29


def test_length_deep_inside_is_enclosed_and_the_digits_lie_in_the_ball():
    net = dv.FullResidual("tanh")
    ball = net.at(10**12, "p", 28, certified=True, **FULL)
    assert ball.rad / ball.mid < 1e-25
    assert ball.contains(net.at(10**12, "p", 45, **FULL))
    assert not ball.contains(net.at(10**12 + 1, "p", 45, **FULL))


def test_gradient_ratio_is_the_sum_over_layers():
    net = dv.FullResidual("tanh")
    run = read_values(net._fixed, FULL)
    with mpmath.workdps(30):
        weight = mpmath.mpf("1.13") * mpmath.mpf("0.77")
        rows = islice(iterate("full", net.activation, run, 25), 60)
        total = mpmath.fsum(mpmath.log1p(weight * row["slope"]) for row in rows)
        assert abs(mpmath.mpf(str(net.at(60, "log_chi_ratio", 20, **FULL))) / total - 1) < mpmath.mpf(10) ** -19


def test_cosine_at_depth_is_that_of_iteration():
    net = dv.FullResidual("tanh")
    values = FULL | {"e0": "0.3"}
    rows = islice(iterate("full", net.activation, read_values({}, values), 25), 40)
    *_, last = rows
    found = net.at(40, "e", 12, **values)
    assert abs(float(found) - float(1 - last["s"] / last["p"])) < 1e-12


@pytest.mark.slow
def test_cosine_deep_inside_follows_its_transseries():
    """At 10^12 the first four terms of e, with the amplitude of the start, agree up to the fifth."""
    net = dv.FullResidual("tanh")
    values = FULL | {"e0": "0.3"}
    limit = net.cosine_limit(30, **{k: v for k, v in values.items() if k.startswith("sigma")})
    near, far = net.at(10**8, "e", 12, **values), net.at(10**12, "e", 12, **values)
    assert 0 < far - limit.e < near - limit.e
    # the decay between the two depths lies between that of the two leading powers, l^-delta and l^-(1/2)
    slope = sp.log((near - limit.e) / (far - limit.e)) / sp.log(10**4)
    assert limit.rate - sp.Rational(1, 20) < slope < sp.Rational(1, 2)


def test_laws_carry_the_terms_that_paper_000_names():
    law = dv.FullResidual("tanh").asymptotics("e", terms=3)
    assert law.powers[0] == 0
    assert {sp.simplify(p + law.exponent) for p in law.powers[1:2]} == {0}
    assert law.powers[2] == -sp.Rational(1, 2)
    assert dv.ReducedResidual("tanh").asymptotics("e", terms=1).exponent == 1 - 2 / sp.pi


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sigma_w2": 0}, lambda n: sp.Rational(7, 3) * n + 5),  # every layer adds sigma_v2 V(1/3) + sigma_a2
        ({"sigma_v2": 0}, lambda n: 2 * n + 5),
    ],
)
def test_networks_without_weights_grow_exactly_linearly(change, expected):
    values = {"sigma_v2": 1, "sigma_w2": 1, "sigma_a2": 2, "sigma_b2": sp.Rational(1, 3), "p0": 5, "e0": "1/2"} | change
    net = dv.FullResidual("x")  # V(x, q) = q
    assert net.at(10**12, "p", 40, **values) == sp.N(expected(10**12), 40)
    assert net.at(10**12, "s", 40, **values) == sp.N(sp.Rational(5, 2), 40)
    assert net.at(10**12, "log_chi_ratio", 10, **values) == 0


def test_silent_network_has_no_cosine_but_a_gradient():
    values = {"sigma_w2": 3, "sigma_b2": 0, "p0": 0}
    net = dv.ReducedResidual("tanh")
    assert net.at(1000, "p", 10, **values) == 0
    assert abs(net.at(1000, "log_chi_ratio", 20, **values) - 1000 * sp.log(4)) < sp.Float("1e-15")
    with pytest.raises(DomainError, match="e0"):
        net.at(5, "e", 10, **values, e0="0.5")


def test_equal_and_opposite_inputs_stay_where_they_are():
    values = {"sigma_w2": 2, "sigma_b2": 0, "p0": 1}
    net = dv.ReducedResidual("tanh")
    assert net.at(10**6, "s", 10, **values, e0=1) == 0
    assert net.at(10**6, "e", 10, **values, e0=1) == sp.Float(1, 10)
    assert net.at(10**6, "e", 10, **values, e0=-1) == sp.Float(-1, 10)


def test_activations_without_a_law_are_iterated_where_that_is_possible():
    values = FULL | {"e0": "0.3"}
    for name in ("arctan", "gelu", "sin"):  # algebraic tails, exponential growth, no limit
        net = dv.FullResidual(name)
        run = net.trajectory(12, **values)
        for quantity in ("p", "q", "s", "gamma", "lam", "e"):
            assert float(net.at(12, quantity, 20, **values)) == pytest.approx(run[quantity][12], rel=1e-14)
        assert float(net.at(12, "log_chi_ratio", 20, **values)) == pytest.approx(run.log_chi[0], rel=1e-14)
    with pytest.raises(UnsupportedError, match="arctan"):
        dv.FullResidual("arctan").at(10**9, "p", **FULL)
    with pytest.raises(UnsupportedError, match="exponential"):
        dv.FullResidual("elu").asymptotics("p")


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda net: net.at(-1, "p", **FULL), DomainError, "depth"),
        (lambda net: net.at(1.5, "p", **FULL), DomainError, "3/2"),
        (lambda net: net.at(5, "length", **FULL), UnknownNameError, "length"),
        (lambda net: net.at(5, "p", 0, **FULL), DomainError, "digits"),
        (lambda net: net.at(5, "e", **FULL), InputError, "e0"),
        (lambda net: net.at(5, "e", **FULL, e0="1.01"), DomainError, "101/100"),
        (lambda net: net.at(5, "p", **(FULL | {"p0": -1})), DomainError, "p0"),
        (lambda net: net.at(0, "q", **FULL), UnsupportedError, "layer"),
        (lambda net: net.at(5, "e", certified=True, **FULL, e0=0), UnsupportedError, "enclosure"),
    ],
)
def test_bad_requests_are_named(call, error, word):
    with pytest.raises(error, match=word):
        call(dv.FullResidual("tanh"))
