"""The parabolic class in symbols: Abel's equation, its inversion, and which class a map belongs to."""
