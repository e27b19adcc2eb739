"""Log what terminals are sent, and more lines than a search shows, into the root given."""

import sys

import runicorn as rn

LINES = [
    "\x1b[?25l\x1b(Bhidden cursor\x1b[?25h",
    "\r 10%\r 50%\r\x1b[K",
    "\x1b[38:2::255:0:0mred\x1b[0m and \x1b[38;2;0;0;255mblue\x1b[m",
    "\x1b[38;5;231mwhite\x1b[0m \x1b[48;2;10;80;90mon teal\x1b[0m \x1b[7minverse\x1b[27m",
]

with rn.init("logs", "noisy", storage=sys.argv[1], run_id="noisy") as run:
    for line in LINES:
        run.log_text(line)
    for number in range(5200):
        run.log_text(f"filler {number}")
