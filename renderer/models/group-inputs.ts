/** Inputs whose names differ in the layer's number alone, as one: `past_key_values.N.key`. */
import type { ModelCard } from '../../engine/protocol';

type Input = ModelCard['inputs'][number];

export interface InputGroup extends Input {
  readonly layers: number;
}

export function groupInputs(inputs: readonly Input[]): InputGroup[] {
  const groups = new Map<string, InputGroup>();
  for (const { name, type, dims } of inputs) {
    const pattern = name.replace(/\.\d+\./, '.N.');
    const key = `${pattern} ${type} ${dims.join()}`;
    const layers = (groups.get(key)?.layers ?? 0) + 1;
    groups.set(key, { name: layers > 1 ? pattern : name, type, dims, layers });
  }
  return [...groups.values()];
}
