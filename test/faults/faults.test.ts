/** Real engines hurt in mid-run lose nothing that they had told (`npm run faults` does this 100 times). */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { engineEntry } from '../../engine/process/launch';
import { temporaryFolder } from '../../fixtures/runs';
import { Random } from '../fuzz/random';
import { FAULTS, Studio } from './studio';

const SEED = 7;

describe.skipIf(process.platform === 'win32')('an engine beside another on one data folder', () => {
  vi.stubEnv('SLOT_STUDIO_DATA', temporaryFolder());
  const studio = new Studio(engineEntry());
  afterAll(async () => {
    await studio.close();
    vi.unstubAllEnvs();
  });

  it.each([...FAULTS, ...FAULTS].slice(0, 5).map((fault, i) => [i + 1, fault] as const))(
    'round %i: %s',
    { timeout: 120_000 },
    async (number, fault) => {
      const outcome = await studio.round(number, fault, new Random(SEED, number));
      expect(outcome).toMatchObject({ lost: 0, hidden: 0 });
      expect(outcome.events).toBeGreaterThan(0);
    },
  );
});
