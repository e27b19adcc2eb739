"""Roots of older versions, and of other backends, brought over into today's layout."""
