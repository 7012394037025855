/** The pages: what is made from the source is current, and links lead somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { MADE_PAGES } from '../../docs/make/pages';
import { pages, ROOT } from './shell-blocks';

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
  expect(links.length).toBeGreaterThan(20);
  expect(broken.map((link) => link.join(' → '))).toEqual([]);
});
