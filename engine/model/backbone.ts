/** The decoder up to its last hidden states, with its key-value cache. */

import { HIDDEN } from '../onnx/backbone-view';
import { floatData, ints, type Session, type Tensors } from '../onnx/session';
import { badInput } from '../protocol';
import type { KvCache, KvLayout } from './kv-cache';

export interface Forward {
  /** [rows · tokens, d], row by row. */
  readonly hidden: Float32Array;
  readonly cache: KvCache;
}

export class Backbone {
  constructor(
    private readonly session: Session,
    private readonly kv: KvLayout,
    private readonly hiddenSize: number,
  ) {
    checkInputs(session.inputNames);
  }

  /** A cache for `rows` sequences of no tokens. */
  emptyCache(rows: number): KvCache {
    return this.kv.empty(rows);
  }

  /**
   * Runs new tokens of equally long rows.
   * @param ids one array of new tokens per row, all of the same length
   * @param past how many tokens each row of `cache` holds
   */
  async forward(ids: readonly (readonly number[])[], cache: KvCache, past: number): Promise<Forward> {
    const rows = ids.length;
    const length = ids[0]!.length;
    const feeds: Tensors = { ...cache.tensors };
    const positions = Array.from({ length }, (_, i) => past + i);
    const available: Tensors = {
      input_ids: ints(ids.flat(), [rows, length]),
      attention_mask: ints(new Array<number>(rows * (past + length)).fill(1), [rows, past + length]),
      position_ids: ints(new Array(rows).fill(positions).flat(), [rows, length]),
    };
    for (const name of this.session.inputNames) if (available[name]) feeds[name] = available[name];
    const outputs = await this.session.run(feeds);
    const hidden = floatData(outputs[HIDDEN]);
    if (hidden.length !== rows * length * this.hiddenSize) {
      throw badInput(
        'pruned-hidden',
        'the export drops positions before its last hidden states, so the prompt cannot be learned from',
        'Export the model with logits for all positions.',
      );
    }
    return { hidden, cache: this.kv.advance(outputs, rows) };
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** @throws EngineError `unsupported-input` naming an input that cannot be fed */
export function checkInputs(names: readonly string[]): void {
  const known = /^(input_ids|attention_mask|position_ids|past_key_values\.\d+\.(key|value))$/;
  const unknown = names.find((name) => !known.test(name));
  if (unknown === undefined) return;
  throw badInput('unsupported-input', `the model asks for an input "${unknown}", which is not supported yet`);
}
