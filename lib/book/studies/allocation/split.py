"""The former place of one date, until nobody looks for it here."""

from book.studies.allocation.study import CHINCHILLA_DATE

__all__ = ["CHINCHILLA_DATE"]
