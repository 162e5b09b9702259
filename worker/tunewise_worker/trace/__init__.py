"""Measures the memory and work of a training step on a GPU by running the step on tensors without storage.

Nothing is fitted: the model's own code, PyTorch's own autograd and PEFT's own layers run on the meta device. `cuda.py`
reproduces what a GPU does differently from a CPU, one rule per kernel.
"""
