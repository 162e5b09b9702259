"""Loss scaling for float16, whose gradients would otherwise underflow.

The factor is halved if a gradient is not finite, and doubled after many steps with finite gradients.
`torch.amp.GradScaler` skips a step that overflows; here it is repeated, so every step changes the weights and reports
finite numbers.

Source: Micikevicius et al. 2018 (arXiv 1710.03740), section 3.2; start and intervals as in `torch/amp/grad_scaler.py`.
"""

from collections.abc import Iterable, Mapping

import torch

START = 65536.0
STEPS_BETWEEN_GROWTH = 2000


class LossScale:
    """The factor, and the number of finite steps since it last changed."""

    def __init__(self) -> None:
        self.factor = START
        self._steps = 0

    def divide(self, gradients: Iterable[torch.Tensor]) -> None:
        """Unscale gradients in place."""
        for one in gradients:
            one.div_(self.factor)

    def shrink(self) -> bool:
        """Halve the factor after a gradient that is not finite. Returns whether there was a smaller factor to try."""
        self._steps = 0
        if self.factor <= 1:
            return False
        self.factor /= 2
        return True

    def grow(self) -> None:
        """Count a step with finite gradients; double the factor after `STEPS_BETWEEN_GROWTH` of them."""
        self._steps += 1
        if self._steps == STEPS_BETWEEN_GROWTH:
            self.factor, self._steps = self.factor * 2, 0

    def state(self) -> dict[str, str]:
        """The state that a checkpoint stores."""
        return {"loss_scale": repr(self.factor), "loss_scale_steps": str(self._steps)}

    def restore(self, state: Mapping[str, str]) -> None:
        """Restore the state of a checkpoint; start with the defaults if it has none."""
        self.factor = float(state.get("loss_scale", START))
        self._steps = int(state.get("loss_scale_steps", 0))
