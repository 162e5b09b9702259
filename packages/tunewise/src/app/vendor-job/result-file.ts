/** @file The losses in a job's result file: comma-separated values, in Base64 at OpenAI. */

/** What the result file says at the end of training; `null`: it does not. */
export interface JobLosses {
  readonly training: number | null;
  readonly validation: number | null;
}

/** Decodes a result file if it is in Base64. */
export function decodeResults(text: string): string {
  const bare = text.trim();
  const isBase64 = bare.length > 0 && bare.length % 4 === 0 && /^[A-Za-z0-9+/\r\n]+={0,2}$/.test(bare);
  return isBase64 && !bare.includes(",") ? Buffer.from(bare, "base64").toString("utf8") : text;
}

/**
 * Reads the last loss of each kind.
 *
 * @source OpenAI's fine-tuning guide: columns step, train_loss, train_accuracy, valid_loss, valid_mean_token_accuracy
 *   and, at the end of an epoch, full_valid_loss
 */
export function lossesOf(csv: string): JobLosses {
  const [head = "", ...lines] = csv.trim().split(/\r?\n/);
  const names = head.split(",").map((name) => name.trim());
  const last = (name: string): number | null => {
    const at = names.indexOf(name);
    if (at < 0) return null;
    for (const line of lines.toReversed()) {
      const cell = line.split(",")[at]?.trim() ?? "";
      if (/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(cell)) return Number(cell);
    }
    return null;
  };
  return { training: last("train_loss"), validation: last("full_valid_loss") ?? last("valid_loss") };
}
