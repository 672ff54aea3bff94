"""Activations: a real function of one variable, what its expression says about it, and the registered names.

``activation`` holds the SymPy object; ``pieces`` cuts it into analytic branches (with ``zeros`` for exact break points
and ``local`` for expansions at a point), ``tails`` finds its behaviour at infinity, ``symmetry`` its parity and
monotonicity; ``registry`` turns names, text and expressions into activations.
"""

from derive.activations.activation import VARIABLE, Activation
from derive.activations.pieces import Piece
from derive.activations.registry import activation, registered_activations

__all__ = ["VARIABLE", "Activation", "Piece", "activation", "registered_activations"]
