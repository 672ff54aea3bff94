"""The kernels of alpha-ReLU (arccosine kernels): J_alpha, its normalisation c_alpha, their identities and values.

``functions`` has the SymPy functions; ``balls``, ``gap`` and ``slope`` evaluate with proof, ``arrays`` in float64;
``closed``, ``forms`` and ``expansions`` hold what can be said exactly.
"""

from derive.kernels.functions import J, c_alpha, one_minus_J

__all__ = ["J", "c_alpha", "one_minus_J"]
