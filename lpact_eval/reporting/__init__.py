"""Published rows become what people read."""
