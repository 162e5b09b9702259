/** @file Problems about: arms. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const armProblems = {
  ARM_LEFT_OUT: {
    title: "An arm that cannot be tried",
    message: "The arm {arm} is left out: {reason}",
    fix: "{fix}",
    exitCode: 2,
    since: "0.1.0",
    docs: "The other arms are tried. What is missing may be a completed run whose settings are those of this recipe (the seed and how it is judged aside), or the key of an endpoint.",
  },
  ARMS_WITHOUT_METRIC: {
    title: "No metric that answers can be judged by",
    message: "Arms are compared by what they answer, and the recipe judges by {metrics} alone",
    fix: "Add a metric such as exact_match or rouge_l to task.metrics",
    exitCode: 2,
    since: "0.1.0",
    docs: "Perplexity asks how likely a model finds the reference; a model behind an API does not say that, and a prompt changes what is asked.",
  },
  ARMS_WITHOUT_BUDGET: {
    title: "An API that costs money, and no cap",
    message: "Answers of {model} cost money, and nothing says how much may be spent",
    fix: "Add `budget: { usd: 5 }` to the recipe, or --budget-usd 5",
    exitCode: 2,
    since: "0.1.0",
    docs: "The cap holds over all tries of a recipe's name in one store, also at the same time: money is set aside before a question is asked.",
  },
  DOCUMENTS_NOT_FOUND: {
    title: "Documents that are not there",
    message: "`retrieval.documents` names {word}, and no document is found for it from {folder}",
    fix: "Name a file, a folder, or a pattern such as docs/**/*.md, relative to the recipe",
    exitCode: 2,
    since: "0.1.0",
    docs: "Documents of a folder are files that end in .md, .txt, .html, .pdf, .csv, .tsv, .json or .jsonl; names that start with a dot and links are left out.",
  },
  ARM_CORPUS_LEAK: {
    title: "Test rows in the documents",
    message: "{count} test rows stand in the documents, question and answer together; first {document}",
    fix: "Take these rows out of the documents, or out of the test rows",
    exitCode: 2,
    since: "0.1.0",
    docs: "An answer may stand in a document, that is what documents are for. A question that is printed there with its answer measures copying: arms with passages would be flattered, so that the comparison is void.",
  },
  ARMS_NONE: {
    title: "No arm is left to try",
    message: "None of the {count} arms can be tried. {first}",
    fix: "{fix}",
    exitCode: 2,
    since: "0.1.0",
    docs: "Every arm of the recipe lacks something, such as a completed run or the key of an endpoint.",
  },
} as const;
