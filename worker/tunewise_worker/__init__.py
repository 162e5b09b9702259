"""Trains a tunewise run on PyTorch. Decisions are the controller's: this program computes and reports."""

__version__ = "0.1.0"
