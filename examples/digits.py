"""Six small neural networks learn to read handwritten digits, and Runicorn watches.

A real training: two hidden layers in plain numpy, scikit-learn's 1 797 scanned digits, momentum, a cosine schedule.
Four runs try learning rates and widths; one learns so fast that it diverges, and one has a bug. ``make demo`` runs it.

    python examples/digits.py            train the six
    python examples/digits.py --live     train one more, slowly, for watching; ends with the process that started it
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import PIL.Image
import runicorn as rn
from attrs import define, frozen
from numpy.typing import NDArray
from PIL import ImageDraw, ImageFont
from sklearn.datasets import load_digits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCH = 32
EPOCHS = 14  # of 45 steps
MOMENTUM = 0.9
LEAK = 0.1  # of the leaky ReLU
PICTURES_EVERY = 2  # epochs


@frozen
class Plan:
    """One run of the sweep."""

    learning_rate: float
    width: int
    tags: tuple[str, ...]
    note: str = ""
    grow_at_epoch: int | None = None

    @property
    def name(self) -> str:
        return f"lr{self.learning_rate:g}-w{self.width}"


PLANS = [
    Plan(0.003, 16, ("baseline",), "Slow and small: where the others start from."),
    Plan(0.01, 32, ("sweep",)),
    Plan(0.03, 64, ("sweep",)),
    Plan(0.1, 128, ("sweep", "wide")),
    Plan(0.3, 64, ("sweep", "diverges"), "Too fast: the loss explodes after some eighty steps, and becomes NaN."),
    Plan(0.03, 32, ("sweep", "bug"), "Grows its layers half way, but forgets the momentum of the optimiser.", 7),
]
LIVE = Plan(0.002, 64, ("live",), "Takes its time, so that there is something to watch.")
LIVE_EPOCHS, LIVE_PAUSE_S = 40, 0.06  # two minutes


@frozen
class Data:
    """Pixels 0..1 and labels, four fifths for training."""

    train_x: Floats
    train_y: Ints
    val_x: Floats
    val_y: Ints


def load() -> Data:
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    x, y = digits.data[order] / 16.0, digits.target[order]
    cut = len(y) * 4 // 5
    return Data(x[:cut], y[:cut], x[cut:], y[cut:])


# --- The network


@define
class Network:
    """64 inputs, two hidden layers with leaky ReLU, 10 classes. ``weights`` alternates matrix and bias."""

    weights: list[Floats]
    velocity: list[Floats]

    @classmethod
    def create(cls, width: int, rng: np.random.Generator) -> Network:
        sizes = [64, width, width, 10]
        weights: list[Floats] = []
        for fan_in, fan_out in pairwise(sizes):
            weights += [rng.normal(0.0, np.sqrt(2.0 / fan_in), (fan_in, fan_out)), np.zeros(fan_out)]
        return cls(weights, [np.zeros_like(weight) for weight in weights])

    def probabilities(self, x: Floats) -> Floats:
        return self._forward(x)[-1]

    def _forward(self, x: Floats) -> list[Floats]:
        outputs = [x]
        for layer in range(0, len(self.weights), 2):
            z = outputs[-1] @ self.weights[layer] + self.weights[layer + 1]
            outputs.append(np.maximum(z, LEAK * z))
        z -= z.max(axis=1, keepdims=True)
        exponents = np.exp(z)
        outputs[-1] = exponents / exponents.sum(axis=1, keepdims=True)
        return outputs

    def learn(self, x: Floats, y: Ints, rate: float) -> tuple[float, float, float]:
        """One step of gradient descent with momentum: loss, accuracy and the norm of the gradient before it."""
        outputs = self._forward(x)
        loss, accuracy = judge(outputs[-1], y)
        delta = outputs[-1].copy()
        delta[np.arange(len(y)), y] -= 1.0
        delta /= len(y)
        gradients: list[Floats] = []
        for layer in reversed(range(0, len(self.weights), 2)):
            below = outputs[layer // 2]
            gradients[:0] = [below.T @ delta, delta.sum(axis=0)]
            delta = (delta @ self.weights[layer].T) * np.where(below > 0, 1.0, LEAK)
        norm = float(np.sqrt(sum(float((gradient**2).sum()) for gradient in gradients)))
        for weight, velocity, gradient in zip(self.weights, self.velocity, gradients, strict=True):
            velocity *= MOMENTUM
            velocity -= rate * gradient
            weight += velocity
        return loss, accuracy, norm

    def grow(self, rng: np.random.Generator) -> None:
        """Double the hidden layers. The bug of the last run: the velocities keep their old shapes."""
        width = self.weights[0].shape[1]
        wider = Network.create(2 * width, rng).weights
        for new, old in zip(wider, self.weights, strict=True):
            new[tuple(slice(size) for size in old.shape)] = old
        self.weights = wider


def judge(probabilities: Floats, y: Ints) -> tuple[float, float]:
    """Cross-entropy and accuracy."""
    likelihood = probabilities[np.arange(len(y)), y]
    return float(-np.log(np.maximum(likelihood, 1e-300)).mean()), float((probabilities.argmax(axis=1) == y).mean())


# --- Pictures


def confusion_matrix(truth: Ints, guess: Ints) -> PIL.Image.Image:
    """Rows: the digit; columns: what the network read. Mistakes are red, so that few of them are seen too."""
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (truth, guess), 1)
    cell, edge = 40, 34
    side = edge + 10 * cell
    picture = PIL.Image.new("RGB", (side + 6, side + 6), "white")
    draw = ImageDraw.Draw(picture)
    font, small = ImageFont.load_default(17), ImageFont.load_default(15)
    for i in range(10):
        middle = edge + i * cell + cell // 2
        draw.text((middle, edge // 2), str(i), fill="#57606a", font=font, anchor="mm")
        draw.text((edge // 2, middle), str(i), fill="#57606a", font=font, anchor="mm")
        for j in range(10):
            share = counts[i, j] / max(1, counts[i].sum())
            strong = np.array([31, 111, 235]) if i == j else np.array([207, 34, 46])
            shade = share if i == j else min(1.0, 4 * share)
            colour = tuple(int(value) for value in 246 + (strong - 246) * shade)
            left, top = edge + j * cell, edge + i * cell
            draw.rectangle((left, top, left + cell - 3, top + cell - 3), fill=colour)
            if counts[i, j]:
                ink = "white" if shade > 0.5 else "#24292f"
                draw.text((left + cell // 2 - 1, middle - 1), str(counts[i, j]), fill=ink, font=small, anchor="mm")
    return picture


def worst_digits(x: Floats, truth: Ints, probabilities: Floats) -> PIL.Image.Image | None:
    """The eight mistakes that the network was most sure of, each with what it is and what was read."""
    guess = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guess != truth)
    wrong = wrong[np.argsort(-probabilities[wrong].max(axis=1))][:8]
    if not len(wrong):
        return None
    size, gap, label = 80, 10, 24
    picture = PIL.Image.new("RGB", (4 * (size + gap) + gap, 2 * (size + gap + label) + gap), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(15)
    for place, index in enumerate(wrong):
        row, column = divmod(place, 4)
        left, top = gap + column * (size + gap), gap + row * (size + gap + label)
        ink = (255 - x[index].reshape(8, 8) * 255).astype(np.uint8)
        tile = PIL.Image.fromarray(ink).resize((size, size), PIL.Image.Resampling.NEAREST)
        picture.paste(tile, (left, top))
        text = f"{truth[index]} read as {guess[index]}"
        draw.text((left + size // 2, top + size + label // 2), text, fill="#cf222e", font=font, anchor="mm")
    return picture


# --- The training


def batches(count: int, rng: np.random.Generator) -> Iterator[Ints]:
    order = rng.permutation(count)
    return (order[start : start + BATCH] for start in range(0, count, BATCH))


def train(run: rn.Run, plan: Plan, data: Data) -> None:
    """Train one network and log everything that is worth looking at."""
    epochs, pause_s, parent = (EPOCHS, 0.0, 0) if plan is not LIVE else (LIVE_EPOCHS, LIVE_PAUSE_S, os.getppid())
    rng = np.random.default_rng(1)
    network = Network.create(plan.width, rng)
    run.set_primary_metric("val/accuracy", mode="max")
    run.log_text(f"{sum(weight.size for weight in network.weights)} parameters, {len(data.train_y)} digits to learn")
    steps = epochs * -(-len(data.train_y) // BATCH)
    step = 0
    for epoch in range(1, epochs + 1):
        if epoch == plan.grow_at_epoch:
            run.log_text(f"epoch {epoch}: doubling the hidden layers")
            network.grow(rng)
        for rows in batches(len(data.train_y), rng):
            rate = plan.learning_rate * 0.5 * (1.0 + float(np.cos(np.pi * step / steps)))
            loss, accuracy, norm = network.learn(data.train_x[rows], data.train_y[rows], rate)
            step += 1
            run.log({"train/loss": loss, "train/accuracy": accuracy, "lr": rate, "grad/norm": norm}, step=step)
            if parent:
                time.sleep(pause_s)
                if os.getppid() != parent:
                    raise KeyboardInterrupt  # whoever wanted to watch is gone
        probabilities = network.probabilities(data.val_x)
        val_loss, val_accuracy = judge(probabilities, data.val_y)
        run.log({"val/loss": val_loss, "val/accuracy": val_accuracy, "epoch": epoch}, step=step)
        run.log_text(f"epoch {epoch:2}: val loss {val_loss:.4f}, val accuracy {val_accuracy:.1%}")
        if epoch % PICTURES_EVERY == 0 and np.isfinite(val_loss):
            log_pictures(run, step, data, probabilities)
        if plan is not LIVE:
            progress(plan, epoch, val_loss, val_accuracy)
    run.summary(
        {"val/accuracy": val_accuracy, "val/loss": val_loss, "parameters": sum(w.size for w in network.weights)}
    )


def log_pictures(run: rn.Run, step: int, data: Data, probabilities: Floats) -> None:
    mistakes = int((probabilities.argmax(axis=1) != data.val_y).sum())
    matrix = confusion_matrix(data.val_y, probabilities.argmax(axis=1))
    run.log_image("confusion", matrix, step=step, caption=f"{mistakes} mistakes in {len(data.val_y)}")
    worst = worst_digits(data.val_x, data.val_y, probabilities)
    if worst is not None:
        run.log_image("worst", worst, step=step, caption="The mistakes it was most sure of")


def progress(plan: Plan, epoch: int, loss: float, accuracy: float) -> None:
    if sys.stdout.isatty():
        print(
            f"\r  {plan.name:12} epoch {epoch:2}/{EPOCHS}  loss {loss:7.4f}  accuracy {accuracy:6.1%}",
            end="",
            flush=True,
        )
    elif epoch == EPOCHS:
        print(f"  {plan.name:12} loss {loss:7.4f}  accuracy {accuracy:6.1%}")


def start(plan: Plan) -> rn.Run:
    return rn.init(
        project="digits",
        name=plan.name,
        params={
            "learning_rate": plan.learning_rate,
            "width": plan.width,
            "batch": BATCH,
            "optimizer": {"name": "sgd", "momentum": MOMENTUM, "schedule": "cosine"},
        },
        tags=list(plan.tags),
        note=plan.note,
        job_type="train",
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Train small networks on handwritten digits, tracked by Runicorn.")
    parser.add_argument("--live", action="store_true", help="train one more, for about two minutes")
    live = parser.parse_args(arguments).live
    data = load()
    np.seterr(over="ignore", invalid="ignore", divide="ignore")  # the run that diverges does so in the open
    if live:
        with contextlib.suppress(KeyboardInterrupt), start(LIVE) as run:
            train(run, LIVE, data)
        return
    began = time.monotonic()
    print(f"Training {len(PLANS)} networks on {len(data.train_y)} handwritten digits")
    for plan in PLANS:
        try:
            with start(plan) as run:
                train(run, plan, data)
        except ValueError as error:
            print(f"\n  {plan.name:12} failed, as it was meant to: {error}", end="")
        if sys.stdout.isatty() or plan.grow_at_epoch:
            print()
    print(f"Done in {time.monotonic() - began:.1f} s. See them with: runicorn viewer")


if __name__ == "__main__":
    main()
