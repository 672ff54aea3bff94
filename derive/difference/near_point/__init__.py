"""An expression near the point of expansion: as an exact series, and as a germ evaluated in balls."""
