"""Train two classifiers on scikit-learn's handwritten digits and show how well they do.

Run it by `make demo`. It writes demo-output/learning-curve.png.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sklearn.datasets import load_digits

from digits_model import (
    Classifier,
    Split,
    error_rate,
    multilayer_perceptron,
    share,
    softmax_regression,
    train_step,
)

SEED = 20
EPOCHS = 30
BATCH = 20
RATE = 0.1
N_TEST = 360
OUTPUT = Path("demo-output/learning-curve.png")


def load() -> tuple[Split, Split, int]:
    """Return digits to train on and to test on, pixels scaled to [0, 1], and how many train."""
    digits = load_digits()
    order = np.random.RandomState(SEED).permutation(len(digits.target))
    x, y = digits.data[order] / 16.0, digits.target[order]
    return share(x[N_TEST:], y[N_TEST:]), share(x[:N_TEST], y[:N_TEST]), len(y) - N_TEST


def fit(
    model: Classifier, train: Split, test: Split, batches: int, bar: Callable[[int], None]
) -> tuple[list[float], float]:
    """Train for `EPOCHS` passes; return the accuracy after each and the seconds of training."""
    step, errors = train_step(model, train, BATCH, RATE), error_rate(model, test)
    accuracies, seconds = [], 0.0
    for _ in range(EPOCHS):
        start = time.perf_counter()
        for index in range(batches):
            step(index)
        seconds += time.perf_counter() - start
        accuracies.append(1.0 - float(errors()))
        bar(batches)
    return accuracies, seconds


def accuracy_table(curves: dict[str, list[float]]) -> Table:
    """Return a table with one row per epoch."""
    table = Table("epoch", *curves, title="Test accuracy")
    for epoch, row in enumerate(zip(*curves.values(), strict=True), start=1):
        table.add_row(str(epoch), *(f"{accuracy:.4f}" for accuracy in row))
    return table


def save_plot(curves: dict[str, list[float]]) -> None:
    """Write the learning curves to `OUTPUT`."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(
        xlabel="epoch", ylabel="test accuracy", title="Handwritten digits, tensorsym"
    )
    for title, accuracies in curves.items():
        axes.plot(range(1, len(accuracies) + 1), accuracies, label=title)
    axes.legend()
    axes.grid(alpha=0.3)
    OUTPUT.parent.mkdir(exist_ok=True)
    figure.savefig(OUTPUT, dpi=120)


def main() -> None:
    """Train both, print the table, save the plot and close with one line of results."""
    mpl.use("Agg")
    console = Console()
    train, test, n_train = load()
    batches = n_train // BATCH
    rng = np.random.RandomState(SEED)
    models = {
        "softmax regression": softmax_regression(rng, 64, 10),
        "MLP 64-100-10": multilayer_perceptron(rng, 64, 100, 10),
    }
    curves: dict[str, list[float]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        for title, model in models.items():
            task = progress.add_task(f"{title:<20}", total=EPOCHS * batches)
            bar = partial(progress.advance, task)
            curves[title], seconds = fit(model, train, test, batches, bar)
    console.print(accuracy_table(curves))
    save_plot(curves)
    console.print(f"learning curve: {OUTPUT}")
    speed = EPOCHS * batches * BATCH / seconds
    console.print(
        f"{title}: test accuracy {curves[title][-1]:.4f}, {speed:,.0f} examples per second"
    )


if __name__ == "__main__":
    main()
