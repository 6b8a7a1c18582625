"""Delivered survey files become one harmonised sample."""
