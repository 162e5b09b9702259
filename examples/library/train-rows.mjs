// Trains a model on rows in memory and asks it: node train-rows.mjs MODEL
import { approve, planRecipe, recipeFrom } from "tunewise/plan";
import { openModel, runRecipe } from "tunewise/train";

const colors = ["red", "green", "blue", "yellow", "black", "white", "brown", "purple"];
const train = colors.flatMap((c) => [`A ${c} car`, `The ${c} door`].map((prompt) => ({ prompt, completion: c })));
const training = { steps: 8, batch_size: 4 };
const recipe = { name: "colors", model: process.argv[2], data: { train }, training, budget: { minutes: 10 } };
const planned = await planRecipe(await recipeFrom(recipe));
const { runId, status } = await runRecipe(approve(planned, { kind: "flag" }));
const model = await openModel(runId);
const [answer] = await model.generate(["A blue sky"], { maxNewTokens: 8 });
console.log(status, answer.text);
await model.close();
