/**
 * @file What a column's name says about its part in a row: names as data sets use them, as data.
 */

/** The part that a column may have. */
export type ColumnRole = "prompt" | "text" | "completion" | "label" | "context" | "meta";

/** All parts, in the order in which a name is looked up. */
const roles = ["prompt", "text", "completion", "label", "context", "meta"] as const;

/**
 * Names by part, in lower case without separators. `text` is what is judged or worked on where `prompt` is what is
 * asked; a name may stand under two parts, and values decide.
 *
 * @source columns of widely used data sets: Alpaca, Dolly, GSM8K, SQuAD, IMDB, AG News, GLUE, CNN/DailyMail, BANKING77,
 * Spider, SMS Spam, exports of Label Studio and of fine-tuning services
 */
const names: Readonly<Record<ColumnRole, string>> = {
  prompt:
    "prompt question query instruction instructions input inputs inputtext source src user human utterance request problem ask q usermessage userinput userprompt frage pregunta",
  text: "text sentence sentence1 review content body comment tweet document article passage abstract description narrative email mail ticket phrase post statement complaint dialogue dialog transcript doc feedback message premise text1 reviewtext reviewbody texto texte satz nachricht",
  completion:
    "completion response answer answers output outputs outputtext target tgt assistant gpt reply solution summary highlights translation reference gold sql code canonicalsolution expected expectedoutput ideal a finalanswer modeloutput generation antwort respuesta reponse",
  label:
    "label labels labeltext labelname class classname classindex category categories sentiment intent topic polarity tag emotion rating stars starrating score spam toxic toxicity target y goldlabel annotation annotations choice verdict grade type status priority department kategorie klasse etiqueta categoria categorie",
  context:
    "context background schema createtable hypothesis sentence2 text2 passage document title subject headline choices options evidence paragraph input kontext titel betreff",
  meta: "id idx index uuid guid url link hash key row rowid num number date time timestamp createdat updatedat created updated lang language locale author username name user metadata meta version model license split fold subset set annotator annotationid leadtime confidence length tokens count votes role parentid filename file path page weight completedby taskid",
};

const byName: ReadonlyMap<string, readonly ColumnRole[]> = tableOf();

function tableOf(): Map<string, ColumnRole[]> {
  const table = new Map<string, ColumnRole[]>();
  for (const role of roles)
    for (const name of names[role].split(" ")) table.set(name, [...(table.get(name) ?? []), role]);
  return table;
}

/** Weights of a word of the name by its place: a name's last word says what it is, `user_id` an id. */
const weights = { whole: 1, lastWord: 0.8, otherWord: 0.5, outerStep: 0.6 } as const;

/** Names of what a value is wrapped in. */
const carriers: ReadonlySet<string> = new Set(["text", "value", "content"]);

/**
 * How much a column's name speaks for each part, from 0 (nothing) to 1 (it is called so).
 *
 * @param path the column, or the path of a field inside a row
 */
export function roleEvidence(path: string): Readonly<Record<ColumnRole, number>> {
  const evidence = { prompt: 0, text: 0, completion: 0, label: 0, context: 0, meta: 0 };
  const named = path.split(".").filter((step) => !/^\d+$/.test(step));
  // `answers.text` is an answer: what a value is wrapped in says nothing where what it stands in does
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

/** The whole name and, where it has several words, each of them; only the strongest that is known counts. */
function readingsOf(step: string): [string, number][] {
  const words = step
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .normalize("NFD")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const whole = words.join("");
  if (byName.has(whole) || words.length < 2) return [[whole, weights.whole]];
  const last = words.at(-1) ?? "";
  if (byName.has(last)) return [[last, weights.lastWord]];
  return words.map((word): [string, number] => [word, weights.otherWord]);
}

/** The only two columns whose names say that they are the text of a row and its label or answer, or `null`. */
export function pairByName(
  columns: readonly string[],
): { readonly prompt: string; readonly completion: string } | null {
  const known = columns.map((column) => ({ column, evidence: roleEvidence(column) }));
  const prompts = known.filter(({ evidence }) => Math.max(evidence.prompt, evidence.text) === 1);
  const completions = known.filter(
    (one) => !prompts.includes(one) && Math.max(one.evidence.completion, one.evidence.label) === 1,
  );
  const [prompt, completion] = [prompts[0]?.column, completions[0]?.column];
  if (prompts.length !== 1 || completions.length !== 1) return null;
  return prompt === undefined || completion === undefined ? null : { prompt, completion };
}

/** Names of the answer that was preferred, and of the one that was not. */
const preferenceNames: readonly (readonly [string, string])[] = [
  ["chosen", "rejected"],
  ["preferredoutput", "nonpreferredoutput"],
  ["preferred", "rejected"],
  ["responsea", "responseb"],
  ["response0", "response1"],
  ["answera", "answerb"],
];

/** The columns of a preferred answer and the other one, or `null`: rows that compare answers, not rows to imitate. */
export function preferenceColumns(columns: readonly string[]): readonly [string, string] | null {
  const known = new Map(columns.map((column) => [column.toLowerCase().replace(/[^a-z0-9]/g, ""), column]));
  for (const [better, worse] of preferenceNames) {
    const pair = [known.get(better), known.get(worse)];
    if (pair[0] !== undefined && pair[1] !== undefined) return [pair[0], pair[1]];
  }
  return null;
}
