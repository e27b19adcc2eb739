"""How often monitors are right: precision and recall over labelled curves, and what watching a value costs.

The curves: synthetic ones of known truth (noise of several kinds and sizes, learning rates that drop, epochs that
come back, restarts, heavy tails, plateaus; spikes, divergences and NaN put in at known places), and the training
losses of real networks on real digits (numpy, several learning rates and batch sizes), which diverged if their loss was
higher at the end than at the start.

.venv/bin/python bench/monitors.py
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
from runicorn.contracts import Batch
from runicorn.model.sample import Sample
from runicorn_monitors.anomalies import AnomalyDetector
from runicorn_monitors.anomaly_monitor import Anomalies
from runicorn_monitors.monitor import MetricMonitor
from runicorn_monitors.non_finite import NonFinite
from runicorn_monitors.rule import AlertRule

KINDS = ("spike", "divergence", "plateau", "nan")
Curve = tuple[str, list[float], dict[str, int]]  # name, values, kind -> where it truly begins


def healthy(chance: random.Random, n: int) -> tuple[str, list[float]]:
    shape = chance.choice(["exp", "power", "drops", "epochs", "heavy", "noisy", "warmup", "small", "large"])
    noise = chance.choice([0.005, 0.02, 0.05, 0.1])
    rate = chance.uniform(0.5, 3) * n / 4
    scale = {"small": 1e-4, "large": 1e4}.get(shape, 1.0)
    values = []
    for t in range(n):
        if shape == "power":
            level = 3 * (t + 5) ** -0.4
        elif shape == "drops":
            level = 2 * math.exp(-t / rate) + 0.4 + 0.4 * (t < n // 2) + 0.2 * (t < 3 * n // 4)
        elif shape == "warmup":
            level = 2.3 - 2 * (1 - math.exp(-max(0, t - n // 10) / rate))
        else:
            level = 2 * math.exp(-t / rate) + 0.3
        if shape == "epochs":
            level *= 1 + 0.1 * ((t % (n // 10)) < 3)
        if shape == "heavy":
            shock = chance.gauss(0, noise) / max(0.2, abs(chance.gauss(0, 1)))
        else:
            shock = chance.gauss(0, noise) * (4 if shape == "noisy" else 1)
        values.append(scale * max(1e-3, level * (1 + shock)))
    return shape, values


def synthetic(chance: random.Random, count: int) -> Iterator[Curve]:
    for _ in range(count):
        n = chance.choice([300, 1000, 2000])
        shape, values = healthy(chance, n)
        kind = chance.choice(["none", "none", "spike", "divergence", "slow divergence", "nan", "plateau", "restart"])
        at = chance.randrange(n // 3, 2 * n // 3)
        local = sorted(values[at - 30 : at])
        level, noise = local[15], max(1e-12, local[24] - local[6])
        truth: dict[str, int] = {}
        if kind == "spike":
            values[at] = level + chance.uniform(15, 60) * noise + 0.5 * level
            truth["spike"] = at
        elif kind.endswith("divergence"):
            growth = chance.uniform(1.02, 1.2) if kind == "divergence" else 1 + 3 / (n - at)
            gap = max(values[:10]) - level
            for t in range(at, n):
                values[t] += min(1e6 * level, (gap + level) * 0.05 * (growth ** min(400, t - at) - 1) * 5)
            if values[-1] > level + 0.75 * gap:
                truth["divergence"] = at
            else:
                continue  # too little to call it one
        elif kind == "nan":
            values[at:] = [math.nan] * (n - at)
            truth["nan"] = at
        elif kind == "plateau":
            stuck = sum(local) / len(local)
            values = values[:at] + [stuck * (1 + chance.gauss(0, 0.02)) for _ in range(2 * n)]
            truth["plateau"] = at
        elif kind == "restart":  # a scheduler with warm restarts: up a little, and down again
            for t in range(at, min(n, at + n // 15)):
                values[t] += 0.25 * (max(values[:10]) - level) * math.exp(-(t - at) / (n / 60))
        yield f"{shape} {kind}", values, truth


def real() -> Iterator[Curve]:
    """Losses of one hidden layer on digits, with hand-written gradients, over grids that reach beyond stability."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x, wanted = x / 16.0, np.eye(10)[y]
    rates = {
        "softmax": (0.01, 0.05, 0.2, 0.5, 1.0, 3.0, 8.0),
        "squares": (0.02, 0.1, 0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3, 4),
    }
    grid = [(kind, rate, batch) for kind in rates for rate in rates[kind] for batch in (8, 64, 256)]
    # Learning rates that grow for ever: training goes well for some hundred values, and then no more.
    grid += [("softmax growing", rate, batch) for rate in (0.001, 0.01, 0.05) for batch in (8, 64, 256)]
    grid += [("squares growing", rate, batch) for rate in (0.001, 0.01, 0.05) for batch in (8, 64, 256)]
    for seed, (kind, rate, batch) in enumerate(grid):
        chance = np.random.default_rng(seed)
        w, v = chance.normal(0, 0.1, (64, 32)), chance.normal(0, 0.1, (32, 10))
        values = []
        with np.errstate(all="ignore"):
            for _ in range(1500):
                rows = chance.integers(0, len(x), batch)
                hidden = np.maximum(0, x[rows] @ w)
                out = hidden @ v
                if kind.endswith("growing"):
                    rate *= 1.008
                if kind.startswith("softmax"):
                    out = np.exp(out - out.max(1, keepdims=True))
                    out /= out.sum(1, keepdims=True)
                    values.append(float(-np.log(out[np.arange(batch), y[rows]]).mean()))
                    back = (out - wanted[rows]) / batch
                else:
                    hidden, out = x[rows] @ w, x[rows] @ w @ v  # linear, so that nothing saturates
                    values.append(float(((out - wanted[rows]) ** 2).mean()))
                    back = (out - wanted[rows]) / batch
                v, w = v - rate * hidden.T @ back, w - rate * x[rows].T @ ((back @ v.T) * (hidden != 0))
        truth: dict[str, int] = {}
        lost = next((i for i, value in enumerate(values) if value - value != 0), None)
        if lost is not None:
            truth["nan"] = lost
        finite = values[:lost]
        if len(finite) >= 60 and np.median(finite[-20:]) > 1.5 * np.median(finite[:5]):
            truth["divergence"] = 0
        elif kind.endswith("growing"):
            levels = [np.median(finite[max(0, i - 20) : i + 1]) for i in range(len(finite))]
            best = int(np.argmin(levels))
            lost_again = [i for i in range(best, len(finite)) if levels[i] > (levels[20] + levels[best]) / 2]
            if len(lost_again) > 30:
                truth["divergence"] = best
        yield f"{kind} lr {rate:g} batch {batch}", values, truth


def findings(values: list[float]) -> dict[str, int]:
    """Kind -> where it was found first."""
    detector, finite = AnomalyDetector(), NonFinite(["loss"])
    found: dict[str, int] = {}
    for step, value in enumerate(values):
        for anomaly in detector.observe(value):
            found.setdefault(anomaly.kind, step)
        if value - value != 0:
            for _ in finite.observe(Batch.of([Sample("loss", value, step, 0.0)])):
                found.setdefault("nan", step)
    return found


def _open(kind: str, label: str, at: int, truth: dict[str, int]) -> bool:
    """Whether the label says nothing about this: a curve that diverges or that somebody stopped (NaN) may do anything
    afterwards, and a shock of a heavy tail is what a spike is."""
    gone = min(truth.get("divergence", math.inf), truth.get("nan", math.inf), truth.get("spike", math.inf))
    return at >= gone or (kind == "spike" and label.startswith("heavy"))


def _went_on(values: list[float], at: int) -> bool:
    """Whether a curve fell on after a plateau was told: by more than a twentieth of what it had won until then."""
    then, end = np.median(values[max(0, at - 50) : at + 1]), np.median(values[-50:])
    return bool(then - end > 0.05 * (np.median(values[:10]) - then))


def score(name: str, curves: list[Curve]) -> None:
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    delays: dict[str, list[int]] = {kind: [] for kind in KINDS}
    blame: Counter[str] = Counter()
    right_unlabelled = 0
    for label, values, truth in curves:
        found = findings(values)
        for kind in KINDS:
            if kind in found and kind not in truth and _open(kind, label, found[kind], truth):
                continue  # neither right nor wrong
            if kind == "plateau" and kind in found and kind not in truth and not _went_on(values, found[kind]):
                right_unlabelled += 1
                continue
            if kind in truth and kind in found and found[kind] >= truth[kind] - 1:
                right[kind] += 1
                delays[kind].append(found[kind] - truth[kind])
            elif kind in found:
                wrong[kind] += 1
                blame[f"{kind} in {label}"] += 1
            elif kind in truth:
                missed[kind] += 1
                blame[f"no {kind} in {label}"] += 1
    print(f"\n{name}: {len(curves)} curves")
    for kind in KINDS:
        extra = right_unlabelled if kind == "plateau" else 0
        told, true = right[kind] + wrong[kind] + extra, right[kind] + missed[kind]
        precision = f"{(right[kind] + extra) / told:.3f}" if told else "  -  "
        recall = f"{right[kind] / true:.3f}" if true else "  -  "
        delay = f"{int(np.median(delays[kind]))} values" if delays[kind] else "-"
        print(f"  {kind:11s} precision {precision}  recall {recall}  ({true} true, {told} told)  median delay {delay}")
    for what, times in blame.most_common(8):
        print(f"    {times:3d} x {what}")


def cost() -> None:
    chance = random.Random(0)
    batch = [Sample(f"{k}/loss", 1 + chance.gauss(0, 0.1), i, 0.0) for i in range(4000) for k in ("train",)]
    plain = [Sample(f"key-{i % 5}", 0.5, i, 1.0) for i in range(4000)]
    for name, monitor, samples in (
        ("anomalies, a loss", Anomalies(["*loss*"], ("divergence",), 8.0), batch),
        ("anomalies, others", Anomalies(["*loss*"], ("divergence",), 8.0), plain),
        ("not finite", NonFinite(["*loss*"]), batch),
        ("no rules", MetricMonitor(window=0), batch),
        ("ten rules", MetricMonitor([AlertRule("*", "gt", 1e9 + i) for i in range(10)], window=0), batch),
    ):
        best = math.inf
        for _ in range(5):
            fresh = Batch.of(samples)  # with what it takes to parse it
            began = time.process_time()
            list(monitor.observe(fresh))
            best = min(best, time.process_time() - began)
        print(f"  {name:20s} {best / len(samples) * 1e6:6.2f} us a value")


def main() -> None:
    score("synthetic", list(synthetic(random.Random(20261126), 1000)))
    score("synthetic, seen by nobody who wrote the detector", list(synthetic(random.Random(6), 1000)))
    score("real", list(real()))
    print("\nCPU on the observers' thread")
    cost()


if __name__ == "__main__":
    main()
