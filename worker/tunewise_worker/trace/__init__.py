"""What a training step takes on a card, found by running the step on tensors without storage.

Nothing is fitted: the model's own code, PyTorch's own autograd and PEFT's own layers run on the meta device. What a
card does otherwise than a CPU is mapped in `cuda.py`, one rule per kernel.
"""
