"""Renders conversations with chat templates, as transformers does.

Reads a list of conversations, `{"messages", "tools"}`, from standard input. Writes a line for each template of TRL,
which are those that models are published with: `{"name", "source", "texts": [[full, prompt], ...]}`. A text that the
template refuses is `null`. `prompt` leaves the last message out and adds the generation prompt.
"""

import json
import sys
from pathlib import Path

import trl
from transformers.utils.chat_template_utils import render_jinja_template

SPECIAL = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}


def rendered(messages: list, tools: list | None, source: str, prompt: bool) -> str | None:
    given = messages[:-1] if prompt else messages
    try:
        texts, _ = render_jinja_template(
            [given], tools=tools, chat_template=source, add_generation_prompt=prompt, **SPECIAL
        )
    except Exception:  # templates raise whatever their expressions raise
        return None
    return texts[0]


conversations = json.load(sys.stdin)
for path in sorted((Path(trl.__file__).parent / "chat_templates").glob("*.jinja")):
    source = path.read_text()
    texts = [
        [rendered(one["messages"], one.get("tools"), source, prompt) for prompt in (False, True)]
        for one in conversations
    ]
    print(json.dumps({"name": path.stem, "source": source, "texts": texts}), flush=True)
