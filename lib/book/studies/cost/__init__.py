"""What computing costs, as the benchmark measured it."""
