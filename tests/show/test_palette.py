"""The roles that meet in a figure are told apart by colour-blind readers and in grey, by colour or by shape.

Deficiencies are simulated by the matrices of Machado, Oliveira and Fernandes (2009, doi:10.1109/TVCG.2009.113, severity
1.0) on linear light; distances are Euclidean in CIELAB.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from algoprogress.show.style import COLOURS, ROLES

MATRICES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(  # of sRGB's linear light
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = TO_XYZ.sum(axis=1)
APART = 10.0  # CIELAB; about 2.3 is just noticeable side by side
MEETING = (("ours", "published", "alternative", "check"), ("wt103", "wt2", "ptb"))


def linear(colour: str) -> np.ndarray:
    shares = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    ratio = TO_XYZ @ light / WHITE
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


def seen(colour: str, deficiency: str) -> np.ndarray:
    light = linear(colour)
    if deficiency == "grey":
        return lab(np.full(3, TO_XYZ[1] @ light))
    return lab(np.clip(np.array(MATRICES[deficiency]) @ light, 0, 1))


def test_the_simulation_keeps_grey_and_confuses_what_it_should():
    for name in MATRICES:
        np.testing.assert_allclose(seen("#808080", name), lab(linear("#808080")), atol=0.5)
    red, green = "#b04040", "#6a6a20"
    before = np.linalg.norm(lab(linear(red)) - lab(linear(green)))
    assert np.linalg.norm(seen(red, "deuteranopia") - seen(green, "deuteranopia")) < before / 2
    np.testing.assert_allclose(lab(np.ones(3)), [100, 0, 0], atol=1e-6)


@pytest.mark.parametrize("deficiency", MATRICES)
@pytest.mark.parametrize("group", MEETING)
def test_roles_that_meet_differ_in_colour_for_every_deficiency(group, deficiency):
    for one, other in combinations(group, 2):
        pair = [seen(ROLES[name].colour, deficiency) for name in (one, other)]
        assert np.linalg.norm(pair[0] - pair[1]) > APART, (one, other)


@pytest.mark.parametrize("deficiency", [*MATRICES, "grey"])
def test_all_roles_differ_in_colour_marker_or_line(deficiency):
    for one, other in combinations(ROLES.values(), 2):
        apart = np.linalg.norm(seen(one.colour, deficiency) - seen(other.colour, deficiency)) > APART
        assert apart or one == other or (one.marker, one.line) != (other.marker, other.line), (one, other)


@pytest.mark.parametrize("deficiency", [*MATRICES, "grey"])
def test_every_colour_that_is_drawn_stands_out_from_the_paper(deficiency):
    drawn = [COLOURS[role.hue] for role in ROLES.values()]
    assert min(np.linalg.norm(seen(colour, deficiency) - seen("#ffffff", deficiency)) for colour in drawn) > 2 * APART
