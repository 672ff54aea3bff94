"""Expansions at large and at small variance, with the moments and tails they need and bounds of what is left."""
