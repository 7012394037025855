/** The notices as one text: who is in it, then each licence once, under the names of all that have it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Component, runtimeNotices } from './components';

const RULE = `\n\n${'-'.repeat(80)}\n\n`;

export function noticesText(root: string, components: readonly Component[]): string {
  const list = components.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`).join('\n');
  const byText = new Map<string, string[]>();
  for (const { name, version, text } of components) {
    const key = text.replaceAll('\r\n', '\n');
    byText.set(key, [...(byText.get(key) ?? []), `${name} ${version}`]);
  }
  const licences = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}`);
  const own = readFileSync(join(root, 'NOTICE'), 'utf8').trim();
  const runtime = `What onnxruntime's binaries are made of, in its own words:\n\n${runtimeNotices(root)}`;
  const chromium =
    'What Electron is made of, Chromium and Node.js among it, is told by LICENSES.chromium.html in its folder.';
  return `${[own, `SLOT Studio contains this software of others:\n\n${list}\n\n${chromium}`, ...licences, runtime].join(RULE)}\n`;
}
