/** @file Parses a command line into program, words and options, and classifies options by their effect on results. */

/** An option with its value; `null` for a switch. */
export interface Option {
  /** Without leading dashes and with `-` replaced by `_`: `--lora-r` and `--lora_r` are the same option. */
  readonly name: string;
  readonly value: string | null;
  /** Index of the value in the command line; -1 if it is part of the same word or missing. */
  readonly at: number;
}

/** A parsed command line. */
export interface ParsedCommand {
  readonly program: string;
  /** Words that belong to no option, in order. */
  readonly words: readonly { readonly value: string; readonly at: number }[];
  readonly options: readonly Option[];
}

/**
 * Options that change where results are written and reported, but not the results.
 *
 * @source huggingface/transformers src/transformers/training_args.py; pytorch/pytorch torch/distributed/run.py;
 * huggingface/accelerate src/accelerate/commands/launch.py
 */
const volatileNames = new Set([
  "output_dir",
  "overwrite_output_dir",
  "run_name",
  "report_to",
  "logging_dir",
  "log_dir",
  "log_level",
  "log_level_replica",
  "log_on_each_node",
  "disable_tqdm",
  "push_to_hub",
  "local_rank",
  "node_rank",
  "machine_rank",
  "main_process_ip",
  "main_process_port",
  "master_addr",
  "master_port",
  "rdzv_id",
  "rdzv_endpoint",
  "tracking_project",
  "wandb_project",
  "wandb_run_name",
]);
const volatileStarts = /^(hub_|push_to_hub_|use_auth_token|token$|hf_token|wandb_entity|api_key)/;
const seedNames = new Set(["seed", "data_seed", "random_seed", "random_state", "rng_seed"]);

/** Whether an option cannot change the result. */
export function isVolatile(name: string): boolean {
  const last = lastPart(name);
  return volatileNames.has(last) || volatileStarts.test(last);
}

/** Whether an option only changes random numbers. */
export function isSeed(name: string): boolean {
  return seedNames.has(lastPart(name));
}

/**
 * Parses a command line: `--name value`, `--name=value`, `--switch`, and `name=value` as Hydra writes it. A word after
 * an option counts as its value unless it begins with a dash; a negative number also counts as a value.
 */
export function parseCommand(argv: readonly string[]): ParsedCommand {
  const words: { value: string; at: number }[] = [];
  const options: Option[] = [];
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at] ?? "";
    const equals = /^(?:--?)?([A-Za-z+~][\w.+~-]*)=(.*)$/s.exec(word);
    if (equals) options.push({ name: plainName(equals[1] ?? ""), value: equals[2] ?? "", at: -1 });
    else if (/^--?[A-Za-z]/.test(word)) {
      const next = argv[at + 1];
      const value = next === undefined || /^-[^\d.]/.test(next) ? null : next;
      options.push({ name: plainName(word), value, at: value === null ? -1 : at + 1 });
      if (value !== null) at++;
    } else words.push({ value: word, at });
  }
  return { program: (argv[0] ?? "").replace(/^.*[/\\]/, ""), words, options };
}

function plainName(word: string): string {
  return word.replace(/^[-+~]+/, "").replaceAll("-", "_");
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1).toLowerCase();
}
