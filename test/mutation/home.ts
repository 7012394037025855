/** Stryker runs tests in threads, whose environment is a copy: `homedir()` would not see the HOME that a test sets. */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const name = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';
const real = os.homedir;
Object.assign(os, { homedir: () => process.env[name] || real() });
syncBuiltinESMExports();
