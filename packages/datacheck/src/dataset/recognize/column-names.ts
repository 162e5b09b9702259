/** @file Infers the role of a column from its name, by names common in data sets. */

/** Column names of prompt and completion. */
export interface ColumnPair {
  readonly prompt: string;
  readonly completion: string;
  /** Column of the reasoning in front of the answer; absent: none, or inside the answer. */
  readonly reasoning?: string;
}

/** Role of a column. */
type ColumnRole = "prompt" | "text" | "completion" | "label" | "context" | "reasoning" | "meta";

/** All roles, in lookup order. */
const roles = ["prompt", "text", "completion", "label", "context", "reasoning", "meta"] as const;

/**
 * Names by role, in lower case without separators. `prompt` is a question or instruction, `text` is content to process.
 * If a name has two roles, the values decide.
 *
 * @source columns of widely used data sets: Alpaca, Dolly, GSM8K, SQuAD, IMDB, AG News, GLUE, CNN/DailyMail, BANKING77,
 * Spider, SMS Spam, exports of Label Studio and of fine-tuning services
 */
const names: Readonly<Record<ColumnRole, string>> = {
  prompt:
    "prompt question query instruction instructions input inputs inputtext source src user human utterance request problem ask q usermessage userinput userprompt frage pregunta",
  text: "text sentence sentence1 review content body comment tweet document article passage abstract description narrative email mail ticket phrase post statement complaint dialogue dialog transcript doc feedback message premise text1 reviewtext reviewbody texto texte satz nachricht",
  completion:
    "completion response answer answers output outputs outputtext target tgt assistant gpt reply solution summary highlights translation reference gold sql code canonicalsolution expected expectedoutput ideal a finalanswer modeloutput attempt generation antwort respuesta reponse",
  label:
    "label labels labeltext labelname class classname classindex category categories sentiment intent topic polarity tag emotion rating stars starrating score spam toxic toxicity target y goldlabel annotation annotations choice verdict grade type status priority department kategorie klasse etiqueta categoria categorie",
  context:
    "context background schema createtable hypothesis sentence2 text2 passage document title subject headline choices options evidence paragraph input kontext titel betreff",
  reasoning: "reasoning reasoningcontent thinking thought thoughts cot chainofthought rationale",
  meta: "id idx index uuid guid url link hash key row rowid num number date time timestamp createdat updatedat created updated lang language locale author username name user metadata meta version model license split fold subset set annotator annotationid leadtime confidence length tokens count votes role parentid filename file path page weight completedby taskid",
};

const byName: ReadonlyMap<string, readonly ColumnRole[]> = tableOf();

function tableOf(): Map<string, ColumnRole[]> {
  const table = new Map<string, ColumnRole[]>();
  for (const role of roles)
    for (const name of names[role].split(" ")) table.set(name, [...(table.get(name) ?? []), role]);
  return table;
}

/** Weights of a word by its position. The last word of a name says most: `user_id` is an id. */
const weights = { whole: 1, lastWord: 0.8, otherWord: 0.5, outerStep: 0.6 } as const;

/** Names of wrapper fields. */
const carriers: ReadonlySet<string> = new Set(["text", "value", "content"]);

/**
 * Rates how strongly a column's name suggests each role, from 0 (not at all) to 1 (exact match).
 *
 * @param path column, or path of a nested field
 */
export function roleEvidence(path: string): Readonly<Record<ColumnRole, number>> {
  const evidence = { prompt: 0, text: 0, completion: 0, label: 0, context: 0, reasoning: 0, meta: 0 };
  const named = path.split(".").filter((step) => !/^\d+$/.test(step));
  // `answers.text` is an answer: the name of a wrapper is ignored if its parent's name is known
  const isWrapped = named.length > 1 && carriers.has(named.at(-1) ?? "") && byName.has(named.at(-2) ?? "");
  const steps = isWrapped ? named.slice(0, -1) : named;
  for (const [at, step] of steps.entries()) {
    const outer = at === steps.length - 1 ? 1 : weights.outerStep;
    for (const [name, weight] of readingsOf(step)) {
      for (const role of byName.get(name) ?? []) evidence[role] = Math.max(evidence[role], outer * weight);
    }
  }
  return evidence;
}

/** The whole name if it is known, otherwise its last word if known, otherwise each word. */
function readingsOf(step: string): [string, number][] {
  const camel = wordsOf(step.replace(/([a-z])([A-Z])/g, "$1 $2"));
  // `CoT` is one word, and `userInput` are two
  const words = camel.some((word) => byName.has(word)) ? camel : wordsOf(step);
  const whole = words.join("");
  if (byName.has(whole) || words.length < 2) return [[whole, weights.whole]];
  const last = words.at(-1) ?? "";
  if (byName.has(last)) return [[last, weights.lastWord]];
  return words.map((word): [string, number] => [word, weights.otherWord]);
}

function wordsOf(step: string): string[] {
  return step
    .toLowerCase()
    .normalize("NFD")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/** Whether a column without answers beside it has documents: its name does not say prompt, answer or label. */
export function mayBeDocuments(path: string): boolean {
  const { text, prompt, completion, label } = roleEvidence(path);
  return text >= sureName || Math.max(prompt, completion, label) < sureName;
}

/** Evidence from which on a name decides. */
const sureName = 0.8;

/** Columns of instruction rows. */
export interface InstructionColumns {
  readonly instruction: string;
  /** The data that the instruction refers to; optional in a row. */
  readonly input: string | null;
  readonly output: string;
}

/** Names of Alpaca's optional column. */
const inputNames: readonly string[] = ["input", "inputs", "inputtext", "context"];

/**
 * Returns the columns of rows in Alpaca's shape, under any known names: an instruction, an optional input, and the only
 * column named after an answer. `null` if there are none.
 */
export function instructionColumns(columns: readonly string[]): InstructionColumns | null {
  const isNamed = (column: string, names: readonly string[]): boolean =>
    names.includes(readingsOf(column)[0]?.[0] ?? "");
  const instruction = columns.find((column) => isNamed(column, ["instruction", "instructions"]));
  const rest = columns.filter((column) => column !== instruction);
  const input = rest.find((column) => isNamed(column, inputNames)) ?? null;
  const answers = rest.filter((column) => column !== input && roleEvidence(column).completion === 1);
  const output =
    answers.find((column) => column === "output") ?? (answers.length === 1 ? answers[0] : undefined);
  return instruction === undefined || output === undefined ? null : { instruction, input, output };
}

/** Returns the only two columns whose names denote a row's text and its label or answer, or `null`. */
export function pairByName(columns: readonly string[]): ColumnPair | null {
  const known = columns.map((column) => ({ column, evidence: roleEvidence(column) }));
  const prompts = known.filter(({ evidence }) => Math.max(evidence.prompt, evidence.text) === 1);
  const completions = known.filter(
    (one) => !prompts.includes(one) && Math.max(one.evidence.completion, one.evidence.label) === 1,
  );
  const [prompt, completion] = [prompts[0]?.column, completions[0]?.column];
  if (prompts.length !== 1 || completions.length !== 1) return null;
  return prompt === undefined || completion === undefined ? null : { prompt, completion };
}
