"""``runicorn sync``: what changed in one storage root, brought to another."""
