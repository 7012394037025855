/** The pages: what is made from the source is current, links lead somewhere, pictures are small and shown. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { MADE_PAGES } from '../../docs/make/pages';
import { SCENES } from '../../docs/make/scenes';
import { SERVER_PICTURES } from '../../docs/make/server-scenes';
import { DOCUMENTATION, TROUBLESHOOTING } from '../../engine/protocol';
import { pages, ROOT } from './shell-blocks';

const MAX_PICTURE_BYTES = 300_000;
const PICTURES = 'docs/guide/pictures';

const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** [page, target] of every link and picture that stays in the repository. */
const links = [...pages(), 'ARCHITECTURE.md'].flatMap((page) =>
  [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => [page, target] as const)
    .filter(([, target]) => !/^[a-z]+:/.test(target)),
);

/** As GitHub makes them of headings. */
function anchors(page: string): string[] {
  return [
    ...read(page)
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      .matchAll(/^#+ (.+)$/gm),
  ].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

it.each(Object.entries(MADE_PAGES))('docs/%s is what `npm run docs` writes', (name, page) => {
  expect(page()).toBe(read(`docs/${name}`));
});

it('lead where they say', () => {
  const broken = links.filter(([page, target]) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
    if (!existsSync(join(ROOT, file))) return true;
    return anchor !== undefined && !anchors(file).includes(anchor);
  });
  expect(links.length).toBeGreaterThan(50);
  expect(broken.map((link) => link.join(' → '))).toEqual([]);
});

it('show every picture that the script takes, and no other, each small', () => {
  const shown = links
    .map(([page, target]) => join(dirname(page), target))
    .filter((path) => /\.png$/.test(path));
  const pictures = [...SCENES.map(({ picture }) => picture), ...SERVER_PICTURES];
  const taken = pictures.map((picture) => join('docs', `${picture}.png`));
  expect(taken.filter((path) => !shown.includes(path))).toEqual([]);
  const files = readdirSync(join(ROOT, PICTURES)).map((file) => join(PICTURES, file));
  expect(files.toSorted()).toEqual(taken.filter((path) => path.startsWith(PICTURES)).toSorted());
  const large = files.filter((path) => statSync(join(ROOT, path)).size > MAX_PICTURE_BYTES);
  expect(large).toEqual([]);
});

it('are those that the app opens, at the address that the package names', () => {
  const { homepage } = z.object({ homepage: z.string() }).parse(JSON.parse(read('package.json')));
  for (const address of [DOCUMENTATION, TROUBLESHOOTING]) {
    const [, page = ''] = address.split(`${homepage}/blob/main/`);
    expect(pages()).toContain(page);
  }
});
