"""Enclosures: discs on which a defect is bounded, and what follows for constants and depths."""
