/** Our engine, as the process host and the command line call it. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../engine/api/engine';
import { ModelSettings, RunConfig, type RunEvent } from '../../engine/protocol';
import type { Answered, Request, Side, SideOptions } from './side';

export function ours({ folder, dtype, memorySaver, arithmetic }: SideOptions): Side {
  const engine = createEngine({ dataFolder: join(tmpdir(), 'slot-studio-bench') });
  const model = ModelSettings.parse({ folder, dtype, memorySaver, arithmetic });
  let runs = 0;

  return {
    async load() {
      await engine.query('model.open', model);
    },

    async answer({ prompt, newTokens, lanes }: Request): Promise<Answered> {
      const config = RunConfig.parse({
        model,
        prompt: { kind: 'raw', text: prompt },
        lanes: lanes.map((steps, i) => {
          const forcedPrefix = lanes.length > 1 ? [1 + i] : [];
          return { name: `lane ${i}`, steps, forcedPrefix };
        }),
        generation: { maxNewTokens: newTokens, ignoreEos: true },
      });
      const tokens: number[] = [];
      const events: RunEvent[] = [];
      const started = performance.now();
      await engine.run(`bench-${++runs}`, config, (event) => {
        if (event.type === 'token') tokens.push(performance.now() - started);
        else events.push(event);
      });
      const done = events.at(-1);
      if (done?.type !== 'run.done') throw new Error(`the run did not finish: ${JSON.stringify(done)}`);
      const steps = events.flatMap((event) => (event.type === 'slot.step' ? [event.ms] : []));
      return { tokens, prefill: done.ms.prefill, slot: done.ms.slot, steps };
    },
  };
}
