"""Balls of E f(X) for one Gaussian variable: the trapezoid with residues, closed moments, rigorous integration."""
