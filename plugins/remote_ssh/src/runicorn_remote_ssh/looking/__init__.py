"""A look at another machine: its hosts file, folders, and how it is doing."""
