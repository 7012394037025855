/** Mass moved over an answer, stopped on its way and taken up again: no part of the answer is worked out twice. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeJson, type Result } from '../../engine/protocol';
import { reasonToSkip } from '../../fixtures/browser-shell';
import { points } from '../../renderer/ui/text/format';
import { askEngine } from './engine-socket';
import { type OpenWindow, openWindow } from './open-window';
import { runToEnd } from './run-to-end';

const skip = reasonToSkip();
if (skip !== null) console.warn(`End-to-end tests of the mass moved are skipped: ${skip}.`);

describe.skipIf(skip !== null)('mass moved over an answer', () => {
  let window: OpenWindow;
  /** Where each part that the window asked for begins. */
  const asked: number[] = [];
  let answered = 0;
  /** The engine's first part waits for it, so that there is time to stop on any machine. */
  let letThrough: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    letThrough = resolve;
  });

  beforeAll(async () => {
    window = await openWindow({ prepare: (page) => watchTheSocket(page) });
  });

  afterAll(async () => {
    await window?.close();
  });

  it('is stopped, goes on where it was, and is the engine’s own', async () => {
    const { byId, page, server } = window;
    await byId('ignore-eos').check();
    await byId('maxNewTokens').fill('480');
    await page.getByRole('radio', { name: 'Raw' }).first().click();
    await byId('prompt').fill('Tom has');
    await runToEnd(page, () => byId('run').click());
    await byId('tab-vocabulary').click();
    await byId('metric').selectOption('answerMass');

    await byId('ask-answer-mass').click();
    await page.getByRole('progressbar', { name: /mass moved over the answer/ }).waitFor();
    await page.getByText('0 of 480 tokens').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await byId('ask-answer-mass').waitFor();
    letThrough();
    await expect.poll(() => answered).toBe(1);
    await page.waitForTimeout(200);
    expect(asked).toEqual([0]);

    // Where one part is the whole answer nothing is left to ask for.
    if (await byId('ask-answer-mass').isVisible()) await byId('ask-answer-mass').click();
    await page.getByText('Over 480 tokens of the answer.').waitFor();
    expect(asked).toEqual([...new Set(asked)].toSorted((a, b) => a - b));

    const { runs } = await askEngine(server.url, 'runs.list', {});
    const runId = runs[0]?.runId ?? '';
    const sum: number[] = [];
    let part: Result<'answer.massMoved'> = { massMoved: new Float32Array(), to: 0, positions: 1 };
    while (part.to < part.positions) {
      part = await askEngine(server.url, 'answer.massMoved', { runId, lane: 'slot', from: part.to });
      for (const [id, moved] of part.massMoved.entries()) sum[id] = (sum[id] ?? 0) + moved / part.positions;
    }
    await expect.poll(() => byId('shift-bars').innerText()).toContain(points(Math.max(...sum)));
    expect(window.complaints).toEqual([]);
  });

  function watchTheSocket(page: Page): Promise<void> {
    return page.routeWebSocket(/\/engine/, (socket) => {
      const engine = socket.connectToServer();
      const ids = new Set<unknown>();
      socket.onMessage(async (text) => {
        const { id, method, params } = decodeJson(text.toString()) as Record<string, unknown>;
        if (method === 'answer.massMoved') {
          ids.add(id);
          asked.push((params as { from: number }).from);
          if (asked.length === 1) await held;
        }
        engine.send(text);
      });
      engine.onMessage((text) => {
        const { kind, id } = decodeJson(text.toString()) as Record<string, unknown>;
        socket.send(text);
        if (kind === 'response' && ids.has(id)) answered++;
      });
    });
  }
});
