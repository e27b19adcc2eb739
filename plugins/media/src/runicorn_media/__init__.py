"""Images for Runicorn. Used as ``rn.Image`` and ``run.log_image``."""

__version__ = "0.1.0"
