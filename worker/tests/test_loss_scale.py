"""The scale of float16 losses shrinks if gradients overflow, grows after many steps, and survives a restart."""

import torch

from tunewise_worker.loss_scale import START, STEPS_BETWEEN_GROWTH, LossScale


def test_it_falls_at_once_and_rises_after_many_steps() -> None:
    scale = LossScale()
    assert scale.shrink() and scale.factor == START / 2
    for _ in range(STEPS_BETWEEN_GROWTH - 1):
        scale.grow()
    assert scale.factor == START / 2
    scale.grow()
    assert scale.factor == START


def test_it_ends_where_no_smaller_factor_would_help() -> None:
    scale = LossScale()
    falls = 0
    while scale.shrink():
        falls += 1
    assert (falls, scale.factor) == (16, 1)


def test_it_goes_on_from_a_checkpoint() -> None:
    scale, other = LossScale(), LossScale()
    scale.shrink()
    scale.grow()
    other.restore(scale.state())
    assert other.state() == scale.state() == {"loss_scale": "32768.0", "loss_scale_steps": "1"}
    other.restore({})
    assert other.factor == START


def test_gradients_are_those_of_the_loss() -> None:
    scale = LossScale()
    weight = torch.tensor([2.0, 3.0], requires_grad=True)
    (weight.square().sum() * scale.factor).backward()
    assert weight.grad is not None
    scale.divide([weight.grad])
    assert weight.grad.tolist() == [4.0, 6.0]
