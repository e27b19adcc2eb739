"""Log ten values and a line a second until terminated."""

import sys
import time

import runicorn as rn

with rn.init("live", "now", storage=sys.argv[1], run_id="going", params={"total_steps": 20_000}) as run:
    run.alert("Warmed up", "The first values are about to come.", level="warning")
    for step in range(1, 10_000):
        run.log({"train/loss": 1 / step}, step=step)
        run.log_text(f"line of step {step}")
        if step == 5:
            print("ready", flush=True)
        time.sleep(0.1 if step > 5 else 0)
