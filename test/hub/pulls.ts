/** Downloads, from their start to their end. */
import type { Engine } from '../../engine/api/engine';
import { METHODS, type Params, type Pull } from '../../engine/protocol';

/** @param onProgress called with every message */
export async function pullToEnd(
  engine: Engine,
  asked: Params<'models.pull'>,
  onProgress: (pull: Pull) => void = () => {},
): Promise<Pull> {
  const ended = new Promise<Pull>((resolve) => {
    const unwatch = engine.watchPulls((now) => {
      onProgress(now);
      if (!['done', 'failed', 'paused'].includes(now.state)) return;
      unwatch();
      resolve(now);
    });
  });
  await engine.query('models.pull', METHODS['models.pull'].params.parse(asked));
  return ended;
}
