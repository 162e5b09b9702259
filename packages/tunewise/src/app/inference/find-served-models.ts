/**
 * @file Finds several runs for one server: their adapters share one base model, which is loaded once. Aliases give
 *   variants the names that clients already use.
 */
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type BaseStorage,
  type FoundTextModel,
  type FoundVariant,
  findTextModel,
  type TextModelOptions,
} from "./find-text-model.ts";

/** A name for a model: `NAME` for the first one, or `NAME=RUN`. */
export interface ModelAlias {
  readonly alias: string;
  /** A source as it was given, or a variant's name; `null` for the first model. */
  readonly of: string | null;
}

/** Maximum length of an alias in characters. */
const maxAliasLength = 200;

/**
 * Reads `NAME` or `NAME=RUN`.
 *
 * @throws {TunewiseError} `SERVE_ALIAS_INVALID` for an empty or very long name, or one with control characters
 */
export function readAlias(text: string): ModelAlias {
  const split = text.lastIndexOf("=");
  const [alias, of] = split < 0 ? [text, null] : [text.slice(0, split), text.slice(split + 1)];
  const isName = /^[^\s\p{Cc}]+$/u.test(alias) && alias.length <= maxAliasLength;
  if (!isName || of === "") {
    const reason = `it needs a name of 1 to ${maxAliasLength} visible characters, and a run after an equals sign`;
    throw problem("SERVE_ALIAS_INVALID", { alias: JSON.stringify(text).slice(0, maxAliasLength), reason });
  }
  return { alias, of };
}

/**
 * Finds the models of a server. The adapters of all runs are added to one base.
 *
 * @param sources runs, recipes or models as in `findTextModel`; empty for the recipe of this folder
 * @throws {TunewiseError} `SERVE_BASE_DIFFERS` if two of them have different base models; `SERVE_ALIAS_INVALID` for an
 *   alias of an unknown model, or one that is taken; those of `findTextModel`
 */
export async function findServedModels(
  sources: readonly string[],
  aliases: readonly ModelAlias[],
  runtime: Runtime,
  options: TextModelOptions,
): Promise<FoundTextModel> {
  const found: { readonly source: string; readonly model: FoundTextModel }[] = [];
  for (const source of sources.length === 0 ? [null] : sources) {
    found.push({ source: source ?? "", model: await findTextModel(source, runtime, options) });
  }
  const [first, ...others] = found;
  if (!first) throw new Error("Internal: no model to serve");
  const storages: BaseStorage[] = [];
  if (others.length > 0) storages.push(await first.model.storage());
  for (const other of others) {
    await requireSameBase(first, other);
    const storage = await other.model.storage();
    requireSameStorage([first.source, storages[0] as BaseStorage], [other.source, storage]);
    storages.push(storage);
  }
  const shared = widest(storages);
  const named = withAliases(found, aliases);
  return { ...first.model, open: () => first.model.open(shared), variants: named };
}

interface Sourced {
  readonly source: string;
  readonly model: FoundTextModel;
}

/** Compares the weights by hash, and the configuration and the tokenizer by content. */
async function requireSameBase(first: Sourced, other: Sourced): Promise<void> {
  const [a, b] = [first.model.files, other.model.files];
  const parts: readonly (readonly [string, unknown, unknown])[] = [
    ["configurations", a.config, b.config],
    ["tokenizers", a.tokenizer, b.tokenizer],
  ];
  const different = parts.find(([, one, two]) => JSON.stringify(one) !== JSON.stringify(two))?.[0];
  const isSame =
    different === undefined && (await a.weights.fingerprint()) === (await b.weights.fingerprint());
  if (isSame) return;
  const reason = `their base models ${a.source} and ${b.source} have different ${different ?? "weights"}`;
  throw problem("SERVE_BASE_DIFFERS", { first: first.source, other: other.source, reason });
}

/** NF4 weights, and those calibrated on other rows, are other base models. */
function requireSameStorage(
  [first, a]: readonly [string, BaseStorage],
  [other, b]: readonly [string, BaseStorage],
): void {
  const isSame = (a.format === "nf4") === (b.format === "nf4") && a.calibration === b.calibration;
  if (isSame) return;
  const reason = "their base models are quantized differently";
  throw problem("SERVE_BASE_DIFFERS", { first, other, reason });
}

/** The most precise storage, so that no model is served in less than the precision of its training. */
function widest(storages: readonly BaseStorage[]): BaseStorage | undefined {
  const exact = storages.filter(({ compute }) => compute === "fp32");
  const among = exact.length > 0 ? exact : storages;
  return among.find(({ format }) => format === "float32") ?? among[0];
}

/** All variants once, tuned ones first, with their aliases. */
function withAliases(found: readonly Sourced[], aliases: readonly ModelAlias[]): readonly FoundVariant[] {
  const all = found.flatMap(({ source, model }) =>
    model.variants.map((variant, at) => ({ variant, source: at === 0 ? source : null })),
  );
  const ordered = (["tuned", "base"] as const).flatMap((kind) =>
    all.filter(({ variant }) => variant.kind === kind),
  );
  const unique = ordered.filter(
    ({ variant }, at) => ordered.findIndex((one) => one.variant.name === variant.name) === at,
  );
  const taken = new Set(unique.map(({ variant }) => variant.name));
  const byVariant = new Map<string, string[]>();
  for (const { alias, of } of aliases) {
    const refuse = (reason: string): Error => problem("SERVE_ALIAS_INVALID", { alias, reason });
    if (taken.has(alias)) throw refuse("another model of this server has that name");
    taken.add(alias);
    const target =
      of === null
        ? all[0]
        : [...unique, ...all].find(({ variant, source }) => variant.name === of || source === of);
    if (!target) throw refuse(`this server has no model ${JSON.stringify(of)}`);
    byVariant.set(target.variant.name, [...(byVariant.get(target.variant.name) ?? []), alias]);
  }
  return unique.map(({ variant }) => ({ ...variant, aliases: byVariant.get(variant.name) ?? [] }));
}
