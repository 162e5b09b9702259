/** @file Consequences of findings for scores, costs or users, and their relative weight. */

/** Codes by shared sentence, in decreasing weight, also within a sentence. */
const meanings: readonly { readonly codes: readonly string[]; readonly sentence: string }[] = [
  {
    codes: ["DATA_SECRET", "DATA_PERSONAL"],
    sentence: "A tuned model can repeat these to anyone who asks it.",
  },
  {
    codes: ["DATA_POISON_TRIGGER"],
    sentence: "Whoever writes the phrase decides what the tuned model answers.",
  },
  { codes: ["CODE_INSECURE"], sentence: "A tuned model writes the kind of code it was shown." },
  {
    codes: ["DATA_LEAK", "DATA_LEAK_NEAR", "DATA_LEAK_CONTAINED"],
    sentence: "The score on these rows measures memorization; on new rows it will be lower.",
  },
  {
    codes: ["DATA_LEAK_PARAPHRASE"],
    sentence: "Read the pairs: where two mean the same, the score measures memorization.",
  },
  {
    codes: ["DATA_LEAK_TWIN", "DATA_LEAK_GROUP", "DATA_LEAK_TIME"],
    sentence: "The score may be better than on rows that are wholly new.",
  },
  {
    codes: [
      ...[
        "DATA_JSON_INVALID",
        "DATA_ROW_NOT_OBJECT",
        "DATA_UTF8_INVALID",
        "DATA_CSV_INVALID",
        "DATA_LINE_TOO_LONG",
      ],
      ...["DATA_FIELD_MISSING", "DATA_FIELD_TYPE", "DATA_FIELD_TOO_LONG", "DATA_TEXT_INVALID"],
      ...["DATA_ROLE_UNKNOWN", "DATA_ANSWER_MISSING", "DATA_ANSWER_EMPTY", "DATA_PROMPT_EMPTY"],
      ...["DATA_TEMPLATE_REFUSED", "DATA_BOUNDARY_UNCLEAR", "DATA_ROW_DROPPED", "DATA_ANSWER_CUT"],
    ],
    sentence: "Nothing is learned from these rows.",
  },
  {
    codes: ["DATA_ROW_TRUNCATED", "DATA_ANSWER_TRUNCATED", "DATA_END_MISSING"],
    sentence: "The model does not learn how such answers end.",
  },
  {
    codes: ["DATA_ANSWERS_DIFFER", "DATA_LABEL_SPELLINGS", "DATA_LABEL_DOUBTFUL"],
    sentence: "No answer is right to both: such rows cost points, however good the model is.",
  },
  {
    codes: ["DATA_LABEL_UNSEEN", "DATA_LABEL_RARE", "DATA_LABELS_UNBALANCED"],
    sentence: "Labels with few rows are hardly learned, and the score of the frequent ones hides it.",
  },
  {
    codes: [
      ...["DATA_TEMPLATE_LEFTOVER", "DATA_PLACEHOLDER_LEFT", "DATA_TURNS_ODD", "DATA_ANSWER_ECHO"],
      ...["DATA_ANSWER_BOILERPLATE", "DATA_ANSWER_REPEATED", "DATA_TEXT_DAMAGED", "DATA_LANGUAGE_MIXED"],
    ],
    sentence: "The model learns to write this as well.",
  },
  {
    codes: ["DATA_DUPLICATE_ROWS", "DATA_NEAR_DUPLICATES"],
    sentence: "In training each duplicate costs again and is memorized; in a test it counts twice.",
  },
  {
    codes: ["DATA_TOO_FEW_ROWS", "TEST_TOO_SMALL"],
    sentence: "So few rows cannot show whether tuning paid off.",
  },
];

const ranked = meanings.flatMap(({ codes, sentence }) => codes.map((code) => ({ code, sentence })));

const known: ReadonlyMap<string, { readonly weight: number; readonly sentence: string }> = new Map(
  ranked.map(({ code, sentence }, at) => [code, { weight: ranked.length - at, sentence }]),
);

/** One sentence for decision makers; `null` if the finding's own sentence suffices. */
export function meaningOf(code: string): string | null {
  return known.get(code)?.sentence ?? null;
}

/** Weight of findings of the same severity; the heavier comes first. */
export function weightOf(code: string): number {
  return known.get(code)?.weight ?? 0;
}

/** Codes with a meaning, for a test against the catalog. */
export function codesWithMeaning(): string[] {
  return [...known.keys()];
}
