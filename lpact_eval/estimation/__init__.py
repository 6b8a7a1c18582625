"""Estimates with their influence values: one variance for every statistic."""
