/** Opening a model folder: time and private memory, ours in both settings against transformers.js. */

import { Contender, type Loaded } from '../contenders/contender';
import type { SideName } from '../contenders/process';
import { ratio } from '../measure';
import type { BenchModel } from '../models/models';
import { atMost, figure, type Row } from '../report';

/** Both sides with the model open, for what is measured next. */
export interface Pair {
  readonly ours: Contender;
  readonly theirs: Contender;
}

const TARGETS = {
  fast: { time: atMost(1 / 3), memory: atMost(0.6) },
  'memory-saver': { time: atMost(1 / 6), memory: atMost(0.1) },
};
type Setting = keyof typeof TARGETS;

export async function benchLoad(
  { name, folder, dtype }: BenchModel,
  rounds: number,
): Promise<{ rows: Row[]; pair: Pair }> {
  const options = { folder, dtype, memorySaver: false };
  const loaded = { fast: [], 'memory-saver': [], theirs: [] } as Record<Setting | 'theirs', Loaded[]>;
  const running = new Set<Contender>();
  const open = async (name: SideName, memorySaver: boolean, into: Loaded[]) => {
    const side = await Contender.start(name, { ...options, memorySaver });
    running.add(side);
    into.push(await side.load());
    return side;
  };
  const stopAll = async () => {
    for (const side of running) await side.stop();
    running.clear();
  };
  let pair: Pair | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      await stopAll();
      await open('ours', true, loaded['memory-saver']);
      await stopAll();
      const theirs = await open('transformers.js', false, loaded.theirs);
      pair = { theirs, ours: await open('ours', false, loaded.fast) };
    }
  } catch (thrown) {
    await stopAll();
    throw thrown;
  }
  const rows = (Object.keys(TARGETS) as Setting[]).flatMap((setting): Row[] => {
    const compare = (what: string, unit: 'ms' | 'MiB', of: (load: Loaded) => number): Row => ({
      what: `${name}, ${setting}: ${what} over transformers.js's`,
      figure: { ...ratio(loaded[setting].map(of), loaded.theirs.map(of)), unit: '×' },
      // A model of 14 MB is opened in no time by anyone.
      target: name === 'starter' ? undefined : TARGETS[setting][unit === 'ms' ? 'time' : 'memory'],
      measured: {
        ours: figure(unit, loaded[setting].map(of)),
        'transformers.js': figure(unit, loaded.theirs.map(of)),
      },
    });
    return [compare('time', 'ms', ({ ms }) => ms), compare('peak private memory', 'MiB', ({ peak }) => peak)];
  });
  return { rows, pair: pair! };
}
