"""A second state driven by the first: linear equations, nonlinear ones as transseries, and their numbers."""
