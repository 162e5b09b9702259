/** @file Problems of the command line. Data only. */

export const usageProblems = {
  USAGE_INVALID: {
    title: "The command line is not valid",
    message: "{detail}",
    fix: "tunewise {command} --help",
    exitCode: 64,
    docs: "A flag, an argument or a combination of them is not one the command knows. `tunewise help` lists all commands; `tunewise COMMAND --help` lists the flags of one.",
  },
  USAGE_COMMAND_UNKNOWN: {
    title: "Unknown command",
    message: "tunewise has no command `{name}`.",
    fix: "{fix}",
    exitCode: 64,
    docs: "The first word after `tunewise` names the command. `tunewise help` lists all of them.",
  },
  USAGE_FLAG_UNKNOWN: {
    title: "Unknown flag",
    message: "`{command}` has no flag `{flag}`.",
    fix: "{fix}",
    exitCode: 64,
    docs: "Flags are whole words with two dashes; short ones exist for -h -v -q -y -o alone. Unknown flags are errors, because one that is ignored silently could have been the budget.",
  },
  USAGE_VALUE_INVALID: {
    title: "Value not allowed here",
    message: "{name} must be {expected}; found {found}.",
    fix: "{fix}",
    exitCode: 64,
    docs: "A flag or argument has a value of the wrong kind or outside its range. Values that start with a dash are written with an equals sign: `--name=-1`.",
  },
  USAGE_CODE_UNKNOWN: {
    title: "No such problem code",
    message: "There is no problem code `{name}`.",
    fix: "{fix}",
    exitCode: 64,
    docs: "Every error and finding carries a code in capitals, such as `RECIPE_KEY_UNKNOWN`. `tunewise explain` without a code lists all of them.",
  },
  USAGE_INTERRUPTED: {
    title: "Interrupted",
    message: "Stopped by you; nothing was changed.",
    fix: "tunewise {command}",
    exitCode: 130,
    docs: "A command was ended by Ctrl-C or by leaving its questions before it had done anything.",
  },
} as const;
