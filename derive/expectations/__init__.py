"""Gaussian expectations as SymPy functions: exact expansions, closed forms, digits and balls.

``functions`` holds V, W and E (on ``mean``, with ``heat`` for derivatives and ``nseries`` for series); ``large`` and
``covariance_large`` their expansions at large variance with rigorous remainders, ``small`` those at small variance,
``closed`` closed forms.  ``moments`` derives the exact numbers these are made of: ``pieces`` and ``tails`` cut a
function into a step of powers and decaying segments, ``exp_tail`` (with ``dirichlet``), ``gauss_tail`` and
``numeric_tail`` integrate them.  ``values`` and ``balls`` give digits and enclosures.
"""

from derive.expectations.asymptotic.covariance_large import covariance_remainder, covariance_terms
from derive.expectations.asymptotic.large import (
    expectation_remainder,
    expectation_terms,
    variance_remainder,
    variance_terms,
)
from derive.expectations.asymptotic.moments import Moment, moments
from derive.expectations.asymptotic.small import (
    covariance_small_remainder,
    covariance_small_terms,
    expectation_small_remainder,
    expectation_small_terms,
    variance_small_remainder,
    variance_small_terms,
)
from derive.expectations.functions import E, V, W

__all__ = [
    "E",
    "Moment",
    "V",
    "W",
    "covariance_remainder",
    "covariance_small_remainder",
    "covariance_small_terms",
    "covariance_terms",
    "expectation_remainder",
    "expectation_small_remainder",
    "expectation_small_terms",
    "expectation_terms",
    "moments",
    "variance_remainder",
    "variance_small_remainder",
    "variance_small_terms",
    "variance_terms",
]
