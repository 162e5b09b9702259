"""Token ids and assistant masks of conversations in the chat templates that mark generations, as of transformers.

    python masks.py GOLDEN.json < input.json

Reads `{"special", "conversations"}`. Uses the tokenizer of a golden file, with the special tokens of all templates added.
Writes a line `{"tokenizer"}`, then a line for each template of TRL that has `{% generation %}`:
`{"name", "source", "rows": [{"ids", "mask"}, ...]}`. A row that the template refuses is `null`.
"""

import json
import re
import sys
from pathlib import Path

import trl
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

golden = json.load(open(sys.argv[1], encoding="utf8"))
tokens = {name: value for name, value in golden["config"].items() if name.endswith("_token") and isinstance(value, str)}
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(json.dumps(golden["tokenizer"])), **tokens)


def encoded(messages: list, tools: list | None, source: str) -> dict | None:
    try:
        out = tokenizer.apply_chat_template(
            messages,
            tools=tools,
            chat_template=source,
            tokenize=True,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
    except Exception:  # templates raise whatever their expressions raise
        return None
    return {"ids": out["input_ids"], "mask": out["assistant_masks"]}


sources = {path.stem: path.read_text() for path in (Path(trl.__file__).parent / "chat_templates").glob("*.jinja")}
marked = {name: source for name, source in sorted(sources.items()) if re.search(r"{%-? *generation", source)}
given = json.load(sys.stdin)
special = {*given["special"], *re.findall(r"<[|｜][^<>{}'\"\s]{1,40}[|｜]>", "".join(marked.values()))}
tokenizer.add_special_tokens({"additional_special_tokens": sorted(special)})
print(json.dumps({"tokenizer": json.loads(tokenizer.backend_tokenizer.to_str())}), flush=True)
for name, source in marked.items():
    rows = [encoded(one["messages"], one.get("tools"), source) for one in given["conversations"]]
    print(json.dumps({"name": name, "source": source, "rows": rows}), flush=True)
