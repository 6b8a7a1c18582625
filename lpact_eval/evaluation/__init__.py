"""The evaluation plan and its execution."""
