"""What every solver is built from: power series, sparse series, logarithms, and their exact coefficients."""
