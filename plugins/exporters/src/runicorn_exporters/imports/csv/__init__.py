"""Tables of numbers as text."""
