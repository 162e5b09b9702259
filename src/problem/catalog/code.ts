/** @file Problems about: code in rows and in answers. Data only; entries are `ProblemKind`s, as `index.ts` checks. */

export const codeProblems = {
  CODE_INSECURE: {
    title: "Insecure code",
    message: "{count} rows have {cwe} ({weakness}) in the {side}, {findings} places in all; first {first}",
    fix: "Mend the code in these rows or remove them; a model writes what it is shown",
    exitCode: 2,
    since: "0.1.0",
    docs: "The code in the rows' answers is read as a program and values are followed from where they come in to where they do harm. Each weakness is named by its number in the Common Weakness Enumeration (cwe.mitre.org). Errors are what an attacker gains by, warnings are missing protections, notes are bad habits. Code in prompts is only noted, since the model is not trained to write it. What follows values is an approximation: it can miss a weakness, and it can report one that a check elsewhere rules out.",
  },
} as const;
