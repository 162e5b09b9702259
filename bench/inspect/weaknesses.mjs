/**
 * @file Weaknesses that are one another's kinds or causes, so that either name is right where a finding is judged.
 *
 * Frozen: the scanner's own table as it was before its second round (commit 7b6e48f1), without CWE-20, which is anybody's
 * parent. It is not to be widened, since each family that grows lifts every figure without a new rule; what the scanner
 * itself takes for related lies in packages/datacheck/src/codescan/weaknesses.ts and may grow.
 *
 * @source MITRE CWE 4.17, views 699 and 1000: parents and children, and what follows from what
 */

const families = [
  [78, 77, 88, 116],
  [89, 564, 943, 200],
  [22, 23, 36, 73, 99, 425, 434, 641],
  [79, 80, 116, 94],
  [94, 95, 96, 917, 1336],
  [327, 328, 326, 916, 759, 760, 522, 295, 319],
  [330, 331, 338, 339, 335, 337, 340],
  [798, 259, 321, 522, 521, 256, 306, 454],
  [611, 776, 827, 643],
  [1333, 400, 730],
  [113, 601],
  [295, 297, 347],
  [329, 1204],
  [377, 379],
  [489, 215, 209, 200],
  [918, 22],
  [614, 1004, 319],
  [605, 200],
  [117, 200],
  [385, 208],
  [414, 667],
  // bounds of memory: which of them it is depends on where the buffer lies and on who reads
  [119, 120, 121, 122, 125, 129, 131, 193, 242, 676, 680, 787, 788, 805],
  [190, 191, 128, 197, 680, 681],
  [415, 416, 825],
  [476, 690, 252, 253, 754],
  [312, 313, 315, 359, 532, 200, 201],
  [367, 362, 377],
  [732, 276, 279],
  // fields of an object by any name; loops and lists as long as somebody says
  [915, 1321, 471],
  [834, 606, 400, 770],
  [20, 183, 184, 185, 625, 777],
  [346, 942, 183, 1385],
  [451, 1021],
  [345, 346, 347],
  [200, 538, 548],
];

/** Whether two CWE numbers name the same weakness, or one is a kind or cause of the other. */
export function related(a, b) {
  return a === b || families.some((one) => one.includes(a) && one.includes(b));
}
