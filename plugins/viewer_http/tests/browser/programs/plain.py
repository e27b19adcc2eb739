"""Log six runs whose curves follow from their number, and two folders with one id."""

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
            if number == 0 and step == 60:
                run.alert("val/loss jumps", "by 20", level="error")
        run.summary({"score": number})
for name, level in (("one", 1), ("two", 2)):
    with rn.init("twins", name, storage=sys.argv[1], run_id="same") as run:
        for step in range(1, 21):
            run.log({"level": level}, step=step)
