"""The solver's inner loop, compiled: one problem at a time, so that all it needs stays in the processor's cache."""

import math

import numpy as np
from numba import njit

LOWEST_EXPONENT, LARGEST_EXPONENT = -700.0, 60.0  # keep wild starts finite; no solution comes near them
LONGEST_STEP = 5.0  # in any parameter, far beyond the size of a solution
LARGEST_DAMPING = 1e12  # beyond it a problem is given up, and stays unconverged
LOG2_E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10
WIDTH = 16  # rows that one round of a vectorised loop takes; what is left over costs as much again
CHUNK = 2048  # rows at work together, so few that their columns stay in the processor's cache
PARTS = 16  # of a power of two, which are looked up
POWERS = np.exp2(np.arange(-1100 * PARTS, 100 * PARTS + 1) / PARTS)

exact = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
compiled = njit(cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})


@exact
def _exponential(values):
    """Replace values by their exponential, to the last bit or the one before, in a loop that vectorises."""
    for i in range(len(values)):
        x = min(max(values[i], LOWEST_EXPONENT), LARGEST_EXPONENT)
        whole = np.floor(x * (LOG2_E * PARTS) + 0.5)
        r = (x - whole * (LN2_HIGH / PARTS)) - whole * (LN2_LOW / PARTS)
        p = ((r * (1 / 5040.0) + 1 / 720.0) * r + 1 / 120.0) * r + 1 / 24.0
        p = ((p * r + 1 / 6.0) * r + 0.5) * r + 1.0  # the series of the exponential as far as the last bit needs it
        values[i] = (p * r + 1.0) * POWERS[np.uint32(whole + 1100.0 * PARTS)]


@compiled
def _evaluate(columns, which, spans, floors, target, weights, theta, linked, factors, errors):
    """Fill factors (blocks x rows) and errors (rows); return the weighted squared error."""
    blocks, most, rows = columns.shape
    size = len(theta)
    phi = theta.copy()
    for p in range(size):
        if linked[p]:
            phi[p] = -math.log1p(math.exp(-theta[p])) if theta[p] > 0 else theta[p] - math.log1p(math.exp(theta[p]))
    total = 0.0
    for start in range(0, rows, CHUNK):
        low, high = np.uintp(start), np.uintp(min(start + CHUNK, rows))
        for i in range(low, high):
            errors[i] = -target[i]  # a slice of arrays would compile, for seconds, what it says of shapes that differ
        for k in range(blocks):
            term = factors[k]
            for i in range(low, high):
                term[i] = 0.0
            for a in range(most):
                value, column = phi[which[k, a]], columns[k, a]
                for i in range(max(spans[k, a, 0], low), min(spans[k, a, 1], high)):
                    term[i] += value * column[i]
            if k >= floors:
                _exponential(term[low:high])
            for i in range(low, high):
                errors[i] += term[i]
            if k < floors:
                for i in range(low, high):
                    term[i] = 1.0
        for i in range(low, high):
            total += weights[i] * errors[i] * errors[i]
    return total


@compiled
def _add(hessian, p, q, value, crossing):
    """Add to both halves of a Hessian, within a block but once to its diagonal."""
    hessian[p, q] += value
    if crossing or q != p:
        hessian[q, p] += value


@compiled
def _slopes(columns, which, spans, floors, weights, theta, linked, factors, errors, shared, gradient, hessian):
    """Fill the gradient and the Hessian of the weighted squared error."""
    blocks, most, rows = columns.shape
    size = len(theta)
    gradient[:] = 0.0
    hessian[:] = 0.0
    for start in range(0, rows, CHUNK):
        low, high = np.uintp(start), np.uintp(min(start + CHUNK, rows))
        for k in range(blocks):
            for a in range(most):
                total = 0.0
                for i in range(max(spans[k, a, 0], low), min(spans[k, a, 1], high)):
                    total += 2.0 * weights[i] * factors[k, i] * errors[i] * columns[k, a, i]
                gradient[which[k, a]] += total
            for m in range(k, blocks):
                for i in range(low, high):
                    bent = errors[i] if m == k and k >= floors else 0.0  # an exponential's second slope is its first
                    shared[i] = 2.0 * weights[i] * factors[k, i] * (factors[m, i] + bent)
                for a in range(most):
                    first, end = max(spans[k, a, 0], low), min(spans[k, a, 1], high)
                    if first >= end:
                        continue
                    own, last = columns[k, a], a if m == k else most - 1
                    for b in range(0, last + 1, 5):  # five at a time, which reads its own column once for all of them
                        c, d, e, f = min(b + 1, last), min(b + 2, last), min(b + 3, last), min(b + 4, last)
                        one, two, three = columns[m, b], columns[m, c], columns[m, d]
                        four, five = columns[m, e], columns[m, f]
                        v, w, x, y, z = 0.0, 0.0, 0.0, 0.0, 0.0
                        for i in range(first, end):
                            scaled = shared[i] * own[i]
                            v += scaled * one[i]
                            w += scaled * two[i]
                            x += scaled * three[i]
                            y += scaled * four[i]
                            z += scaled * five[i]
                        _add(hessian, which[k, a], which[m, b], v, m != k)
                        if c > b:
                            _add(hessian, which[k, a], which[m, c], w, m != k)
                        if d > c:
                            _add(hessian, which[k, a], which[m, d], x, m != k)
                        if e > d:
                            _add(hessian, which[k, a], which[m, e], y, m != k)
                        if f > e:
                            _add(hessian, which[k, a], which[m, f], z, m != k)
    for p in range(size):
        if linked[p]:
            sigmoid = 1.0 / (1.0 + math.exp(-theta[p]))
            first, second = 1.0 - sigmoid, -sigmoid * (1.0 - sigmoid)
            for q in range(size):
                hessian[p, q] *= first
                hessian[q, p] *= first
            hessian[p, p] += gradient[p] * second
            gradient[p] *= first


@compiled
def _subgradient(gradient, theta, penalty, held, slope):
    worst = 0.0
    for p in range(len(theta)):
        if held[p]:
            slope[p] = 0.0
        elif theta[p] == 0.0:
            slope[p] = math.copysign(max(abs(gradient[p]) - penalty[p], 0.0), gradient[p])
        else:
            slope[p] = gradient[p] + math.copysign(penalty[p], theta[p])
        worst = max(worst, abs(slope[p]))
    return worst


@compiled
def eliminated(system, size, move):
    """Return whether a symmetric system is positive definite, by Gauss's pivots; fill its solution, using it up.

    Of its rows the upper triangle is read and, behind it, the right side; what is behind that lets loops vectorise.
    """
    wide = np.uintp(system.shape[1])
    least = 0.0
    for p in range(size):
        least = max(least, abs(system[p, p]))
    least *= 1e-13
    for p in range(size):
        if not system[p, p] > least:
            return False
        inverse = 1.0 / system[p, p]
        for q in range(p + 1, size):
            factor = system[p, q] * inverse
            if factor != 0.0:
                for r in range(wide):
                    system[q, r] -= factor * system[p, r]
    for p in range(size - 1, -1, -1):
        total = system[p, size]
        for r in range(p + 1, size):
            total -= system[p, r] * move[r]
        move[p] = total / system[p, p]
    return True


@compiled
def _newton(hessian, slope, theta, stopped, held, damping, free, system, found, move):
    """Fill the damped Newton move of parameters neither held nor stopped; return whether their system is definite."""
    count = 0
    for p in range(len(theta)):
        move[p] = 0.0
        if not stopped[p]:
            free[count] = p
            count += 1
    for a in range(count):
        p = free[a]
        for b in range(a, count):
            system[a, b] = hessian[p, free[b]]
        system[a, a] += damping
        system[a, count] = -slope[p]
    for q in range(len(theta)):
        if stopped[q] and not held[q] and theta[q] != 0.0:
            for a in range(count):
                system[a, count] += hessian[free[a], q] * theta[q]
    definite = eliminated(system, count, found)
    if definite:
        for a in range(count):
            move[free[a]] = found[a]
    return definite


@compiled
def _penalised(theta, penalty):
    total = 0.0
    for p in range(len(theta)):
        total += abs(theta[p]) * penalty[p]
    return total


@compiled
def _one(columns, which, spans, floors, target, weights, penalty, theta, held, linked, limit, tolerance):
    """Minimise one problem from one start, in place; return objective, residual and number of steps."""
    blocks, _, rows = columns.shape
    size = len(theta)
    factors, errors = np.empty((blocks, rows)), np.empty(rows)
    shared = np.empty(rows)
    gradient, slope, found, move, trial, orthant = np.empty((6, size))
    hessian, system = np.empty((size, size)), np.zeros((size, (size + 4) // 4 * 4))
    stopped, free = np.empty(size, np.bool_), np.empty(size, np.int64)
    damping, steps, accepted = 1e-2, 0, True
    objective = _evaluate(columns, which, spans, floors, target, weights, theta, linked, factors, errors)
    objective += _penalised(theta, penalty)
    _slopes(columns, which, spans, floors, weights, theta, linked, factors, errors, shared, gradient, hessian)
    worst = _subgradient(gradient, theta, penalty, held, slope)
    while steps < limit and worst >= tolerance and damping < LARGEST_DAMPING:
        largest = 0.0
        for p in range(size):
            stopped[p] = held[p] or (theta[p] == 0.0 and slope[p] == 0.0)
            orthant[p] = np.sign(theta[p]) if theta[p] != 0.0 else -np.sign(slope[p])
            largest = max(largest, 1.0 if stopped[p] else abs(hessian[p, p]))
        # Where the Hessian is not positive definite, as near saddles, the damping rises until it is.
        while not _newton(hessian, slope, theta, stopped, held, damping, free, system, found, move):
            if damping >= LARGEST_DAMPING:
                break
            damping = 10.0 * max(damping, 1e-6 * largest)
        while True:  # of parameters that would change sign the first stops at zero, and the others adapt to that
            first, share = -1, 1.0
            for p in range(size):
                crosses = penalty[p] > 0 and not stopped[p] and (theta[p] + move[p]) * orthant[p] < 0
                if crosses and abs(theta[p]) < share * abs(move[p]):
                    first, share = p, abs(theta[p] / move[p])
            if first < 0:
                break
            stopped[first] = True
            _newton(hessian, slope, theta, stopped, held, damping, free, system, found, move)
        for p in range(size):
            move[p] = min(max(move[p], -LONGEST_STEP), LONGEST_STEP)
            if stopped[p]:
                move[p] = 0.0 if held[p] else -theta[p]
        promised = 0.0
        for p in range(size):
            bent = damping * move[p]
            for q in range(size):
                bent += hessian[p, q] * move[q]
            promised -= (slope[p] + 0.5 * bent) * move[p]
            trial[p] = theta[p] + move[p]
        value = _evaluate(columns, which, spans, floors, target, weights, trial, linked, factors, errors)
        value += _penalised(trial, penalty)
        gained = objective - value
        # Near the optimum both sides are rounding noise; a step that does not raise the objective is then taken.
        accepted = gained >= (0.05 * promised if promised > 1e-13 else -1e-15)
        if not accepted:
            damping *= 5.0
        elif gained > 0.7 * promised:
            damping *= 0.4
        elif gained < 0.3 * promised:
            damping *= 3.0
        damping = max(damping, 1e-11)
        steps += 1
        if accepted:
            for p in range(len(theta)):
                theta[p] = trial[p]
            objective = value
            _slopes(columns, which, spans, floors, weights, theta, linked, factors, errors, shared, gradient, hessian)
            worst = _subgradient(gradient, theta, penalty, held, slope)
    return objective, worst, steps


@compiled
def _packed(columns, target, weights, which, order):
    """Return what enters, of the rows that weigh something, in an order, filled up with zeros to whole vectors.

    The columns (blocks x most x rows), from and up to which row each is not zero, the targets and the weights.
    """
    kept = order[np.flatnonzero(weights[order])]
    blocks, most = which.shape
    rows = -(-len(kept) // WIDTH) * WIDTH
    part, goal, share = np.zeros((blocks, most, rows)), np.zeros(rows), np.zeros(rows)
    spans = np.zeros((blocks, most, 2), np.uintp)  # unsigned, as loops over signed bounds do not vectorise
    for place in range(len(kept)):
        goal[place], share[place] = target[kept[place]], weights[kept[place]]
    for k in range(blocks):
        for a in range(most):
            if which[k, a] < 0:
                continue
            column = columns[k, which[k, a]]
            for place in range(len(kept)):
                part[k, a, place] = column[kept[place]]
            there = np.flatnonzero(part[k, a])
            if len(there):
                spans[k, a, 0] = there[0] // WIDTH * WIDTH
                spans[k, a, 1] = (there[-1] // WIDTH + 1) * WIDTH
    return part, spans, goal, share


@compiled
def minimise(columns, which, order, floors, target, weights, penalty, starts, held, linked, limit, tolerance):
    """Return parameters, objective, residual and steps of every problem, each from its start (problems x parameters).

    Columns, which of them enter and an order of their rows are those of `solver.arrays`; each line of `weights` serves
    as many problems in a row.
    """
    count, lines = len(starts), len(weights)
    each = count // lines
    theta, objective = starts.copy(), np.empty(count)
    residual, steps = np.empty(count), np.empty(count, np.int64)
    for line in range(lines):
        part, spans, goal, share = _packed(columns, target, weights[line], which, order)
        for b in range(line * each, (line + 1) * each):
            objective[b], residual[b], steps[b] = _one(
                part, which, spans, floors, goal, share, penalty, theta[b], held, linked, limit, tolerance
            )
    return theta, objective, residual, steps


@compiled
def derivatives(columns, which, order, floors, target, weights, theta, linked):
    """Return the weighted squared error at one point, its gradient and its Hessian."""
    part, spans, goal, share = _packed(columns, target, weights, which, order)
    blocks, _, rows = part.shape
    factors, errors = np.empty((blocks, rows)), np.empty(rows)
    shared = np.empty(rows)
    gradient, hessian = np.empty(len(theta)), np.empty((len(theta), len(theta)))
    value = _evaluate(part, which, spans, floors, goal, share, theta, linked, factors, errors)
    _slopes(part, which, spans, floors, share, theta, linked, factors, errors, shared, gradient, hessian)
    return value, gradient, hessian


@compiled
def evaluate(columns, which, order, floors, target, weights, penalty, theta, linked):
    """Return the objective and the optimality residual of every problem where it stands."""
    count, size = theta.shape
    objective, residual = np.empty(count), np.empty(count)
    held, slope = np.zeros(size, np.bool_), np.empty(size)
    for b in range(count):
        value, gradient, _ = derivatives(columns, which, order, floors, target, weights[b], theta[b], linked)
        residual[b] = _subgradient(gradient, theta[b], penalty, held, slope)
        objective[b] = value + _penalised(theta[b], penalty)
    return objective, residual
