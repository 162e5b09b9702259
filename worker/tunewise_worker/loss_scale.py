"""The factor of losses in float16, whose gradients would else be too small to be stored.

It is halved where a gradient is not finite, and doubled after many steps in which all were. Unlike
`torch.amp.GradScaler`, which leaves such a step out, the step is computed again: every step changes the weights, and
reports numbers that are finite.

Source: Micikevicius et al. 2018 (arXiv 1710.03740), section 3.2; start and intervals as in `torch/amp/grad_scaler.py`.
"""

from collections.abc import Iterable, Mapping

import torch

START = 65536.0
STEPS_BETWEEN_GROWTH = 2000


class LossScale:
    """The factor, and for how many steps gradients have been finite with it."""

    def __init__(self) -> None:
        self.factor = START
        self._steps = 0

    def divide(self, gradients: Iterable[torch.Tensor]) -> None:
        """Turn gradients of a scaled loss into those of the loss, in place."""
        for one in gradients:
            one.div_(self.factor)

    def shrink(self) -> bool:
        """After a gradient that is not finite. Returns whether there is a smaller factor to try."""
        self._steps = 0
        if self.factor <= 1:
            return False
        self.factor /= 2
        return True

    def grow(self) -> None:
        """After a step with finite gradients."""
        self._steps += 1
        if self._steps == STEPS_BETWEEN_GROWTH:
            self.factor, self._steps = self.factor * 2, 0

    def state(self) -> dict[str, str]:
        """What a checkpoint keeps."""
        return {"loss_scale": repr(self.factor), "loss_scale_steps": str(self._steps)}

    def restore(self, state: Mapping[str, str]) -> None:
        """Go on from a checkpoint, or anew from one of another type."""
        self.factor = float(state.get("loss_scale", START))
        self._steps = int(state.get("loss_scale_steps", 0))
