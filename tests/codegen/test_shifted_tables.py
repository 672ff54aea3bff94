"""Tables of activations that are neither odd nor even, and the sample on which errors are measured."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import derive as dv
from derive.codegen.approximation.evaluate import evaluate
from derive.codegen.approximation.functions import split
from derive.codegen.approximation.measure import wide_sample
from derive.codegen.approximation.tables import tables_for
from derive.expectations.values import covariance_value, gap_value, variance_value

CORNERS = ((1e-6, 0.5), (1.0, 1e-9), (1.0, 1.9999), (3e4, 0.5), (1e6, 1e-8))


def compare(name, corners):
    phi = dv.activation(name)
    q, distance = np.array(corners).T
    v = q * distance
    got = evaluate(phi, tables_for(phi, True), q, v)
    for i in range(len(q)):
        ratio = Fraction(v[i]) / Fraction(q[i])
        V = variance_value(phi, q[i], 20)
        assert abs(got["V"][i] - V) < 1e-14 * abs(V)
        assert abs(got["D"][i] - gap_value(phi, q[i], ratio, 20)) < 1e-14 * abs(gap_value(phi, q[i], ratio, 20))
        assert abs(got["C"][i] - covariance_value(phi, q[i], one_minus_c=ratio, digits=20)) < 1e-14 * V


def test_softplus_at_the_corners():
    """Its odd part is x/2, which 40-digit Taylor coefficients tell; expected values are proven balls."""
    assert split(dv.activation("softplus"))[0].polynomial == split(dv.activation("softplus"))[0].x / 2
    compare("softplus", CORNERS[:4])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tanh", "tanh(x+1)", "sigmoid(4*x)", "swish"])
def test_corners_against_balls(name):
    """V, V - W and W at tiny and huge variances and near c = 1 and -1 against proven balls."""
    compare(name, CORNERS)


def test_mean_of_a_vanishing_even_part():
    """The even part of tanh(x+1) vanishes far out but is tanh(1) at 0: the mean less that does not decay like y."""
    shape = tables_for(dv.activation("tanh(x+1)"), True).shapes["even"]
    assert shape.mean_power == 0 and shape.variance_power == 1


def test_the_wide_sample_covers_the_domain():
    """Variances from 1e-6 to 1e6, correlations near 1 and near -1."""
    q, distance = np.array(wide_sample()).T
    assert q.min() < 1e-5 and q.max() > 1e5 and distance.min() < 1e-8 and 2 - distance.max() < 1e-8
