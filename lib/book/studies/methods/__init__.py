"""Checks of the equations and the table of symbols."""
