"""Convolutional networks on a ring or torus: the covariance map, its fixed point and the spectrum there."""
