"""How fast a function grows on the line and in a strip, proved."""
