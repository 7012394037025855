/** `npm run check` on style sheets, with the repository's own configuration of Biome in a folder of the test's. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const RULES = 'renderer/ui/styles/tokens-only.grit';
const SHEET = 'renderer/part/sheet.css';
const BIOME = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slot-studio-styles-'));
  for (const room of ['renderer/part', 'renderer/ui/styles'])
    mkdirSync(join(folder, room), { recursive: true });
  cpSync(RULES, join(folder, RULES));
  const config = JSON.parse(readFileSync('biome.json', 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines that are found fault with, from 1. */
async function faultyLines(file: string, text: string): Promise<number[]> {
  writeFileSync(join(folder, file), text);
  // It ends with 1 where it finds a fault.
  const { stdout } = await run(
    process.execPath,
    [BIOME, 'lint', '--reporter=github', '--max-diagnostics=none', file],
    {
      cwd: folder,
    },
  ).catch((failed: { stdout: string }) => failed);
  const lines = [...stdout.matchAll(/title=plugin.*?,line=(\d+)/g)].map((match) => Number(match[1]));
  return [...new Set(lines)].sort((a, b) => a - b);
}

/** A rule for each declaration, so that none overrides another. */
const sheet = (declarations: readonly string[]) =>
  `@layer features {\n${declarations.map((each, index) => `.a${index} { ${each}; }`).join('\n')}\n}\n`;
const allOf = (declarations: readonly string[]) => declarations.map((_, index) => index + 2);

const RAW = [
  'color: #fff',
  'background: linear-gradient(red, var(--surface))',
  'border: 1px solid rgb(0 0 0 / 50%)',
  'box-shadow: 0 0 0 2px oklch(0.5 0.1 200)',
  'fill: hsl(200 50% 50%)',
  '--tint: rebeccapurple',
  'padding: 3px 7px',
  'margin: 0 auto -8px',
  'margin-inline-start: calc(-1 * 10px)',
  'gap: 1px 0.5rem',
  'padding-block: 1.5px',
  'border-radius: 4px',
  'border-start-end-radius: 0.25rem',
  'font-size: 11px',
  'font: 0.75rem / 1.4 serif',
  'z-index: 3',
  'animation: slide 1.2s linear infinite',
  'transition: opacity 200ms',
];

const FREE = [
  'color: var(--red)',
  'background: color-mix(in srgb, var(--up) 13%, transparent)',
  'outline: 2px solid Highlight',
  'color: currentColor',
  'padding: var(--space-4) 1px 0',
  'margin: -1px auto 50% 1.2em',
  'margin-inline-end: calc(-1 * var(--space-8))',
  'margin-block: 8mm',
  'border-radius: 50%',
  'font-size: 0.92em',
  'z-index: var(--z-dialog)',
  'animation: slide var(--duration-slide) linear',
  'width: 120px',
  'content: "red #abc 3px"',
];

it('refuses every raw colour, space, radius, font size, stacking order and duration', async () => {
  expect(await faultyLines(SHEET, sheet(RAW))).toEqual(allOf(RAW));
});

it('lets tokens, hairlines and relative sizes be', async () => {
  expect(await faultyLines(SHEET, sheet(FREE))).toEqual([]);
});

it('lets the sheet of tokens have values', async () => {
  expect(await faultyLines('renderer/ui/styles/tokens.css', sheet(RAW))).toEqual([]);
});

it('refuses a rule outside the layers', async () => {
  const text =
    '.a {\n  margin: 0;\n}\n@media print {\n  .b {\n    margin: 0;\n  }\n}\n@page {\n  margin: 14mm;\n}\n';
  expect(await faultyLines(SHEET, text)).toEqual([1, 5]);
});
