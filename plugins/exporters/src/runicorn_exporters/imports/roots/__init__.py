"""Roots of Runicorn itself: of 0.5, of 0.7, of today."""
