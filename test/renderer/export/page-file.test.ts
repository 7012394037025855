/** What a page's data blocks hold, and damaged ones. */
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../engine/protocol';
import {
  DATA_PLACE,
  type PageContent,
  type PageRun,
  readPage,
  writePage,
} from '../../../renderer/export/page-file';

const VIEWER = `<html><body>${DATA_PLACE}<script>0</script></body></html>`;
const summary: RunSummary = {
  runId: 'a-run',
  at: '2026-11-26T06:00:00.000Z',
  model: 'starter',
  prompt: '</script><!-- \u2028 ünïcode 🙂',
  lanes: [],
  outcome: 'done',
  tokens: 3,
  damage: null,
  tags: [],
  note: '',
};
// Of more bytes than one call takes arguments.
const vectors = Uint8Array.from({ length: 200_001 }, (_, i) => (i * 2_654_435_761) >>> 24);
const runs = (...all: PageRun[]): PageContent => ({ kind: 'runs', runs: all });
const run: PageRun = { summary, events: [{ type: 'notice', code: 'c', message: '</script>' }], vectors };

/** As far as the page's own reader asks. */
function documentOf(html: string): Pick<Document, 'getElementById'> {
  const blocks = new Map(
    [...html.matchAll(/<script type="application\/octet-stream" id="([^"]*)">([^<]*)<\/script>/g)].map(
      ([, id, content]) => [id, content],
    ),
  );
  const getElementById = (id: string) => {
    const textContent = blocks.get(id);
    return textContent === undefined ? null : ({ textContent } as HTMLElement);
  };
  return { getElementById };
}

describe('a page', () => {
  it('gives back what was written into it, and no text of it as HTML', async () => {
    const html = await (await writePage(VIEWER, runs(run, { ...run, vectors: null }))).text();
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    expect(html).not.toContain('<!--');
    expect(await readPage(documentOf(html))).toEqual(runs(run, { ...run, vectors: null }));
  });

  it.each([
    ['without its data', () => VIEWER],
    ['that was cut short', (html: string) => html.replace(/.{40}<\/script>/, '</script>')],
    ['with other signs in it', (html: string) => html.replace(/">(.{10})/, '">??$1')],
  ])('%s is said to be damaged', async (_, damage) => {
    const html = await (await writePage(VIEWER, runs(run))).text();
    await expect(readPage(documentOf(damage(html)))).rejects.toThrow(/^This page is damaged/);
  });

  it('is not made of a viewer that has no place for data, or two', async () => {
    await expect(writePage('<html></html>', runs(run))).rejects.toThrow();
    await expect(writePage(DATA_PLACE + DATA_PLACE, runs(run))).rejects.toThrow();
  });
});
