"""From a law and rows to parameters, resamples, rates of progress and doubling times."""
