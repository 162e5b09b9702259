/** @file Problems of tokenizers and chat templates. Data only. */

export const tokenizerEntries = {
  TOKENIZER_INVALID: {
    title: "The tokenizer files are not valid",
    message: "the tokenizer cannot be built: {reason}",
    fix: "Download the model's tokenizer.json and tokenizer_config.json again",
    exitCode: 64,
    docs: "`tokenizer.json` must be in the format of the Hugging Face `tokenizers` library with a BPE, Unigram or WordPiece model.",
  },
  TOKENIZER_TOO_SLOW: {
    title: "The tokenizer or chat template does not terminate",
    message:
      "the model's tokenizer or chat template took more than {seconds} s on {characters} characters of text",
    fix: "Use tokenizer.json and tokenizer_config.json from the model's publisher; one of these patterns does not terminate",
    docs: "The patterns of `tokenizer.json` are untrusted programs: one such as `(a+)+$` takes longer than the age of the universe on sixty letters. The limit for encoding a text is five seconds plus ten for each million characters, a hundred times what known tokenizers need.",
  },
  TOKENIZER_TEMPLATE_MISSING: {
    title: "The model has no chat template",
    message: "the tokenizer has no chat template{detail}",
    fix: "Use the model's -Instruct version, which has one; or give one in the recipe: model.chat_template: tools, or a Jinja file",
    exitCode: 64,
    docs: "Base models have no chat template, so the format of a conversation is undefined. Chat models have it in `tokenizer_config.json` or `chat_template.jinja`.",
  },
  TEMPLATE_INVALID: {
    title: "The chat template is not valid",
    message: "the model's chat template is not valid Jinja: {reason}",
    fix: "Download the model's chat template again, use another revision of the model, or correct model.chat_template",
    exitCode: 64,
    docs: "The template is part of the model and uses Jinja as `transformers` implements it.",
  },
  TEMPLATE_FAILED: {
    title: "The chat template rejects the conversation",
    message: "the model's chat template raised an error: {reason}",
    fix: "Change the rows to what the template allows, for example alternating roles and no system message",
    exitCode: 64,
    docs: "Templates may reject conversations on purpose (`raise_exception`), usually because roles do not alternate or because the model does not support a system message.",
  },
  TEMPLATE_LIMIT: {
    title: "The chat template exceeds its limits",
    message: "the model's chat template exceeds {limit} {what}",
    fix: "Use another revision of the model; this template does not terminate or grows without bound",
    exitCode: 64,
    docs: "A template is an untrusted program. Its size, steps and output are limited, so that it cannot hang or exhaust the machine.",
  },
} as const;
