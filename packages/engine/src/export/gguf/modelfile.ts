/**
 * @file The `Modelfile` from which Ollama makes a model of a GGUF file.
 *
 * @source ollama/ollama docs/modelfile.md
 */
import type { Tokenizer } from "../../tokenize/index.ts";
import type { Config } from "../../weights/index.ts";
import { type PlannedFile, textFile } from "../export-plan.ts";
import { goTemplate } from "./go-template.ts";

/** A planned `Modelfile`, and sentences on what it lacks. */
export interface PlannedModelfile {
  readonly file: PlannedFile;
  readonly notes: readonly string[];
}

/** What a Modelfile depends on. */
export interface ModelfileOptions {
  /** Path of the GGUF file beside it. */
  readonly weights: string;
  readonly tokenizer: Tokenizer;
  /** `generation_config.json`. */
  readonly generation: Config;
  /** Whether the GGUF file makes the runtime add BOS. */
  readonly isBeginAdded: boolean;
}

/** Names of sampling parameters in `generation_config.json`, and in a Modelfile. */
const sampling = { temperature: "temperature", top_p: "top_p", top_k: "top_k" } as const;

/** Plans the file: weights, template, texts that end an answer, and the base's sampling. */
export function planModelfile(options: ModelfileOptions): PlannedModelfile {
  const { weights, tokenizer, generation, isBeginAdded } = options;
  const translated = goTemplate(tokenizer, isBeginAdded);
  const template =
    "template" in translated
      ? [...translated.limits.map((limit) => `# ${limit}`), `TEMPLATE """${translated.template}"""`]
      : [
          `# No TEMPLATE: ${translated.reason}.`,
          "# Ollama then chooses one by the template in the GGUF file.",
        ];
  const stops = tokenizer.endIds.map((id) => tokenizer.decode([id])).filter((text) => text !== "");
  const lines = [
    "# ollama create NAME -f Modelfile, then: tunewise model verify RUN --in ollama --model NAME",
    `FROM ./${weights}`,
    ...template,
    ...[...new Set(stops)].map((text) => `PARAMETER stop ${JSON.stringify(text)}`),
    ...samplingLines(generation),
  ];
  const notes =
    "reason" in translated ? [`the Modelfile has no template for Ollama: ${translated.reason}`] : [];
  return { file: textFile("Modelfile", `${lines.join("\n")}\n`), notes };
}

/** Ollama's own default penalizes repetitions, so a value is always written. */
function samplingLines(generation: Config): string[] {
  const given = (key: string): number | null => {
    const value = generation[key];
    return typeof value === "number" && Number.isFinite(value) ? value : null;
  };
  const isGreedy = generation["do_sample"] === false;
  const own = Object.entries(sampling).flatMap(([key, name]) => {
    const value = isGreedy ? null : given(key);
    return value === null ? [] : [`PARAMETER ${name} ${value}`];
  });
  return [...own, `PARAMETER repeat_penalty ${given("repetition_penalty") ?? 1}`];
}
