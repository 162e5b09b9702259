/** @file Problems about: secrets and personal data in rows. Data only; every entry must satisfy `ProblemKind`. */

export const secretProblems = {
  DATA_SECRET: {
    title: "Rows with secrets",
    message: "keys, tokens or passwords in {count} rows: {kinds}; first {first}",
    fix: "Revoke what is real, then redact these rows",
    exitCode: 2,
    since: "0.1.0",
    docs: "A model repeats what it was trained on, and whoever can ask it can then ask for the keys. Formats of vendors are an error; values that only look like a secret, or whose checksum fails, are a warning. Values are never shown: only what all values of the format begin with, and the length. Placeholders, hashes, UUIDs and look-ups of the environment do not count.",
  },
  DATA_PERSONAL: {
    title: "Rows with personal data",
    message: "personal data in {count} rows: {kinds}; first {first}",
    fix: "Redact these rows",
    exitCode: 2,
    since: "0.1.0",
    docs: "E-mail addresses, telephone numbers, internet addresses, payment cards, bank accounts, numbers that states give people, dates of birth and addresses of houses, by their form, check digits and the words around them. Names are not looked for. A few e-mail addresses, and card numbers that payment providers publish for tests, are a note.",
  },
} as const;
