"""How a value is written and drawn: estimates, words, the style of figures, once for the library and the report."""
