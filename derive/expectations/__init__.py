"""Gaussian expectations as SymPy functions: exact expansions, closed forms, digits and balls.

``functions`` holds V, W and E; ``large`` and ``covariance_large`` their expansions at large variance with rigorous
remainders, ``small`` those at small variance, ``closed`` closed forms.  ``moments`` (with ``pieces``, ``tails``,
``asymptote``, ``exp_tail``, ``gauss_tail``) derives the exact numbers they are made of; ``values`` and ``balls`` give digits.
"""

from derive.expectations.functions import E, V, W
from derive.expectations.large import expectation_remainder, expectation_terms, variance_remainder, variance_terms
from derive.expectations.moments import Moment, moments

__all__ = [
    "E",
    "Moment",
    "V",
    "W",
    "expectation_remainder",
    "expectation_terms",
    "moments",
    "variance_remainder",
    "variance_terms",
]
