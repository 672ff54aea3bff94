"""Every recurrence of the networks against real random nets, as z-scores.

The theory comes from ``trajectory`` (or ``step``), which evaluates the derived recurrences.  Two widths are simulated
and the term of order 1/width is taken out; |z| has to stay below 4 for every quantity at every layer, and with these
seeds nothing else was tried.
"""

from __future__ import annotations

import numpy as np
import pytest

import derive as dv
from derive.finite_width import simulate, width_correction

FULL = {"sigma_v2": "3/2", "sigma_w2": 1, "sigma_a2": "1/2", "sigma_b2": "1/4", "p0": 1, "e0": "1/2"}
INNER = {"sigma_w2": 1, "sigma_b2": "1/4", "p0": 1, "e0": "1/2"}
FORWARD = {"sigma_w2": 2, "sigma_b2": "1/10", "q0": 1, "c0": "1/2"}
GRADIENTS = ("chi", "chi_b", "chi_w", "chi_v", "chi_a", "log_chi", "chi_ab")


def _feed_forward(phi, **keywords):
    from derive.networks.feedforward.network import FeedForward

    return FeedForward(phi, **keywords)


CASES = {
    "full-tanh": (lambda: dv.FullResidual("tanh"), FULL),
    "full-relu": (lambda: dv.FullResidual("relu"), {**FULL, "sigma_v2": "1/4"}),
    "full-gelu": (lambda: dv.FullResidual("gelu"), {**FULL, "sigma_v2": "1/4"}),
    "full-alpha-relu-0.9": (lambda: dv.FullResidual("alpha_relu(alpha=9/10)"), FULL),
    "full-alpha-relu-0.7": (lambda: dv.FullResidual("alpha_relu(alpha=7/10)"), FULL),
    "reduced-tanh": (lambda: dv.ReducedResidual("tanh"), INNER),
    "reduced-erf": (lambda: dv.ReducedResidual("erf"), {**INNER, "e0": 0}),
    "feed-forward-tanh": (lambda: _feed_forward("tanh"), FORWARD),
    "feed-forward-dropout": (lambda: _feed_forward("tanh", keep_probability="4/5"), FORWARD),
    "feed-forward-relu": (lambda: _feed_forward("relu"), {**FORWARD, "sigma_w2": "3/2"}),
    "feed-forward-unequal": (lambda: _feed_forward("sigmoid"), {**FORWARD, "sigma_w2": 9, "q0b": 2}),
}
INFINITE = {"full-alpha-relu-0.7"}  # E phi'^4 diverges for alpha <= 3/4: no z-score for gradients


def _compare(name, width, nets, depth=8):
    make, values = CASES[name]
    net, finite = make(), name not in INFINITE
    wide = simulate(net, depth=depth, width=width, realisations=nets, seed=1, gradients=finite, **values)
    narrow = simulate(net, depth=depth, width=width // 2, realisations=nets, seed=2, gradients=finite, **values)
    worst = wide.without_width(narrow).worst(net.trajectory(depth, **values))
    assert {"p", "q", "q_a"} & set(worst) and len(worst) >= 4
    assert not finite or "q_a" in worst or {"chi"} <= set(worst)
    assert max(worst.values()) < 4, worst


@pytest.mark.parametrize("name", sorted(CASES))
def test_recurrences_hold_for_nets_of_width_200(name):
    """60 nets each of width 200 and 100."""
    _compare(name, 200, 60)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_recurrences_hold_for_nets_of_width_500(name):
    """100 nets each of width 500 and 250, 12 layers."""
    _compare(name, 500, 100, depth=12)


def test_scaled_residual_nets_follow_their_recurrences():
    """Paper 001 with ReLU, skip 9/10: length, mean and gradient."""
    from derive.networks.scaled_residual import ScaledResidual

    net, values = ScaledResidual("relu", skip="9/10", depth=8), {"sigma_w2": 2, "sigma_b2": "1/10", "p0": 1}
    wide, narrow = (simulate(net, width=n, realisations=80, seed=n, **values) for n in (200, 100))
    worst = wide.without_width(narrow).worst(net.trajectory(**values))
    assert {"q", "p", "m", "chi"} <= set(worst) and max(worst.values()) < 4


@pytest.mark.parametrize("size", [3, 5])
def test_convolutional_nets_follow_the_covariance_map(size):
    """Unequal kernel variances: the whole covariance matrix of the positions, four layers."""
    from derive.networks.convolution.network import Convolutional

    net = Convolutional("tanh", size=size, kernel_variances=["1/2", "1/4", "1/4"])
    variances = {"sigma_w2": 2, "sigma_b2": "1/10"}
    sigma = [[[1.0 if i == j else 0.5 for j in range(size)] for i in range(size)]]
    for _ in range(4):
        sigma.append([[float(x) for x in row] for row in net.step(sigma[-1], **variances).tolist()])
    runs = [simulate(net, depth=4, width=n, realisations=60, seed=n, q0=1, c0="1/2", **variances) for n in (100, 50)]
    worst = runs[0].without_width(runs[1]).worst({"sigma": np.array(sigma)})
    assert worst["sigma"] < 4


@pytest.mark.parametrize("name", ["full-tanh", "reduced-tanh", "feed-forward-tanh", "feed-forward-dropout"])
def test_corrected_lengths_hold_without_extrapolation(name):
    """Width 50, 2000 nets: the length within 4 errors of mean field plus the derived 1/width correction."""
    make, values = CASES[name]
    net = make()
    alone = {n: v for n, v in values.items() if n not in ("e0", "c0")}
    theory = width_correction(net, depth=6, **alone)
    run = simulate(net, depth=6, width=50, realisations=2000, seed=3, gradients=False, **alone)
    assert run.worst(theory.at(50))[theory.name] < 4


def test_gradients_of_alpha_relu_scatter_without_bound():
    """alpha = 7/10: one net carries a far larger share of the scatter than for tanh."""
    run = simulate("full_residual", "alpha_relu(alpha=7/10)", depth=4, width=100, realisations=300, **FULL)
    calm = simulate("full_residual", "tanh", depth=4, width=100, realisations=300, **FULL)

    def share(samples):
        squares = (samples - samples.mean()) ** 2
        return squares.max() / squares.sum()

    assert share(run.chi.samples[:, 0]) > 2 * share(calm.chi.samples[:, 0])
