/** `npm run electron-support`: asks npm's registry, and ends with 1 where this app's Electron is mended no more. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { electronSupport } from './electron-support';

const manifest = createRequire(import.meta.url).resolve('electron/package.json');
const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
const { npm_execpath: npm } = process.env;
if (!npm) throw new Error('start this with: npm run electron-support');
const answer = execFileSync(process.execPath, [npm, 'view', 'electron', 'time', '--json'], {
  maxBuffer: 2 ** 26,
});
const published = z.record(z.string(), z.string()).parse(JSON.parse(answer.toString()));
const { isSupported, words } = electronSupport(version, published);
console.log(words);
process.exitCode = isSupported ? 0 : 1;
