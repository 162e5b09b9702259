"""The tiny models of the engine's golden values: one entry per family or variant.

Each is as small as it can be while every part that can go wrong still shows: fewer key heads than query
heads, a head size that is not hidden / heads where the family allows it, windows shorter than the rows,
caps low enough to bite, an epsilon large enough to matter.
"""

from transformers import (
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    Olmo2Config,
    OlmoeConfig,
    Phi3Config,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
    SmolLM3Config,
)

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


def neox(**settings):
    left_out = ("num_key_value_heads", "rms_norm_eps")
    kept = {key: value for key, value in BASE.items() if key not in left_out}
    more = {"num_attention_heads": 2, "layer_norm_eps": 1e-4, "tie_word_embeddings": False}
    parameters = rope("default", partial_rotary_factor=0.25)
    return GPTNeoXConfig(**{**kept, **more, "rope_parameters": parameters, **settings})


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
    Qwen3MoeConfig,
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
    # One layer in three sees all tokens, with a rotation of its own, which is stretched as in the larger models.
    "gemma3": lambda: config(
        Gemma3TextConfig,
    GPT2Config,
    GPTNeoXConfig,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=12,
        query_pre_attn_scalar=10,
        sliding_window=6,
        layer_types=["sliding_attention", "sliding_attention", "full_attention"],
        tie_word_embeddings=True,
        rms_norm_eps=1e-4,
        rope_parameters={
            "full_attention": rope("linear", 1_000_000.0, factor=8.0),
            "sliding_attention": rope("default", 50.0),
        },
    ),
    # As Phi-3 and Phi-4: one matrix for q, k and v, one for gate and up.
    "phi3": lambda: config(
        Phi3Config, sliding_window=6, tie_word_embeddings=False, rope_parameters=rope("default")
    ),
    # As Phi-4-mini: three quarters of each head are rotated, frequencies and scores are scaled.
    "phi3-longrope": lambda: config(
        Phi3Config,
        tie_word_embeddings=True,
        original_max_position_embeddings=64,
        rope_parameters=rope(
            "longrope",
            partial_rotary_factor=0.75,
            short_factor=[1.0, 1.1, 1.3, 1.7, 2.1, 3.0],
            long_factor=[1.5, 2.0, 3.0, 5.0, 9.0, 17.0],
            original_max_position_embeddings=64,
        ),
        **WIDE_HEADS,
    ),
    # Every second layer without positions.
    "smollm3": lambda: config(
        SmolLM3Config,
        num_hidden_layers=3,
        no_rope_layer_interval=2,
        tie_word_embeddings=True,
        rope_parameters=rope("default", 5_000_000.0),
    ),
    "olmo2": lambda: config(
        Olmo2Config, rms_norm_eps=1e-4, tie_word_embeddings=False, rope_parameters=rope("default", 500_000.0)
    ),
    "granite": lambda: config(
        GraniteConfig,
        embedding_multiplier=3.0,
        attention_multiplier=0.2,
        residual_multiplier=0.4,
        logits_scaling=0.5,
        tie_word_embeddings=False,
        rope_parameters=rope("default"),
    ),
    # As Pythia: a quarter of each head is rotated, attention and feed-forward side by side.
    "gpt-neox": lambda: neox(use_parallel_residual=True),
    "gpt-neox-serial": lambda: neox(use_parallel_residual=False, hidden_act="gelu_fast"),
    "qwen3-moe": lambda: config(
        Qwen3MoeConfig,
        head_dim=12,
        num_experts=5,
        num_experts_per_tok=2,
        moe_intermediate_size=16,
        norm_topk_prob=True,
        rope_parameters=rope("default", 1_000_000.0),
    ),
    "olmoe": lambda: config(
        OlmoeConfig,
        intermediate_size=16,
        num_experts=4,
        num_experts_per_tok=2,
        norm_topk_prob=False,
        rope_parameters=rope("default"),
    ),
    "gpt2": lambda: GPT2Config(
        **{
            **{"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_inner": 48, "n_positions": 64},
            **{"layer_norm_epsilon": 1e-4, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0},
        }
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
    old["torch_dtype"] = saved["dtype"]
    old["transformers_version"] = "4.45.0"
    if "num_local_experts" in old:
        old["num_experts"] = old.pop("num_local_experts")
    if "rope_parameters" not in saved:
        return old
    if saved["model_type"] == "gemma3_text":
        kinds = saved["rope_parameters"]
        old["rope_local_base_freq"] = kinds["sliding_attention"]["rope_theta"]
        del old["_sliding_window_pattern"]
        old["sliding_window_pattern"] = 3
        scaling = dict(kinds["full_attention"])
    else:
        scaling = dict(saved["rope_parameters"])
    old["rope_theta"] = scaling.pop("rope_theta")
    kind = scaling["rope_type"]
    old["rope_scaling"] = None if kind == "default" else scaling
    if "partial_rotary_factor" in scaling:
        old["partial_rotary_factor"] = scaling.pop("partial_rotary_factor")
    if kind == "longrope":
        del scaling["original_max_position_embeddings"]  # beside it in older files
    if kind in ("linear", "dynamic", "yarn", "longrope") and saved["model_type"] != "gemma3_text":
        scaling["type"] = scaling.pop("rope_type")  # the name before "rope_type"
    if old.get("head_dim") == old["hidden_size"] // old["num_attention_heads"]:
        del old["head_dim"]
    if saved["model_type"] == "gemma2":
        old["hidden_act"] = "gelu_pytorch_tanh"
    if saved["model_type"] == "gpt_neox":
        old["rotary_emb_base"] = old.pop("rope_theta")
        old["rotary_pct"] = old.pop("partial_rotary_factor")
    return {**old, **DEAD_KEYS.get(name, {})}
