"""The doubling time of effective compute under every procedure of the book, and what moves it."""
