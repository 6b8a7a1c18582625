"""Models whose coefficients are estimates like any other."""
