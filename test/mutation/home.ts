/** Stryker runs tests in threads, whose environment is a copy: `homedir()` would not see the HOME that a test sets. */
import { vi } from 'vitest';

vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>();
  const name = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
  return { ...os, homedir: () => process.env[name] || os.homedir() };
});
