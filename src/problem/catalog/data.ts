/** @file Problems about: data. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const dataProblems = {} as const;
