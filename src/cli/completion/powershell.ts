/**
 * @file The completion script for PowerShell.
 *
 * @source Microsoft PowerShell reference, `Register-ArgumentCompleter -Native`
 */
import { type CommandCandidate, candidates } from "./candidates.ts";

/** A block for `$PROFILE`. Files are completed by PowerShell itself where nothing is offered. */
export function powershellCompletion(): string {
  const all = candidates();
  return `# tunewise completion for PowerShell
Register-ArgumentCompleter -Native -CommandName tunewise -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = @(${all.map(({ name }) => quoted(name)).join(", ")})
  $offers = @{
${all.map(row).join("\n")}
  }
  $values = @{
${all.flatMap(valueRows).join("\n")}
  }
  $said = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $command = $said | Where-Object { $commands -contains $_ } | Select-Object -First 1
  $settled = @($said | Where-Object { $_ -ne $wordToComplete })
  $previous = if ($settled.Count -gt 0) { $settled[-1] } else { '' }
  $words = if (-not $command -or $command -eq $wordToComplete) { $commands }
    elseif ($values.ContainsKey("$command $previous")) { $values["$command $previous"] }
    else { $offers[$command] }
  $words | Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`;
}

function row({ name, flags, words }: CommandCandidate): string {
  const offers = [...words, ...flags.map((flag) => `--${flag.name}`)].map(quoted);
  return `    ${quoted(name)} = @(${offers.join(", ")})`;
}

function valueRows({ name, flags }: CommandCandidate): string[] {
  return flags
    .filter(({ words }) => words.length > 0)
    .map((flag) => `    ${quoted(`${name} --${flag.name}`)} = @(${flag.words.map(quoted).join(", ")})`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
