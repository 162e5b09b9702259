/**
 * @file One request for vectors of texts.
 *
 * @source openai/openai-openapi openapi.yaml, CreateEmbeddingRequest and CreateEmbeddingResponse
 */
import { parsedAnswer, refuseError } from "./ask-once.ts";
import { addressOf, type Endpoint } from "./endpoint.ts";
import { brokenAnswer, TryFailure } from "./failure.ts";
import { countIn, fieldsOf, textIn } from "./heard.ts";
import { type Patience, textOf, wholeText } from "./incoming.ts";
import { withoutKey } from "./secret.ts";
import { notSent, send } from "./send.ts";
import type { AskWorld } from "./world.ts";

/** Vectors as they came. */
export interface HeardVectors {
  readonly vectors: readonly Float32Array[];
  readonly model: string | null;
  readonly promptTokens: number | null;
}

/** Widest vector that is taken. */
const widthMost = 65_536;

/**
 * Asks once; vectors in the order of the texts, all of one width.
 *
 * @throws {TryFailure}
 */
export async function embedOnce(
  texts: readonly string[],
  once: { readonly endpoint: Endpoint; readonly world: AskWorld; readonly patience: Patience },
): Promise<HeardVectors> {
  const { endpoint, world, patience } = once;
  if (endpoint.style === "anthropic") {
    throw new TryFailure({ reason: "this API has no vectors", isPassing: false, paid: "none" });
  }
  const body = JSON.stringify({ model: endpoint.model, input: texts, encoding_format: "float" });
  const response = await send(endpoint, addressOf(endpoint, "embeddings"), body, patience, world);
  const text = await wholeText(textOf(response, patience)).catch((error: unknown) => {
    if (patience.signal.aborted && !(error instanceof TryFailure)) throw error;
    return notSent(error);
  });
  const value = parsedAnswer(text);
  refuseError(value, endpoint);
  const fields = fieldsOf(value);
  const vectors = vectorsIn(fields["data"], texts.length);
  const promptTokens = countIn(fieldsOf(fields["usage"])["prompt_tokens"]);
  const model = textIn(fields["model"]);
  return { vectors, model: model === null ? null : withoutKey(model, endpoint.key), promptTokens };
}

function vectorsIn(data: unknown, count: number): Float32Array[] {
  const list = Array.isArray(data) ? data : [];
  const vectors = new Map<number, Float32Array>();
  for (const [at, one] of list.entries()) {
    const { index = at, embedding } = fieldsOf(one);
    const numbers: readonly unknown[] = Array.isArray(embedding) ? embedding : [];
    const isSound =
      numbers.length > 0 && numbers.length <= widthMost && numbers.every((number) => Number.isFinite(number));
    if (isSound && typeof index === "number") vectors.set(index, Float32Array.from(numbers as number[]));
  }
  const inOrder = Array.from({ length: count }, (_, at) => vectors.get(at));
  const width = inOrder[0]?.length;
  const found = inOrder.filter((vector) => vector !== undefined && vector.length === width);
  if (found.length !== count || list.length !== count)
    throw brokenAnswer("JSON without a vector of each text");
  return found as Float32Array[];
}
