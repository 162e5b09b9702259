"""Token IDs and assistant masks of conversations, by `transformers` with the tokenizer of a golden file.

    python assistant_masks.py GOLDEN.json < conversations.json > masks.json
"""
import json
import sys

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

golden = json.load(open(sys.argv[1], encoding="utf8"))
config = golden["config"]
template = config["chat_template"]
if isinstance(template, list):
    template = next(one["template"] for one in template if one["name"] == "default")
tokens = {name: value for name, value in config.items() if name.endswith("_token") and isinstance(value, str)}
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=Tokenizer.from_str(json.dumps(golden["tokenizer"])), chat_template=template, **tokens
)
found = []
for messages in json.load(sys.stdin):
    out = tokenizer.apply_chat_template(
        messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    found.append({"ids": out["input_ids"], "mask": out["assistant_masks"]})
json.dump(found, sys.stdout)
