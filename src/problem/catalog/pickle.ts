/** @file Problems about: pickles. Data only; every entry must satisfy `ProblemKind`, which `index.ts` checks. */

export const pickleProblems = {
  MODEL_PICKLE: {
    title: "Pickle beside a model",
    message: "{count} files of the model are pickles, which tunewise does not read; first {first}",
    fix: "Use the safetensors files, and delete the pickles",
    exitCode: 2,
    since: "0.1.0",
    docs: "A pickle is a program that rebuilds objects. These were walked through without running them, and import nothing but what weights are rebuilt with. Other programs may still prefer them to safetensors.",
  },
  MODEL_PICKLE_UNSAFE: {
    title: "Pickle that may run code",
    message: "{file} {first} ({count} such places)",
    fix: "Delete {file}, do not open it with any program, and tell whoever published it",
    exitCode: 2,
    since: "0.1.0",
    docs: "Reading a pickle calls what it imports. Listed are imports that are not of what weights are rebuilt with, and streams and archives that are broken, encrypted or described in two ways, as attacks are. What is not on the list of allowed imports may be harmless, but cannot be known to be.",
  },
} as const;
