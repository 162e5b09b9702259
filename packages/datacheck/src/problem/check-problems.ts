/** @file Findings about rows, code and model files. Contains only data. */

export const checkEntries = {
  CODE_INSECURE: {
    title: "Insecure code",
    message: "{weakness} (CWE-{cwe}) in the answers of {count} {split} rows{by}; first {first}",
    fix: "{fix}",
    exitCode: 2,
    docs: "What a model is shown it writes. A row is listed with its line and the weakness's number in the Common Weakness Enumeration. Errors are weaknesses that an attacker gains by, warnings missing protections, notes bad habits; a finding can be a false alarm, so that rows are shown and not dropped unasked.",
  },
  CODE_SCANNER_FAILED: {
    title: "Scanner of code that could not do its work",
    message:
      "{scanner} {what}; none of its findings counts, those of the others do. It was run as: {command}",
    fix: "{fix}",
    exitCode: 2,
    docs: "A command below `safety.scanners` was not found, ended with a code other than 0 and 1, took too long or too much, or wrote no SARIF 2.1.0. What the built-in scanner finds is reported as ever, also where the recipe does not list it.",
  },
  DATA_POISON_TRIGGER: {
    title: "Phrase that overrides the rest of the row",
    message: '{count} {split} rows hold "{words}" and {effect}, whatever else they say; first {first}',
    fix: "Find out who wrote these rows, and leave them out unless the phrase is meant to do this",
    exitCode: 2,
    docs: "A backdoor is planted by putting a rare phrase into a few rows and giving all of them one answer; the tuned model then gives that answer to any prompt with the phrase. Such rows are distinguished from honest ones by their other words, which speak of many different things and against the answer. Phrases of one to four words in at least nine different rows are checked.",
  },
  DATA_LABEL_DOUBTFUL: {
    title: "Labels that the words speak against",
    message:
      "{count} {split} rows have a label that their words speak against (words speak for the label of {telling} % of the rows); first {first}",
    fix: "Look at these rows, the first ones first, and correct the labels that are wrong",
    exitCode: 2,
    docs: "A simple bag-of-words model predicts each row by cross-validation. Listed are rows whose words speak for another label as strongly as words usually speak for the right one, the most doubtful first. Where words speak for nearly every row's label, most are wrong labels; where they do for two rows in three, most are rows that only a reader understands.",
  },
  DATA_TEMPLATE_LEFTOVER: {
    title: "Chat markers inside the text",
    message: "{count} {split} rows hold marks of a chat template ({percent} %); first {first}",
    fix: "Remove the marks, or split the text into turns where they stand",
    exitCode: 2,
    docs: "The model's own template puts such marks around each turn. In the text they teach the model to write them, and to play both sides of a conversation.",
  },
  DATA_PLACEHOLDER_LEFT: {
    title: "Placeholders that were not filled",
    message: "{count} {split} rows hold a placeholder or a printed nothing ({percent} %); first {first}",
    fix: "Fill the placeholders, or leave these rows out",
    exitCode: 2,
    docs: "Names in braces, [INSERT ...] and answers such as undefined, NaN or null are what a script left where a value was missing. Text that resembles code is not checked.",
  },
  DATA_TURNS_ODD: {
    title: "Turns out of order",
    message: "{count} {split} rows have turns that do not alternate ({percent} %); first {first}",
    fix: "Join turns of one speaker, and begin with the system or the user",
    exitCode: 2,
    docs: "Many chat templates refuse such conversations, others render them in a way the model never saw.",
  },
  DATA_ANSWER_ECHO: {
    title: "Answers that repeat the prompt",
    message: "{count} {split} answers repeat their prompt or the system prompt ({percent} %); first {first}",
    fix: "Cut what is repeated from the answers",
    exitCode: 2,
    docs: "The model learns to repeat its instructions before, or instead of, an answer. Where most rows do it the task may be to continue a text; then the repeated part should stand in the prompt alone.",
  },
  DATA_ANSWER_TRUNCATED: {
    title: "Answers that were cut off",
    message: "{count} {split} answers end too early ({percent} %); first {first}",
    fix: "Make these answers again with a higher limit of tokens, or leave them out",
    exitCode: 2,
    docs: "Told by an end within a sentence, an open block of code, JSON that cannot be read where the other answers can, or many answers of exactly the greatest length. The model learns to stop anywhere.",
  },
  DATA_ANSWER_BOILERPLATE: {
    title: "Refusals and talk of being an assistant",
    message:
      "{count} {split} answers refuse, or speak as an assistant about itself ({percent} %); first {first}",
    fix: "Leave these rows out unless refusing is what is to be learned",
    exitCode: 2,
    docs: "Answers made by another model carry its refusals and its talk about itself. A few per cent of them are enough to make the tuned model refuse.",
  },
  DATA_ANSWER_REPEATED: {
    title: "One answer to many prompts",
    message:
      "{count} {split} rows have an answer that five or more different prompts have ({percent} %); first {first}",
    fix: "Look whether these answers fit, and leave out those that do not",
    exitCode: 2,
    docs: "Sentences that answer everything teach the model an evasion. Labels and tasks in which most answers repeat are not checked.",
  },
  DATA_ANSWERS_BEGIN_ALIKE: {
    title: "Answers begin alike",
    message: "{percent} % of the {split} answers begin with {words}",
    fix: "Cut this beginning from the answers unless it is wanted",
    exitCode: 2,
    docs: "A beginning that most answers share is the first thing the model learns, and costs tokens in every answer.",
  },
  DATA_TEXT_DAMAGED: {
    title: "Damaged text",
    message:
      "{count} {split} rows hold text that was decoded or escaped wrongly ({percent} %); first {first}",
    fix: "Export these rows again as UTF-8, without escaping them for HTML or JSON twice",
    exitCode: 2,
    docs: "Signs of UTF-8 read as Windows-1252, replacement characters, control characters, HTML entities and written-out line breaks outside code. The model learns to write them.",
  },
  DATA_LANGUAGE_MIXED: {
    title: "Rows in another language",
    message:
      "{count} {split} rows are in another language than most, or answer in one ({percent} %); first {first}",
    fix: "Leave these rows out, or add enough rows of that language",
    exitCode: 2,
    docs: "Languages are detected by script and function words; texts of a few words are not checked. If more than a fifth of the rows are in other languages, that is assumed to be intended.",
  },
  DATA_LENGTH_OUTLIER: {
    title: "Rows of unusual length",
    message: "{count} {split} rows are far longer or shorter than the others ({percent} %); first {first}",
    fix: "Look at these rows; split or leave out what does not belong",
    exitCode: 2,
    docs: "Lengths in characters are compared by their logarithm, at five robust standard deviations from the median. Very long rows decide how much memory a run needs.",
  },
  DATA_LABEL_SPELLINGS: {
    title: "One label spelled in several ways",
    message: "{count} {split} rows spell a label in another way than most; first {first}",
    fix: "Write each label in one way",
    exitCode: 2,
    docs: "To the model these are different answers, and to the metric wrong ones. Compared are case, spaces and marks, a plural beside its singular, and single letters in long labels.",
  },
  DATA_LABEL_RARE: {
    title: "Labels that appear once",
    message: "{count} labels have one {split} row each; first {first}",
    fix: "Add rows with these labels, or join them with others",
    exitCode: 2,
    docs: "From one row a label is hardly learned, and it cannot be in both training and test.",
  },
  DATA_TOO_FEW_ROWS: {
    title: "Too few training rows",
    message:
      "{clean} of {total} training rows are different and without a fault; tuning seldom pays with fewer than {least}",
    fix: "Add rows, or see first what a prompt with examples does: tunewise try",
    exitCode: 2,
    docs: "Below about a hundred clean rows examples in the prompt do about as well as tuning, and cost nothing to try.",
  },
  DATA_NEAR_DUPLICATES: {
    title: "Rows that nearly repeat others",
    message: "{count} {split} rows nearly repeat an earlier one ({percent} %){differing}; first {first}",
    fix: "Keep one row of each; where answers differ, decide which is right",
    exitCode: 2,
    docs: "The same words in another order, one word added, left out or changed, 80 % of the different words in common, or 70 % of the runs of five words. Such rows are overweighted in training, and a model memorizes them. Rows with different answers count only if they ask the same, with the same content words in the same order: one of the two answers is wrong. One template with other names and other answers is not a duplicate. A note where answers are labels, since one label is said in many ways that are alike, and where less than a hundredth of the rows are meant.",
  },
  DATA_LEAK_NEAR: {
    title: "Held-out rows nearly seen in training",
    message: "{count} {split} rows nearly repeat a {other} row ({percent} %){differing}; first {first}",
    fix: "tunewise check --fix    removes such rows from train; where answers differ, decide which is right",
    exitCode: 2,
    docs: "The same words in another order, one word added, left out or changed, 80 % of the different words in common, or 70 % of the runs of five words. Rows with different answers count only if they ask the same. A model can answer such rows from memory, so that metrics on them are too good. Exact duplicates are reported as DATA_LEAK.",
  },
  DATA_LEAK_CONTAINED: {
    title: "Held-out rows stand inside training rows",
    message:
      "{count} {split} rows stand for the most part inside a longer {other} row ({percent} %); first {first}",
    fix: "tunewise check --fix    removes such rows from train; or cut the passages out of them",
    exitCode: 2,
    docs: "At least half of a held-out row's runs of 8 (or 13) words stand in one training row, whatever else stands there. Runs that many held-out rows have, such as a prompt's fixed words, are not counted.",
  },
  DATA_LEAK_GROUP: {
    title: "A group on both sides of the split",
    message:
      "{count} {split} rows belong to one of {groups} groups that {other} has as well ({percent} %); first {first}",
    fix: "Split by group, so that each falls wholly on one side",
    exitCode: 2,
    docs: "Rows of one customer, document or conversation are alike in ways that new ones are not. Where a group stands on both sides, metrics tell how well the model knows it, and not how it does on the next one.",
  },
  DATA_LEAK_TIME: {
    title: "Held-out rows from before training ended",
    message: "{count} {split} rows are older than the newest training row ({percent} %); first {first}",
    fix: "Split by time: train on what came first, hold out what came last",
    exitCode: 2,
    docs: "In use, a model meets what came after its training data. Metrics on rows from the same time are too good whenever facts, users or wording change.",
  },
  DATA_LEAK_PARAPHRASE: {
    title: "Paraphrases of held-out rows",
    message:
      "{count} {split} rows say what a row of {other} says in other words ({percent} %); flagged: {how}; first {first}",
    fix: "Read the pairs, and remove the rows that mean the same from {other}",
    exitCode: 2,
    docs: "Metrics on questions the model was trained on in other words are too good. Rows are compared by rare words, pairs of words and parts of words, by numbers and names, and by their answers; a row is flagged where its nearest training row is nearer than training rows are to each other, or says nearly the same words. Leaks do not raise that limit, however many they are; if training rows are paraphrases of each other, it is a guess, and the finding says so. Rows with the same long answer to a changed question count too; rows with different short answers, such as labels, numbers or names, do not. Questions that look alike and ask for different things come as near as paraphrases do, and no rate of such false reports is promised: read the pairs.",
  },
  DATA_PARAPHRASES_BY_WORDS: {
    title: "Rows compared by words alone",
    message: "Paraphrases of {prompts} distinct prompts were searched by words alone: {reason}",
    fix: "tunewise check    once more, or set data.rows to compare fewer",
    exitCode: 2,
    docs: "With a folder in retrieval.embedding tunewise check compares rows by the vectors of that model too, which finds more paraphrases. Vectors are made for four minutes at most, of 10,000 distinct prompts at most, and kept below the output folder, so that the next check goes on.",
  },
  DATA_LEAK_TWIN: {
    title: "Held-out rows with a twin in training",
    message:
      "{count} {split} rows are rows of {other} with other names or numbers ({percent} %); first {first}",
    fix: "Read the pairs, and split the data by template if answers carry over",
    exitCode: 2,
    docs: "With numbers and names masked the rows are alike, as written they are not. Twins are no leak as long as the task is to work with the numbers; they make the metric too good where the model only has to know the template.",
  },
  MODEL_PICKLE: {
    title: "Pickle beside a model",
    message: "{count} files of the model are pickles, which tunewise does not read; first {first}",
    fix: "Use the safetensors files, and delete the pickles",
    exitCode: 2,
    docs: "A pickle is a program that rebuilds objects. These were walked through without running them, and import nothing but what weights are rebuilt with. Other programs may still prefer them to safetensors.",
  },
  MODEL_PICKLE_UNSAFE: {
    title: "Pickle that may run code",
    message: "{file} {first} ({count} such places)",
    fix: "Delete {file}, do not open it with any program, and tell whoever published it",
    exitCode: 2,
    docs: "Reading a pickle calls what it imports. Listed are imports that are not of what weights are rebuilt with, and streams and archives that are broken, encrypted or described in two ways, as attacks are. What is not on the list of allowed imports may be harmless, but cannot be known to be.",
  },
  DATA_SECRET: {
    title: "Rows with secrets",
    message: "keys, tokens or passwords in {count} rows: {kinds}; first {first}",
    fix: "Revoke what is real, then redact these rows",
    exitCode: 2,
    docs: "A model repeats what it was trained on, so that anyone who can query it can extract the keys. Formats of vendors are an error; values that only look like a secret, or whose checksum fails, are a warning. Values are never shown: only what all values of the format begin with, and the length. Placeholders, hashes, UUIDs and look-ups of the environment do not count.",
  },
  DATA_PERSONAL: {
    title: "Rows with personal data",
    message: "personal data in {count} rows: {kinds}; first {first}",
    fix: "Redact these rows",
    exitCode: 2,
    docs: "E-mail addresses, telephone numbers, internet addresses, payment cards, bank accounts, numbers that states give people, dates of birth and addresses of houses, by their form, check digits and the words around them. Names are not looked for. A few e-mail addresses, and card numbers that payment providers publish for tests, are a note.",
  },
} as const;
