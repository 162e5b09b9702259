/**
 * @file Arithmetic of a training step on GPUs, per token of a row.
 */
import { isCheckpointed, type StackSetting } from "../stack/setting.ts";
import { adapterCount } from "../stack/states.ts";

/** FLOP per token of one step, by kind. */
export interface GpuWork {
  readonly products: number;
  readonly attention: number;
}

/**
 * FLOP per token: 2 forward, 2 for the gradient of the input, 2 more where layers are computed again, 2 for the
 * gradient of each trained matrix; the head once forward and once or twice back. Attention of a causal row: each token
 * looks at half of the row; its backward pass is two and a half times the forward one.
 *
 * @source Kaplan et al. 2020 (arXiv 2001.08361), section 2.1; Dao 2023 (arXiv 2307.08691), section 4.1
 */
export function gpuWork(setting: StackSetting): GpuWork {
  const { model, trained, length } = setting;
  const again = isCheckpointed(setting) ? 1 : 0;
  const own = trained.kind === "full" ? 1 : 0;
  const head = model.vocabulary * model.hidden;
  const { activeLinear } = model.parameters;
  const products =
    2 * (2 + again + own) * activeLinear +
    2 * (2 + own) * head +
    2 * (3 + again) * adapterCount(model, trained);
  const causal = 2 * length * model.heads * model.headWidth * model.layers;
  const eager = setting.attention === "eager" ? 2 : 1; // the mask is added, not exploited
  return { products, attention: eager * causal * (1 + again + 2.5) };
}
