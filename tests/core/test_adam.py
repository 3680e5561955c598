"""Adam's steps against PyTorch's own optimiser, to the last bit."""

from __future__ import annotations

import torch

from core.adam import AdamMemory, adam_step, start_adam

N_STEPS = 7


def parameters() -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(4)
    return torch.randn(3, 2, generator=generator), torch.randn((), generator=generator)


def loss_of(matrix: torch.Tensor, number: torch.Tensor) -> torch.Tensor:
    return (matrix.square().sum() - 3 * number).square() + matrix[0, 0] * number


def gradients_at(point: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    leaves = [part.clone().requires_grad_() for part in point]
    return torch.autograd.grad(loss_of(*leaves), leaves)


def stepped(
    point: tuple[torch.Tensor, ...], memory: AdamMemory, n_steps: int
) -> tuple[tuple[torch.Tensor, ...], AdamMemory]:
    for _ in range(n_steps):
        point, memory = adam_step(point, gradients_at(point), memory, learning_rate=0.1)
    return point, memory


def test_steps_are_those_of_torch() -> None:
    leaves = [part.clone().requires_grad_() for part in parameters()]
    optimizer = torch.optim.Adam(leaves, lr=0.1)
    for _ in range(N_STEPS):
        optimizer.zero_grad()
        torch.autograd.backward(loss_of(*leaves))
        optimizer.step()
    ours, memory = stepped(parameters(), start_adam(parameters()), N_STEPS)
    assert memory.step == N_STEPS
    for mine, theirs in zip(ours, leaves, strict=True):
        assert torch.equal(mine, theirs)


def test_a_training_in_two_pieces_is_the_same_one_and_nothing_is_overwritten() -> None:
    half, memory = stepped(parameters(), start_adam(parameters()), 3)
    copies = [part.clone() for part in (*half, *memory.mean, *memory.square)]
    once, _ = stepped(half, memory, N_STEPS - 3)
    twice, _ = stepped(half, memory, N_STEPS - 3)
    whole, _ = stepped(parameters(), start_adam(parameters()), N_STEPS)
    for first, second, third in zip(once, twice, whole, strict=True):
        assert torch.equal(first, second)
        assert torch.equal(first, third)
    for kept, now in zip(copies, (*half, *memory.mean, *memory.square), strict=True):
        assert torch.equal(kept, now)
