"""The one gate between estimates and readers."""
