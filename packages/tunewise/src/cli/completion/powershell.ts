/**
 * @file The completion script for PowerShell.
 *
 * @source Microsoft PowerShell reference, `Register-ArgumentCompleter -Native`
 */
import { type CommandCandidate, candidates, firstWords, nouns, type WordCandidate } from "./candidates.ts";

/** Returns a block for `$PROFILE`. PowerShell itself completes files if there are no candidates. */
export function powershellCompletion(): string {
  const all = candidates();
  const rows = [
    offerRow("", namesOf(firstWords())),
    ...nouns().map(({ name, verbs }) => offerRow(name, namesOf(verbs))),
    ...all.map(row),
  ];
  return `# tunewise completion for PowerShell
Register-ArgumentCompleter -Native -CommandName tunewise -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $nouns = @(${nouns()
    .map(({ name }) => quoted(name))
    .join(", ")})
  $offers = @{
${rows.join("\n")}
  }
  $values = @{
${all.flatMap(valueRows).join("\n")}
  }
  $settled = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() } |
    Where-Object { $_ -ne $wordToComplete })
  $names = @($settled | Where-Object { -not $_.StartsWith('-') })
  $command = if ($names.Count -eq 0) { '' }
    elseif ($names.Count -gt 1 -and $nouns -contains $names[0]) { "$($names[0]) $($names[1])" }
    else { $names[0] }
  $previous = if ($settled.Count -gt 0) { $settled[-1] } else { '' }
  $words = if ($values.ContainsKey("$command $previous")) { $values["$command $previous"] }
    else { $offers[$command] }
  $words | Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}`;
}

function row({ name, flags, words }: CommandCandidate): string {
  return offerRow(name, [...words, ...flags.map((flag) => `--${flag.name}`)]);
}

function offerRow(command: string, offers: readonly string[]): string {
  return `    ${quoted(command)} = @(${offers.map(quoted).join(", ")})`;
}

function namesOf(words: readonly WordCandidate[]): string[] {
  return words.map(({ name }) => name);
}

function valueRows({ name, flags }: CommandCandidate): string[] {
  return flags
    .filter(({ words }) => words.length > 0)
    .map((flag) => `    ${quoted(`${name} --${flag.name}`)} = @(${flag.words.map(quoted).join(", ")})`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
