"""Laws with alpha as a symbol, against values of the networks with a number for it."""

import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError
from derive.networks.homogeneous.laws import LIMIT, MU
from derive.networks.homogeneous.symbolic import alpha_relu_law

R = sp.Rational
A = sp.Symbol("alpha", positive=True)
SIGMA = {"sigma_v2": R(9, 8), "sigma_w2": R(3, 4), "sigma_a2": R(3, 8), "sigma_b2": R(2, 3)}


def numbers(net, alpha):
    return {A: alpha, **{getattr(net.symbols, k): v for k, v in SIGMA.items()}}


@pytest.mark.parametrize(("alpha", "interval"), [(R(4, 5), (R(1, 2), 1)), (R(2, 5), (R(1, 3), R(1, 2)))], ids=str)
def test_length_follows_the_symbolic_law(alpha, interval):
    net = dv.FullResidual(dv.activation("alpha_relu", alpha=alpha))
    law = alpha_relu_law("p", A, interval, terms=2)
    ratios = []
    for n in (10**8, 10**12):
        value = net.at(n, "p", digits=25, p0=1, **SIGMA)
        main = law.expr.subs(numbers(net, alpha)).subs({law.n: n, law.c: 0}).n(25)
        ratios.append(abs(main / value - 1))
    assert ratios[0] < R(1, 10**3) and ratios[1] < ratios[0] / 100


def test_resonant_degrees_are_listed():
    law = alpha_relu_law("p", A, (R(1, 2), R(2, 3)), terms=4)
    assert R(1, 2) in law.resonances


def test_gradient_grows_with_the_exponent_of_the_law():
    alpha = R(4, 5)
    net = dv.FullResidual(dv.activation("alpha_relu", alpha=alpha))
    law = alpha_relu_law("log_chi_ratio", A)
    exponent = law.expr.subs({law.constant: 0, A: alpha}) / sp.log(law.n)
    one, two = (net.at(n, "log_chi_ratio", digits=20, p0=1, **SIGMA) for n in (10**14, 10**15))
    assert abs((two - one) / sp.log(10).n(20) - sp.simplify(exponent)) < R(1, 10**11)


def test_forced_part_of_the_cosine_rules_for_small_alpha():
    # without the amplitude C: what is left after the forced term is smaller than it
    alpha = R(1, 10)
    net = dv.FullResidual(dv.activation("alpha_relu", alpha=alpha))
    quiet = net.cosine_limit(digits=30, **(SIGMA | {"sigma_a2": 0}))
    law = alpha_relu_law("e", A, (0, R(1, 4)))
    n = 10**60
    value = net.at(n, "e", digits=15, p0=1, e0=R(1, 2), **SIGMA) - quiet.e
    at = numbers(net, alpha) | {law.n: n, law.constant: 0, LIMIT: quiet.e, MU: quiet.rate}
    forced = law.terms[2].subs(at).n(15)
    assert abs(value / forced - 1) < R(1, 100)


def test_unfit_input_is_named():
    with pytest.raises(DomainError, match="inside"):
        alpha_relu_law("p", A, (R(1, 2), 2))
    with pytest.raises(DomainError, match="infinite"):
        alpha_relu_law("log_chi_ratio", A, (0, R(1, 2)))
    with pytest.raises(InputError, match="positive symbol"):
        alpha_relu_law("p", R(1, 2))
    with pytest.raises(InputError):
        alpha_relu_law("p", "__import__('os')")
    with pytest.raises(UnknownNameError):
        alpha_relu_law("gamma", A)
