/** @file Problems of tokenizers and chat templates. Data only. */

export const tokenizerEntries = {
  TOKENIZER_INVALID: {
    title: "Tokenizer files not usable",
    message: "the tokenizer cannot be built: {reason}",
    fix: "Fetch the model's tokenizer.json and tokenizer_config.json again",
    exitCode: 64,
    docs: "`tokenizer.json` must be in the format of the Hugging Face `tokenizers` library with a BPE, Unigram or WordPiece model.",
  },
  TOKENIZER_TOO_SLOW: {
    title: "Tokenizer or template does not end",
    message:
      "the model's tokenizer or chat template took more than {seconds} s on {characters} characters of text",
    fix: "Take tokenizer.json and tokenizer_config.json from the model's publisher; one of their patterns does not end",
    docs: "The patterns of `tokenizer.json` are programs from the internet: one such as `(a+)+$` takes longer than the age of the universe on sixty letters. Encoding a text may take five seconds and ten more for each million characters, which is a hundred times what known tokenizers take.",
  },
  TOKENIZER_TEMPLATE_MISSING: {
    title: "Model has no chat template",
    message: "the tokenizer has no chat template{detail}",
    fix: "Use the model's -Instruct version, which has one",
    exitCode: 64,
    docs: "Base models come without a chat template, so there is no defined way to put a conversation before them. Models fine-tuned for chat carry it in `tokenizer_config.json` or `chat_template.jinja`.",
  },
  TEMPLATE_INVALID: {
    title: "Chat template cannot be read",
    message: "the model's chat template is not valid Jinja: {reason}",
    fix: "Fetch the model's chat template again, or use another revision of the model",
    exitCode: 64,
    docs: "The template comes with the model and is Jinja as `transformers` understands it.",
  },
  TEMPLATE_FAILED: {
    title: "Chat template refuses the conversation",
    message: "the model's chat template stopped: {reason}",
    fix: "Change the rows to what the template allows, for example roles that alternate and no system message",
    exitCode: 64,
    docs: "Templates may refuse conversations on purpose (`raise_exception`), most often for roles that do not alternate, or a system message where the model knows none.",
  },
  TEMPLATE_LIMIT: {
    title: "Chat template exceeds its limits",
    message: "the model's chat template exceeds {limit} {what}",
    fix: "Use another revision of the model; this template does not end or grows without bound",
    exitCode: 64,
    docs: "A template is a program from the internet. Its size, the steps it takes and the text it makes are limited, so that it cannot hang or exhaust the machine.",
  },
} as const;
