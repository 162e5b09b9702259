"""Makes the golden values of encoders: tiny random models of texts, judged by PyTorch.

    python make-embed-golden.py ../../embed

Needs torch, transformers, tokenizers; and onnx with onnxscript for the ONNX files. For each model a folder as
sentence-transformers keeps it, and `golden.json`:
  texts, ids      what is read, and its token ids with the special ones
  vectors         of models of sentences: pooled and of length 1, one text at a time, so without padding
  pairs, scores   of models of pairs: the one logit of each
The models' numbers are random and large enough that every part shows; float32, eager attention, one thread.
"""

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaModel,
)

torch.set_num_threads(1)

TEXTS = [
    "A refund takes five days after we have the parcel.",
    "Refunds",
    "  Parcels leave within two days; the scanner does not start!  ",
    "",
    "caf\u00e9 na\u00efve \u4e2d\u6587 unheard-of words: zyzzyva",
    "the parcel " * 40,
]
PAIRS = [[TEXTS[0], TEXTS[2]], ["how long does a refund take", TEXTS[0]], ["parcel", TEXTS[5]], [TEXTS[5], "two days"]]


def word_pieces():
    """A tokenizer as BERT's, with some hundred pieces."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    tokenizer.decoder = decoders.WordPiece()
    names = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}
    return tokenizer, {"tokenizer_class": "BertTokenizer", "model_max_length": 512, **names}


def byte_pairs():
    """A tokenizer as RoBERTa's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    tokenizer.decoder = decoders.ByteLevel()
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    return tokenizer, {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512, **names}


SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}


def random_weights(model, seed):
    """Normal numbers with a spread of 0.15; gains of norms around 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.15)
            if "LayerNorm.weight" in name:
                weight.add_(1)
    return model.eval()


def pooled(states, modes):
    parts = {
        "cls": lambda: states[0],
        "max": lambda: states.max(0).values,
        "mean": lambda: states.mean(0),
        "mean_sqrt_len": lambda: states.sum(0) / len(states) ** 0.5,
        "lasttoken": lambda: states[-1],
    }
    return torch.nn.functional.normalize(torch.cat([parts[mode]() for mode in modes]), dim=0)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def save(folder, model, tokenizer, config):
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    write(folder / "tokenizer_config.json", config)


def sentence_model(out, name, kind, config, tokenizer, settings, modes, length, extra=None):
    folder = out / name
    torch.manual_seed(0)
    model = random_weights(kind(config, add_pooling_layer=False), len(name))
    save(folder, model, tokenizer, settings)
    modules = ["Transformer", "Pooling", "Normalize"]
    write(
        folder / "modules.json",
        [
            {"idx": at, "name": str(at), "path": f"{at}_{one}" if at else "", "type": f"sentence_transformers.models.{one}"}
            for at, one in enumerate(modules)
        ],
    )
    keys = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "mean_sqrt_len": "mean_sqrt_len_tokens"}
    chosen = {keys.get(mode, mode) for mode in modes}
    every = [*keys.values(), "lasttoken"]
    pooling = {f"pooling_mode_{key}": key in chosen for key in every}
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": 32, **pooling})
    write(folder / "sentence_bert_config.json", {"max_seq_length": length, "do_lower_case": False})
    if extra:
        write(folder / "config_sentence_transformers.json", extra)
    tokenizer.enable_truncation(length)
    ids = [tokenizer.encode(text.strip()).ids for text in TEXTS]
    tokenizer.no_truncation()
    with torch.no_grad():
        vectors = [pooled(model(torch.tensor([row])).last_hidden_state[0], modes).tolist() for row in ids]
    write(folder / "golden.json", {"texts": TEXTS, "ids": ids, "vectors": vectors})
    return model


def pair_model(out, name, kind, config, tokenizer, settings, length):
    folder = out / name
    config.num_labels = 1
    model = random_weights(kind(config), len(name))
    save(folder, model, tokenizer, {**settings, "model_max_length": length})
    tokenizer.enable_truncation(length, strategy="only_second")
    scores = []
    for question, passage in PAIRS[:3]:
        row = tokenizer.encode(question.strip(), passage.strip())
        types = torch.tensor([row.type_ids if config.type_vocab_size > 1 else [0] * len(row.ids)])
        with torch.no_grad():
            scores.append(float(model(torch.tensor([row.ids]), token_type_ids=types).logits))
    tokenizer.no_truncation()
    write(folder / "golden.json", {"pairs": PAIRS[:3], "scores": scores})
    return model


def as_onnx(model, source, target, names, outputs):
    """The same model as an ONNX file in a folder of its own, sizes free, by PyTorch's exporter."""
    import shutil

    shutil.copytree(source, target, dirs_exist_ok=True)
    (target / "model.safetensors").unlink()
    batch, length = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("length", min=2, max=512)
    # each its own tensor: one that stands for several would be traced as one; and a mask with something to mask
    examples = {name: torch.ones((2, 7), dtype=torch.long) for name in names}
    examples["token_type_ids"][:, 4:] = 0
    examples["attention_mask"][1, 5:] = 0
    program = torch.onnx.export(
        model,
        kwargs=examples,
        input_names=names,
        output_names=outputs,
        dynamic_shapes={name: {0: batch, 1: length} for name in names},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    # where in whose installation each node comes from is nobody's business
    for node in program.model.graph.all_nodes():
        node.metadata_props.clear()
        node.doc_string = None
    program.model.graph.metadata_props.clear()
    program.model.metadata_props.clear()
    program.save(str(target / "model.onnx"), external_data=False)


def main(out):
    pieces, piece_settings = word_pieces()
    pairs, pair_settings = byte_pairs()
    bert = BertConfig(vocab_size=pieces.get_vocab_size(), max_position_embeddings=64, attn_implementation="eager", **SIZES)
    roberta = RobertaConfig(
        vocab_size=pairs.get_vocab_size(), max_position_embeddings=66, type_vocab_size=1, pad_token_id=1,
        bos_token_id=0, eos_token_id=2, hidden_act="gelu_new", layer_norm_eps=1e-5, attn_implementation="eager", **SIZES
    )
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}}
    mean = sentence_model(out, "bert-mean", BertModel, bert, pieces, piece_settings, ["mean"], 48, prompts)
    modes = ["cls", "max", "mean_sqrt_len"]
    sentence_model(out, "roberta-joined", RobertaModel, roberta, pairs, pair_settings, modes, 64)
    judge = pair_model(out, "bert-pairs", BertForSequenceClassification, bert, pieces, piece_settings, 40)
    pair_model(out, "roberta-pairs", RobertaForSequenceClassification, roberta, pairs, pair_settings, 64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    as_onnx(mean, out / "bert-mean", out / "bert-mean-onnx", names, ["last_hidden_state"])
    as_onnx(judge, out / "bert-pairs", out / "bert-pairs-onnx", names, ["logits"])


main(Path(sys.argv[1]))
