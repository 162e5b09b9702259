/** @file `tunewise data show`: rows after template and tokenizer, as training sees them. */

export { recipeOfFile } from "../init/index.ts";
export { showData } from "./show-data.ts";
