"""A second field: image classifiers on ImageNet by the same engine."""
