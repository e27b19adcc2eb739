"""``python -m runicorn`` is ``runicorn``."""

from .cli import main

if __name__ == "__main__":
    main()
