"""``runicorn storage``. Nothing heavy is imported before a command runs."""
