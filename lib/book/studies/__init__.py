"""One folder a chapter, by its name: what it computes, its claims, tables and figures."""
