/**
 * @file Data files in the style of other programs: names, nesting, encodings and separators are theirs, the texts are
 * our own. Each file has the settings that `init` should detect.
 */
import { parquetWriteBuffer } from "hyparquet-writer";

/** The settings to detect without asking. */
export interface Expected {
  readonly prompt?: string;
  readonly completion?: string;
  readonly format?: "chat" | "instruction";
  readonly task: "classify" | "json" | "text";
  readonly contexts?: readonly string[];
}

/** A file, or the files of a folder. */
export interface DataFile {
  readonly name: string;
  readonly habit: string;
  readonly content: string | Uint8Array | Readonly<Record<string, string>>;
  readonly expected: Expected;
}

const things = [
  "kettle",
  "lamp",
  "router",
  "chair",
  "blender",
  "jacket",
  "speaker",
  "drill",
  "tent",
  "watch",
];
const faults = [
  "arrived late",
  "broke after a week",
  "works very well",
  "is too loud",
  "was billed twice",
  "looks great",
];
const places = ["in the kitchen", "at my mother's house", "on the train, of all places", "in the office"];

/** A sentence that rarely repeats. */
export function sentence(at: number): string {
  const [thing, fault, place] = [things[at % 10], faults[(at * 7) % 6], places[(at * 3) % 4]];
  return `The ${thing} I ordered in week ${1 + ((at * 13) % 52)} ${fault} ${place}, order ${1000 + at * 37}.`;
}

const labels = ["delivery", "defect", "praise", "billing"] as const;
/** A label, with uneven frequencies. */
export function label(at: number): string {
  return labels[((at * at + at) % 7) % 4] as string;
}

const answer = (at: number): string =>
  `Thank you for writing about the ${things[at % 10]}. We looked at order ${1000 + at * 37} and will call you in week ${2 + (at % 50)}.`;

/** Rows created from their index. */
export function rows<Row>(count: number, make: (at: number) => Row): Row[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

/** Formats items as JSON lines. */
export function lines(items: readonly unknown[]): string {
  return `${items.map((item) => JSON.stringify(item)).join("\n")}\n`;
}

/** A table that quotes cells only if necessary. */
export function table(items: readonly (readonly string[])[], separator = ",", end = "\n"): string {
  const cell = (text: string): string =>
    /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text;
  return items.map((row) => row.map(cell).join(separator)).join(end) + end;
}

function utf16(text: string, bigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
}

/** The files used to develop the format detection. */
export const files: readonly DataFile[] = [
  {
    name: "tickets.csv",
    habit: "text,label in UTF-8 with a byte order mark and Windows' line ends",
    content: `\ufeff${table([["text", "label"], ...rows(60, (at) => [sentence(at), label(at)])], ",", "\r\n")}`,
    expected: { prompt: "text", completion: "label", task: "classify" },
  },
  {
    name: "reviews.csv",
    habit: "semicolons and decimal commas in UTF-16 LE, as a spreadsheet saves Unicode text",
    content: utf16(
      table(
        [
          ["Bewertung", "Text", "Kategorie"],
          ...rows(60, (at) => [`${(at % 90) / 10}`.replace(".", ","), `Größe ${sentence(at)}`, label(at)]),
        ],
        ";",
      ),
      false,
    ),
    expected: { prompt: "Text", completion: "Kategorie", task: "classify" },
  },
  {
    name: "spam.csv",
    habit: "Windows-1252, columns v1 and v2, empty columns at the end",
    content: Buffer.from(
      table([
        ["v1", "v2", "", "", ""],
        ...rows(60, (at) => [at % 4 === 0 ? "spam" : "ham", `${sentence(at)} café £${at}`, "", "", ""]),
      ]),
      "latin1",
    ),
    expected: { prompt: "v2", completion: "v1", task: "classify" },
  },
  {
    name: "faq.tsv",
    habit: "tabs, question and answer, quoted line breaks",
    content: table(
      [["question", "answer"], ...rows(40, (at) => [`What about this?\n${sentence(at)}`, answer(at)])],
      "\t",
    ),
    expected: { prompt: "question", completion: "answer", task: "text" },
  },
  {
    name: "sharegpt.json",
    habit: "ShareGPT: a JSON array of conversations with from and value",
    content: JSON.stringify(
      rows(40, (at) => ({
        id: `c${at}`,
        conversations: [
          { from: "human", value: sentence(at) },
          { from: "gpt", value: answer(at) },
        ],
      })),
      null,
      2,
    ),
    expected: { format: "chat", task: "text" },
  },
  {
    name: "gemini.jsonl",
    habit: "Vertex: contents of parts, a system instruction beside them",
    content: lines(
      rows(40, (at) => ({
        systemInstruction: { role: "system", parts: [{ text: "Sort the ticket." }] },
        contents: [
          { role: "user", parts: [{ text: sentence(at) }] },
          { role: "model", parts: [{ text: label(at) }] },
        ],
      })),
    ),
    expected: { format: "chat", task: "classify" },
  },
  {
    name: "openai.jsonl",
    habit: "messages as OpenAI's fine-tuning takes them, answers in JSON",
    content: lines(
      rows(40, (at) => ({
        messages: [
          { role: "system", content: "Answer in JSON." },
          { role: "user", content: sentence(at) },
          { role: "assistant", content: JSON.stringify({ kind: label(at), order: 1000 + at * 37 }) },
        ],
      })),
    ),
    expected: { format: "chat", task: "json" },
  },
  {
    name: "alpaca_data.json",
    habit: "Alpaca: instruction, input, output",
    content: JSON.stringify(
      rows(40, (at) => ({
        instruction: `Answer customer ${at} kindly.`,
        input: at % 3 === 0 ? "" : sentence(at),
        output: answer(at),
      })),
    ),
    expected: { format: "instruction", task: "text" },
  },
  {
    name: "train.csv",
    habit: "Kaggle: an index without a name, an id, a rating in numbers",
    content: table([
      ["", "review_id", "review", "sentiment"],
      ...rows(60, (at) => [
        String(at),
        `r${at * 91}`,
        sentence(at),
        String((at * at + at) % 3 === 0 ? 1 : 0),
      ]),
    ]),
    expected: { prompt: "review", completion: "sentiment", task: "classify" },
  },
  {
    name: "stars.csv",
    habit: "no header: a number of stars and a text",
    content: table(rows(60, (at) => [String(1 + ((at * 7) % 5)), sentence(at)])),
    expected: { prompt: "column2", completion: "column1", task: "classify" },
  },
  {
    name: "squad.jsonl",
    habit: "SQuAD as the hub has it: context, question, a list of answers",
    content: lines(
      rows(40, (at) => ({
        id: `q${at}`,
        title: things[at % 10],
        context: `${sentence(at)} ${sentence(at + 1)}`,
        question: `Which order is meant by customer ${at}?`,
        answers: { text: [`order ${1000 + at * 37}`], answer_start: [at] },
      })),
    ),
    expected: { prompt: "question", completion: "answers.text.0", contexts: ["context"], task: "text" },
  },
  {
    name: "export.json",
    habit: "a document with the rows below `data`, indented",
    content: JSON.stringify(
      {
        version: "1.1",
        created: "2026-01-01",
        data: rows(50, (at) => ({ uid: at, utterance: sentence(at), intent: label(at) })),
      },
      null,
      2,
    ),
    expected: { prompt: "utterance", completion: "intent", task: "classify" },
  },
  {
    name: "project-1-at-2026.json",
    habit: "Label Studio: tasks with data and annotations",
    content: JSON.stringify(
      rows(50, (at) => ({
        id: at + 1,
        annotations: [
          {
            id: at + 1,
            completed_by: 1,
            result: [
              {
                value: { choices: [label(at)] },
                id: `x${at}`,
                from_name: "kind",
                to_name: "text",
                type: "choices",
                origin: "manual",
              },
            ],
            was_cancelled: false,
            ground_truth: false,
            created_at: `2026-02-${10 + (at % 18)}T10:00:00Z`,
            lead_time: 3.5 + at / 7,
          },
        ],
        file_upload: "a.csv",
        data: { text: sentence(at) },
        meta: {},
        created_at: "2026-02-10T10:00:00Z",
        updated_at: "2026-02-10T10:00:00Z",
        project: 1,
      })),
    ),
    expected: { prompt: "data.text", completion: "annotations.0.result.0.value.choices.0", task: "classify" },
  },
  {
    name: "rows.parquet",
    habit: "Parquet with sentence, label as a number and idx, as GLUE has it",
    content: new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: "sentence", data: rows(60, sentence), type: "STRING" },
          { name: "label", data: rows(60, (at) => ((at * 7) % 3 === 0 ? 1 : 0)), type: "INT32" },
          { name: "idx", data: rows(60, (at) => at), type: "INT32" },
        ],
      }),
    ),
    expected: { prompt: "sentence", completion: "label", task: "classify" },
  },
  {
    name: "corpus",
    habit: "a folder with train, validation and test",
    content: {
      "train.jsonl": lines(rows(60, (at) => ({ prompt: sentence(at), completion: answer(at) }))),
      "validation.jsonl": lines(
        rows(10, (at) => ({ prompt: sentence(at + 100), completion: answer(at + 100) })),
      ),
      "test.jsonl": lines(rows(10, (at) => ({ prompt: sentence(at + 200), completion: answer(at + 200) }))),
      "README.md": "# Corpus\n",
    },
    expected: { prompt: "prompt", completion: "completion", task: "text" },
  },
];
