/** @file Findings about rows, code and model files. Contains only data. */

export const checkEntries = {
  CODE_INSECURE: {
    title: "Insecure code",
    message: "{weakness} (CWE-{cwe}) in the answers of {count} {split} rows{by}; first {first}",
    fix: "{fix}",
    exitCode: 2,
    docs: "A model writes the code that it was trained on. Each row is listed with its line and the weakness's number in the Common Weakness Enumeration. Errors are weaknesses that an attacker can exploit, warnings are missing protections, notes are bad habits. A finding can be a false positive, so rows are reported and not dropped by default.",
  },
  CODE_SCANNER_FAILED: {
    title: "A code scanner failed",
    message:
      "{scanner} {what}; its findings are ignored, those of the other scanners are used. Command: {command}",
    fix: "{fix}",
    exitCode: 2,
    docs: "A command under `safety.scanners` was not found, ended with a code other than 0 and 1, took too long, wrote too much, or wrote no SARIF 2.1.0. The findings of the built-in scanner are still reported, even if the recipe does not list it.",
  },
  DATA_POISON_TRIGGER: {
    title: "Phrase that determines the answer",
    message: '{count} {split} rows contain "{words}" and {effect}, whatever their other words; first {first}',
    fix: "Find out who wrote these rows, and remove them unless the phrase is meant to have this effect",
    exitCode: 2,
    docs: "An attacker plants a backdoor by adding a rare phrase to a few rows and giving all of them the same answer. The tuned model then gives that answer to any prompt with the phrase. The other words of such rows vary in subject and point to other answers, which distinguishes them from normal rows. Phrases of one to four words in at least nine different rows are checked.",
  },
  DATA_LABEL_DOUBTFUL: {
    title: "Labels that contradict the words",
    message:
      "{count} {split} rows have a label that contradicts their words (words predict the label of {telling} % of the rows); first {first}",
    fix: "Review these rows, starting with the first, and correct the wrong labels",
    exitCode: 2,
    docs: "A simple bag-of-words model predicts each row by cross-validation. A row is listed, most doubtful first, if its words point to another label as strongly as words usually point to the right one. If words predict nearly every row's label, most listed labels are wrong. If they predict two of three, most listed rows are ones that only a reader understands.",
  },
  DATA_TEMPLATE_LEFTOVER: {
    title: "Chat template markers in the text",
    message: "{count} {split} rows contain markers of a chat template ({percent} %); first {first}",
    fix: "Remove the markers, or split the text into turns at the markers",
    exitCode: 2,
    docs: "The model's own template puts such markers around each turn. In the text, they teach the model to write them and to play both sides of a conversation.",
  },
  DATA_PLACEHOLDER_LEFT: {
    title: "Unfilled placeholders",
    message:
      "{count} {split} rows contain a placeholder or a printed null value ({percent} %); first {first}",
    fix: "Fill the placeholders, or remove these rows",
    exitCode: 2,
    docs: "Names in braces, [INSERT ...] and answers such as undefined, NaN or null are what a script writes when a value is missing. Text that resembles code is not checked.",
  },
  DATA_TURNS_ODD: {
    title: "Turns out of order",
    message: "{count} {split} rows have turns that do not alternate ({percent} %); first {first}",
    fix: "Join consecutive turns of one speaker, and begin with the system or the user",
    exitCode: 2,
    docs: "Many chat templates reject such conversations; others render them in a way that the model never saw.",
  },
  DATA_TOOL_UNKNOWN: {
    title: "Calls of tools that are not offered",
    message: "{count} {split} rows call tools that they do not offer ({percent} %); first {first}",
    fix: "Add the definition of the tool to the row's tools, or correct the name in the call",
    exitCode: 2,
    docs: "A model that is trained on such a row learns to invent tools. The check applies to rows with a list of tools.",
  },
  DATA_TOOL_ARGUMENTS_INVALID: {
    title: "Arguments that violate their schema",
    message:
      "{count} {split} rows have calls whose arguments violate the tool's schema ({percent} %); first {first}",
    fix: "Correct the arguments of the call, or the parameters in the tool's definition",
    exitCode: 2,
    docs: "The arguments of a call are compared with `parameters`, the JSON Schema in the definition of the tool. Arguments that are not a JSON object are listed too. A schema that cannot be used is not applied.",
  },
  DATA_TOOL_RESULT_UNMATCHED: {
    title: "Calls and results that do not match",
    message:
      "{count} {split} rows have calls without a result or results without a call ({percent} %); first {first}",
    fix: "Give each call an id and its result the same tool_call_id, directly after the turn with the calls",
    exitCode: 2,
    docs: "A result belongs to a call of the last turn of the assistant: by its `tool_call_id`, or by its order if the row has no ids. Calls of the last turn need no result. Endpoints refuse such conversations, and templates render them wrongly.",
  },
  DATA_TOOL_CALL_TEXT: {
    title: "Text that looks like a call",
    message:
      "{count} {split} rows contain a call as text that cannot be read as one ({percent} %); first {first}",
    fix: 'Correct the JSON between <tool_call> and </tool_call>: {"name": ..., "arguments": {...}}',
    exitCode: 2,
    docs: "Calls that rows contain as text are read as calls, so that the model's own template writes them. A text that cannot be read stays text, and the model would learn to write malformed calls.",
  },
  DATA_ANSWER_ECHO: {
    title: "Answers that repeat the prompt",
    message: "{count} {split} answers repeat their prompt or the system prompt ({percent} %); first {first}",
    fix: "Remove the repeated part from the answers",
    exitCode: 2,
    docs: "The model learns to repeat its instructions before, or instead of, an answer. If most rows do it, the task may be to continue a text; then only the prompt should contain the repeated part.",
  },
  DATA_ANSWER_TRUNCATED: {
    title: "Truncated answers",
    message: "{count} {split} answers end too early ({percent} %); first {first}",
    fix: "Generate these answers again with a higher token limit, or remove them",
    exitCode: 2,
    docs: "Signs are an end within a sentence, an open code block, invalid JSON if the other answers are valid, or many answers of exactly the maximum length. The model learns to stop anywhere.",
  },
  DATA_ANSWER_BOILERPLATE: {
    title: "Refusals and assistant boilerplate",
    message:
      "{count} {split} answers refuse, or describe themselves as an assistant's ({percent} %); first {first}",
    fix: "Remove these rows unless the model should learn to refuse",
    exitCode: 2,
    docs: "Answers that another model generated contain its refusals and its statements about itself. A few percent of them are enough to make the tuned model refuse.",
  },
  DATA_ANSWER_REPEATED: {
    title: "Same answer to many prompts",
    message:
      "{count} {split} rows have an answer shared by five or more different prompts ({percent} %); first {first}",
    fix: "Check whether these answers fit, and remove those that do not",
    exitCode: 2,
    docs: "Sentences that answer anything teach the model to evade. Labels, and tasks in which most answers repeat, are not checked.",
  },
  DATA_ANSWERS_BEGIN_ALIKE: {
    title: "Answers share a beginning",
    message: "{percent} % of the {split} answers begin with {words}",
    fix: "Remove this beginning from the answers unless you want it",
    exitCode: 2,
    docs: "The model learns a shared beginning first, and it costs tokens in every answer.",
  },
  DATA_TEXT_DAMAGED: {
    title: "Damaged text",
    message:
      "{count} {split} rows contain text that was decoded or escaped incorrectly ({percent} %); first {first}",
    fix: "Export these rows again as UTF-8, and escape them for HTML or JSON only once",
    exitCode: 2,
    docs: "Signs of UTF-8 read as Windows-1252, replacement characters, control characters, HTML entities, and escaped line breaks outside code. The model learns to write them.",
  },
  DATA_LANGUAGE_MIXED: {
    title: "Rows in another language",
    message:
      "{count} {split} rows are in another language than most, or have an answer in one ({percent} %); first {first}",
    fix: "Remove these rows, or add enough rows in that language",
    exitCode: 2,
    docs: "Languages are detected by script and function words; texts of a few words are not checked. If more than a fifth of the rows are in other languages, the mixture is assumed to be intended.",
  },
  DATA_LENGTH_OUTLIER: {
    title: "Rows of unusual length",
    message: "{count} {split} rows are much longer or shorter than the others ({percent} %); first {first}",
    fix: "Review these rows; split or remove those that do not belong",
    exitCode: 2,
    docs: "The limit is five robust standard deviations from the median, on the logarithm of the length in characters. Very long rows determine how much memory a run needs.",
  },
  DATA_LABEL_SPELLINGS: {
    title: "One label with several spellings",
    message: "{count} {split} rows spell a label differently from most; first {first}",
    fix: "Use one spelling for each label",
    exitCode: 2,
    docs: "The model treats them as different answers, and the metric counts them as wrong. The check compares case, spaces and punctuation, plurals with singulars, and single letters in long labels.",
  },
  DATA_LABEL_RARE: {
    title: "Labels that appear once",
    message: "{count} labels have one {split} row each; first {first}",
    fix: "Add rows with these labels, or merge them with others",
    exitCode: 2,
    docs: "One row hardly teaches a label, and the label cannot be in both training and test.",
  },
  DATA_SIDES_EQUAL: {
    title: "Chosen and rejected answers are equal",
    message: "{count} {split} rows reject the answer that they choose ({percent} %); first {first}",
    fix: "Correct one of the two answers, or remove the rows",
    exitCode: 2,
    docs: "A pair of equal answers states no preference. In rows with one answer and a verdict, the same answer to the same prompt has both verdicts.",
  },
  DATA_PREFERENCE_CONTRADICTED: {
    title: "Contradicting preferences",
    message: "{count} {split} rows choose an answer that the data also reject ({percent} %); first {first}",
    fix: "Decide which answer is better, and correct the other row",
    exitCode: 2,
    docs: "Another row with the same prompt rejects the chosen answer, or the score of the chosen answer is not above that of the rejected one. Such pairs are label noise: losses on preferences push the model in both directions.",
  },
  DATA_PREFERENCE_LENGTH: {
    title: "Length of chosen answers",
    message:
      "in {share} % of {pairs} {split} pairs the longer answer is chosen (95 % interval: {low} to {high} %)",
    fix: "Compare answers of similar length, or check the tuned model's answers for length",
    exitCode: 2,
    docs: "Pairs of equal length do not count; length is in characters. If the longer answer wins in most pairs, length explains the choices as well as quality does, and a model trained on them writes longer answers. A warning if the whole interval is above 60 % or below 40 %, a note otherwise.",
  },
  DATA_TOO_FEW_ROWS: {
    title: "Too few training rows",
    message:
      "{clean} of {total} training rows are distinct and without a fault; tuning seldom pays with fewer than {least}",
    fix: "Add rows, or first measure a prompt with examples: tunewise try",
    exitCode: 2,
    docs: "Below about a hundred clean rows, examples in the prompt work about as well as tuning, and trying them costs nothing.",
  },
  DATA_NEAR_DUPLICATES: {
    title: "Near-duplicate rows",
    message:
      "{count} {split} rows are near-duplicates of an earlier one ({percent} %){differing}; first {first}",
    fix: "Keep one row of each; if answers differ, decide which is right",
    exitCode: 2,
    docs: "Near-duplicates have the same words in another order, one word added, removed or changed, 80 % of the distinct words in common, or 70 % of the runs of five words. They are overweighted in training, and a model memorizes them. Rows with different answers count only if they ask the same, with the same content words in the same order: one of the two answers is wrong. One template with other names and other answers is not a duplicate. The finding is a note if answers are labels, because many similar texts express one label, or if it concerns less than a hundredth of the rows.",
  },
  DATA_LEAK_NEAR: {
    area: "leak",
    title: "Near-duplicates of held-out rows in training",
    message:
      "{count} {split} rows are near-duplicates of a {other} row ({percent} %){differing}; first {first}",
    fix: "tunewise check --fix    removes such rows from train; if answers differ, decide which is right",
    exitCode: 2,
    docs: "Near-duplicates have the same words in another order, one word added, removed or changed, 80 % of the distinct words in common, or 70 % of the runs of five words. Rows with different answers count only if they ask the same. A model can answer such rows from memory, so they inflate metrics. Exact duplicates are reported as DATA_LEAK.",
  },
  DATA_LEAK_CONTAINED: {
    area: "leak",
    title: "Training rows contain held-out rows",
    message: "{count} {split} rows are mostly contained in a longer {other} row ({percent} %); first {first}",
    fix: "tunewise check --fix    removes such rows from train; or remove the passages from them",
    exitCode: 2,
    docs: "One training row contains at least half of a held-out row's runs of 8 (or 13) words, whatever else it contains. Runs that many held-out rows share, such as a prompt's fixed words, are not counted.",
  },
  DATA_PASSAGE_SHARED: {
    area: "leak",
    title: "Held-out documents share passages with training documents",
    message:
      "{count} {split} documents share {words} or more consecutive words with a document of {other} ({percent} %); first {first}",
    fix: "Remove the passage from one side, or keep such documents together: data.split: { by: group } with a column below data.group",
    exitCode: 2,
    docs: "A model that memorized a passage predicts it in a held-out document too, so that perplexity looks better than on new text. Common causes are licenses, page headers, quotations, and versions of one document. The words must be equal apart from case and punctuation.",
  },
  DATA_TOO_LITTLE_TEXT: {
    title: "Little text to train on",
    message:
      "the training documents have {characters} characters; below {min} (about 250,000 tokens) a model memorizes documents rather than learns a domain",
    fix: "Add documents. For facts in few documents, let the model look them up: tunewise try with retrieval.documents in a recipe with questions",
    exitCode: 2,
    docs: "Continued pre-training uses millions of tokens and more: Gururangan et al. 2020 (Don't Stop Pretraining) used 11 to 48 GB per domain. The limit is a rule of thumb, not a measurement. The report compares held-out perplexity, which shows memorization.",
  },
  DATA_LEAK_GROUP: {
    area: "leak",
    title: "Groups on both sides of the split",
    message:
      "{count} {split} rows belong to one of {groups} groups that {other} also has ({percent} %); first {first}",
    fix: "Split by group, so that each group is in one part only",
    exitCode: 2,
    docs: "Rows of one customer, document or conversation share features that new ones do not. If a group is on both sides, metrics show how well the model knows that group, not how it performs on the next one.",
  },
  DATA_LEAK_TIME: {
    area: "leak",
    title: "Held-out rows older than training rows",
    message: "{count} {split} rows are older than the newest training row ({percent} %); first {first}",
    fix: "Split by time: train on the earlier rows, hold out the later ones",
    exitCode: 2,
    docs: "In use, a model receives inputs from after its training data. If facts, users or wording change, held-out rows from the same period inflate metrics.",
  },
  DATA_LEAK_PARAPHRASE: {
    area: "leak",
    title: "Paraphrases of held-out rows",
    message: "{count} {split} rows paraphrase a row of {other} ({percent} %); flagged: {how}; first {first}",
    fix: "Read the pairs, and remove the rows with the same meaning from {other}",
    exitCode: 2,
    docs: "Questions that the model was trained on in other words inflate metrics. Rows are compared by rare words, pairs of words and parts of words, by numbers and names, and by their answers. A row is flagged if its nearest training row is nearer than training rows are to each other, or has nearly the same words. Leaks do not raise that limit, however many there are; if training rows paraphrase each other, the limit is a guess, and the finding says so. Rows with the same long answer to a changed question also count; rows with different short answers, such as labels, numbers or names, do not. Similar questions that ask for different things come as near as paraphrases, and there is no guaranteed rate of false positives: read the pairs.",
  },
  DATA_PARAPHRASES_BY_WORDS: {
    title: "Paraphrases compared by words only",
    message: "Paraphrases of {prompts} distinct prompts were searched by words only: {reason}",
    fix: "tunewise check    again, or set data.rows to compare fewer",
    exitCode: 2,
    docs: "With a folder in retrieval.embedding, tunewise check also compares rows by the vectors of that model, which finds more paraphrases. It computes vectors for at most four minutes and 10,000 distinct prompts, and saves them in the output folder, so that the next check continues.",
  },
  DATA_LEAK_TWIN: {
    area: "leak",
    title: "Training rows that differ only in names or numbers",
    message:
      "{count} {split} rows equal rows of {other} except for names or numbers ({percent} %); first {first}",
    fix: "Read the pairs, and split the data by template if answers carry over",
    exitCode: 2,
    docs: "The rows are similar with numbers and names masked, but not as written. They are not leaks if the task is to work with the numbers. They inflate the metric if the model only has to know the template.",
  },
  MODEL_PICKLE: {
    title: "Pickle files next to a model",
    message: "{count} files of the model are pickles, which tunewise does not read; first {first}",
    fix: "Use the safetensors files, and delete the pickles",
    exitCode: 2,
    docs: "A pickle is a program that rebuilds objects. tunewise inspected these without executing them; they import only what loading weights requires. Other programs may still prefer them to safetensors.",
  },
  MODEL_PICKLE_UNSAFE: {
    title: "Pickle that may execute code",
    message: "{file} {first} (suspicious places: {count})",
    fix: "Delete {file}, do not open it with any program, and inform its publisher",
    exitCode: 2,
    docs: "Loading a pickle calls what it imports. Listed are imports that loading weights does not require, and streams and archives that are broken, encrypted or described in two ways, as in attacks. An import that is not on the list of allowed ones may be harmless, but that cannot be known.",
  },
  DATA_SECRET: {
    title: "Rows with secrets",
    message: "keys, tokens or passwords in {count} rows: {kinds}; first {first}",
    fix: "Revoke the real ones, then redact these rows",
    exitCode: 2,
    docs: "A model repeats what it was trained on, so anyone who can query it can extract the keys. Matches of vendors' formats are errors; values that only resemble a secret, or whose checksum fails, are warnings. Values are never shown, only the prefix common to the format and the length. Placeholders, hashes, UUIDs and reads of environment variables do not count.",
  },
  DATA_PERSONAL: {
    title: "Rows with personal data",
    message: "personal data in {count} rows: {kinds}; first {first}",
    fix: "Redact these rows",
    exitCode: 2,
    docs: "E-mail addresses, telephone numbers, IP addresses, payment cards, bank accounts, national identification numbers, dates of birth and street addresses are detected by their form, check digits and nearby words. Names are not detected. A few e-mail addresses, and card numbers that payment providers publish for tests, are a note.",
  },
} as const;
