"""What has appeared since Ho et al., and the price of inference."""
