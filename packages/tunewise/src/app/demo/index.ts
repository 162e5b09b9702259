/** @file `tunewise demo`: the example that comes with the package. */

export { demoRecipe } from "./demo.ts";
