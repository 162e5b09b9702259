/** @file Problems of the command line. Data only. */

export const usageProblems = {
  USAGE_INVALID: {
    title: "The command line is not valid",
    message: "{detail}",
    fix: "tunewise {command} --help",
    exitCode: 64,
    docs: "The command does not accept this flag, argument or combination of them. `tunewise help` lists all commands; `tunewise COMMAND --help` lists the flags of one.",
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
    docs: "Flags are whole words with two dashes; the only short ones are -h -v -q -y -o. Unknown flags are errors, because a silently ignored flag could have been the budget.",
  },
  USAGE_VALUE_INVALID: {
    title: "Value not allowed here",
    message: "{name} must be {expected}; found {found}.",
    fix: "{fix}",
    exitCode: 64,
    docs: "A flag or argument has a value of the wrong type or outside its range. Write values that start with a dash with an equals sign: `--name=-1`.",
  },
  USAGE_CODE_UNKNOWN: {
    title: "Unknown problem code",
    message: "The problem code `{name}` does not exist.",
    fix: "{fix}",
    exitCode: 64,
    docs: "Every error and finding carries a code in capitals, such as `RECIPE_KEY_UNKNOWN`. `tunewise explain` without a code lists all of them.",
  },
  USAGE_INTERRUPTED: {
    title: "Interrupted",
    message: "You stopped the command; nothing was changed.",
    fix: "tunewise {command}",
    exitCode: 130,
    docs: "Ctrl-C or a cancelled prompt ended the command before it had done anything.",
  },
} as const;
