"""The recurrences come out of the layer definitions, and agree with sums over small networks done by hand."""

import pytest
import sympy as sp
from sympy.tensor.indexed import Idx

import derive as dv
from derive.errors import UnsupportedError
from derive.networks.layer import N, Nonlinearity, Weights, jacobian, pair, self_average


def table_1(phi, full):
    """Table 1 of paper 000 as rebuilt in the project's list of claims, typed independently of the package."""
    p_, gamma_, q, lam, chi, sv, sw, sa, sb = sp.symbols("p_ gamma_ q lam chi sigma_v2 sigma_w2 sigma_a2 sigma_b2")
    V, W, slope = dv.V(phi, q), dv.W(phi, q, lam), dv.V(phi.diff(1), q)
    rows = {"q": sw * p_ + sb, "lam": sw * gamma_ + sb, "chi_b": sv * chi * slope, "chi_w": sv * chi * slope * p_}
    rows |= {"p": sv * V + sa + p_, "gamma": sv * W + sa + gamma_, "chi": (sv * sw * slope + 1) * chi}
    if full:
        return rows | {"chi_v": chi * V, "chi_a": chi}
    return {name: rhs.subs({sv: 1, sa: 0}) for name, rhs in rows.items()}


@pytest.mark.parametrize(("network", "full"), [(dv.FullResidual, True), (dv.ReducedResidual, False)])
@pytest.mark.parametrize("name", ["tanh", "x*exp(-x**2)"])
def test_derived_equations_are_those_of_table_1(network, full, name):
    net = network(name)
    expected = table_1(net.activation, full)
    derived = net.recurrences()
    assert set(derived) == set(expected)
    plain = {s: sp.Symbol(s.name) for eq in derived.values() for s in eq.free_symbols}
    for key, equation in derived.items():
        right = expected[key].subs({sp.Symbol(s.name): s for s in plain})
        assert sp.expand(equation.rhs - right) == 0, key


def test_a_full_network_takes_activations_that_are_not_odd_and_a_reduced_one_refuses_them():
    assert "chi_v" in dv.FullResidual("sigmoid").recurrences()
    with pytest.raises(UnsupportedError, match="not odd"):
        dv.ReducedResidual("sigmoid")


def test_isserlis_pairing_matches_the_explicit_sum_over_a_network_of_width_three():
    i, m = Idx("i", (1, N)), Idx("m", (1, N))
    w, b, x = sp.IndexedBase("w"), sp.IndexedBase("b"), sp.IndexedBase("x")
    variance, bias = sp.symbols("s t", positive=True)
    h = sp.Sum(w[i, m] * x[m], (m, 1, N)) + b[i]
    got = pair(h, h, (Weights(w, variance), Weights(b, bias)))
    entries = [x[k] for k in (1, 2, 3)]
    by_hand = variance * sum(e**2 for e in entries) + bias  # E (w1 x1 + w2 x2 + w3 x3 + b)^2, entry by entry
    total = got.replace(sp.Sum, lambda body, limit: sum(body.subs(limit[0], k) for k in (1, 2, 3)))
    assert sp.expand(total - by_hand) == 0


def test_the_jacobian_of_a_layer_matches_differentiation_at_width_two():
    i, k, m, j = (Idx(n, (1, N)) for n in "ikmj")
    w, v, x = (sp.IndexedBase(n) for n in "wvx")
    y = x[i] + sp.Sum(v[i, k] * Nonlinearity(0, sp.Sum(w[k, m] * x[m], (m, 1, N))), (k, 1, N))
    symbolic = jacobian(y, x[j])
    names = {x[n]: sp.Symbol(f"x{n}") for n in (1, 2)}
    names |= {a[n, o]: sp.Symbol(f"{a}{n}{o}") for a in (w, v) for n in (1, 2) for o in (1, 2)}

    def at_width_two(expr, row, column):
        fixed = expr.subs({i: row, j: column})
        for _ in range(2):
            fixed = fixed.replace(sp.Sum, lambda body, limit: sp.Add(*[body.subs(limit[0], n) for n in (1, 2)]))
        return fixed.subs(names).replace(Nonlinearity, lambda order, u: sp.sin(u) if order == 0 else sp.cos(u)).doit()

    for row in (1, 2):
        for column in (1, 2):
            direct = sp.diff(at_width_two(y, row, column), names[x[column]])
            assert sp.simplify(direct - at_width_two(symbolic, row, column)) == 0


def test_a_layer_without_the_width_in_its_variance_is_refused():
    k = Idx("k", (1, N))
    x = sp.IndexedBase("x")
    with pytest.raises(UnsupportedError, match="width"):
        self_average(sp.Sum(x[k] ** 2, (k, 1, N)), lambda group: sp.Symbol("p"))
