"""The way down to the most likely law, compiled: errors of rows, in part shared within papers.

A damped Gauss-Newton step for the parameters (Levenberg 1944; Marquardt 1963), cut at the bounds of the rates, and one
of Fisher scoring for the ratio of variances: at the optimum the two are independent (Searle, Casella & McCulloch 1992).
"""

import math

import numpy as np
from numba import njit

LIMIT, SMALL, INROW = 500, 1e-7, 3  # steps; gains of the deviance, of which so many in a row end the descent
DAMPING, LEAST, MOST = 1e-3, 1e-9, 1e8  # of the steps: to begin with, and its bounds
FLAT = 1e-12  # added to the curvature, so that a direction in which nothing changes is no obstacle
LARGEST_EXPONENT = 60.0

compiled = njit(cache=True, nogil=True, error_model="numpy")


@compiled
def _params(point, places):
    """Return the parameters of the law at a point, which has rates in place of the coefficients of the year."""
    found = point[:-1].copy()
    for side in range(2):
        found[places[side, 0]] *= found[places[side, 1]]
    return found


@compiled
def residuals(columns, target, point, places, terms):
    """Fill the terms (sides x rows) of the prediction and return what is left of the losses."""
    params, left = _params(point, places), target.copy()
    for side in range(2):
        for row in range(len(target)):
            total = 0.0
            for p in range(len(params)):
                total += columns[side, row, p] * params[p]
            terms[side, row] = math.exp(min(total, LARGEST_EXPONENT))
            left[row] -= terms[side, row]
    return left


@compiled
def deviance(left, papers, sizes, ratio):
    """Return minus twice the log-likelihood at the best variance of rows, less its constant, and sums by paper."""
    summed = np.zeros(len(sizes))
    squares, logs = 0.0, 0.0
    for row in range(len(left)):
        summed[papers[row]] += left[row]
        squares += left[row] * left[row]
    for paper in range(len(sizes)):
        one = 1.0 + ratio * sizes[paper]
        squares -= ratio / one * summed[paper] ** 2
        logs += math.log(one)
    return len(left) * math.log(squares / len(left)) + logs, squares, summed


@compiled
def _scored(squares, summed, sizes, rows, log_ratio, bounds):
    """Return the log ratio of variances after a step of Fisher scoring, of one at most."""
    ratio, slope, shares, curvature = math.exp(log_ratio), 0.0, 0.0, 0.0
    for paper in range(len(sizes)):
        one = 1.0 + ratio * sizes[paper]
        share = ratio * sizes[paper] / one
        slope += share - rows * ratio * (summed[paper] / one) ** 2 / squares
        shares += share
        curvature += share * share
    step = slope / max(curvature - shares * shares / rows, 1e-9)
    return min(max(log_ratio - min(max(step, -1.0), 1.0), bounds[0]), bounds[1])


@compiled
def _curved(columns, terms, left, papers, sizes, summed, point, places, held, ratio):
    """Return half the curvature of the squares by what a point has, and minus half their slope."""
    rows, count = columns.shape[1], columns.shape[2]
    slopes, by_paper = np.empty((rows, count)), np.zeros((len(sizes), count))
    for row in range(rows):
        for p in range(count):
            slopes[row, p] = terms[0, row] * columns[0, row, p] + terms[1, row] * columns[1, row, p]
        for side in range(2):  # by the rate and the exponent in place of the coefficient of the year
            year, size = places[side]
            slopes[row, size] += slopes[row, year] * point[year]
            slopes[row, year] *= point[size]
        if held:
            slopes[row, places[1, 0]] -= slopes[row, places[0, 0]]
        for p in range(count):
            by_paper[papers[row], p] += slopes[row, p]
    curvature, slope = slopes.T @ slopes, slopes.T @ left
    for paper in range(len(sizes)):
        weight = ratio / (1.0 + ratio * sizes[paper])
        for p in range(count):
            slope[p] -= weight * summed[paper] * by_paper[paper, p]
            for q in range(count):
                curvature[p, q] -= weight * by_paper[paper, p] * by_paper[paper, q]
    return curvature, slope


@compiled
def _held(point, places, low, high, held, rate):
    """Cut a point at its bounds, and with the rate of compute held give parameters what is left of it."""
    for p in range(len(low)):
        point[p] = min(max(point[p], low[p]), high[p])
    if held:
        point[places[0, 0]] = rate - point[places[1, 0]]


@compiled
def descent(columns, target, papers, sizes, places, point, low, high, ratios, held, rate):
    """Return the deviance and the point at the end of a descent from a point, within bounds."""
    point, terms, damping, small = point.copy(), np.empty((2, len(target))), DAMPING, 0
    _held(point, places, low, high, held, rate)
    left = residuals(columns, target, point, places, terms)
    value, squares, summed = deviance(left, papers, sizes, math.exp(point[-1]))
    for _ in range(LIMIT):
        curvature, slope = _curved(
            columns, terms, left, papers, sizes, summed, point, places, held, math.exp(point[-1])
        )
        for p in range(len(low)):
            stuck = (point[p] <= low[p] and slope[p] < 0.0) or (point[p] >= high[p] and slope[p] > 0.0)
            if stuck or (held and p == places[0, 0]):
                curvature[p, :] = 0.0
                curvature[:, p] = 0.0
                slope[p] = 0.0
                curvature[p, p] = 1.0
        for p in range(len(low)):
            curvature[p, p] = curvature[p, p] * (1.0 + damping) + FLAT
        ahead, there = point.copy(), np.empty_like(terms)
        ahead[:-1] += np.linalg.solve(curvature, slope)
        ahead[-1] = _scored(squares, summed, sizes, len(target), point[-1], ratios)
        _held(ahead, places, low, high, held, rate)
        rest = residuals(columns, target, ahead, places, there)
        found, squares_there, summed_there = deviance(rest, papers, sizes, math.exp(ahead[-1]))
        if not found < value:
            damping *= 4.0
            if damping > MOST:
                break
            continue
        small = small + 1 if value - found < SMALL else 0
        point, terms, left, value, squares, summed = ahead, there, rest, found, squares_there, summed_there
        damping = max(damping / 4.0, LEAST)
        if small == INROW:
            break
    return value, point
