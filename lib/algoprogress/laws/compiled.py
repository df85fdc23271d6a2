"""Inner loops of laws, compiled: the published laws in the order of the authors, and power laws through runs.

In `predict` nothing is reassociated or fused, and exponentials are those of the C library, which round alike on every
processor (those of NumPy for AVX-512 differ in the last bit of some values): `published` says why the last bit matters.
"""

import math

import numpy as np
from numba import njit

FLOOR, CONSTANT, LESS, TRANSFORMER, RATE, ADDED = range(6)  # what a part is to the prediction


@njit(cache=True, nogil=True, error_model="numpy")
def predict(theta, roles, first, index, factors, variables):
    """Return the predicted losses in nats per token (points x rows).

    Part j sums the parameters index[first[j] : first[j + 1]], each times its factor, and scales variables[j]; what
    becomes of that its role says: floors are summed, an exponent is its CONSTANT less what follows, exponentials are
    added, then shared factors multiply and what is ADDED to the floor comes last. Parts come in this order.
    """
    points, rows = len(theta), variables.shape[1]
    prediction = np.zeros((points, rows))
    for t in range(points):
        for i in range(rows):
            total, exponent, within = 0.0, 0.0, False
            for j in range(len(roles)):
                coefficient = 0.0
                for m in range(first[j], first[j + 1]):
                    coefficient = coefficient + theta[t, index[m]] * factors[m, i]
                value = coefficient * variables[j, i]
                if roles[j] == LESS:
                    exponent = exponent - value
                    continue
                if within:  # the exponent before is complete
                    total = total + math.exp(exponent)
                within = roles[j] == CONSTANT
                if within:
                    exponent = value
                elif roles[j] == FLOOR:
                    total = total + value
                elif roles[j] == TRANSFORMER:
                    share = 1.0 / (1.0 + math.exp(-coefficient))
                    total = variables[j, i] * share * total + (1.0 - variables[j, i]) * total
                elif roles[j] == RATE:
                    total = total * math.exp(-value)
                else:
                    total = value + total
            prediction[t, i] = total + math.exp(exponent) if within else total
    return prediction


@njit(cache=True, nogil=True, error_model="numpy")
def power_laws(logs, loss, group, counts, floor, steepest):
    """Return the power law of least squares through undominated points, for each line of counts of their groups.

    Points come in order of ln compute, then of loss. `floor` is fixed, or nan for one that is fitted, from zero to the
    least loss; exponents go down to `steepest`. Seven columns: level at compute one, exponent, floor, points, r
    squared, first and last of the points that count; nan where too few points have a different compute.
    """
    free = np.isnan(floor)
    found = np.full((len(counts), 7), np.nan)
    kept = np.empty(len(logs), np.int64)
    for line in range(len(counts)):
        size, levels, least = 0, 0, np.inf
        for i in range(len(logs)):
            if counts[line, group[i]] == 0:
                continue
            copy = size > 0 and logs[i] == logs[kept[size - 1]] and loss[i] == loss[kept[size - 1]]
            if loss[i] < least or copy:  # copies of a point do not beat each other
                least = loss[i]
                if loss[i] > (0.0 if free else floor):
                    levels += size == 0 or logs[i] != logs[kept[size - 1]]
                    kept[size] = i
                    size += 1
        if levels < (4 if free else 3):
            continue
        at, target, weight = np.empty(size), np.empty(size), np.empty(size)
        for k in range(size):
            at[k], target[k], weight[k] = logs[kept[k]], loss[kept[k]], counts[line, group[kept[k]]]
        total = weight.sum()
        centre, mean = (weight * at).sum() / total, (weight * target).sum() / total
        at -= centre  # of the logs, for the sake of the level
        most = target.min() if free else floor
        least_floor = 0.0 if free else floor
        exponent = _exponent(at, target, weight, least_floor, most, steepest)
        level, base, _ = _given(exponent, at, target, weight, least_floor, most)
        left = (weight * (target - base - level * np.exp(exponent * at)) ** 2).sum()
        found[line, 0], found[line, 1], found[line, 2] = level * math.exp(-exponent * centre), exponent, base
        found[line, 3], found[line, 4] = total, 1.0 - left / (weight * (target - mean) ** 2).sum()
        found[line, 5], found[line, 6] = kept[0], kept[size - 1]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _given(exponent, at, target, weight, least, most):
    """Return level and floor of least squares for an exponent, and the slope of the squared error along it."""
    total, first, second, right, cross = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(len(at)):
        shape = math.exp(exponent * at[i])
        total += weight[i]
        first += weight[i] * shape
        second += weight[i] * shape * shape
        right += weight[i] * target[i]
        cross += weight[i] * target[i] * shape
    floor = least
    if most > least:
        floor = (right * second - cross * first) / (total * second - first * first)
        floor = min(max(floor, least), most)
    level, slope = (cross - floor * first) / second, 0.0
    for i in range(len(at)):
        shape = math.exp(exponent * at[i])
        slope -= 2.0 * level * weight[i] * at[i] * shape * (target[i] - floor - level * shape)
    return level, floor, slope


@njit(cache=True, nogil=True, error_model="numpy")
def _exponent(at, target, weight, least, most, steepest):
    """Return the exponent at which the error stops to fall, looked for from -0.08 on, by halving and false position."""
    low = high = -0.08
    below = above = _given(low, at, target, weight, least, most)[2]
    while below > 0.0 and low > steepest:  # the error falls towards steeper laws
        high, above = low, below
        low = max(1.5 * low, steepest)
        below = _given(low, at, target, weight, least, most)[2]
    if below > 0.0:
        return low
    while above <= 0.0 and high < -1e-12:
        low, below = high, above
        high *= 0.5
        above = _given(high, at, target, weight, least, most)[2]
    for step in range(200):
        middle = (low * above - high * below) / (above - below) if step % 3 and above != below else low
        if not low < middle < high:
            middle = 0.5 * (low + high)
        if not low < middle < high or high - low < 1e-14:
            break
        slope = _given(middle, at, target, weight, least, most)[2]
        if slope > 0.0:
            high, above = middle, slope
        else:
            low, below = middle, slope
    return low if abs(below) < abs(above) else high
