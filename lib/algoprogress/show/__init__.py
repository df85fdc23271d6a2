"""How a value is written and drawn: estimates, words, tables, figures, once for the whole book."""
