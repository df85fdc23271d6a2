"""The former place of the published scaling laws, until nobody looks for them here."""

from algoprogress.laws import scaling as frontier

laws = frontier.published

__all__ = ["frontier", "laws"]
