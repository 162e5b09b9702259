/** @file Problems of baseline variants. Data only. */

export const armProblems = {
  ARM_LEFT_OUT: {
    title: "An arm that cannot be tried",
    message: "The arm {arm} is left out: {reason}",
    fix: "{fix}",
    exitCode: 2,
    docs: "The other arms are tried. What is missing may be a completed run whose settings are those of this recipe (apart from the seed and the evaluation), or the key of an endpoint.",
  },
  LLAMA_CPP_MISSING: {
    title: "Package for llama.cpp missing",
    message:
      "An arm of `model: local` is answered by llama.cpp, and the package node-llama-cpp cannot be loaded: {reason}",
    fix: "npm install node-llama-cpp@3.22.1 beside tunewise, or set TUNEWISE_LLAMA_CPP to the folder whose node_modules has it",
    docs: "Models that the engine does not know are run by llama.cpp through the optional package node-llama-cpp. It is resolved where tunewise is installed, never beside a recipe, since a shared recipe must not bring code; tunewise downloads and builds nothing.",
  },
  LLAMA_CPP_FAILED: {
    title: "Model refused by llama.cpp",
    message: "{file}: {reason}",
    fix: "Check that the file runs in llama.cpp of the installed version, and that memory suffices",
    docs: "llama.cpp, or its binary for this platform, refused the file or came to an end. The message is its own.",
  },
  ARMS_WITHOUT_METRIC: {
    title: "No metric for answers",
    message: "Arms are compared by their answers, and the recipe's only metrics are {metrics}",
    fix: "Add a metric such as exact_match or rouge_l to task.metrics",
    exitCode: 2,
    docs: "Perplexity asks how likely a model finds the reference; a model behind an API does not say that, and a prompt changes what is asked.",
  },
  ARMS_WITHOUT_BUDGET: {
    title: "An API that costs money, and no cap",
    message: "Answers of {model} cost money, and nothing says how much may be spent",
    fix: "Add `budget: { usd: 5 }` to the recipe, or --budget 5usd",
    exitCode: 2,
    docs: "The cap holds over all tries of a recipe's name in one store, also at the same time: money is set aside before a question is asked.",
  },
  ARMS_BUDGET_SPENT: {
    title: "A try has used its budget",
    message: "{spent} and {time} are spent on this try, and the cap is {cap}",
    fix: "{command}",
    exitCode: 2,
    docs: "The caps of `budget` hold for a try as they do for a run, each by itself. A turn of 16 rows begins only inside them, and what was answered is kept. Money is this machine's time at its price and what APIs took. With a higher cap the same command goes on where it was.",
  },
  DOCUMENTS_NOT_FOUND: {
    title: "Documents that are not there",
    message: "`retrieval.documents` names {word}, and no document is found for it from {folder}",
    fix: "Name a file, a folder, or a pattern such as docs/**/*.md, relative to the recipe",
    exitCode: 2,
    docs: "Documents of a folder are files whose extension says Markdown, text, HTML, PDF, table or JSON; names that start with a dot and links are left out.",
  },
  ARM_CORPUS_LEAK: {
    title: "Test rows in the documents",
    message: "{count} test rows stand in the documents, question and answer together; first {document}",
    fix: "Take these rows out of the documents, or out of the test rows",
    exitCode: 2,
    docs: "An answer may stand in a document, that is what documents are for. A question that is printed there with its answer measures copying: arms with passages would be flattered, so that the comparison is invalid.",
  },
  ARMS_NONE: {
    title: "No arm is left to try",
    message: "None of the {count} arms can be tried. {first}",
    fix: "{fix}",
    exitCode: 2,
    docs: "Every arm of the recipe lacks something, such as a completed run or the key of an endpoint.",
  },
} as const;
