"""The race to one loss on fixed hardware, record by record."""
