"""Three projects: one run is killed, one raises, one is a hundred times as long as its neighbours."""

import os
import subprocess
import sys

import runicorn as rn

KILLED = """
import os, sys
import runicorn as rn
run = rn.init("alpha", storage=sys.argv[1], run_id="killed", capture_env=False)
run.log({"loss": 1.0}, step=1)
run.log_text("epoch 3 of 9")
run.log_text("\\x1b[31mCUDA error: out of memory\\x1b[0m")
run.log_text("")
os._exit(137)
"""


def main(root: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED, root], check=False, env=os.environ)
    for number in range(3):
        params = {"lr": 0.0123456789 * (number + 1), "a_parameter_with_a_long_name": number}
        with rn.init("beta", storage=root, run_id=f"short-{number}", params=params, capture_env=False) as run:
            for step in range(20):
                run.log({"train/loss": 1 / (step + 1), "train/norm": step % 3}, step=step)
    with rn.init("beta", storage=root, run_id="long", params={"only_here": 1}, capture_env=False) as run:
        for step in range(0, 2000, 20):
            run.log({"train/loss": 1 / (step + 1)}, step=step)
    with rn.init("gamma", storage=root, run_id="raised", capture_env=False) as run:
        run.log({"loss": 1.0}, step=1)
        raise ValueError("the third file is missing\nand so on")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except ValueError:
        sys.exit(0)
