"""The simulation of real random nets: linear algebra, reproducibility, input, and agreement with the recurrences."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnknownNameError, UnsupportedError
from derive.finite_width import simulate
from derive.finite_width.designs import DESIGNS
from derive.finite_width.elementwise import array_function, slope_function
from derive.finite_width.engine import Plan, _Run
from derive.finite_width.weights import truncated_normal, truncated_normal_variance, weight_law

RESIDUAL = {"sigma_v2": "3/2", "sigma_w2": 1, "sigma_a2": "1/2", "sigma_b2": "1/4", "p0": 1, "e0": "1/2"}
INNER = {"sigma_w2": 1, "sigma_b2": "1/4", "p0": 1, "e0": "1/2"}
FORWARD = {"sigma_w2": 2, "sigma_b2": "1/10", "q0": 1, "c0": "1/2"}
EVERY = {
    "full_residual": RESIDUAL,
    "reduced_residual": INNER,
    "scaled_residual": {**INNER, "skip": "3/4"},
    "feed_forward": {**FORWARD, "keep_probability": "4/5"},
}


def _run(name, values, width=5, depth=3, nets=4):
    design = DESIGNS[name]("tanh", depth, width, values)
    plan = Plan(design.layers, design.start, weight_law("gaussian"), design.pairs, design.two, True, True)
    return _Run(plan, nets, 11, 0)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_gradients_are_adjoint_to_tangents_and_tangents_to_differences(name):
    """<g, J t> = <J' g, t> to rounding, and J t is the limit of differences of the layer itself."""
    run = _run(name, EVERY[name])
    layer, weights = run.plan.layers[0], run.weights(1)
    x = run.plan.start(run.generator(0, 0), run.nets)
    _, caches, _ = layer.forward(x, weights)
    rng = np.random.default_rng(0)
    t, g = (rng.standard_normal((run.nets, 1, 5)) for _ in range(2))
    forward, (back, _) = layer.tangent(t, caches, weights), layer.cotangent(g, caches, weights)
    assert np.allclose((g * forward).sum(), (back * t).sum(), rtol=1e-12)
    direction = np.zeros_like(x)
    direction[:, :1] = t
    up, down = (layer.forward(x + sign * 1e-5 * direction, weights)[0] for sign in (1, -1))
    assert np.allclose((up - down)[:, :1] / 2e-5, forward, atol=1e-8)


@pytest.mark.parametrize("name", sorted(EVERY))
def test_parameter_gradients_are_differences_of_the_loss(name):
    """The mean squares of parameter gradients are those of central differences in every single parameter."""
    run = _run(name, EVERY[name], width=3, nets=1)
    layer, weights = run.plan.layers[0], dict(run.weights(1))
    x = run.plan.start(run.generator(0, 0), 1)
    g = np.random.default_rng(1).standard_normal((1, 1, 3))
    _, caches, _ = layer.forward(x, weights)
    _, sizes = layer.cotangent(g, caches, weights)
    for family in layer.families():
        if family.kind == "mask":
            continue
        slopes = []
        for index in np.ndindex(weights[family.name].shape):
            losses = []
            for sign in (1, -1):
                moved = weights[family.name].copy()
                moved[index] += sign * 1e-5
                y = layer.forward(x, {**weights, family.name: moved})[0][:, :1]
                losses.append((g * y).sum())
            slopes.append((losses[0] - losses[1]) / 2e-5)
        assert np.isclose(np.mean(np.square(slopes)), sizes[f"chi_{family.name}"][0, 0], rtol=1e-7), family.name


def test_convolution_gradients_are_adjoint_to_tangents():
    """<g, J t> = <J' g, t> for a periodic convolution with unequal variances and an even number of taps."""
    values = {"sigma_w2": 2, "sigma_b2": 1, "q0": 1, "size": 5, "kernel_variances": ["1/2", "1/4", "1/8", "1/8"]}
    design = DESIGNS["convolutional"]("tanh", 1, 3, values)
    plan = Plan(design.layers, design.start, weight_law("gaussian"), 1, False, True, False, positions=True)
    run = _Run(plan, 2, 0, 0)
    x = plan.start(run.generator(0, 0), 2)
    rng = np.random.default_rng(0)
    t, g = (rng.standard_normal(x.shape) for _ in range(2))
    _, caches, _ = plan.layers[0].forward(x, run.weights(1))
    forward, (back, _) = (
        plan.layers[0].tangent(t, caches, run.weights(1)),
        plan.layers[0].cotangent(g, caches, run.weights(1)),
    )
    assert np.isclose((g * forward).sum(), (back * t).sum(), rtol=1e-12)


def test_jacobian_is_orthogonal_in_an_orthogonal_linear_net():
    """With phi(x) = x, no skip and orthogonal weights of variance 1 every singular value is 1."""
    run = simulate(
        "feed_forward", "x", depth=6, width=12, realisations=3, weights="orthogonal", jacobian=True, sigma_w2=1,
        sigma_b2=0, q0=1,
    )  # fmt: skip
    assert np.allclose(run.singular_values, 1, atol=1e-12)


def test_jacobian_norm_is_the_gradient_ratio():
    """chi_0/chi_L over random directions is the mean squared singular value: the same nets, within 5 errors."""
    run = simulate("full_residual", "tanh", depth=5, width=40, realisations=200, jacobian=True, **RESIDUAL)
    squares = (run.singular_values**2).mean(axis=1)
    scatter = np.hypot(run.chi.error[0], squares.std(ddof=1) / np.sqrt(200))
    assert abs(run.chi.mean[0] - squares.mean()) < 5 * scatter


def test_seed_fixes_every_number_and_weights_are_the_same_when_drawn_again(monkeypatch):
    """The same seed gives the same arrays, also where the weights of the way back are drawn a second time."""
    first = simulate("full_residual", "tanh", depth=4, width=10, realisations=30, seed=5, **RESIDUAL)
    again = simulate("full_residual", "tanh", depth=4, width=10, realisations=30, seed=5, **RESIDUAL)
    monkeypatch.setattr("derive.finite_width.engine.KEPT_BYTES", 0)
    drawn_twice = simulate("full_residual", "tanh", depth=4, width=10, realisations=30, seed=5, **RESIDUAL)
    other = simulate("full_residual", "tanh", depth=4, width=10, realisations=30, seed=6, **RESIDUAL)
    for name in first:
        assert np.array_equal(first[name].samples, again[name].samples, equal_nan=True)
        assert np.array_equal(first[name].samples, drawn_twice[name].samples, equal_nan=True)
    assert not np.array_equal(first.p.samples, other.p.samples)


def test_starts_have_exactly_the_lengths_asked_for():
    """p0 and e0 of residual nets hold in every single net, for lists of starts."""
    values = {**RESIDUAL, "p0": [1, 4], "e0": ["1/2", -1]}
    run = simulate("full_residual", "relu", depth=1, width=6, realisations=3, **values)
    assert np.allclose(run.p.samples[:, 0], [1, 4], rtol=1e-13)
    assert np.allclose(run.gamma.samples[:, 0], [0.5, -4], rtol=1e-13)
    assert np.allclose(run.p2.samples[:, 0], [1, 4], rtol=1e-13)


def test_means_combine_with_the_delta_method():
    """e is gamma/sqrt(p p2) of the means, and its error that of the first-order expansion."""
    run = simulate("full_residual", "tanh", depth=2, width=8, realisations=400, **RESIDUAL)
    g, p, o = run.gamma.samples[:, -1], run.p.samples[:, -1], run.p2.samples[:, -1]
    e = g.mean() / np.sqrt(p.mean() * o.mean())
    linear = e * (g / g.mean() - p / p.mean() / 2 - o / o.mean() / 2)
    assert np.isclose(run.e.mean[-1], e, rtol=1e-12)
    assert np.isclose(run.e.error[-1], linear.std(ddof=1) / 20, rtol=1e-6)


def _in_mpmath(branch, variable, value):
    """lambdify looks into the frame of its caller, which in Python 3.13.0 must not be a comprehension."""
    import mpmath

    return sp.lambdify(variable, branch, "mpmath")(mpmath.mpf(value))


@pytest.mark.parametrize(
    "text", ["tanh", "relu", "sigmoid", "softplus", "gelu", "selu", "alpha_relu(alpha=3/4)", "sin(x)/x"]
)
def test_array_functions_agree_with_mpmath(text):
    """Values and slopes as arrays are those of the exact expression in mpmath, at large arguments too."""
    import mpmath

    phi = dv.activation(text)
    x = np.array([-800.0, -30.0, -1.25, -0.003, 0.004, 0.7, 6.0, 40.0, 800.0])
    for function, exact in ((array_function(phi), phi), (slope_function(phi), phi.diff())):
        branches = [next(p for p in exact.pieces if p.right == sp.oo or v < p.right).expr for v in x]
        with mpmath.workdps(700):
            numbers = [_in_mpmath(b, exact.variable, v) for b, v in zip(branches, x, strict=True)]
        expected = [float(v) for v in numbers]
        assert np.allclose(
            function(x), expected, rtol=1e-11, atol=1e-11
        )  # (cos x - sin x/x)/x cancels 5 digits at 0.003


def test_removable_singularities_and_overflow_are_repaired():
    """sin(x)/x is 1 at 0; exp(x)/(1 + exp(x)) is 1 at 800, where doubles overflow; exp(x) at 800 is refused."""
    assert array_function(dv.activation("sin(x)/x"))(np.zeros(2)).tolist() == [1, 1]
    assert array_function(dv.activation("exp(x)/(1 + exp(x))"))(np.array([800.0]))[0] == 1
    with pytest.raises(DomainError, match="not a finite double"):
        array_function(dv.activation("exp(x)"))(np.array([800.0]))


@pytest.mark.parametrize("law", ["gaussian", "uniform", "rademacher", "truncated_normal", "5/2", "7"])
def test_samples_have_the_moments_of_their_law(law):
    """Variance 1 and the stated kurtosis, within 5 standard errors of 200000 draws."""
    law = weight_law(law)
    draws = law.sample(np.random.default_rng(3), (200_000,))
    for power, expected in ((1, 0), (2, 1), (3, 0), (4, float(law.kurtosis))):
        values = draws**power
        assert abs(values.mean() - expected) <= 5 * values.std() / 200_000**0.5 + 1e-12


def test_truncated_normal_moments_are_scipys():
    """Variance and kurtosis of the truncated law against scipy.stats.truncnorm."""
    from scipy.stats import truncnorm

    for cut in ("1/2", 2, 3):
        law = truncnorm(-float(truncated_normal(cut).cut), float(truncated_normal(cut).cut))
        assert np.isclose(float(truncated_normal_variance(cut)), law.var(), rtol=1e-12)
        assert np.isclose(float(truncated_normal(cut).kurtosis), law.stats("k") + 3, rtol=1e-9)


def test_z_scores():
    """Equal constants have z = 0, different ones are infinite, missing layers NaN; shapes must fit."""
    run = simulate("full_residual", "tanh", depth=2, width=8, realisations=20, **RESIDUAL)
    z = run.z_score({"p": [1, np.nan, run.p.mean[2] + 2 * run.p.error[2]]})["p"]
    assert z[0] == 0 and np.isnan(z[1]) and np.isclose(z[2], -2)
    assert np.isinf(run.z_score({"p": [2, 1, 1]})["p"][0])
    with pytest.raises(InputError, match="shape"):
        run.z_score({"p": [1, 2]})
    with pytest.raises(InputError, match="the theory has"):
        run.z_score({"speed": [1, 2, 3]})


def test_wrong_input_is_named():
    """Unknown networks and keywords, missing starts, one net, hostile text."""
    with pytest.raises(UnknownNameError, match="did you mean full_residual"):
        simulate("full_residuel", "tanh", depth=1, width=2)
    with pytest.raises(InputError, match="did you mean sigma_w2"):
        simulate("reduced_residual", "tanh", depth=1, width=2, sigma_w=1)
    with pytest.raises(InputError, match="missing p0"):
        simulate("reduced_residual", "tanh", depth=1, width=2, sigma_w2=1, sigma_b2=0)
    with pytest.raises(DomainError, match="at least 2 nets"):
        simulate("reduced_residual", "tanh", depth=1, width=2, realisations=1, **INNER)
    with pytest.raises(DomainError, match="negative"):
        simulate("reduced_residual", "tanh", depth=1, width=2, **{**INNER, "sigma_w2": -1})
    with pytest.raises(InputError):
        simulate("reduced_residual", "__import__('os').getcwd()", depth=1, width=2, **INNER)
    with pytest.raises(InputError):
        simulate("reduced_residual", "tanh", depth=1, width=2, **{**INNER, "sigma_w2": "__import__('os')"})
    with pytest.raises(UnknownNameError, match="no law of weights"):
        simulate("reduced_residual", "tanh", depth=1, width=2, weights="cauchy", **INNER)
    with pytest.raises(DomainError, match="below 1"):
        weight_law("1/2")
    with pytest.raises(InputError, match="made for depth 8"):
        simulate(dv.ScaledResidual("tanh", depth=8), depth=4, width=2, sigma_w2=1, sigma_b2=0, p0=1)
    with pytest.raises(InputError, match="has its skip"):
        simulate(dv.ScaledResidual("tanh", depth=8), width=2, skip=2, sigma_w2=1, sigma_b2=0, p0=1)
    with pytest.raises(UnsupportedError, match="singular values of conv"):
        simulate("convolutional", "tanh", depth=1, width=2, jacobian=True, sigma_w2=1, sigma_b2=0, q0=1, size=3,
                 kernel_variances=[1])  # fmt: skip


def test_a_simulation_shows_itself_and_can_be_stored():
    """HTML with one row per quantity, of lists of starts and convolutions too; pickled and read back unchanged."""
    import pickle

    run = simulate("full_residual", "tanh", depth=2, width=6, realisations=3, **{**RESIDUAL, "e0": [0, "1/2"]})
    assert run._repr_html_().count("<tr>") == len(run) + 1 and "±" in run._repr_html_()
    again = pickle.loads(pickle.dumps(run))
    assert np.array_equal(again.p.samples, run.p.samples)
    conv = simulate("convolutional", "tanh", depth=1, width=2, realisations=2, sigma_w2=1, sigma_b2=0, q0=1, size=3,
                    kernel_variances=["1/2", "1/2"])  # fmt: skip
    assert "sigma" in conv._repr_html_()


def test_overflow_is_refused_with_its_layer():
    """ReLU nets whose length grows by e^10 per layer leave the doubles near layer 70."""
    with pytest.raises(DomainError, match=r"range of doubles at layer \d+"):
        simulate("feed_forward", "relu", depth=100, width=5, realisations=2, sigma_w2=40_000, sigma_b2=1, q0=1)


def test_progress_goes_to_stderr(capsys):
    """Nothing on stdout."""
    simulate("reduced_residual", "tanh", depth=1, width=2, realisations=2, progress=True, **INNER)
    captured = capsys.readouterr()
    assert captured.out == "" and "2 of 2 nets" in captured.err
