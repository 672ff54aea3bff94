"""Eigenvalues of branches D W and signals under scaled orthogonal weights, simulated."""

import math

import numpy as np
import pytest

SIZE = 400


def layer(phi, slope, mean, seed):
    """(D W, c_2) of one layer of a network: D = phi'(W x), x of mean square 1, weights of variance 1/N."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(SIZE) * math.sqrt(1 - mean**2) + mean
    x *= 1 / math.sqrt(np.mean(x**2))
    weights = rng.standard_normal((SIZE, SIZE)) / math.sqrt(SIZE)
    diagonal = slope(weights @ x)
    return diagonal[:, None] * weights, np.mean(diagonal**2)


CASES = {
    "tanh": (np.tanh, lambda h: 1 / np.cosh(h) ** 2, 0.0),
    "relu": (lambda h: np.maximum(h, 0), lambda h: (h > 0).astype(float), 0.0),
    "relu, input of one sign": (lambda h: np.maximum(h, 0), lambda h: (h > 0).astype(float), 1.0),
    "softplus, input with a mean": (lambda h: np.logaddexp(0, h), lambda h: 1 / (1 + np.exp(-h)), 0.9),
}


@pytest.mark.parametrize("name", list(CASES), ids=list(CASES))
def test_the_largest_eigenvalue_of_a_branch_is_the_root_of_the_second_cumulant(name):
    """Also where D follows W x: that perturbation of rank one has its eigenvalue inside the disc."""
    phi, slope, mean = CASES[name]
    found = []
    for seed in range(2):
        matrix, c2 = layer(phi, slope, mean, seed)
        found.append(np.max(np.abs(np.linalg.eigvals(matrix))) / math.sqrt(c2))
    # the largest one of a Ginibre matrix lies 1 + 0.02 +- 0.02 here (Rider 2003)
    assert abs(np.mean(found) - 1) < 0.06


def test_the_eigenvalues_of_relu_branches_fill_the_disc_of_the_single_ring_theorem():
    """S(z) = 1/(1/2 + z): half of the eigenvalues are 0, P(|lambda|^2 <= r) = 1/2 + r up to r = c_2 = 1/2."""
    rng = np.random.default_rng(5)
    mask = np.arange(SIZE) % 2 == 0
    matrix = mask[:, None] * rng.standard_normal((SIZE, SIZE)) / math.sqrt(SIZE)
    squares = np.sort(np.abs(np.linalg.eigvals(matrix[np.ix_(mask, mask)])) ** 2)  # the others are 0
    levels = np.arange(1, len(squares) + 1) / SIZE
    assert np.max(np.abs(levels - np.minimum(squares, 0.5))) < 0.03  # about 1/sqrt(N) at the edge, less inside


def haar(rng, size):
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def test_signals_propagate_through_scaled_orthogonal_weights_as_through_gaussian_ones():
    """(27) for an activation with a mean, an input with a mean, six layers: the lengths of one wide network."""
    from derive.activations import activation
    from derive.networks.scaled_residual import ScaledValues, iterate_scaled

    depth, size, rng = 6, 300, np.random.default_rng(8)
    runs = []
    for _ in range(4):
        x = rng.standard_normal(size)
        x = (x - x.mean()) / x.std() * math.sqrt(0.75) + 0.5  # mean 1/2 and mean square 1
        lengths = []
        for _ in range(depth):
            h = haar(rng, size) @ x * math.sqrt(2 / depth)
            lengths.append(np.mean(h**2))
            x = x + np.maximum(h, 0)
        runs.append(lengths)
    values = ScaledValues.read(depth, 1, 2, 0, 1, "1/2")
    theory = np.array([float(row["q"]) for row in iterate_scaled(activation("relu"), values, 15)])
    mean, error = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1) / 2
    assert error[-1] / mean[-1] < 0.05
    assert np.all(np.abs(mean / theory - 1) < 0.01 + 4 * error / mean)  # 1/N = 0.003


def test_the_first_correction_to_gaussian_means_is_visible_at_width_four():
    """E h^4 = 3 q^2 N/(N+2) is 2 q^2 for N = 4; Gaussian weights have 3 q^2."""
    rng = np.random.default_rng(4)
    x = np.array([1.0, -2.0, 0.5, 3.0])
    x *= 2 / np.linalg.norm(x)  # mean square 1
    found = np.mean([(haar(rng, 4) @ x) ** 4 for _ in range(3000)])
    assert found == pytest.approx(2, abs=0.06)
