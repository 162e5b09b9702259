/**
 * @file What a format cannot hold, said with the format that can.
 */
import { problem } from "../../problem/index.ts";

/**
 * The error of a model that a format cannot hold.
 *
 * @param detail completes "--format X cannot hold this model: "
 * @param instead flags that work: `--format merged`
 */
export function unfit(format: string, detail: string, instead: string): Error {
  return problem("EXPORT_UNFIT", { format, detail, instead });
}

/** The refusal of a tokenizer that a GGUF file cannot hold. @param detail completes "its tokenizer: " */
export function unfitTokenizer(detail: string): Error {
  return unfit("gguf", `llama.cpp does not have its tokenizer (${detail})`, "--format merged");
}

/**
 * Refuses a value beyond the largest one of its type.
 *
 * @throws {TunewiseError} `EXPORT_UNFIT`
 */
export function refuseOverflow(
  format: string,
  { name, type }: { readonly name: string; readonly type: string },
  value: number,
): never {
  const detail = `${name} has the value ${value.toPrecision(4)}, beyond the largest of ${type}`;
  const instead = format === "onnx" ? "--dtype f32" : "--dtype bf16";
  throw unfit(format, detail, `--format ${format} ${instead}`);
}
