"""Weights that make a sample resemble a population, and what they cost."""
