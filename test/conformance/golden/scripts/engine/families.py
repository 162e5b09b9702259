"""The tiny models of the engine's golden values: one entry per family or variant.

Each is as small as it can be while every part that can go wrong still shows: fewer key heads than query
heads, a head size that is not hidden / heads where the family allows it, windows shorter than the rows,
caps low enough to bite, an epsilon large enough to matter.
"""

from transformers import Gemma2Config, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

VOCABULARY = 120

BASE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
    "rms_norm_eps": 1e-5,
}

# Two heads of 16: eight frequencies, enough to fall into every band of a scaled rotation.
WIDE_HEADS = {"num_attention_heads": 2, "num_key_value_heads": 1}


def rope(kind, theta=10_000.0, **settings):
    return {"rope_type": kind, "rope_theta": theta, **settings}


def config(kind, **settings):
    return kind(**{**BASE, **settings})


FAMILIES = {
    "llama": lambda: config(
        LlamaConfig, tie_word_embeddings=False, rope_parameters=rope("default", 50_000.0)
    ),
    "llama-tied": lambda: config(
        LlamaConfig, tie_word_embeddings=True, rope_parameters=rope("default", 100_000.0), **WIDE_HEADS
    ),
    # Plain multi-head attention, with the biases that a few Llama-type checkpoints carry.
    "llama-bias": lambda: config(
        LlamaConfig,
        num_key_value_heads=4,
        attention_bias=True,
        mlp_bias=True,
        rope_parameters=rope("default"),
    ),
    "llama3-rope": lambda: config(
        LlamaConfig,
        tie_word_embeddings=True,
        rope_parameters=rope(
            "llama3",
            500.0,
            factor=8.0,
            low_freq_factor=1.0,
            high_freq_factor=4.0,
            original_max_position_embeddings=64,
        ),
        **WIDE_HEADS,
    ),
    "llama-linear-rope": lambda: config(
        LlamaConfig, tie_word_embeddings=True, rope_parameters=rope("linear", factor=4.0), **WIDE_HEADS
    ),
    # 16 positions: the longest row is scaled by its own length, the two shorter ones are not.
    "llama-dynamic-rope": lambda: config(
        LlamaConfig,
        tie_word_embeddings=True,
        **{**WIDE_HEADS, "max_position_embeddings": 16},
        rope_parameters=rope("dynamic", factor=2.0),
    ),
    "mistral": lambda: config(
        MistralConfig, sliding_window=6, head_dim=16, rope_parameters=rope("default"), **WIDE_HEADS
    ),
    "qwen2": lambda: config(
        Qwen2Config, tie_word_embeddings=True, rms_norm_eps=1e-4, rope_parameters=rope("default", 1_000_000.0)
    ),
    "qwen2-yarn": lambda: config(
        Qwen2Config,
        tie_word_embeddings=True,
        max_position_embeddings=128,
        rope_parameters=rope("yarn", factor=4.0, original_max_position_embeddings=32),
        **WIDE_HEADS,
    ),
    # The second layer and above see six tokens only.
    "qwen2-window": lambda: config(
        Qwen2Config,
        use_sliding_window=True,
        sliding_window=6,
        max_window_layers=1,
        tie_word_embeddings=False,
        rope_parameters=rope("default"),
    ),
    "qwen3": lambda: config(
        Qwen3Config,
        head_dim=12,
        tie_word_embeddings=True,
        rms_norm_eps=1e-4,
        rope_parameters=rope("default", 1_000_000.0),
    ),
    "gemma2": lambda: config(
        Gemma2Config,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=12,
        query_pre_attn_scalar=10,
        sliding_window=6,
        attn_logit_softcapping=3.0,
        final_logit_softcapping=4.0,
        tie_word_embeddings=True,
        rms_norm_eps=1e-4,
        rope_parameters=rope("default"),
    ),
}

# Added to `config.v4.json`: windows that must be ignored, as in the config.json of Qwen2.5 and Qwen3.
DEAD_KEYS = {
    "qwen2": {"use_sliding_window": False, "sliding_window": 6, "max_window_layers": 1},
    "qwen2-yarn": {"use_sliding_window": False, "sliding_window": 6, "max_window_layers": 1},
    "qwen3": {"use_sliding_window": False, "sliding_window": None, "max_window_layers": 1},
}


def older_config(name, saved):
    """The same configuration in the keys of transformers 4, as most checkpoints on the hub are written.

    `rope_parameters` becomes `rope_theta` and `rope_scaling`, `dtype` becomes `torch_dtype`, and what older
    files leave to the family's rule (layer types; the head size where it is hidden / heads) is left out.
    """
    newer = ("rope_parameters", "dtype", "layer_types")
    old = {key: value for key, value in saved.items() if key not in newer}
    scaling = dict(saved["rope_parameters"])
    old["rope_theta"] = scaling.pop("rope_theta")
    kind = scaling["rope_type"]
    old["rope_scaling"] = None if kind == "default" else scaling
    if kind in ("linear", "dynamic", "yarn"):
        scaling["type"] = scaling.pop("rope_type")  # the name before "rope_type"
    if old.get("head_dim") == old["hidden_size"] // old["num_attention_heads"]:
        del old["head_dim"]
    if saved["model_type"] == "gemma2":
        old["hidden_act"] = "gelu_pytorch_tanh"
    old["torch_dtype"] = saved["dtype"]
    old["transformers_version"] = "4.45.0"
    return {**old, **DEAD_KEYS.get(name, {})}
