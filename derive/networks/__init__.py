"""Mean-field networks: an architecture and an activation become a recurrence system, and its laws.

Layer definitions and the Gaussian-moment calculation live in ``layer`` and ``residual``.
"""
