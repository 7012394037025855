/** What must hold of a graph before anything walks over it or onnxruntime expands it. */
import { badInput } from '../protocol';
import type { FunctionInfo, NodeInfo, OnnxModel } from './structure';

type Graph = Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'functions'>;

/** Nodes once every local function is written out; the largest exports have some ten thousand. */
const MOST_NODES = 1_000_000;
const DEEPEST_CALL = 32;

/**
 * ONNX demands that every name is written once and that a node only reads what stands before it: walks over the
 * graph then come to an end.
 */
export function checkNames({ nodes, initializers, inputs }: Graph): void {
  const given = new Set([...initializers.keys(), ...inputs.map(({ name }) => name)]);
  const writers = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (writers.has(output)) throw badInput('malformed-onnx', `two nodes write "${output}"`);
      if (given.has(output)) throw badInput('malformed-onnx', `a node writes the model's own "${output}"`);
      writers.set(output, i);
    }
  });
  nodes.forEach((node, i) => {
    const early = node.inputs.find((input) => (writers.get(input) ?? -1) >= i);
    if (early !== undefined) {
      throw badInput('malformed-onnx', `node "${node.name}" reads "${early}" before it is written`);
    }
  });
}

/** onnxruntime writes local functions out: a few that call each other twice would become billions of nodes. */
export function checkExpansion({ nodes, functions }: Graph): void {
  const byName = new Map(functions.map((found) => [`${found.domain}:${found.name}`, found]));
  const sizes = new Map<FunctionInfo, number>();
  const open = new Set<FunctionInfo>();
  const total = (list: readonly NodeInfo[]): number => {
    let sum = 0;
    for (const { domain, opType, attributes } of list) {
      const called = byName.get(`${domain}:${opType}`);
      sum += called ? sizeOf(called) : 1;
      for (const { subgraphNodes } of attributes.values()) sum += total(subgraphNodes);
    }
    return sum;
  };
  const sizeOf = (found: FunctionInfo): number => {
    const known = sizes.get(found);
    if (known !== undefined) return known;
    if (open.has(found)) throw badInput('malformed-onnx', `function "${found.name}" calls itself`);
    if (open.size === DEEPEST_CALL) throw badInput('malformed-onnx', 'functions are nested too deep');
    open.add(found);
    const sum = total(found.nodes);
    open.delete(found);
    sizes.set(found, sum);
    return sum;
  };
  if (total(nodes) > MOST_NODES) {
    throw badInput('oversized-structure', `its functions stand for more than ${MOST_NODES} nodes`);
  }
}
