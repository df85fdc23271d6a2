"""The former place of the trend of training compute, until nobody looks for it here."""

from book.studies.growth.trend import DRAWS, bend, slopes

__all__ = ["DRAWS", "bend", "slopes"]
