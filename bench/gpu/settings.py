"""What is measured on a card: shapes of models, methods, lengths and programs, what tells most first."""

from dataclasses import asdict, dataclass
from typing import Any

LLAMA = {"model_type": "llama", "max_position_embeddings": 8192, "rms_norm_eps": 1e-5}
MODELS: dict[str, dict[str, Any]] = {
    "llama-1b": LLAMA
    | {"hidden_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8}
    | {"intermediate_size": 8192, "vocab_size": 128256, "tie_word_embeddings": True},
    "qwen-3b": {"model_type": "qwen2", "max_position_embeddings": 8192, "rms_norm_eps": 1e-6}
    | {"hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2}
    | {"intermediate_size": 11008, "vocab_size": 151936, "tie_word_embeddings": True},
    "llama-8b": LLAMA
    | {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8}
    | {"intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": False},
}
TINY = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}
TINY |= {"intermediate_size": 128, "vocab_size": 512}

BATCHES = {512: (8, "none"), 2048: (4, "layer")}
"""Rows of a batch, and what is recomputed, by length."""
METHODS = ("lora", "qlora", "full")
PROGRAMS = ("worker", "peft", "trl")
FIRST = [
    ("llama-1b", "lora", 512),
    ("llama-8b", "lora", 2048),
    ("llama-1b", "full", 512),
    ("llama-8b", "qlora", 2048),
    ("qwen-3b", "full", 2048),
    ("qwen-3b", "qlora", 512),
]


@dataclass(frozen=True)
class Setting:
    """A training step, and the program that computes it."""

    model: str
    method: str
    length: int
    rows: int
    recompute: str
    program: str
    dtype: str
    is_tiny: bool

    @property
    def name(self) -> str:
        return f"{self.model} {self.method} {self.length}"

    def config(self) -> dict[str, Any]:
        return MODELS[self.model] | (TINY if self.is_tiny else {})

    def request(self, card: dict[str, Any]) -> dict[str, Any]:
        """What the step takes, as `python -m tunewise_worker.trace` is asked."""
        return {
            "program": self.program,
            "model": {"config": self.config(), "dtype": self.dtype},
            "method": {"kind": self.method, "rank": 16, "targets": "all-linear"},
            "training": {"recompute": self.recompute},
            "batches": [[self.length] * self.rows],
            "card": card,
        }


def settings(is_tiny: bool, dtype: str) -> list[Setting]:
    """All of them: the worker and its peers in six settings, then the worker in the others, then the rest.

    PEFT's plain loop is of adapters alone.
    """
    points = [*FIRST]
    points += [one for one in _product() if one not in points]

    def setting(point: tuple[str, str, int], program: str) -> Setting:
        model, method, length = point
        rows, recompute = BATCHES[length]
        if is_tiny:
            length, rows = length // 32, 2
        return Setting(model, method, length, rows, recompute, program, dtype, is_tiny)

    first, rest = points[: len(FIRST)], points[len(FIRST) :]
    found = [setting(one, "worker") for one in first]
    found += [setting(one, program) for one in first for program in PROGRAMS[1:]]
    found += [setting(one, "worker") for one in rest]
    found += [setting(one, program) for one in rest for program in PROGRAMS[1:]]
    return [one for one in found if (one.program, one.method) != ("peft", "full")]


def _product() -> list[tuple[str, str, int]]:
    return [(model, method, length) for model in MODELS for method in METHODS for length in BATCHES]


def described(setting: Setting) -> dict[str, Any]:
    return asdict(setting)
