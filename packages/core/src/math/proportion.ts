/** @file Confidence interval of a proportion. */
import { normal975 } from "./normal.ts";

/**
 * Wilson's 95 % confidence interval of a proportion; keeps its coverage near 0 and 1 and for few rows.
 *
 * @param count of `total`, which is at least 1
 * @source Wilson 1927, JASA 22, 209-212; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3
 */
export function wilsonInterval(
  count: number,
  total: number,
): {
  readonly low: number;
  readonly high: number;
} {
  const share = count / total;
  const scale = 1 + normal975 ** 2 / total;
  const center = (share + normal975 ** 2 / (2 * total)) / scale;
  const half =
    (normal975 * Math.sqrt((share * (1 - share)) / total + normal975 ** 2 / (4 * total ** 2))) / scale;
  return {
    low: count === 0 ? 0 : center - half,
    high: count === total ? 1 : center + half,
  };
}
