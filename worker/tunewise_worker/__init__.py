"""Trains a tunewise run on PyTorch. This program computes and reports; the controller decides."""

__version__ = "0.1.0"
