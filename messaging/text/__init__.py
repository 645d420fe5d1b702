"""What a text costs and how it is written: pure functions of strings."""
