"""Takes more than a second to import."""

import time

RUNICORN_API = 1

time.sleep(1.2)
