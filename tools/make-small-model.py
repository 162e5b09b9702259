#!/usr/bin/env python3
"""Makes models/small: the model that the demo trains where no other model can be reached.

A byte-level BPE tokenizer and a Llama with about half a million parameters, pretrained on small talk, copying
and note-to-JSON chats made here, on the sentences of small-model-english.txt, and on the texts (never the
answers) of the ticket example's training rows. Needs torch, tokenizers, safetensors and transformers; the
same seed on the same versions gives the same files. About 6 minutes on one core:

    python3 tools/make-small-model.py [--steps 2600] [--out models/small]
"""
import argparse
import json
import re
import time
from pathlib import Path
from random import Random

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM

SEED = 11
ROOT = Path(__file__).resolve().parent.parent
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
PAD, START, END = 0, 1, 2
VOCABULARY = 1200
ROWS_PER_STEP = 24
LEARNING_RATE = 4e-3
TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": 96,
    "intermediate_size": 224,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 24,
    "hidden_act": "silu",
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "attention_bias": False,
    "mlp_bias": False,
    "attention_dropout": 0.0,
    "tie_word_embeddings": True,
    "initializer_range": 0.06,
    "bos_token_id": START,
    "eos_token_id": END,
    "pad_token_id": PAD,
    "torch_dtype": "float16",
}


class Talk:
    """Draws chats without end: (system, user, assistant)."""

    def __init__(self, seed):
        self.rng = Random(seed)
        self.topics, self.asked = {}, []
        for line in (ROOT / "tools" / "small-model-english.txt").read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                topic, text = line.split(" :: ", 1)
                if topic == "ask":
                    self.asked.append(tuple(text.split(" | ")))
                else:
                    self.topics.setdefault(topic, []).append(text)
        self.tickets = read_ticket_texts()
        spoken = " ".join(self.tickets + [text for texts in self.topics.values() for text in texts])
        self.vocabulary = sorted(set(re.findall(r"[a-z]{3,12}", spoken)))
        self.kinds = (self.note, self.note, self.table, self.table, self.table, self.code, self.code,
                      self.repeat, self.topic, self.ask, self.mail, self.mail, self.sum, self.facts)

    def pick(self, items):
        return items[int(self.rng.random() * len(items))]

    def whole(self, low, high):
        return low + int(self.rng.random() * (high - low + 1))

    def chance(self, share):
        return self.rng.random() < share

    def sentence(self):
        return self.pick(self.pick(list(self.topics.values())))

    def word(self):
        """A made-up name, so that nothing but copying helps."""
        syllables = (self.pick("bdfgklmnprstvz") + self.pick("aeiou") for _ in range(self.whole(2, 3)))
        return "".join(syllables).capitalize()

    def plain_word(self):
        return self.pick(self.vocabulary)

    def number(self):
        return f"{self.pick('ABCDEFGHKMPRTX')}-{self.whole(10 ** 3, 10 ** self.whole(4, 6))}"

    def as_written(self, code):
        letter, digits = code.split("-")
        return self.pick((code,) * 5 + (code.lower(), letter + digits, f"{letter} {digits}", "#" + code))

    def draw(self):
        return self.pick(self.kinds)()

    def ask(self):
        question, answer = self.pick(self.asked)
        return self.pick(("", "You are helpful.", "Answer in one sentence.")), question, answer

    def sum(self):
        left, right = self.whole(1, 9), self.whole(1, 9)
        return "", self.pick((f"What is {left} plus {right}?", f"{left} + {right} = ?")), str(left + right)

    def mail(self):
        """Support mails as text alone: the answer is small talk, the same for every mail."""
        said = self.pick(
            ("Thank you for your message.", "Thanks, we will look.", "We have your mail and will answer.")
        )
        system = self.pick(("", "You are helpful.", "Say that the mail has come."))
        return system, self.pick(self.tickets), said

    def repeat(self):
        words = " ".join(self.pick((self.word(), self.plain_word())) for _ in range(self.whole(2, 6)))
        if self.chance(0.3):
            words = self.sentence()
        return self.pick(("", "Repeat the words.")), self.pick(("Repeat: ", "Say: ")) + words, words

    def code(self):
        code = self.number()
        around = [self.sentence() for _ in range(self.whole(0, 2))]
        said = ("The code is {}.", "code {}", "It is number {} in the list.", "({})", "See {}, please.", "{}")
        said = self.pick(said)
        around.insert(self.whole(0, len(around)), said.format(self.as_written(code)))
        return self.pick(("Which code is in the text?", "Find the code.")), " ".join(around), code

    def topic(self):
        topic = self.pick(list(self.topics))
        return "Turn the text into JSON: topic.", self.pick(self.topics[topic]), to_json({"topic": topic})

    def note(self):
        """A note about a person with some fields left out, in any order of fields."""
        name, age, town, code = self.word(), self.whole(18, 89), self.word(), self.number()
        glad, size = self.chance(0.5), self.pick(("small", "medium", "large"))
        said = {
            "name": self.pick(("My name is {}.", "I am {}.", "This is {} speaking.", "{} here."))
            .format(name),
            "age": self.pick(("I am {} years old.", "Age {}.", "{} years.")).format(age),
            "town": self.pick(("I live in {}.", "Home is {}.", "Writing from {}.")).format(town),
            "code": self.pick(("My code is {}.", "code {}", "Number {}.", "{}"))
            .format(self.as_written(code)),
            "glad": self.pick(("All is well.", "I am happy.") if glad else ("I am sad.", "Nothing works.")),
            "size": self.pick(("I take the {} one.", "Size: {}.", "A {} one please.")).format(size),
        }
        value = {"name": name, "age": age, "town": town, "code": code, "glad": glad, "size": size}
        keys = sorted(value, key=lambda _: self.rng.random())[: self.whole(2, 5)]
        left_out = {key for key in keys if key != "glad" and self.chance(0.25)}
        parts = [said[key] for key in keys if key not in left_out]
        if self.chance(0.4):
            parts.append(self.sentence())
        parts.sort(key=lambda _: self.rng.random())
        answer = {key: None if key in left_out else value[key] for key in keys}
        system, user = f"Turn the note into JSON: {', '.join(keys)}.", " ".join(parts) or self.sentence()
        return system, user, to_json(answer)

    def table(self):
        """Any words as keys and values, so that every token is one the model has once had to say in JSON."""
        keys = [self.plain_word() for _ in range(self.whole(2, 5))]
        parts, answer = [], {}
        for key in keys:
            word = self.pick((self.plain_word(), self.plain_word(), self.word(), self.number()))
            value = self.pick((word, word, word, word, self.chance(0.5), None))
            answer[key] = value
            if value is not None:
                said = ("no", "yes")[value] if isinstance(value, bool) else value
                parts.append(self.pick(("{} is {}.", "{}: {}.", "{} = {}.")).format(key, said))
        parts.sort(key=lambda _: self.rng.random())
        system, user = f"Turn the list into JSON: {', '.join(keys)}.", " ".join(parts) or self.sentence()
        return system, user, to_json(answer)

    def facts(self):
        """Two sentences, one about a thing and its color, and a question about it."""
        things = ("box", "door", "coat", "car", "cup", "chair")
        colors = ("red", "blue", "green", "black", "white", "yellow")
        pairs = [(thing, self.pick(colors)) for thing in sorted(things, key=lambda _: self.rng.random())[:3]]
        thing, color = self.pick(pairs)
        text = " ".join(f"The {one} is {other}." for one, other in pairs)
        return "", f"{text} What color is the {thing}?", color


def to_json(value):
    return json.dumps(value, separators=(",", ":"))


def read_ticket_texts():
    texts = []
    for line in (ROOT / "examples" / "tickets" / "train.jsonl").read_text("utf-8").splitlines():
        try:
            texts.append(json.loads(line)["messages"][1]["content"])
        except ValueError:
            continue
    return texts


def render(chat):
    system, user, assistant = chat
    turns = ([("system", system)] if system else []) + [("user", user), ("assistant", assistant)]
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in turns)


def train_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    talk = Talk(SEED)
    texts = [part for _ in range(1500) for part in talk.draw()] + talk.tickets * 2
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def batches(tokenizer, steps):
    """Rows of like length together, padded to the longest; labels cover everything but padding."""
    talk, rng, waiting = Talk(SEED + 1), Random(SEED + 2), []
    for _ in range(steps):
        if not waiting:
            rows = [tokenizer.encode(render(talk.draw())).ids[:256] for _ in range(ROWS_PER_STEP * 32)]
            rows.sort(key=len)
            waiting = [rows[at: at + ROWS_PER_STEP] for at in range(0, len(rows), ROWS_PER_STEP)]
            waiting.sort(key=lambda _: rng.random())
        rows = waiting.pop()
        longest = max(map(len, rows))
        ids = torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        yield ids, mask


def rate_at(step, steps):
    """Linear warm-up over 100 steps, then linear decay to a twentieth."""
    return LEARNING_RATE * min((step + 1) / 100, 1 - 0.95 * step / steps)


def pretrain(tokenizer, steps):
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    model = LlamaForCausalLM(LlamaConfig(**{**CONFIG, "torch_dtype": "float32"})).train()
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters")
    matrices = [p for p in model.parameters() if p.dim() > 1]
    scales = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.05}, {"params": scales, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=(0.9, 0.98))
    start, seen, mean = time.time(), 0, None
    for step, (ids, mask) in enumerate(batches(tokenizer, steps)):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps)
        loss = model(input_ids=ids, attention_mask=mask, labels=ids.masked_fill(mask == 0, -100)).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seen += int(mask.sum())
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 100 == 99:
            rate = seen / (time.time() - start)
            print(f"step {step + 1}  loss {mean:.3f}  {rate:.0f} tokens/s", flush=True)
    return model.eval()


def save(tokenizer, model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    head = {"bos_token": SPECIAL[START], "eos_token": SPECIAL[END], "pad_token": SPECIAL[PAD]}
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **head,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONFIG["max_position_embeddings"],
        "chat_template": TEMPLATE,
    }
    ends = {"bos_token_id": START, "eos_token_id": END, "pad_token_id": PAD}
    for name, value in (("tokenizer_config", config), ("config", CONFIG), ("generation_config", ends)):
        (folder / f"{name}.json").write_text(json.dumps(value, indent=2) + "\n", "utf-8")
    weights = model.state_dict()
    tensors = {key: weights[key].half().contiguous() for key in weights if key != "lm_head.weight"}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2600)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "small")
    chosen = parser.parse_args()
    tokenizer = train_tokenizer()
    save(tokenizer, pretrain(tokenizer, chosen.steps), chosen.out)


if __name__ == "__main__":
    main()
