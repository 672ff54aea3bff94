"""Numbers along one orbit: the map as balls, its steps, and the constant and the depth they lead to."""
