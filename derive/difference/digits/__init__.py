"""Constants, values at depth, sums and float64 arrays, from a recurrence and a start."""
