"""Moments of ReLU ConvNets against enumeration of all signs, hand computation, and simulation."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp

import derive as dv
from derive.errors import DomainError, InputError, UnsupportedError


def _layer(image, signs, out, taps, padding):
    """One layer by its definition, weights +-1: image[c][position] -> the same for the channels out."""
    size = len(image[0])
    result = []
    for c_out in range(out):
        row = []
        for a in range(size):
            h = Fraction(0)
            for c, channel in enumerate(image):
                for k in range(taps):
                    b = a + k - taps // 2
                    if padding == "circular" or 0 <= b < size:
                        h += signs[(c_out * len(image) + c) * taps + k] * channel[b % size]
            row.append(max(h, Fraction(0)))
        result.append(row)
    return result


def _enumerated(image, channels, taps, padding, power):
    """E M_d^power over all signs; weights of variance 2/fan-in are signs times its root, taken out at the end."""
    counts = [channels[j] * channels[j + 1] * taps for j in range(len(channels) - 1)]
    total, scale = Fraction(0), Fraction(1)
    for c in channels[:-1]:
        scale *= Fraction(2, c * taps)
    for signs in product((1, -1), repeat=sum(counts)):
        current, used = [[Fraction(x) for x in row] for row in image], 0
        for j, count in enumerate(counts):
            current = _layer(current, signs[used : used + count], channels[j + 1], taps, padding)
            used += count
        length = sum(x * x for row in current for x in row) * scale / (channels[-1] * len(image[0]))
        total += length**power
    mean = total / 2 ** sum(counts)
    return sp.Rational(mean.numerator, mean.denominator)


@pytest.mark.parametrize("padding", ["circular", "zero"])
@pytest.mark.parametrize("taps", [2, 3])
def test_mean_equals_enumeration_of_all_signs(padding, taps):
    """Two layers of one and two channels, an image with unequal positions: E M_d as a fraction."""
    channels, image = [1, 2, 1] if taps == 2 else [1, 1, 2], [[1, -2, 3, 0]]
    net = dv.ReLUConvNet(channels, 4, taps, padding=padding, weights="rademacher", input=image)
    assert net.moment(1) == _enumerated(image, channels, taps, padding, 1)


@pytest.mark.parametrize("channels,taps", [([1, 2, 1], 2), ([2, 1], 3), ([1, 1, 2], 3)])
def test_second_moment_of_a_constant_image_equals_enumeration(channels, taps):
    """Signs for weights: kurtosis 1 becomes 3 - 2/taps for their sums; E M_d^2 as a fraction."""
    image = [[2 + c] * 3 for c in range(channels[0])]
    net = dv.ReLUConvNet(channels, 3, taps, weights="rademacher", input=image)
    assert net.moment(2) == _enumerated(image, channels, taps, "circular", 2)


def test_one_layer_with_correlations_minus_one_nought_and_one():
    """Two positions, one tap, C channels: E (y^2 + y'^2)^2 by hand where y' is ReLU(-h), independent, or the same."""
    C = 3
    for image, pair in (([[1, -1]], 0), ([[1, 0], [0, 1]], sp.Rational(1, 4)), ([[1, 1]], sp.Rational(3, 2))):
        v = sp.Rational(2, len(image))  # variance of every pre-activation
        one = 2 * sp.Rational(3, 2) * v**2 + 2 * pair * v**2  # one channel: E (y^2 + y'^2)^2
        mean = v  # E (y^2 + y'^2)
        expected = (C * one + C * (C - 1) * mean**2) / (2 * C) ** 2
        assert dv.ReLUConvNet([len(image), C], 2, 1, input=image).moment(2) == expected


CASES = {
    "circular": {"channels": [2, 5, 4], "size": 6, "input": [[1, 0, -1, 2, 0, 0], [0, 1, 1, 0, 0, 3]]},
    "zero": {"channels": [1, 4, 6], "size": 5, "padding": "zero", "input": [[1, -1, 2, 0, 1]]},
    "even kernel": {"channels": [1, 6, 3], "size": 4, "kernel": 2, "input": [[1, 2, 3, 4]], "padding": "zero"},
    "biases": {"channels": [1, 5, 5], "size": 4, "bias_variances": ["1/2", "1/4"], "input": [[1, 2, 0, 0]]},
    "constant": {"channels": [2, 5, 4, 3], "size": 5, "weights": "uniform", "bias_variances": "1/10"},
}


@pytest.mark.parametrize("name", CASES)
def test_simulated_nets_have_these_moments(name):
    """The mean, and the second moment or its bounds, of 30000 real nets, within 4.5 standard errors."""
    net = dv.ReLUConvNet(**CASES[name])
    lengths = dv.simulate(net, realisations=30_000, seed=2, gradients=False).q.samples[:, -1].mean(axis=-1)
    bounds = (net.moment(2),) * 2 if name == "constant" else net.bounds()
    for values, (low, high) in ((lengths, (net.moment(1),) * 2), (lengths**2, bounds)):
        error = 4.5 * values.std() / len(values) ** 0.5
        assert float(low) - error < values.mean() < float(high) + error


def test_simulated_second_moment_of_one_layer():
    """One layer, an image of seven positions, zero padding: E M^2 from the kernel J_2, 60000 real nets, 4.5 errors."""
    net = dv.ReLUConvNet([1, 2], 7, padding="zero", input=[[3, 1, -2, 0, 0, 1, 1]])
    values = dv.simulate(net, realisations=60_000, gradients=False).q.samples[:, -1].mean(axis=-1) ** 2
    assert abs(values.mean() - float(net.moment(2))) < 4.5 * values.std() / 60_000**0.5
    low, high = net.bounds()
    assert low == high == net.moment(2)


def test_two_dimensions_are_the_product_of_one_dimension_each():
    """Zero padding, a constant image: the profile of the mean is a product, so E M_d of 4 x 6 is that of 4 times 6."""
    mean = {
        size: dv.ReLUConvNet([1, 3, 3, 3], size, padding="zero", input_norm=norm).moment(1)
        for size, norm in (((4, 6), "sqrt(24)"), (4, 2), (6, "sqrt(6)"))
    }
    assert mean[4, 6] == mean[4] * mean[6] and mean[4, 6] < 1
    assert dv.ReLUConvNet([1, 3, 3], (4, 6), (3, 3), input_norm="sqrt(24)").moment(1) == 1


def test_bounds_of_a_constant_image_end_at_the_exact_value():
    """Equal positions attain the upper bound: 1 + 5/C for every layer."""
    net = dv.ReLUConvNet([1, 4, 6, 3], 5, input_norm="sqrt(5)")
    exact = sp.prod([1 + sp.Rational(5, c) for c in (4, 6, 3)])
    assert net.moment(2) == exact == net.bounds().upper and net.bounds().lower < exact


def test_images_of_many_positions_have_bounds():
    """A thousand positions: the pairs are not written out, and the bounds are those of every image."""
    net = dv.ReLUConvNet([1, 8, 8], 1000, padding="zero", input=[[1, 2] * 500])
    low, high = net.bounds()
    mean = net.moment(1)
    assert mean**2 < low < high == mean**2 * (1 + sp.Rational(5, 8)) ** 2
    with pytest.raises(UnsupportedError, match="pairs of 1000 positions"):
        dv.ReLUConvNet([1, 8], 1000, input=[[1, 2] * 500]).moment(2)


def test_what_does_not_fit_is_refused():
    """Shapes, paddings, laws and moments that are not known, each named."""
    image = [[1, 2, 3]]
    with pytest.raises(InputError, match="padding"):
        dv.ReLUConvNet([1, 2], 3, padding="same")
    with pytest.raises(InputError, match="1 of 4"):
        dv.ReLUConvNet([1, 2], 4, input=image)
    with pytest.raises(InputError, match="is no list"):
        dv.ReLUConvNet([1, 2], 4, input=5)
    with pytest.raises(UnsupportedError, match="taps are too many"):
        dv.ReLUConvNet([1, 2], 3, 10**8, input=image).moment(1)
    with pytest.raises(DomainError, match="too large"):
        dv.ReLUConvNet([1, 2], 10**9)
    with pytest.raises(InputError, match="dimensions"):
        dv.ReLUConvNet([1, 2], (3, 3), (3, 3, 3))
    with pytest.raises(InputError, match="channels needs"):
        dv.ReLUConvNet([1], 3)
    with pytest.raises(DomainError, match="size"):
        dv.ReLUConvNet([1, 2], [])
    with pytest.raises(UnsupportedError, match="one layer only"):
        dv.ReLUConvNet([1, 2, 2], 3, input=image).moment(2)
    with pytest.raises(UnsupportedError, match="not uniform"):
        dv.ReLUConvNet([1, 2, 2], 3, input=image, weights="uniform").bounds()
    with pytest.raises(UnsupportedError, match="beyond the second"):
        dv.ReLUConvNet([1, 2], 3, weights="uniform").moment(3)
    with pytest.raises(UnsupportedError, match="two dimensions"):
        dv.simulate(dv.ReLUConvNet([1, 2], (3, 3)))
