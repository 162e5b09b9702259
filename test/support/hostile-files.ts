/**
 * @file Files crafted to block a reader or exhaust its memory, written on demand: patterns that never finish matching,
 * streams that inflate to gigabytes, endlessly nested structures, and paths that are not regular files.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  createWriteStream,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { constants, deflateRawSync, gzipSync } from "node:zlib";
import { ByteWriter, parquetWriteBuffer } from "hyparquet-writer";
import { float32, type GgufParts, ggufBytes, list, text, uint32 } from "./gguf-bytes.ts";
import { smallModel } from "./small-run.ts";

/** One hostile project: what it writes, and which command reads it. */
export interface HostileCase {
  readonly name: string;
  readonly words: readonly string[];
  /** Writes into a folder with a valid project; may return a function that stops what it started. */
  readonly write: (folder: string) => Promise<(() => void) | undefined> | (() => void) | undefined | void;
}

const mebibyte = 2 ** 20;

/** The variable parts of a project's recipe. */
interface RecipeParts {
  readonly model?: string;
  readonly data?: string;
  readonly more?: string;
}

const recipe = ({ model = "./model", data = "train: train.jsonl", more = "" }: RecipeParts = {}): string =>
  `name: hostile
model: ${model}
data: { ${data}, max_length: 256, split: { validation: 0.2 }, bad_rows: skip }
method: { kind: lora, rank: 2 }
training: { steps: 1, batch_size: 2 }
evaluation: { max_new_tokens: 2, rows: 1, base: false, memorization: 0 }
forgetting: { measure: false }
safety: { code: off, refusals: off }
machine: { usd_per_hour: 0, threads: 1 }
budget: { minutes: 5 }
${more}
`;

/** A valid project: a small model, twelve rows, a recipe. Each case corrupts one part of it. */
export function writeSoundProject(folder: string): void {
  mkdirSync(join(folder, "model"), { recursive: true });
  for (const name of ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"])
    copyFileSync(join(smallModel, name), join(folder, "model", name));
  const rows = Array.from({ length: 12 }, (_, at) =>
    JSON.stringify({
      prompt: `${"a".repeat(60 + at)}! question ${at}`,
      completion: `${"x".repeat(60 + at)}y`,
    }),
  );
  writeFileSync(join(folder, "train.jsonl"), rows.join("\n"));
  writeFileSync(
    join(folder, "test.jsonl"),
    rows.map((row) => row.replace("question", "another question")).join("\n"),
  );
  writeFileSync(join(folder, "tunewise.yaml"), recipe());
}

/** Replaces some keys of a JSON file. */
function spoil(path: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(value);
  writeFileSync(path, JSON.stringify(value));
}

const tokenizerWith =
  (key: string, part: unknown): HostileCase["write"] =>
  (folder) =>
    spoil(join(folder, "model/tokenizer.json"), (value) => {
      value[key] = part;
    });

const templateOf =
  (template: string): HostileCase["write"] =>
  (folder) =>
    spoil(join(folder, "model/tokenizer_config.json"), (value) => {
      value["chat_template"] = template;
    });

const configWith =
  (changes: Readonly<Record<string, unknown>>): HostileCase["write"] =>
  (folder) =>
    spoil(join(folder, "model/config.json"), (value) => void Object.assign(value, changes));

const recipeOf =
  (parts: RecipeParts): HostileCase["write"] =>
  (folder) =>
    writeFileSync(join(folder, "tunewise.yaml"), recipe(parts));

/** Replaces a file by a named pipe without a writer. */
const pipeAt =
  (path: string, parts?: RecipeParts): HostileCase["write"] =>
  (folder) => {
    rmSync(join(folder, path), { force: true });
    execFileSync("mkfifo", [join(folder, path)]);
    if (parts) writeFileSync(join(folder, "tunewise.yaml"), recipe(parts));
  };

/** Replaces a file by a link to an endless device. */
const endlessAt =
  (path: string): HostileCase["write"] =>
  (folder) => {
    rmSync(join(folder, path), { force: true });
    symlinkSync("/dev/zero", join(folder, path));
  };

/** A zlib stream that repeats a piece, built without the inflated bytes in memory. */
function inflating(piece: Buffer, times: number): Buffer {
  const once = deflateRawSync(piece, { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  const head = Buffer.from([0x78, 0xda]);
  return Buffer.concat([head, ...Array.from({ length: times }, () => once), Buffer.from([3, 0, 0, 0, 0, 0])]);
}

/** A PDF of these objects, numbered from 1. */
function pdfOf(objects: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  let at = (parts[0] as Buffer).length;
  const places: number[] = [];
  for (const [index, object] of objects.entries()) {
    const bytes = Buffer.concat([
      Buffer.from(`${index + 1} 0 obj\n`),
      Buffer.isBuffer(object) ? object : Buffer.from(object),
      Buffer.from("\nendobj\n"),
    ]);
    places.push(at);
    at += bytes.length;
    parts.push(bytes);
  }
  const lines = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`);
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines.join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(end)]);
}

function streamOf(bytes: Buffer, filter = "/FlateDecode"): Buffer {
  const head = Buffer.from(`<< /Length ${bytes.length} /Filter ${filter} >>\nstream\n`);
  return Buffer.concat([head, bytes, Buffer.from("\nendstream")]);
}

/** A page whose content inflates to a gigabyte. */
export function inflatingPdf(): Buffer {
  return pdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << >> >>",
    streamOf(inflating(Buffer.alloc(mebibyte, "BT ET\n"), 1024)),
  ]);
}

/** Nested page trees. */
function pdfTree(depth: number): Buffer {
  const trees = Array.from(
    { length: depth },
    (_, at) => `<< /Type /Pages /Kids [${at + 3} 0 R] /Count 1${at > 0 ? ` /Parent ${at + 1} 0 R` : ""} >>`,
  );
  const page = `<< /Type /Page /Parent ${depth + 1} 0 R /MediaBox [0 0 9 9] >>`;
  return pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", ...trees, page]);
}

/** A page whose form draws itself in two copies, recursively. */
function pdfForms(): Buffer {
  const depth = 40;
  const forms = Array.from({ length: depth }, (_, at) => {
    const next = at + 5 < depth + 4 ? `<< /XObject << /F ${at + 5} 0 R >> >>` : "<< >>";
    const content = Buffer.from("/F Do /F Do /F Do");
    return Buffer.from(
      `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources ${next} /Length ${content.length} >>\nstream\n${content}\nendstream`,
    );
  });
  return pdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
    "<< >>",
    ...forms,
  ]);
}

/** A try that retrieves passages from the folder `docs`. */
const documentCase = (name: string, file: string, make: () => Buffer | string): HostileCase => ({
  name,
  words: ["try", "--yes"],
  write: (folder) => {
    mkdirSync(join(folder, "docs"));
    writeFileSync(join(folder, "docs/sound.md"), "# Start\n\nPlug it in.\n");
    writeFileSync(join(folder, "docs", file), make());
    const more = "retrieval: { documents: [docs] }\ncomparison:\n  - { model: neighbours, examples: 2 }\n";
    writeFileSync(
      join(folder, "tunewise.yaml"),
      recipe({ more, data: "train: train.jsonl, test: test.jsonl" }),
    );
  },
});

const manyBytes = async (path: string, head: string, piece: Buffer, times: number): Promise<void> => {
  const stream = createWriteStream(path);
  stream.write(head);
  for (let at = 0; at < times; at++) stream.write(piece);
  stream.end();
  await finished(stream);
};

/** Four million rows with the same text, in a few kilobytes. */
function repeatedRows(): Buffer {
  const writer = new ByteWriter();
  void writer;
  const rows = 4_000_000;
  const data = Array.from({ length: rows }, () => "the same text ".repeat(8));
  const columnData = ["prompt", "completion"].map((name) => ({ name, data, type: "STRING" as const }));
  return Buffer.from(parquetWriteBuffer({ columnData }));
}

const ggufMetadata: NonNullable<GgufParts["metadata"]> = {
  "general.architecture": text("llama"),
  "llama.embedding_length": uint32(32),
  "llama.attention.head_count": uint32(4),
  "llama.feed_forward_length": uint32(64),
  "llama.block_count": uint32(1),
  "llama.context_length": uint32(64),
  "llama.attention.layer_norm_rms_epsilon": float32(-1),
  "tokenizer.ggml.model": text("gpt2"),
  "tokenizer.ggml.pre": text("smollm"),
  "tokenizer.ggml.tokens": list([text("a"), text("b")]),
  "tokenizer.ggml.merges": list([], 8),
};

const ggufCase = (name: string, parts: GgufParts): HostileCase => ({
  name,
  words: ["check"],
  write: (folder) => {
    writeFileSync(join(folder, "model.gguf"), ggufBytes(parts));
    writeFileSync(join(folder, "tunewise.yaml"), recipe({ model: "./model.gguf" }));
  },
});

const endlessPattern = { Regex: "(a+)+$" };
const split = (pattern: unknown): unknown => ({
  type: "Split",
  pattern,
  behavior: "Isolated",
  invert: false,
});

/** Every hostile project. */
export const hostileCases: readonly HostileCase[] = [
  {
    name: "tokenizer splits by (a+)+$",
    words: ["check"],
    write: tokenizerWith("pre_tokenizer", split(endlessPattern)),
  },
  {
    name: "tokenizer splits by (a|a)*b (plan)",
    words: ["plan"],
    write: tokenizerWith("pre_tokenizer", split({ Regex: "(a|a)*b" })),
  },
  {
    name: "tokenizer replaces (x+x+)+z (run)",
    words: ["run", "--yes"],
    write: tokenizerWith("normalizer", { type: "Replace", pattern: { Regex: "(x+x+)+z" }, content: "" }),
  },
  {
    name: "normalizer doubles the text 40 times",
    words: ["check"],
    write: tokenizerWith("normalizer", {
      type: "Sequence",
      normalizers: Array.from({ length: 40 }, () => ({
        type: "Replace",
        pattern: { String: "a" },
        content: "aa",
      })),
    }),
  },
  {
    name: "template of four nested loops",
    words: ["check"],
    write: templateOf(
      "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{{ a }}{% endfor %}{% endfor %}{% endfor %}",
    ),
  },
  {
    name: "template that doubles a text",
    words: ["check"],
    write: templateOf(
      "{% set ns = namespace(t='a') %}{% for a in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}{{ ns.t }}",
    ),
  },
  {
    name: "template that repeats a filter over a long text",
    words: ["check"],
    write: templateOf(
      "{% set ns = namespace(t='a') %}{% for a in range(24) %}{% set ns.t = ns.t + ns.t %}{% endfor %}{% for a in range(99999) %}{% set x = ns.t | upper | replace('A', 'aa') | list %}{% endfor %}",
    ),
  },
  {
    name: "task.pattern (a+)+$",
    words: ["check"],
    write: recipeOf({ more: 'task: { kind: text, metrics: [regex], pattern: "(a+)+$" }' }),
  },
  documentCase("PDF that inflates to 1 GB", "bomb.pdf", inflatingPdf),
  documentCase("PDF page tree 200,000 deep", "tree.pdf", () => pdfTree(200_000)),
  documentCase("PDF forms that draw each other", "forms.pdf", pdfForms),
  documentCase("HTML of two million open elements", "deep.html", () => `<p>${"<b>".repeat(2_000_000)}x`),
  documentCase(
    "HTML of unclosed quotes",
    "quotes.html",
    () => `<p>${'<a href="'.repeat(300_000)}${"&lt".repeat(2_000_000)}`,
  ),
  documentCase("JSON document of 60 MB of brackets", "lists.json", () =>
    Buffer.from(`[${"[],".repeat(20_000_000)}[]]`),
  ),
  { name: "named pipe as data", words: ["check"], write: pipeAt("train.jsonl") },
  { name: "named pipe as recipe", words: ["check"], write: pipeAt("tunewise.yaml") },
  { name: "named pipe as config.json", words: ["check"], write: pipeAt("model/config.json") },
  { name: "named pipe as tokenizer.json (plan)", words: ["plan"], write: pipeAt("model/tokenizer.json") },
  {
    name: "named pipe as chat_template.jinja",
    words: ["check"],
    write: pipeAt("model/chat_template.jinja"),
  },
  {
    name: "named pipe as prices",
    words: ["plan"],
    write: pipeAt("prices.yaml", { more: "plan: { prices: prices.yaml }" }),
  },
  {
    name: "named pipe as regression prompts",
    words: ["check"],
    write: pipeAt("must.jsonl", { more: "" }),
  },
  { name: "/dev/zero as data", words: ["check"], write: endlessAt("train.jsonl") },
  { name: "/dev/zero as recipe", words: ["check"], write: endlessAt("tunewise.yaml") },
  { name: "/dev/zero as tokenizer.json", words: ["check"], write: endlessAt("model/tokenizer.json") },
  { name: "/dev/zero as weights", words: ["check"], write: endlessAt("model/model.safetensors") },
  { name: "/dev/zero given to restore", words: ["restore", "/dev/zero"], write: () => undefined },
  {
    name: "socket as data",
    words: ["check"],
    write: async (folder) => {
      rmSync(join(folder, "train.jsonl"));
      const server = createServer().listen(join(folder, "train.jsonl"));
      await new Promise((done) => server.once("listening", done));
      return () => void server.close();
    },
  },
  {
    name: "Parquet of 4 million equal rows",
    words: ["check"],
    write: (folder) => {
      writeFileSync(join(folder, "train.parquet"), repeatedRows());
      writeFileSync(join(folder, "tunewise.yaml"), recipe({ data: "train: train.parquet" }));
    },
  },
  {
    name: "JSON array of 250 MB of brackets",
    words: ["check"],
    write: async (folder) => {
      const piece = Buffer.from("[],".repeat(350_000));
      await manyBytes(join(folder, "train.json"), "[", piece, 240);
      writeFileSync(join(folder, "tunewise.yaml"), recipe({ data: "train: train.json" }));
    },
  },
  {
    name: "JSON row 5 million deep",
    words: ["check"],
    write: (folder) =>
      writeFileSync(
        join(folder, "train.jsonl"),
        `{"prompt": ${"[".repeat(5_000_000)}${"]".repeat(5_000_000)}}\n`,
      ),
  },
  {
    name: "recipe of aliases of aliases",
    words: ["check"],
    write: (folder) => {
      const lines = Array.from({ length: 30 }, (_, at) =>
        at === 0
          ? "a0: &a0 [x, x]"
          : `a${at}: &a${at} [${Array(9)
              .fill(`*a${at - 1}`)
              .join(", ")}]`,
      );
      writeFileSync(join(folder, "tunewise.yaml"), `${lines.join("\n")}\n`);
    },
  },
  {
    name: "recipe of 250,000 brackets",
    words: ["check"],
    write: (folder) => writeFileSync(join(folder, "tunewise.yaml"), `name: ${"[".repeat(250_000)}`),
  },
  {
    name: "config.json 2 million deep",
    words: ["check"],
    write: (folder) =>
      writeFileSync(
        join(folder, "model/config.json"),
        `{"a": ${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}}`,
      ),
  },
  {
    name: "config.json of absurd sizes (plan)",
    words: ["plan"],
    write: configWith({
      num_hidden_layers: 1000,
      hidden_size: 2 ** 20,
      head_dim: 2 ** 20,
      num_attention_heads: 2 ** 20,
      num_key_value_heads: 2 ** 20,
      intermediate_size: 2 ** 20,
      vocab_size: 2 ** 22,
    }),
  },
  {
    name: "safetensors header of 95 MB of entries",
    words: ["check"],
    write: async (folder) => {
      const entry = Buffer.from(`"__metadata__": {"a": "b"},`.repeat(40_000));
      const times = 88;
      const path = join(folder, "model/model.safetensors");
      await manyBytes(path, "", Buffer.alloc(0), 0);
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(entry.length * times + 6));
      const whole = Buffer.concat([
        length,
        Buffer.from("{"),
        ...Array(times).fill(entry),
        Buffer.from('"a":1'),
      ]);
      writeFileSync(
        path,
        Buffer.concat([whole, Buffer.from("}")]).subarray(0, 8 + entry.length * times + 6 + 1),
      );
    },
  },
  ggufCase("GGUF of alignment 3 and negative epsilon", {
    metadata: { ...ggufMetadata, "general.alignment": uint32(3) } as never,
    alignment: 3,
  }),
  ggufCase("GGUF of 4 million empty texts", {
    metadata: {
      ...ggufMetadata,
      "tokenizer.ggml.merges": list(Array(4_000_000).fill(text("")), 8),
    } as never,
  }),
  {
    name: "MLflow folder with a named pipe (import)",
    words: ["import", "mlflow", "mlruns"],
    write: (folder) => {
      mkdirSync(join(folder, "mlruns/1"), { recursive: true });
      execFileSync("mkfifo", [join(folder, "mlruns/1/meta.yaml")]);
    },
  },
  {
    name: "archive of which a part inflates (restore)",
    words: ["restore", "bomb.tar"],
    write: (folder) => writeFileSync(join(folder, "bomb.tar"), gzipSync(Buffer.alloc(300 * mebibyte))),
  },
];
