"""The evaluation's questions, in its own words."""
