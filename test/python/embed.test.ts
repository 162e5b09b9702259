/** all-MiniLM-L6-v2 from its PyPI package, against transformers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedder } from "@tunewise/engine";
import { expect, test } from "vitest";
import { endedProgram } from "../support/ended-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const python = process.env["TUNEWISE_PYTHON"] ?? "";
const model = process.env["TUNEWISE_TEST_MINILM"] ?? "";
const folder = temporaryFolder();

const texts = [
  "A refund takes five days after we have the parcel.",
  "When is the money back on my account?",
  "",
  "Caf\u00e9 na\u00efve \u4e2d\u6587 \u{1f600} unheard-of words: zyzzyva",
  "The scanner does not start. ".repeat(80),
];

const script = `
import json, sys, torch
from transformers import AutoModel, AutoTokenizer
place, texts = sys.argv[1], json.load(open(sys.argv[2]))
tokenizer, model = AutoTokenizer.from_pretrained(place), AutoModel.from_pretrained(place).eval()
out = []
for text in texts:
    row = tokenizer(text.strip(), truncation=True, max_length=256, return_tensors="pt")
    with torch.no_grad():
        states = model(**row).last_hidden_state[0]
    out.append(torch.nn.functional.normalize(states.mean(0), dim=0).tolist())
print(json.dumps(out))
`;

test.skipIf(!python || !model)("vectors of MiniLM are those of transformers", async () => {
  writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
  const { status, stdout, stderr } = await endedProgram(python, [
    "-c",
    script,
    model,
    join(folder, "texts.json"),
  ]);
  expect(status, stderr.slice(-2000)).toBe(0);
  const expected = JSON.parse(stdout) as number[][];
  const embedder = await openEmbedder(model, { threads: 1 });
  const found = await embedder.embed(texts);
  for (const [at, vector] of expected.entries()) {
    for (const [place, value] of vector.entries())
      expect(found[at * embedder.size + place]).toBeCloseTo(value, 5);
  }
  // a question is more similar to its answer than to a text on another topic
  const dot = (a: number, b: number): number =>
    found
      .subarray(a * embedder.size, (a + 1) * embedder.size)
      .reduce((sum, value, at) => sum + value * (found[b * embedder.size + at] ?? 0), 0);
  expect(dot(1, 0)).toBeGreaterThan(dot(1, 4));
  await embedder.close();
});
