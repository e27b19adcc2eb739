"""Another machine's runs over SSH. Nothing of it is imported before it is used."""

__version__ = "0.1.0"
