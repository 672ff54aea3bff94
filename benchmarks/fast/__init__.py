"""Parts of the benchmark of compiled networks."""
