/** What must hold of a graph before anything walks over it or onnxruntime expands it. */
import { badInput } from '../../protocol';
import { MICROSOFT } from './graph-builder';
import { type FunctionInfo, type Graph, type NodeInfo, outerNames, subgraphs } from './model-types';

/** Nodes once every local function is written out; the largest exports have some ten thousand. */
const MAX_NODES = 1_000_000;
const MAX_CALL_DEPTH = 32;

/**
 * The nodes in an order in which each only reads what stands before it: walks over the graph then come to an end.
 * ONNX demands that order, but some converters write others, which onnxruntime accepts too.
 * @throws EngineError where a name is written twice, or nodes depend on each other in a circle
 */
export function topologicalOrder({ nodes, initializers, inputs }: Graph): NodeInfo[] {
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
  const before = nodes.map((node, i) => {
    const writersOf = (names: readonly string[]) => names.flatMap((name) => writers.get(name) ?? []);
    // A branch may give a tensor the name of the node's own output.
    const captured = writersOf(outerNames(node)).filter((writer) => writer !== i);
    return [...new Set([...writersOf(node.inputs), ...captured])];
  });
  if (before.every((needed, i) => needed.every((j) => j < i))) return [...nodes];
  return sorted(nodes, before);
}

/** @param before for each node, the nodes whose outputs it reads */
function sorted(nodes: readonly NodeInfo[], before: readonly (readonly number[])[]): NodeInfo[] {
  const waiting = before.map((needed) => needed.length);
  const readers = nodes.map((): number[] => []);
  before.forEach((needed, i) => {
    for (const j of needed) readers[j]!.push(i);
  });
  const ready = waiting.flatMap((count, i) => (count === 0 ? [i] : []));
  for (const done of ready) {
    for (const reader of readers[done]!) {
      waiting[reader]! -= 1;
      if (waiting[reader] === 0) ready.push(reader);
    }
  }
  const stuck = waiting.findIndex((count) => count > 0);
  if (stuck >= 0) throw badInput('malformed-onnx', `node "${nodes[stuck]!.name}" waits for its own output`);
  return ready.map((i) => nodes[i]!);
}

/** onnxruntime divides by how many weights a byte holds: other widths would end the process. */
export function checkWidths(nodes: readonly NodeInfo[]): void {
  for (const node of nodes) {
    const bits = node.domain === MICROSOFT ? node.attributes.get('bits')?.i : undefined;
    if (bits !== undefined && (bits < 1n || bits > 8n)) {
      throw badInput('malformed-onnx', `node "${node.name}" (${node.opType}) has weights of ${bits} bits`);
    }
    for (const graph of subgraphs(node)) checkWidths(graph.nodes);
  }
}

/** onnxruntime writes local functions out: a few that call each other twice would become billions of nodes. */
export function checkExpansion(nodes: readonly NodeInfo[], functions: readonly FunctionInfo[]): void {
  const byName = new Map(functions.map((found) => [`${found.domain}:${found.name}`, found]));
  const sizes = new Map<FunctionInfo, number>();
  const open = new Set<FunctionInfo>();
  const total = (list: readonly NodeInfo[]): number => {
    let sum = 0;
    for (const node of list) {
      const called = byName.get(`${node.domain}:${node.opType}`);
      sum += called ? sizeOf(called) : 1;
      for (const graph of subgraphs(node)) sum += total(graph.nodes);
    }
    return sum;
  };
  const sizeOf = (found: FunctionInfo): number => {
    const known = sizes.get(found);
    if (known !== undefined) return known;
    if (open.has(found)) throw badInput('malformed-onnx', `function "${found.name}" calls itself`);
    if (open.size === MAX_CALL_DEPTH) throw badInput('malformed-onnx', 'functions are nested too deep');
    open.add(found);
    const sum = total(found.nodes);
    open.delete(found);
    sizes.set(found, sum);
    return sum;
  };
  if (total(nodes) > MAX_NODES) {
    throw badInput('oversized-structure', `its functions stand for more than ${MAX_NODES} nodes`);
  }
}
