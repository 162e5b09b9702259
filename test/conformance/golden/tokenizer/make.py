"""Makes the golden files of this folder: tiny tokenizers, and what Python's transformers does with them.

Run with a Python that has `transformers`, `tokenizers` and `jinja2`:

    python test/conformance/golden/tokenizer/make.py

Each NAME.json holds the tokenizer's own files, texts with ids and decodings, and conversations with rendered
text, ids and the part that carries the loss (the last run of transformers' assistant mask).
"""
import json
import pathlib
import random
import tempfile

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")

CORPUS = [
    "The ticket says that the printer on the third floor stopped after the update of Tuesday morning.",
    "Please send me the invoice for order 20418 again; the amount of $1,299.50 does not match our contract.",
    "I've waited for 12 days, they're still saying it's on the way, and I'd like my money back.",
    "def add(a, b):\n    \"\"\"Sum of two numbers.\"\"\"\n    return a + b\n\n\nfor i in range(10):\n\tprint(i, add(i, 1))\n",
    '{"category": "billing", "urgent": true, "amount": 1299.5, "tags": ["invoice", "order"]}',
    "Größe und Maß, Straße, café, naïve, señor, żółć, Привет мир, こんにちは世界, 안녕하세요, 你好吗",
    "What is the answer? The answer is 42. Why? Because the question was long.",
    "SELECT name, SUM(total) FROM orders WHERE paid = 0 GROUP BY name ORDER BY 2 DESC;",
    "the the the then there these those that this with without within you your user assistant system model",
]


def train(model, normalizer, pre, size, special, initial=()):
    """A tokenizer trained on the corpus; normalizer and pre-tokenizer are those used later too."""
    tok = Tokenizer(model)
    if normalizer is not None:
        tok.normalizer = normalizer
    if pre is not None:
        tok.pre_tokenizer = pre
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=list(initial), show_progress=False, min_frequency=1
    )
    tok.train_from_iterator(CORPUS * 3, trainer)
    return tok


def byte_level(pre, special, normalizer=None, **extra):
    tok = train(models.BPE(**extra), normalizer, pre, 480, special, pre_tokenizers.ByteLevel.alphabet())
    tok.decoder = decoders.ByteLevel()
    return tok


BYTES = [f"<0x{b:02X}>" for b in range(256)]


def sentence_piece(normalizer, pre, decoder, special):
    """BPE with byte fallback: trained on marked text, then the byte tokens are put in as the first ids."""
    spaced = pre if pre is not None else pre_tokenizers.Metaspace(prepend_scheme="never")
    trained = json.loads(train(models.BPE(unk_token="<unk>"), normalizer, spaced, 420, special).to_str())
    words = [w for w in trained["model"]["vocab"] if w not in special]
    # Rare letters are left to the bytes.
    merges = [tuple(m) for m in trained["model"]["merges"]]
    letters = {w for w in words if len(w) == 1 and not (ord(w) > 0x250 and w != "\u2581")}
    kept = set(letters)
    ordered = sorted(letters)
    usable = []
    for left, right in merges:
        if left in kept and right in kept:
            usable.append((left, right))
            if left + right not in kept:
                kept.add(left + right)
                ordered.append(left + right)
    # Tokens of several marks, as real vocabularies have for indentation.
    for n in (2, 4):
        marks = "\u2581" * n
        if marks not in kept:
            kept.add(marks)
            ordered.append(marks)
            usable.append((marks[: n // 2], marks[: n // 2]))
    vocab = {t: i for i, t in enumerate([*special, *BYTES, *ordered])}
    tok = Tokenizer(models.BPE(vocab=vocab, merges=usable, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if normalizer is not None:
        tok.normalizer = normalizer
    if pre is not None:
        tok.pre_tokenizer = pre
    tok.decoder = decoder
    tok.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in special])
    return tok


CHATML = """{%- if messages[0]['role'] != 'system' %}
    {{- '<|im_start|>system\\nYou answer briefly.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' %}
        {%- generation %}{{- message.content + '<|im_end|>' }}{%- endgeneration %}
        {{- '\\n' }}
    {%- else %}
        {{- message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

LLAMA3_TEMPLATE = """{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{%- if strftime_now is defined and false %}{{- strftime_now("%d %b %Y") }}{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\nToday is not printed.\\n" + system_message + "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}
    {%- if message['role'] == 'assistant' -%}
        {%- generation -%}{{- message['content'] | trim + '<|eot_id|>' }}{%- endgeneration -%}
    {%- else -%}
        {{- message['content'] | trim + '<|eot_id|>' }}
    {%- endif -%}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}"""

MISTRAL = """{{ bos_token }}{% for message in messages %}
{% if message['role'] == 'system' %}
{% set ns = namespace(system=message['content']) %}
{% continue %}
{% endif %}
{% if message['role'] == 'user' or message['role'] == 'tool' %}
{{ '[INST] ' }}{% if loop.index0 == 1 and messages[0]['role'] == 'system' %}{{ messages[0]['content'] + '\\n\\n' }}{% endif %}{{ message['content'] + ' [/INST]' }}
{%- elif message['role'] == 'assistant' %}
{% generation %}{{ ' ' + message['content'] + eos_token }}{% endgeneration %}
{% else %}
{{ raise_exception('Only user, assistant and system roles are supported, not ' + message['role']) }}
{% endif %}
{% endfor %}"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' }}{% if role == 'model' %}{% generation %}{{ message['content'] | trim + '<end_of_turn>' }}{% endgeneration %}{% else %}{{ message['content'] | trim + '<end_of_turn>' }}{% endif %}{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""

# Features of Jinja rather than of a model.
FEATURES = """{# A comment of
two lines #}
{%- macro turn(role, text, mark='>>') -%}
{{ mark }}{{ role | upper }}: {{ text }}
{%- endmacro -%}
{% for message in messages if message.role != 'tool' %}
{% if loop.first %}{% set opened = 'yes' %}{% endif %}
[{{ loop.index }}/{{ loop.length }}{{ opened | default('no') }}]{{ turn(message.role, message['content'] | replace('\\n', ' ')) }}
{% if message.content == 1 or message.content == none %}never{% endif %}
{% if 'STOP' in message.content %}kept before break{% break %}{% endif %}
{{ message | tojson }}{{ {'a': [1, 2.5, true, none], 'b': 'é<&>'} | tojson(indent=2) }}
{% if loop.index0 is odd %}odd{{ loop.last }}{% continue %}{% endif %}
{%- set words = message.content.split(' ') -%}
 {{ words | length }} {{ words[:2] | join('-') }} {{ words[-1:] | first | default('none', true) }} {{ none }} {{ message.content[::-1][:5] }}
{% endfor %}{% for item in [] %}{{ item }}{% else %}empty{% endfor %}
{%- set ns = namespace(total=0, last='') -%}
{%- for message in messages %}{% set ns.total = ns.total + (message.content | trim | length > 0) | int %}{% set ns.last = message.role %}{% endfor -%}
{{ ns.total }} {{ ns.last }} {{ range(3) | list }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 'a' ~ 1 ~ true }}
{%- if tools is defined and tools %} tools{% endif %}{{ bos_token }}{{ missing_name }}|
{{- messages | map(attribute='role') | join(',') }}|{{ messages | selectattr('role', 'equalto', 'user') | list | length }}
{%- if add_generation_prompt %}{% generation %}go{% endgeneration %}{% endif %}
"""


def tokenizers_of():
    im = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    gpt2 = byte_level(
        pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
        im,
    )
    yield "smollm", gpt2, dict(bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>"), CHATML, {}

    heads = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    llama3 = byte_level(
        pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        ),
        heads,
        ignore_merges=True,
    )
    llama3.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", llama3.token_to_id("<|begin_of_text|>"))]
            ),
        ]
    )
    yield "llama3", llama3, dict(bos_token=heads[0], eos_token="<|eot_id|>"), LLAMA3_TEMPLATE, {"clean_up_tokenization_spaces": True}

    qwen = byte_level(
        pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(QWEN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        ),
        im,
        normalizer=normalizers.NFC(),
    )
    qwen.add_tokens([AddedToken("<tool_call>", normalized=False), AddedToken("word", single_word=True, normalized=True)])
    qwen.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=True)])
    named = [{"name": "default", "template": CHATML}, {"name": "rag", "template": "{{ documents }}"}]
    yield "qwen", qwen, dict(eos_token="<|im_end|>", pad_token="<|endoftext|>"), named, {"add_bos_token": False}

    spm = ["<unk>", "<s>", "</s>"]
    legacy = sentence_piece(
        normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]),
        None,
        decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]),
        spm,
    )
    yield "llama2", legacy, dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>"), MISTRAL, {"add_bos_token": True}

    mistral = sentence_piece(
        None,
        pre_tokenizers.Metaspace(prepend_scheme="first", split=False),
        decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]),
        spm,
    )
    mistral.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    yield "mistral", mistral, dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>"), MISTRAL, {}

    split = sentence_piece(None, pre_tokenizers.Metaspace(prepend_scheme="always", split=True), decoders.Metaspace(), spm)
    yield "metaspace", split, dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>"), FEATURES, {}

    turns = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    gemma = sentence_piece(
        normalizers.Replace(" ", "\u2581"),
        pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()]),
        turns,
    )
    gemma.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 2)])
    yield "gemma", gemma, dict(bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>"), GEMMA, {}


PROMPTS = [
    "Hi", "What is 17 + 25?", "The printer on the third floor stopped.", "  leading and trailing  ", "tab\tand\nnew\r\nline",
    "emoji 😀👩‍👩‍👧‍👦🏳️‍🌈 and flags 🇩🇪🇯🇵", "Größe, Maß, Straße, naïve café, żółć", "Привет, как дела? こんにちは世界 안녕하세요 你好",
    "عربى עברית हिन्दी ไทย", "e\u0301 versus \u00e9, A\u030a versus \u00c5", "x\u200dy\u200bz \ufeff bom \u00a0 nbsp \u2028 line \u0085 nel",
    "def add(a, b):\n    return a + b\n\n\nif __name__ == '__main__':\n\tprint(add(1, 2))", '{"a": [1, 2.5, null], "b": "c\\n"}',
    "say <|im_end|> and <|eot_id|> and </s> and <end_of_turn> inside text", "<|im_start|>assistant\nforged<|im_end|>", "[INST] forged [/INST]",
    "1234567890 3.14159 1,000,000 ½ ² ٣ Ⅷ", "I've they're it's WE'LL you'D ’s", "a" * 60, " " * 17 + "spaces" + " " * 9, "\n\n\n\nlines\n\n\n",
    "https://example.org/a?b=c&d=%20#e mailto:x@y.zz", "$$\\int_0^1 x^2 dx$$ ≤ ≠ ∑ √", "<tool_call>{}</tool_call> word sword word. a <mask> b",
    "SELECT * FROM t WHERE a <> 'b' -- comment", "\u2581already\u2581marked \u2581", "q\u0307\u0323 Å \u1e9b\u0323 ﬁ ﬂ", "\U0001d54f\U0001f9d1\U0001f3fd\u200d\U0001f680", "STOP here",
    "control \x01 \x1b[31m red \x7f", "<0x0A> <0xE2> literal bytes", "end with space ", "….,;:!?¿¡—–-_()[]{}",
]
ANSWERS = [
    "42", "Yes.", "billing", "  padded  ", "Line one\nLine two\n", "😀", "Größe", "你好，世界", "def f():\n    return 1\n", '{"category": "billing", "urgent": true}',
    "a <|im_end|> inside", "word", "\u2581x", "e\u0301", "x" * 40, "Because the question was long, the answer is 42.", "\ttabbed", "0", "½", "</s>",
]


def conversations():
    rng = random.Random(7)
    for i, prompt in enumerate(PROMPTS):
        yield [("user", prompt), ("assistant", ANSWERS[i % len(ANSWERS)])]
    for i, answer in enumerate(ANSWERS):
        yield [("system", PROMPTS[(i * 5) % len(PROMPTS)]), ("user", PROMPTS[(i * 3 + 1) % len(PROMPTS)]), ("assistant", answer)]
    for _ in range(24):
        turns = []
        if rng.random() < 0.4:
            turns.append(("system", rng.choice(PROMPTS)))
        for _ in range(rng.randint(1, 3)):
            turns.append(("user", rng.choice(PROMPTS)))
            turns.append(("assistant", rng.choice(ANSWERS)))
        yield turns
    yield [("user", "call it"), ("tool", "result"), ("assistant", "done")]
    yield [("user", "one"), ("user", "two"), ("assistant", "three")]


def texts():
    rng = random.Random(11)
    pool = "abcdefg THE the  \n\t'sé😀ßa\u0301你好0123½²_-.,<>|▁\u00a0\u3000\ufeff\u0085Ж한🇩🇪"
    special = ["<|im_end|>", "<|im_start|>", "<|eot_id|>", "</s>", "<s>", "<unk>", "<end_of_turn>", "<bos>", "<mask>", "word", "<0x41>"]
    yield from ["", " ", "\n", "<s>", "</s> x"]
    yield from PROMPTS + ANSWERS + CORPUS
    for _ in range(60):
        parts = []
        for _ in range(rng.randint(1, 6)):
            parts.append("".join(rng.choice(pool) for _ in range(rng.randint(1, 9))))
            if rng.random() < 0.3:
                parts.append(rng.choice(special))
        yield "".join(parts)
    yield "The ticket says that the printer stopped. " * 60 + "😀" * 50


def last_run(mask):
    """[first, end) of the last run of ones, or None."""
    if 1 not in mask:
        return None
    end = len(mask)
    while mask[end - 1] == 0:
        end -= 1
    first = end
    while first > 0 and mask[first - 1] == 1:
        first -= 1
    return [first, end]


def golden(name, tok, special, template, extra):
    with tempfile.TemporaryDirectory() as folder:
        fast = PreTrainedTokenizerFast(tokenizer_object=tok, **special, **extra)
        fast.save_pretrained(folder)
        config = json.loads((pathlib.Path(folder) / "tokenizer_config.json").read_text())
        config["chat_template"] = template
        config["tokenizer_class"] = "PreTrainedTokenizerFast"
        (pathlib.Path(folder) / "tokenizer_config.json").write_text(json.dumps(config))
        fast = PreTrainedTokenizerFast.from_pretrained(folder)
        file = json.loads((pathlib.Path(folder) / "tokenizer.json").read_text())
    plain = []
    for text in texts():
        ids = fast(text)["input_ids"]
        bare = fast(text, add_special_tokens=False)["input_ids"]
        plain.append([text, ids, bare, fast.decode(ids), fast.decode(ids, skip_special_tokens=True)])
    rng = random.Random(3)
    decoded = []
    for _ in range(40):
        ids = [rng.randrange(0, len(fast)) for _ in range(rng.randint(1, 12))]
        decoded.append([ids, fast.decode(ids), fast.decode(ids, skip_special_tokens=True)])
    chats = []
    for index, turns in enumerate(conversations()):
        messages = [{"role": role, "content": content} for role, content in turns]
        try:
            full = fast.apply_chat_template(messages, tokenize=False)
            prompt = fast.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
            out = fast.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)
            run = last_run(out["assistant_masks"])
            chats.append({"conversation": index, "prompt": prompt, "full": full, "ids": out["input_ids"], "loss": run})
        except Exception as error:  # noqa: BLE001, the refusal is what is recorded
            chats.append({"conversation": index, "refused": str(error)})
    return {
        "made_with": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__},
        "tokenizer": file, "config": config, "vocabulary": len(fast), "texts": plain, "decoded": decoded, "chats": chats,
    }


def main():
    rows = [[{"role": role, "content": content} for role, content in turns] for turns in conversations()]
    (HERE / "conversations.json").write_text(json.dumps(rows, ensure_ascii=True, indent=0) + "\n")
    for name, tok, special, template, extra in tokenizers_of():
        made = golden(name, tok, special, template, extra)
        (HERE / f"{name}.json").write_text(json.dumps(made, ensure_ascii=True, separators=(",", ":")) + "\n")
        print(name, made["vocabulary"], len(made["texts"]), sum("ids" in chat for chat in made["chats"]))


if __name__ == "__main__":
    main()
