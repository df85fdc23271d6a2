"""Inner loops of laws, compiled: the published laws in the order of the authors, SLSQP on them, and power laws of runs.

In `predict` nothing is reassociated or fused, and exponentials are those of the C library, which round alike on every
processor (those of NumPy for AVX-512 differ in the last bit of some values): `published` says why the last bit matters.
"""

import ctypes
import functools
import math

import llvmlite.binding
import numpy as np
from numba import njit, types

ADDED, CONSTANT, LESS, TRANSFORMER, RATE = range(5)  # what a part is to the prediction
STEP = float(np.sqrt(np.finfo(float).eps))  # of SciPy's forward differences under SLSQP
FORTRAN = "algoprogress_slsqp"
_fortran = types.ExternalFunction(FORTRAN, types.void(*[types.uintp] * 36))


@functools.cache
def find_fortran() -> None:
    """Let `slsqp` find the Fortran that SciPy calls; what SciPy puts around it takes longer than the whole fit here."""
    from scipy.optimize import _slsqp  # slow to import, and nothing else here needs it

    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    address = pointer(("PyCapsule_GetPointer", ctypes.pythonapi))(_slsqp.slsqp._cpointer, None)
    llvmlite.binding.add_symbol(FORTRAN, address)


@njit(cache=True, nogil=True, error_model="numpy")
def predict(theta, roles, first, index, factors, variables):
    """Return the predicted losses in nats per token (points x rows).

    Part j sums the parameters index[first[j] : first[j + 1]], each times its factor, and scales variables[j]; what
    becomes of that its role says: floors are summed, an exponent is its CONSTANT less what follows, exponentials are
    added, then shared factors multiply and what is ADDED to the floor comes last. Parts come in this order.
    """
    points, rows = len(theta), variables.shape[1]
    prediction, value, coefficient = np.zeros((points, rows)), np.empty(rows), np.empty(rows)
    kept, exponent = np.empty((len(roles), rows)), np.empty(rows)
    for t in range(points):
        total, j = prediction[t], 0
        while j < len(roles):
            begin, role = j, roles[j]
            j += 1
            while role == CONSTANT and j < len(roles) and roles[j] == LESS:
                j += 1
            if role == CONSTANT and t > 0:  # points of a difference move one parameter: the other exponential is known
                same = True
                for m in range(first[begin], first[j]):
                    same = same and theta[t, index[m]] == theta[0, index[m]]
                if same:
                    for i in range(rows):
                        total[i] = total[i] + kept[begin, i]
                    continue
            for part in range(begin, j):
                variable = variables[part]
                coefficient[:] = 0.0
                for m in range(first[part], first[part + 1]):
                    parameter, factor = theta[t, index[m]], factors[m]
                    for i in range(rows):
                        coefficient[i] = coefficient[i] + parameter * factor[i]
                for i in range(rows):
                    value[i] = coefficient[i] * variable[i]
                    exponent[i] = value[i] if part == begin else exponent[i] - value[i]
            for i in range(rows):
                if role == CONSTANT:
                    term = math.exp(exponent[i])
                    total[i] = total[i] + term
                    if t == 0:
                        kept[begin, i] = term
                elif role == TRANSFORMER:
                    share = 1.0 / (1.0 + math.exp(-coefficient[i]))
                    total[i] = variables[begin, i] * share * total[i] + (1.0 - variables[begin, i]) * total[i]
                elif role == RATE:
                    total[i] = total[i] * math.exp(-value[i])
                else:
                    total[i] = total[i] + value[i]
    return prediction


@njit(nogil=True, error_model="numpy")
def _sum(values):
    """Return the sum of an array in the order in which NumPy adds: by eights up to 128 elements, else by halves."""
    size = len(values)
    if size > 128:
        half = size // 2 - size // 2 % 8
        return _sum(values[:half]) + _sum(values[half:])
    total, first = 0.0, 0
    if size >= 8:
        r = values[:8].copy()
        first = size - size % 8
        for i in range(8, first, 8):
            for k in range(8):
                r[k] += values[i + k]
        total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
    for i in range(first, size):
        total += values[i]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def objective(theta, target, penalty, roles, first, index, factors, variables):
    """Return mean squared error + penalty * sum of |theta| at each point, in NumPy's order of sums."""
    values = np.empty(len(theta))
    for t, prediction in enumerate(predict(theta, roles, first, index, factors, variables)):
        error = target - prediction
        values[t] = _sum(error * error) / len(error) + penalty * _sum(np.abs(theta[t]))
    return values


@njit(cache=True, nogil=True, error_model="numpy")
def slsqp(start, tolerance, most, target, penalty, roles, first, index, factors, variables):
    """Return where SciPy's SLSQP stops on `objective` without bounds, by forward differences of `STEP`.

    `find_fortran` comes before the first call. It gives x, the value there, and iterations, evaluations of value and
    of gradient, and status, as in SciPy.
    """
    n, n1 = len(start), len(start) + 1
    x, bounds, gradient, normals = start.copy(), np.full(n, np.nan), np.zeros(n1), np.zeros(n1)
    size = 3 * n1 * (n1 + 1) + (n1 + 1) * (2 * n1 + 2) + 4 * n1 + 3 * n1 * n1 + n1 + n1 * n // 2 + 3 * n + 3 * n1 + 1
    work, indices = np.zeros(size), np.zeros(2 * n1, np.int32)
    real, whole = np.zeros(13), np.zeros(15, np.int32)  # what Fortran keeps from call to call
    value, mode, real[2] = real[:1], whole[4:5], tolerance
    whole[1], whole[2], whole[3], whole[5], whole[6] = 1, n, most - 1, size, len(indices)
    values = gradients = 0
    points = np.empty((n1, n))
    while True:
        if mode[0] >= 0:
            for k in range(n):
                points[0, k] = x[k]
            value[0] = objective(points[:1], target, penalty, roles, first, index, factors, variables)[0]
            values += 1
        if mode[0] <= 0:
            for t in range(n1):
                for k in range(n):
                    points[t, k] = x[k] + (STEP if t == k + 1 else 0.0)
            at = objective(points, target, penalty, roles, first, index, factors, variables)
            for k in range(n):
                gradient[k] = (at[k + 1] - at[0]) / (points[k + 1, k] - x[k])
            gradients += 1
        r, i, g = real.ctypes.data, whole.ctypes.data, gradient.ctypes.data
        none, limit = i, bounds.ctypes.data  # neither equations nor bounds
        _fortran(
            none, none, i + 4, i + 8, x.ctypes.data, limit, limit, r, r + 8, g, normals.ctypes.data, r + 16, i + 12,
            i + 16, work.ctypes.data, i + 20, indices.ctypes.data, i + 24, r + 24, r + 32, r + 40, r + 48, r + 56,
            r + 64, r + 72, r + 80, r + 88, r + 96, i + 28, i + 32, i + 36, i + 40, i + 44, i + 48, i + 52, i + 56,
        )  # fmt: skip
        if abs(mode[0]) != 1:
            return x, value[0], whole[3], values, gradients, mode[0]


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
