// Fails a pull request whose fine-tune has unusable data or may cost more than a limit: node ci-gate.mjs 5
import { checkData } from "tunewise/check";
import { loadRecipe, planWithoutWeights } from "tunewise/plan";

const limitUsd = Number(process.argv[2] ?? 5);
const recipe = await loadRecipe("tunewise.yaml");
const { findings } = await checkData(recipe);
const errors = findings.filter(({ severity }) => severity === "error");
for (const { code, detail } of errors) console.log(`${code}: ${detail}`);
const { plan } = await planWithoutWeights(recipe);
console.log(`$${plan.total.p90.toFixed(2)} in 9 of 10 cases, limit $${limitUsd.toFixed(2)}`);
process.exitCode = errors.length > 0 || plan.total.p90 > limitUsd ? 2 : 0;
