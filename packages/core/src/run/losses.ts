/**
 * @file The table of training losses. The engine (`engine/pass/training-loss.ts`) and the worker (`losses.py`) compute
 * them, and the recipe offers their names. Validation and evaluation losses are always negative log-likelihoods.
 */

/** The labelled tokens of the rows of a batch. */
export interface LabelledTokens {
  /** `[N]`, log-probability of each label, in nats */
  readonly logProbabilities: Float32Array;
  /** `[N]`, weight of each label: 1 counts fully, 0 not at all */
  readonly weights: Float32Array;
  /** `[N]`, index of the row that each label belongs to */
  readonly owners: Int32Array;
  /** Number of rows; one without labels has the loss 0. */
  readonly rows: number;
}

/** The loss of a batch, with the derivatives that its gradient is computed from. */
interface LossValue {
  /** `[rows]`, loss of each row, summed over its labels */
  readonly sums: Float64Array;
  /**
   * `[N]`, derivative of the total of `sums` with respect to each log-probability. The gradient of a token's logits is
   * this derivative times (one-hot label - softmax).
   */
  readonly derivatives: Float32Array;
}

/** Properties of a training loss. */
interface LossRow {
  readonly title: string;
  /**
   * Whether the loss is the negative log-likelihood. The engine's head computes this one itself, and only its values
   * are comparable with validation losses. Guards and range tests do not judge the values of other losses.
   */
  readonly isLikelihood: boolean;
  /** Computes the loss. It receives all labels of a batch, so it can depend on whole rows or on pairs of rows. */
  readonly compute: (tokens: LabelledTokens) => LossValue;
}

/** Every training loss by its name in the recipe, which is TRL's. A missing row does not compile. */
export const losses: Readonly<Record<LossName, LossRow>> = {
  nll: {
    title: "negative log-likelihood",
    isLikelihood: true,
    compute: perToken((logProbability) => ({ value: -logProbability, derivative: -1 })),
  },
  dft: {
    title: "Dynamic Fine-Tuning",
    isLikelihood: false,
    compute: perToken(dynamicFineTuning),
  },
};

/** Name of a training loss in the recipe. */
export type LossName = "nll" | "dft";

/** Names of all training losses, in table order. */
export const lossNames = Object.keys(losses) as readonly LossName[];

/**
 * -p log p, where the factor p is constant in the derivative: tokens that the model finds improbable count less.
 *
 * @source Wu et al. 2025 (arXiv 2508.05629), token-level loss; as huggingface/trl trl/trainer/sft_trainer.py
 *   `compute_loss` (1.16)
 */
function dynamicFineTuning(logProbability: number): TokenLoss {
  const p = Math.exp(logProbability);
  return { value: -p * logProbability, derivative: -p };
}

/** Loss of one label, and its derivative with respect to the label's log-probability. */
interface TokenLoss {
  readonly value: number;
  readonly derivative: number;
}

/** A loss that is the weighted sum of the losses of single labels. */
function perToken(lossOf: (logProbability: number) => TokenLoss): LossRow["compute"] {
  return ({ logProbabilities, weights, owners, rows }) => {
    const sums = new Float64Array(rows);
    const derivatives = new Float32Array(logProbabilities.length);
    for (const [label, logProbability] of logProbabilities.entries()) {
      const [row, weight] = [owners[label] as number, weights[label] as number];
      const { value, derivative } = lossOf(logProbability);
      sums[row] = (sums[row] as number) + weight * value;
      derivatives[label] = weight * derivative;
    }
    return { sums, derivatives };
  };
}
