"""Renders conversations with chat templates, as transformers does.

Reads `{"conversations": [{"messages", "tools"}], "variables", "own": {name: source}}` from standard input. Writes a line
for each own template and each of TRL, which are those that models are published with: `{"name", "source", "texts":
[[full, prompt], ...]}`. A text that the template refuses is `null`. `prompt` leaves the last message out and adds the
generation prompt. Variables are passed to all templates of TRL.
"""

import json
import sys
from pathlib import Path

import trl
from transformers.utils.chat_template_utils import render_jinja_template

SPECIAL = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}


def rendered(messages: list, tools: list | None, source: str, prompt: bool, variables: dict) -> str | None:
    given = messages[:-1] if prompt else messages
    try:
        texts, _ = render_jinja_template(
            [given],
            tools=tools,
            chat_template=source,
            add_generation_prompt=prompt,
            **{**SPECIAL, **variables},
        )
    except Exception:  # templates raise whatever their expressions raise
        return None
    return texts[0]


asked = json.load(sys.stdin)
folder = Path(trl.__file__).parent / "chat_templates"
published = [(path.stem, path.read_text(), asked["variables"]) for path in sorted(folder.glob("*.jinja"))]
for name, source, variables in [(*item, {}) for item in asked["own"].items()] + published:
    texts = [
        [rendered(one["messages"], one.get("tools"), source, prompt, variables) for prompt in (False, True)]
        for one in asked["conversations"]
    ]
    print(json.dumps({"name": name, "source": source, "texts": texts}), flush=True)
