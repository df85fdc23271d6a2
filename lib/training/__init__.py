"""Trains small language models of stated algorithms to stated budgets of compute, and logs them as runs.

It needs PyTorch and tokenizers (requirements-training.txt), and knows nothing of the report.
"""


class TrainingError(ValueError):
    """A training that cannot be done as asked; the message says what is missing."""
