"""Gaussian expectations of one activation as piecewise polynomials in float64, with measured errors.

``functions`` splits an activation into parts, ``profile`` makes polynomials of them, ``heat`` their expectations;
``charts`` says in which coordinates those are smooth, ``faces`` samples them there (``closed`` where the activation
oscillates), ``tiles`` fits; ``table_set`` is the result as data, ``tables`` keeps it with the error found by
``measure``; ``homogeneous`` is the ReLU family.
"""
