"""The classes beside the parabolic one: Schroeder, Boettcher, explicit index, symbolic exponents."""
