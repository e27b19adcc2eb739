"""Log six runs whose curves follow from their number, two folders with one id, and a long run where asked."""

import sys

import runicorn as rn

for number in range(6):
    params = {"width": 8 if number < 3 else 16, "lr": 10.0**-number}
    with rn.init("plain", "first", storage=sys.argv[1], run_id=f"run-{number}", params=params) as run:
        run.set_primary_metric("val/acc", "max")
        for step in range(1, 101):
            run.log({"train/loss": 10 * number + step, "epoch": step / 10}, step=step)
            if step % 10 == 0:
                run.log({"val/loss": 10 * number + 2 * step, "val/acc": 1 - abs(step - 50) / 100}, step=step)
        run.summary({"score": number})
for name, level in (("one", 1), ("two", 2)):
    with rn.init("twins", name, storage=sys.argv[1], run_id="same") as run:
        for step in range(1, 21):
            run.log({"level": level}, step=step)
if "--long" in sys.argv:
    with rn.init("long", storage=sys.argv[1], run_id="long") as run:
        for step in range(1_000_000):
            run.log({"value": 1.0 if step == 654_321 else 0.0}, step=step)
