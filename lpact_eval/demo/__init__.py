"""Synthetic surveys with a known truth."""
