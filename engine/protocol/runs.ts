/** Stored runs, as the list shows them. */
import { z } from 'zod';
import { Count, MAX_LIST, Moment, Name, Path, RunId, Sentence, Text } from './limits';
import { LaneSettings } from './settings';

export const RunLabels = z.strictObject({
  tags: z.array(z.string().trim().min(1).max(40)).max(20),
  note: z.string().max(10_000),
});
export type RunLabels = z.infer<typeof RunLabels>;

export const RunSummary = RunLabels.extend({
  runId: RunId,
  at: Moment,
  model: Path,
  /** The last user message, or the raw text; its beginning. */
  prompt: Text,
  lanes: z
    .array(
      LaneSettings.pick({ name: true, preset: true, steps: true, lr: true }).extend({
        /** The kind of its origin. */
        origin: Name.default('own'),
      }),
    )
    .max(MAX_LIST),
  /** `interrupted`: the engine stopped before the run did. `damaged`: it cannot be shown. */
  outcome: z.enum(['done', 'cancelled', 'failed', 'interrupted', 'damaged']),
  tokens: Count,
  /** What of the run cannot be read, and why; null where it is whole. */
  damage: Sentence.nullable(),
});
export type RunSummary = z.infer<typeof RunSummary>;
