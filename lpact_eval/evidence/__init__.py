"""What the survey cannot say: what was raised at events, how surely it was coded, and how long action took."""
