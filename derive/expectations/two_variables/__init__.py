"""Balls of E f(X) g(Y): grid products, Taylor series in the covariance, windows, pieces."""
