"""Residual networks with positively homogeneous activations (ReLU, alpha-ReLU): lengths, gradients, cosines."""
