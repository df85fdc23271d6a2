"""Formats of what the chapter on growth shows as tables."""


def p_value(value: float) -> str:
    """Return a p value of a test with a thousand draws as it is written.

    >>> p_value(0.0), p_value(0.8471)
    ('below 0.001', '0.847')
    """
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
