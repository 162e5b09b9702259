// A script that uses npm's @wandb/sdk. Its first argument is the path of that package.
import { pathToFileURL } from "node:url";

const { default: wandb } = await import(pathToFileURL(process.argv[2]).href);
await wandb.init({ project: "tickets", config: { test: 1 } });
wandb.log({ acc: 0.9, loss: 0.1 });
wandb.log({ acc: 0.91, loss: 0.09 });
await wandb.finish();
console.log(`SAW ${JSON.stringify({ done: true })}`);
