/** @file Problems of `tunewise freeze` and of frozen references. Data only. */

export const freezeProblems = {
  FREEZE_NOTHING: {
    title: "No questions to freeze",
    message: "Nothing was given to ask {model}: no recipe with test rows, no prompts and no logs.",
    fix: "tunewise freeze {model} --prompts prompts.jsonl",
    exitCode: 64,
    docs: "`tunewise freeze` asks the test rows of the recipe (./tunewise.yaml or --recipe FILE), the prompts of --prompts FILE and those of --logs FILE. A prompt is a row with `messages`, or with a text in `prompt`.",
  },
  FREEZE_FILE_TAKEN: {
    title: "The file has other answers",
    message: "{path} contains answers {differs}, so those of {model} cannot be added.",
    fix: "tunewise freeze {model} -o other.jsonl",
    exitCode: 64,
    docs: "All answers of a frozen reference come from one model at one endpoint with the same decoding settings, because a comparison treats them as one model.",
  },
  FREEZE_PRICE_UNKNOWN: {
    title: "The model has no price",
    message: "No price list in use contains the price of {model} per million tokens.",
    fix: "tunewise freeze {model} --price 0.30,1.20 --budget 5usd",
    exitCode: 64,
    docs: "--price takes dollars per million tokens of prompt and answer, from the vendor's page. Without a price, tunewise cannot hold a cap, so it sends nothing.",
  },
  FREEZE_WITHOUT_BUDGET: {
    title: "A paid API needs a budget",
    message: "Answers of {model} cost money, but no budget is set.",
    fix: "tunewise freeze {model} --budget 5usd",
    exitCode: 2,
    docs: "The cap covers all freezes of the same model in one store, including concurrent ones and earlier ones: tunewise reserves the maximum cost of a question before it sends it.",
  },
  FROZEN_NOT_FOUND: {
    title: "The frozen reference does not exist",
    message: "{path} does not exist.",
    fix: "tunewise freeze MODEL -o {path}",
    exitCode: 64,
    docs: "A frozen reference is the file that `tunewise freeze` writes: the answers of a model behind an API.",
  },
  FROZEN_INVALID: {
    title: "Not a frozen reference",
    message: "{path} cannot be used: line {line}: {reason}.",
    fix: "Restore {path} from a backup, or remove it and run the same `tunewise freeze` again: stored answers are not paid for again",
    exitCode: 64,
    docs: "A frozen reference is JSON Lines: a header, then one answer per line. The message names the first line that is not valid.",
  },
  FROZEN_CHANGED: {
    title: "The frozen reference was changed",
    message: "The answers in {path} have the SHA-256 {found}, but its header records {recorded}.",
    fix: "Restore {path} from a backup, or remove it and run the same `tunewise freeze` again: stored answers are not paid for again",
    exitCode: 64,
    docs: "The header has the SHA-256 of all answers, so that a comparison never uses answers that somebody edited or a broken copy.",
  },
  NOT_WORSE_WITHOUT_METRIC: {
    title: "No score to compare",
    message:
      "Run {run} has no answers with a score in points (its metrics: {metrics}), so no margin applies.",
    fix: "Add a metric to the recipe, such as `task: { metrics: [exact_match] }`, then tunewise run",
    exitCode: 64,
    docs: "`compare --not-worse` compares scores between 0 % and 100 % by row. Perplexity has no points, and a model behind an API has none.",
  },
  NOT_WORSE_WITHOUT_ROWS: {
    title: "No answers to compare",
    message:
      "Of {rows} test rows of run {run}, {pairs} that training has not seen have a frozen answer in {path}; 2 are needed.",
    fix: "tunewise freeze MODEL -o {path}   (in the folder of the recipe)",
    exitCode: 64,
    docs: "A frozen answer belongs to a test row if question and tools are the same. Freeze again after the test rows or the system text of the recipe have changed.",
  },
} as const;
