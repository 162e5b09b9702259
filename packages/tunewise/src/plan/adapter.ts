/** @file Targets and parameter count of the LoRA adapter. */
import type { ModelDescription, Projection } from "../catalog/index.ts";
import { problem } from "../problem/index.ts";
import type { MethodSection } from "../recipe/index.ts";
import type { StackRules } from "./stack/rules.ts";

/** The parameters that a plan trains. */
export interface PlannedAdapter {
  /** Low-rank adapter, or full fine-tuning. */
  readonly kind: "lora" | "full";
  readonly targets: readonly string[];
  readonly rank: number;
  /** Trained parameters in all layers. */
  readonly parameters: number;
}

/** Names that PEFT treats as experts' matrices, even in other modules and in adapter files. */
const expertNames = ["gate", "gate_proj", "up_proj", "down_proj", "w1", "w2", "w3"];

/**
 * Whether a projection gets an adapter.
 *
 * @param adaptsExperts whether the program adapts experts; if not, `all-linear` also skips other modules with experts'
 *   names
 * @source worker/tunewise_worker/families.py, `_names_beside_experts`
 */
export function isAdapted(
  { projections }: Pick<ModelDescription, "projections">,
  { name, ofExperts }: Projection,
  targets: MethodSection["targets"],
  adaptsExperts: boolean,
): boolean {
  const isNamed = targets === "all-linear" || targets.includes(name);
  if (!isNamed || adaptsExperts || !projections.some((one) => one.ofExperts)) return isNamed;
  return !ofExperts && (targets !== "all-linear" || !expertNames.includes(name));
}

/**
 * Number of adapter parameters: N = L sum over targets of R (in + out).
 *
 * @source Hu et al. 2021 (arXiv 2106.09685), section 4.1: A is [R, in], B is [out, R]
 * @throws {TunewiseError} `ENGINE_TARGET_UNKNOWN`, `ENGINE_RANK_INVALID`
 */
export function planAdapter(
  model: ModelDescription,
  { kind, rank, targets }: Pick<MethodSection, "kind" | "rank" | "targets">,
  { adaptsExperts }: Pick<StackRules, "adaptsExperts">,
): PlannedAdapter {
  const known = model.projections.map(({ name }) => name);
  if (kind === "full") return { kind, targets: known, rank: 0, parameters: model.parameters.total };
  const stray = targets === "all-linear" ? undefined : targets.find((target) => !known.includes(target));
  const chosen = model.projections.filter((one) => isAdapted(model, one, targets, adaptsExperts));
  // if no target is known, `advise` reports it with the rest of the plan
  if (stray !== undefined && chosen.length > 0) {
    throw problem("ENGINE_TARGET_UNKNOWN", { target: stray, known: known.join(", ") });
  }
  const most = Math.min(...chosen.map(({ inputWidth, outputWidth }) => Math.min(inputWidth, outputWidth)));
  // for other families PEFT also adapts narrow matrices, such as the gate of a shared expert
  if (rank > most && !model.isOfFiles) throw problem("ENGINE_RANK_INVALID", { rank, most });
  const width = (sum: number, { inputWidth, outputWidth, copies }: Projection): number =>
    sum + copies * (inputWidth + outputWidth);
  return {
    kind: "lora",
    targets: chosen.map(({ name }) => name),
    rank,
    parameters: model.layers * rank * chosen.reduce(width, 0),
  };
}
