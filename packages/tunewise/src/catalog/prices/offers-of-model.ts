/** @file Finds the inference prices of a model by the names under which lists state them. */
import type { InferenceOffer, PriceSource } from "./book.ts";

/**
 * Finds the offers of a model, or of the model that it was fine-tuned from; the user's own prices first, then the
 * cheapest.
 *
 * @param model as requested, such as `ft:gpt-4o-mini-2024-07-18:org::id`, `openai/gpt-5-mini` or `gpt-4o-2024-08-06`
 */
export function offersOfModel(model: string, inference: readonly InferenceOffer[]): InferenceOffer[] {
  for (const name of pricedNames(model.toLowerCase())) {
    const found = inference.filter((offer) => isNamed(offer, name));
    if (found.length > 0) return found.toSorted((a, b) => rankOf(a) - rankOf(b) || weightOf(a) - weightOf(b));
  }
  return [];
}

/**
 * Names from specific to general: all fine-tuned versions of a model cost the same, and lists omit the date of a
 * version. A fine-tuned model never gets the price of its base.
 *
 * @source platform.openai.com/docs/guides/supervised-fine-tuning: `ft:BASE:ORGANIZATION:SUFFIX:ID`
 */
function pricedNames(model: string): string[] {
  const base = /^ft:([^:]+)(?::|$)/.exec(model)?.[1];
  const dated = base === undefined ? model : `ft:${base}`;
  return [...new Set([model, dated, dated.replace(/-\d{4}-\d{2}-\d{2}$/, "")])];
}

function isNamed({ vendor, model }: InferenceOffer, name: string): boolean {
  const listed = model.toLowerCase();
  return listed === name || `${vendor.toLowerCase()}/${listed}` === name;
}

function rankOf({ source }: InferenceOffer): number {
  return source.isUserOwn === true ? 0 : 1;
}

function weightOf({ inputUsdPerMillionTokens, outputUsdPerMillionTokens }: InferenceOffer): number {
  return inputUsdPerMillionTokens + outputUsdPerMillionTokens;
}

/** Parameters that a model's name states, such as 8e9 for `llama-3.1-8b-instruct`; `null` if it states none. */
export function parametersInName(model: string): number | null {
  const found = /(?:^|[^a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])/i.exec(model);
  if (found === null) return null;
  const unit = found[3]?.toLowerCase() === "b" ? 1e9 : 1e6;
  return Number(found[1] ?? 1) * Number(found[2]) * unit;
}

/** A vendor's discount for answers that may take up to 24 hours. */
export interface BatchTerms {
  /** Price of a batch over the usual price. */
  readonly share: number;
  readonly source: PriceSource;
}

/** Discounts by vendor, for input and output. Whether a certain model accepts batches is not listed. */
const batchTerms: Readonly<Record<string, BatchTerms>> = {
  openai: {
    share: 0.5,
    source: {
      name: "community.openai.com/t/1357069 (secondary)",
      asOf: null,
      readOn: "2026-12-03",
    },
  },
  anthropic: {
    share: 0.5,
    source: {
      name: "platform.claude.com/docs/build-with-claude/batch-processing",
      asOf: null,
      readOn: "2026-12-03",
    },
  },
  google: {
    share: 0.5,
    source: {
      name: "developers.googleblog.com/scale-your-ai-workloads-batch-mode-gemini-api",
      asOf: "2025-07-07",
    },
  },
};

/** The batch price of a vendor; `null` if none is known. */
export function batchTermsOf(vendor: string): BatchTerms | null {
  const name = vendor.toLowerCase();
  return Object.hasOwn(batchTerms, name) ? (batchTerms[name] ?? null) : null;
}
