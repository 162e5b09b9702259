// Prints the cost of each project: node costs.mjs [OUTPUT]
import { reportCosts } from "tunewise/track";

const { groups, usd } = await reportCosts({ store: process.argv[2] ?? ".tunewise", by: "project" });
for (const { name, runs, usd: cost } of groups) console.log(`${name}\t${runs}\t$${cost.toFixed(4)}`);
console.log(`total\t\t$${usd.toFixed(4)}`);
