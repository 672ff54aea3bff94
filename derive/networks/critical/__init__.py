"""The smallest weight variance at which an activation can be critical, proved in balls; uniqueness of the length."""
