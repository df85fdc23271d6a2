"""How the total gain is put together from its factors, and how sure it is."""
