/**
 * Merged decoders, as optimum wrote them before its graphs took an empty past: one If over `use_cache_branch`, whose
 * branches are the decoder with past and the decoder of a first call. Each becomes a graph of its own.
 */
import { badInput } from '../../protocol';
import type { Graph, NodeInfo } from './model-types';

const CONDITION = 'use_cache_branch';

/** The two graphs, or undefined where the logits come from no such If. */
export function branchGraphs(graph: Graph): { withPast: Graph; firstCall: Graph } | undefined {
  const choice = graph.nodes.find(
    ({ opType, domain, inputs, outputs }) =>
      opType === 'If' && domain === '' && inputs[0] === CONDITION && outputs.includes('logits'),
  );
  const withPast = choice && inlined(graph, choice, 'then_branch');
  const firstCall = choice && inlined(graph, choice, 'else_branch');
  return withPast && firstCall && { withPast, firstCall };
}

/** `graph` with a branch's nodes in the place of the If, where its results have the names of the If's. */
function inlined(graph: Graph, choice: NodeInfo, attribute: string): Graph | undefined {
  const branch = choice.attributes.get(attribute)?.subgraphs[0];
  if (branch?.outputs.map(({ name }) => name).join() !== choice.outputs.join()) return undefined;
  const initializers = new Map(graph.initializers);
  for (const [name, tensor] of branch.initializers) {
    if (initializers.has(name)) throw badInput('malformed-onnx', `two tensors are named "${name}"`);
    initializers.set(name, tensor);
  }
  const nodes = graph.nodes.flatMap((node) => (node === choice ? branch.nodes : [node]));
  return { ...graph, nodes, initializers };
}
