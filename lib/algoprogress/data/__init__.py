"""Tables of facts: read, checked, described; the sample of evaluations; files of your own."""
