"""The report: a study for each chapter, the ledger of claims, and the site."""
