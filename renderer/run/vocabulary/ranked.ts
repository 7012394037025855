/** The tokens that a metric moved most, from whole vectors where they are there, else from the step's event. */
import type { SlotStep } from '../../../engine/protocol';
import { type RankedToken, type RankedTokens, rankTokens } from '../ranking';
import { countOf } from './match';
import type { Metric } from './metrics';
import { firstOf } from './order';

/**
 * @param values [V] of the metric
 * @param mask which tokens may be listed
 * @param most the length of each list; a token stands in one of them only
 */
export function rankVocabulary(
  values: Float32Array,
  tokens: readonly string[],
  mask: Uint8Array | null,
  most: number,
): RankedTokens {
  const allowed = mask === null ? values.length : countOf(mask);
  const up = firstOf(values, true, mask, Math.min(most, Math.ceil(allowed / 2)));
  const down = firstOf(values, false, mask, Math.min(most, Math.floor(allowed / 2)));
  const entry = (id: number): RankedToken => ({ id, token: tokens[id] ?? '', value: values[id]! });
  return { up: up.map(entry), down: down.map(entry) };
}

/** Null for metrics that events do not carry. */
export function rankEvent(event: SlotStep, metric: Metric): RankedTokens | null {
  return metric === 'raw' || metric === 'centred' || metric === 'mass' ? rankTokens(event, metric) : null;
}
