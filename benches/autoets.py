"""What AutoETS and AutoARIMA of statsforecast lose on the same forecasts as `cargo bench --bench capacity`.

    pip install statsforecast
    python3 benches/autoets.py 90 tests/fixtures/daily/*.csv
    python3 benches/autoets.py quarters tests/fixtures/daily/*.csv
    SERIES_TO=series.txt cargo bench --bench capacity && python3 benches/autoets.py shapes series.txt
"""

import sys

import numpy
from statsforecast.models import AutoARIMA, AutoETS

SCORED, STEP = 30, 31
LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]


def bands(values):
    """Quantiles of each day ahead, weekly seasons allowed."""
    fitted = AutoETS(season_length=7).forecast(values, h=SCORED, level=[50, 80, 90])
    names = ["lo-90", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-90"]
    return numpy.column_stack([fitted[name] for name in names])


def losses(path, before):
    values = numpy.array([float(line.split(",")[1]) for line in open(path).read().split()[1:]])
    interval, pinball = [], []
    for start in range(0, len(values) - before - SCORED, STEP):
        history, future = numpy.split(values[start : start + before + SCORED], [before])
        scale = numpy.abs(history[7:] - history[:-7]).mean()
        band = bands(history)
        low, high = band[:, 0], band[:, -1]
        outside = numpy.maximum(low - future, 0) + numpy.maximum(future - high, 0)
        interval.append((high - low + 20 * outside).mean() / scale)
        distance = future[:, None] - band
        pinball.append(numpy.maximum(numpy.array(LEVELS) * distance, (numpy.array(LEVELS) - 1) * distance).mean() / scale)
    return numpy.mean(interval), numpy.mean(pinball)


def shapes(path):
    """Coverage and pinball loss over the level, for each shape of the figures that the benchmark wrote."""
    found = {}
    for line in open(path):
        kind, _, history, future = line.split(";")
        history, future = (numpy.array(part.split(","), float) for part in (history, future))
        names = ["lo-90", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-90"]
        fitted = AutoETS(season_length=7).forecast(history, h=len(future), level=[50, 80, 90])
        band = numpy.column_stack([fitted[name] for name in names])
        distance = future[:, None] - band
        losses = numpy.maximum(numpy.array(LEVELS) * distance, (numpy.array(LEVELS) - 1) * distance)
        covered = ((band[:, 0] <= future) & (future <= band[:, -1])).mean()
        found.setdefault(kind, []).append((covered, losses.mean() / history[-28:].mean()))
    for kind, rows in found.items():
        print(kind, "%.2f, %.4f" % tuple(numpy.mean(rows, axis=0)), flush=True)


def quarters(paths):
    """90 days ahead from 90 days: mean and median loss over the level, and the days within the 90% band."""
    for model in (AutoETS(season_length=7), AutoARIMA(season_length=7)):
        found = []
        for path in paths:
            values = numpy.array([float(line.split(",")[1]) for line in open(path).read().split()[1:]])
            for start in range(0, len(values) - 180, STEP):
                history, future = numpy.split(values[start : start + 180], [90])
                # Positive figures are compared as logarithms, in which they grow.
                logarithms = (history > 0).all()
                fitted = model.forecast(numpy.log(history) if logarithms else history, h=90, level=[50, 80, 90])
                names = ["lo-90", "lo-80", "lo-50", "mean", "hi-50", "hi-80", "hi-90"]
                band = numpy.column_stack([fitted[name] for name in names])
                band = numpy.exp(band) if logarithms else band
                distance = future[:, None] - band
                losses = numpy.maximum(numpy.array(LEVELS) * distance, (numpy.array(LEVELS) - 1) * distance)
                covered = ((band[:, 0] <= future) & (future <= band[:, -1])).mean()
                found.append((losses.mean() / history[-28:].mean(), covered))
            mine = numpy.array(found)
            print(type(model).__name__, path, len(mine), mine[:, 0].mean(), numpy.median(mine[:, 0]), mine[:, 1].mean(), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "quarters":
        quarters(sys.argv[2:])
        sys.exit()
    if sys.argv[1] == "shapes":
        shapes(sys.argv[2])
        sys.exit()
    for path in sys.argv[2:]:
        print(path, "%.2f, %.3f" % losses(path, int(sys.argv[1])), flush=True)
