"""Residual networks: the layer definitions, laws at large depth, numbers at any depth, and the classes a user meets."""
