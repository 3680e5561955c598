"""Programs that compute what the page on soft and hard attention shows, and its notebook."""

from __future__ import annotations

from typing import Final

from core.notebook import Code, Markdown
from pages._shared.code_text import Library, array_code, join_blocks, words_code
from pages._shared.soft_hard_scene import Scene
from pages._shared.toy_state import MAX_TOKENS

_TITLE: Final = '"""Soft and hard attention, with the numbers that Attention Lab showed."""'
_DIGITS: Final = 'np.set_printoptions(precision=4, suppress=True, floatmode="fixed")'
_SOFTMAX: Final = """\
def softmax(x):
    exponentials = np.exp(x - x.max())
    return exponentials / exponentials.sum()


def one_hot(choice):
    return np.eye(len(tokens))[choice]"""
_PRINTING: Final = """\
print("weights", weights, sep="\\n")
print("output", output, sep="\\n")"""


def numpy_program(scene: Scene) -> str:
    """Return a program that needs NumPy alone and prints the page's weights and outputs."""
    blocks = (
        _TITLE,
        f"import numpy as np\n\n{_DIGITS}",
        _values(scene, "np"),
        f"\n{_SOFTMAX}\n",
        _logits(scene),
        _noise(scene),
        _weights(),
        _PRINTING,
    )
    return join_blocks(blocks) + "\n"


def torch_program(scene: Scene) -> str:
    """Return a program that needs PyTorch alone: each kind's weights, output and gradient."""
    state = scene.state
    blocks = (
        _TITLE,
        "import torch\nfrom torch.nn.functional import one_hot\n\n"
        "torch.set_printoptions(precision=4, sci_mode=False)",
        _values(scene, "torch"),
        array_code("noise", scene.noise[0], "torch", "(n_key,), Gumbel noise of the first draw"),
        f"temperature, tau = {state.temperature!r}, {state.tau!r}",
        _TORCH_KINDS,
        _torch_loop(scene),
    )
    return join_blocks(blocks) + "\n"


def notebook_cells(scene: Scene) -> list[Markdown | Code]:
    """Return a notebook that goes through the page's numbers one step at a time."""
    return [
        Markdown(
            "# Why average when one could choose?\n\nOne query, several keys, and every kind of "
            "attention. The numbers are those that stood on the page. NumPy is all that it takes, "
            "but for the last cell, which follows the kinds backwards with PyTorch."
        ),
        Code(join_blocks((f"import numpy as np\n\n{_DIGITS}", _values(scene, "np"), _SOFTMAX))),
        Markdown("**Scaled scores**, divided by the temperature."),
        Code(f"{_logits(scene)}\nlogits"),
        Markdown(
            "**Noise.** The largest of logits plus Gumbel noise is key j with probability "
            "softmax(logits)[j]: the Gumbel-max trick."
        ),
        Code(_noise(scene)),
        Markdown("**Every kind**, one row each, and the output of each."),
        Code(f"{_weights()}\n{_PRINTING}"),
        Markdown("**Gradients.** Needs PyTorch (`pip install torch`)."),
        Code(torch_program(scene)),
    ]


def _values(scene: Scene, library: Library) -> str:
    state = scene.state
    arrays = (
        array_code("query", state.query, library, "(1, d_head)"),
        array_code("key", state.key, library, "(n_key, d_head)"),
        array_code("value", state.value, library, "(n_key, d_value)"),
    )
    return join_blocks((words_code("tokens", state.tokens), "\n".join(arrays)))


def _logits(scene: Scene) -> str:
    return (
        f"temperature, tau = {scene.state.temperature!r}, {scene.state.tau!r}\n"
        "scaled = (query @ key.T)[0] / query.shape[-1] ** 0.5  # (n_key,)\n"
        "logits = scaled / temperature"
    )


def _noise(scene: Scene) -> str:
    state = scene.state
    return (
        f"# Drawn for {MAX_TOKENS} keys, so that a key more or less leaves the others' alone.\n"
        f"rng = np.random.default_rng({state.draw_seed})\n"
        f"noise = rng.gumbel(size=({state.n_draws}, {MAX_TOKENS}))[:, : len(tokens)]\n"
        "choices = (logits + noise).argmax(axis=-1)  # one key for each draw"
    )


def _weights() -> str:
    return """\
weights = np.array(
    [
        softmax(logits),  # soft
        one_hot(choices).mean(axis=0),  # how often each key was drawn
        one_hot(logits.argmax()),  # argmax
        one_hot(choices[0]),  # one sample: the first draw
        softmax((logits + noise[0]) / tau),  # Gumbel-softmax
        one_hot(choices[0]),  # straight-through: a sample, but for its gradient
    ]
)
output = weights @ value"""


_TORCH_KINDS: Final = """\

def largest(x):
    return one_hot(x.argmax(), len(x)).to(x.dtype)


def weights_of(kind, scaled):
    logits = scaled / temperature
    surrogate = ((logits + noise) / tau).softmax(dim=-1)
    if kind == "soft":
        return logits.softmax(dim=-1)
    if kind == "argmax":
        return largest(logits)
    if kind == "sample":
        return largest(logits + noise)
    if kind == "Gumbel-softmax":
        return surrogate
    # Straight-through: forwards a sample, backwards Gumbel-softmax. With noise of its own it is
    # torch.nn.functional.gumbel_softmax(logits, tau, hard=True).
    return largest(logits + noise) + (surrogate - surrogate.detach())
"""


def _torch_loop(scene: Scene) -> str:
    c, j = scene.state.coordinate, scene.state.chosen_key
    return f"""\
for kind in ("soft", "argmax", "sample", "Gumbel-softmax", "straight-through"):
    scaled = ((query @ key.T)[0] / query.shape[-1] ** 0.5).requires_grad_()
    weights_here = weights_of(kind, scaled)
    output_here = weights_here @ value
    gradient = torch.zeros_like(scaled)  # from an argmax nothing leads back
    if output_here.requires_grad:
        (gradient,) = torch.autograd.grad(output_here[{c}], scaled)
    print(f"{{kind}}: weights {{weights_here.detach()}}, output {{output_here.detach()}}")
    print(f"  output {c + 1} by the scaled score of {{tokens[{j}]}}: {{gradient[{j}]:.4f}}")"""
