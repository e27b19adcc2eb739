"""The metapackage ``runicorn``: installing it installs core and all first-party plugins. It holds no code.

``import runicorn`` comes from the distribution ``runicorn-core``.
"""

__version__ = "0.1.0"
