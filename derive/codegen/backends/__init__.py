"""What runs a program on arrays of points: generated C, numba, NumPy and JAX; float64.

``numpy_backend`` and ``jax_backend`` run a graph as arrays (``arrays``), ``numba_backend`` as numbers (``bytecode``),
``c_source`` and ``c_backend`` print, compile and call it; ``spread`` divides points among threads.
"""
