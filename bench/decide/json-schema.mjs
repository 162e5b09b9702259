/**
 * @file Runs the JSON Schema validator against the test suite of json-schema-org.
 *
 * npx tsx bench/decide/json-schema.mjs SUITE      SUITE: a checkout of JSON-Schema-Test-Suite
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fitsSchema, schemaProblem } from "../../packages/datacheck/src/dataset/json-schema.ts";

const suite = process.argv[2] ?? "";
for (const draft of ["draft2020-12", "draft7"]) {
  const folder = join(suite, "tests", draft);
  let [right, refused] = [0, 0];
  const wrong = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    for (const { description, schema, tests } of JSON.parse(readFileSync(join(folder, file), "utf8"))) {
      for (const one of tests) {
        if (schemaProblem(schema) !== null) refused++;
        else if (fitsSchema(one.data, schema) === one.valid) right++;
        else wrong.push(`${file}: ${description}, ${one.description}`);
      }
    }
  }
  console.log(`${draft}: ${right} right, ${wrong.length} wrong, ${refused} of schemas that are refused`);
  for (const line of wrong) console.log(`  ${line}`);
}
