"""Images for Runicorn. Used as ``rn.Image`` and ``run.log_image``."""

from .image import Image, log_image

__version__ = "0.1.0"

__all__ = ["Image", "log_image"]
