import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findTarget, Platform, TARGETS } from '../../packaging/targets';
import { ROOT } from './packaged';

it('has a target for every binary that onnxruntime-node brings, and says of others that there is none', () => {
  for (const platform of Platform.options) {
    for (const arch of ['x64', 'arm64'] as const) {
      const isThere = existsSync(join(ROOT, 'node_modules/onnxruntime-node/bin/napi-v6', platform, arch));
      expect(TARGETS.some((target) => target.platform === platform && target.arch === arch)).toBe(isThere);
      if (!isThere)
        expect(() => findTarget(platform, arch)).toThrow(/no package for darwin-x64: onnxruntime-node/);
    }
  }
});
