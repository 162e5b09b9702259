/** @file Problems of baseline variants. Data only. */

export const armProblems = {
  ARM_LEFT_OUT: {
    title: "A variant cannot be tried",
    message: "The variant {arm} is excluded: {reason}",
    fix: "{fix}",
    exitCode: 2,
    docs: "The other variants are tried. A tuned variant needs a completed run with the settings of this recipe (the seed and the evaluation may differ), and a variant behind an API needs the key of its endpoint.",
  },
  LLAMA_CPP_MISSING: {
    title: "The package for llama.cpp is missing",
    message: "A variant with `model: local` runs on llama.cpp, but node-llama-cpp cannot be loaded: {reason}",
    fix: "npm install node-llama-cpp@3.22.1 in the folder where tunewise is installed, or set TUNEWISE_LLAMA_CPP to the folder whose node_modules contains it",
    docs: "llama.cpp runs models that the engine does not support, through the optional package node-llama-cpp. tunewise resolves the package from its own installation, never from a recipe's folder, because a shared recipe must not bring code. It downloads and builds nothing.",
  },
  LLAMA_CPP_FAILED: {
    title: "Model rejected by llama.cpp",
    message: "{file}: {reason}",
    fix: "Check that the installed version of llama.cpp supports the file, and that memory suffices",
    docs: "llama.cpp or its binary for this platform rejected the file or crashed. The message is llama.cpp's.",
  },
  ARMS_WITHOUT_METRIC: {
    title: "No metric for answers",
    message: "Variants are compared by their answers, but the recipe has only these metrics: {metrics}",
    fix: "Add a metric such as exact_match or rouge_l to task.metrics",
    exitCode: 2,
    docs: "Perplexity measures how likely the reference is for a model. A model behind an API does not report that, and a prompt changes the question.",
  },
  TRY_DOCUMENTS: {
    title: "Documents ask nothing",
    message:
      "The recipe trains on documents (task.kind: language-modeling), and variants are compared by their answers to questions",
    fix: "tunewise run compares the tuned with the base model on held-out documents; for answers, write a recipe whose test rows have questions, with the trained model as model",
    exitCode: 64,
    docs: "`tunewise try` compares prompts, examples, passages and models by their answers. Continued pre-training has no answers: a run reports perplexity and bits per byte of held-out documents for the base and the tuned model, and what a general compressor needs. Whether it helps a task shows a recipe for that task: `model export` the run, and name the exported model there.",
  },
  ARMS_WITHOUT_BUDGET: {
    title: "A paid API needs a budget",
    message: "Answers of {model} cost money, but the recipe sets no budget",
    fix: "Add `budget: { usd: 5 }` to the recipe, or --budget 5usd",
    exitCode: 2,
    docs: "The cap covers all tries with the same recipe name in one store, including concurrent ones: tunewise reserves money before it sends a question.",
  },
  ARMS_BUDGET_SPENT: {
    title: "The try has used up its budget",
    message: "This try has used {spent} and {time}; the cap is {cap}",
    fix: "{command}",
    exitCode: 2,
    docs: "The caps of `budget` apply to each try as they do to each run, independently. A turn of 16 rows starts only within them, and answers are saved. Cost is this machine's time at its price plus the charges of APIs. With a higher cap the same command continues where it stopped.",
  },
  DOCUMENTS_NOT_FOUND: {
    title: "No documents found",
    message: "`retrieval.documents` names {word}, but it matches no document in {folder}",
    fix: "Name a file, a folder, or a pattern such as docs/**/*.md, relative to the recipe",
    exitCode: 2,
    docs: "In a folder, files with an extension for Markdown, text, HTML, PDF, tables or JSON count as documents. Names that start with a dot and links are skipped.",
  },
  ARM_CORPUS_LEAK: {
    title: "Test rows in the documents",
    message: "{count} test rows appear in the documents with question and answer; first {document}",
    fix: "Remove these rows from the documents, or from the test rows",
    exitCode: 2,
    docs: "A document may contain an answer; that is its purpose. If it also contains the question, the test measures copying and favors variants with retrieval, so the comparison is invalid.",
  },
  ARMS_NONE: {
    title: "No variant can be tried",
    message: "None of the {count} variants can be tried. {first}",
    fix: "{fix}",
    exitCode: 2,
    docs: "Each variant of the recipe lacks something, such as a completed run or the key of an endpoint.",
  },
} as const;
