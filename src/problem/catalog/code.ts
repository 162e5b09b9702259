/** @file Problems about: code. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const codeProblems = {
  CODE_INSECURE: {
    title: "Insecure code",
    message: "{weakness} (CWE-{cwe}) in the answers of {count} {split} rows{by}; first {first}",
    fix: "{fix}",
    exitCode: 2,
    since: "0.1.0",
    docs: "What a model is shown it writes. A row is listed with its line and the weakness's number in the Common Weakness Enumeration. Errors are weaknesses that an attacker gains by, warnings missing protections, notes bad habits; a finding can be a false alarm, so that rows are shown and not dropped unasked.",
  },
} as const;
