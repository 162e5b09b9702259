"""Training losses: functions of the log-probabilities of labeled tokens, which PyTorch differentiates.

Validation and evaluation losses are always negative log-likelihoods.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from torch import Tensor

from .contract import LossName


@dataclass(frozen=True)
class LabelledTokens:
    """The labeled tokens of the rows of a batch, N of them."""

    log_probabilities: Tensor
    """Log-probability of each label in nats, shape [N], float32."""
    weights: Tensor
    """Weight of each label, shape [N]: 1 counts fully, 0 not at all."""
    owners: Tensor
    """Index of the row of each label, shape [N]."""
    rows: int
    """Number of rows; the loss of one without labels is 0."""

    def sums(self, values: Tensor) -> Tensor:
        """Weighted sums of values of labels by row, shape [rows]."""
        return values.new_zeros(self.rows).index_add(0, self.owners, self.weights * values)


def negative_log_likelihood(tokens: LabelledTokens) -> Tensor:
    """-log p, the cross-entropy."""
    return tokens.sums(-tokens.log_probabilities)


def dynamic_fine_tuning(tokens: LabelledTokens) -> Tensor:
    """-p log p, where the factor p is constant in the derivative.

    Source: Wu et al. 2025 (arXiv 2508.05629), token-level loss; trl/trainer/sft_trainer.py `compute_loss`
    """
    return tokens.sums(-tokens.log_probabilities * tokens.log_probabilities.exp().detach())


LOSSES: dict[LossName, Callable[[LabelledTokens], Tensor]] = {
    "nll": negative_log_likelihood,
    "dft": dynamic_fine_tuning,
}
"""Every training loss by its name in the recipe: the sums over the labels of each row, shape [rows]."""
if LOSSES.keys() != set(get_args(LossName)):
    raise RuntimeError(f"losses of the contract without a row: {set(get_args(LossName)) ^ LOSSES.keys()}")
