"""Images, sounds, videos, tables and more in runs. Used as ``rn.Image``, ``rn.Table`` and so on."""

__version__ = "0.1.0"
