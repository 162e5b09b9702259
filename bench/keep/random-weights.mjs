/** @file Weights of an untrained model, in memory. */

/** Normally distributed weights with a standard deviation of 0.02, norms 1; with the interface of weight files. */
export function randomWeights(config, seed) {
  const { hidden_size: d, intermediate_size: f, vocab_size: v, num_hidden_layers: layers } = config;
  const shapes = new Map([
    ["model.embed_tokens.weight", [v, d]],
    ["model.norm.weight", [d]],
    ["lm_head.weight", [v, d]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const at = (name, shape) => shapes.set(`model.layers.${layer}.${name}.weight`, shape);
    for (const name of ["q_proj", "k_proj", "v_proj", "o_proj"]) at(`self_attn.${name}`, [d, d]);
    at("mlp.gate_proj", [f, d]);
    at("mlp.up_proj", [f, d]);
    at("mlp.down_proj", [d, f]);
    at("input_layernorm", [d]);
    at("post_attention_layernorm", [d]);
  }
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / (2 ** 32 + 1);
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const data = new Map(
    [...shapes].map(([name, shape]) => {
      const count = shape.reduce((product, axis) => product * axis, 1);
      return [
        name,
        Float32Array.from({ length: count }, () => (name.includes("norm") ? 1 : 0.02 * normal())),
      ];
    }),
  );
  return {
    metadata: new Map(),
    weights: new Map([...shapes].map(([name, shape]) => [name, { name, shape, stored: "F32" }])),
    read: async (name) => data.get(name).slice(),
    readStored: async () => null,
    fingerprint: async () => `random ${seed}`,
    close: async () => undefined,
  };
}
