"""All claims of the ledger as tiles by verdict, drawn by `_static/look-wall.js` beside the table that it opens."""

import pandas as pd

from book import look
from book.ledger import ledger
from book.studies.verdicts import MEANINGS

DIGITS = "0123456789"


def element(claims: pd.DataFrame, **words: str) -> look.Look:
    """Return the tiles of claims, in the order of the page's ledger; `words` as of `look.element`.

    Each question has its verdicts in words and, for each claim, a digit: the place of its verdict, or one past them.
    """
    values = {}
    for question, meanings in MEANINGS.items():
        places = claims[question].map({word: DIGITS[place] for place, word in enumerate(meanings)})
        values[question] = {"words": list(meanings), "of": "".join(places.fillna(DIGITS[len(meanings)]))}
    wide = ledger.counts().pivot_table("claims", "kind", "verdict", sort=False, fill_value=0)
    read = wide[[word for meanings in MEANINGS.values() for word in meanings]].astype(int).reset_index()
    said = "Each claim is a tile, in the group of its verdict; most have no conclusion to judge."
    return look.element("wall", values, read, said=said, **words)
