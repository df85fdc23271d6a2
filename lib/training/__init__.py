"""Trains small language models of stated algorithms to stated budgets of compute, and logs them as runs.

It needs PyTorch and tokenizers (requirements-training.txt), and knows nothing of the report.
"""

from algoprogress.frontiers.runs import RunsError


class TrainingError(RunsError):
    """A training that cannot be done as asked; the message says what is missing."""
