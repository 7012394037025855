/** An engine played by the test: one finished run over a vocabulary as large as the largest models have. */
import type { Page } from 'playwright-core';
import {
  decodeJson,
  encodeJson,
  type Request,
  RunConfig,
  type RunEvent,
  SCHEMA_VERSION,
} from '../../engine/protocol';
import { OPEN_MODEL } from '../../fixtures/open-model';

export const SIZE = 150_000;
const STEPS = 3;
const PAGE = 16_384;

/** Words, numbers and one long token on which a badly written pattern never ends. */
export const TOKENS: readonly string[] = Array.from({ length: SIZE }, (_, id) =>
  id === SIZE - 1
    ? `${'a'.repeat(60)}!`
    : id % 3 === 0
      ? ` word${id}`
      : id % 3 === 1
        ? `part${id}`
        : String(id),
);

const noise = (id: number, step: number) => Math.sin(id * 12.9898 + step) * 3;

function vectors(step: number) {
  const shift = Float32Array.from(TOKENS, (_, id) => noise(id, 0) * (step + 1));
  const base = Float32Array.from(TOKENS, (_, id) => 1 / (id + 10));
  const sum = base.reduce((total, p) => total + p, 0);
  const baseMeanP = base.map((p) => p / sum);
  const grown = baseMeanP.map((p, id) => p * Math.exp(shift[id]! / 10));
  const all = grown.reduce((total, p) => total + p, 0);
  return { shift, baseMeanP, meanP: grown.map((p) => p / all) };
}

const MODEL = { ...OPEN_MODEL, id: 'large', folder: '/nowhere', projection: 'MatMul', vocab: SIZE };

function eventsOf(runId: string, config: RunConfig): RunEvent[] {
  const { id, dtype, projection, vocab, hidden } = MODEL;
  const entry = (token: number) => ({ id: token, token: TOKENS[token]!, shift: 1, massMoved: 0.001 });
  const lane = config.lanes.find(({ steps }) => steps > 0)?.name ?? 'slot';
  const ids = [3, 4, 5];
  const step = (at: number): RunEvent => ({
    type: 'slot.step',
    lane,
    step: at,
    loss: 3 - at / 2,
    gradNorm: 1,
    deltaNorm: at + 1,
    ms: 5,
    boosted: [entry(3)],
    suppressed: [entry(4)],
    gained: [entry(5)],
    lost: [entry(6)],
    shiftMean: 0,
    groups: [{ name: 'numbers', meanShift: 0, massMoved: 0 }],
    positionLoss: [2 - at / 4, 1],
  });
  return [
    {
      type: 'run.started',
      v: SCHEMA_VERSION,
      runId,
      at: '2026-01-01T00:00:00.000Z',
      model: { id, dtype, projection, vocab, hidden },
      config,
      prompt: { text: 'x', ids, tokens: ids.map((token) => TOKENS[token]!) },
      groups: [{ name: 'numbers', ids: [2, 5, 8, 11] }],
    },
    { type: 'prompt.prefilled', tokens: 3, reused: 0, ms: 1 },
    ...Array.from({ length: STEPS }, (_, at) => step(at)),
    {
      type: 'slot.done',
      lane,
      steps: STEPS,
      initialLoss: 3,
      finalLoss: 2,
      deltaNorm: STEPS,
      ms: 15,
      positionLoss: { before: [2.5, 1], after: [1.5, 1] },
    },
    { type: 'run.done', ms: { load: 0, prefill: 1, slot: 15, decode: 1 } },
  ];
}

/** Must be called before the page is opened. */
export async function playLargeEngine(page: Page): Promise<void> {
  await page.routeWebSocket(/\/engine/, (socket) => {
    const say = (message: unknown) => socket.send(encodeJson(message));
    socket.onMessage((text) => {
      const request = decodeJson(text.toString()) as Request;
      const params = Object(request.params) as {
        runId: string;
        config: RunConfig;
        step: number;
        ids: number[];
        from: number;
      };
      const answer = (result: unknown) => say({ kind: 'response', id: request.id, ok: true, result });
      switch (request.method) {
        case 'model.open':
          return answer(MODEL);
        case 'run.start': {
          answer({});
          const config = RunConfig.parse(params.config);
          for (const event of eventsOf(params.runId, config))
            say({ kind: 'event', runId: params.runId, event });
          return;
        }
        case 'vocabulary.read':
          return answer({ tokens: TOKENS.slice(params.from, params.from + PAGE), total: SIZE });
        case 'shift.read':
          return answer(vectors(params.step));
        case 'shift.series': {
          const all = Array.from({ length: STEPS }, (_, step) => vectors(step));
          const rows = (of: 'shift' | 'meanP') =>
            params.ids.map((id) => Float32Array.from(all, (each) => each[of][id]!));
          return answer({
            first: 0,
            shiftMean: Float32Array.from(all, ({ shift, meanP }) =>
              shift.reduce((sum, value, id) => sum + value * meanP[id]!, 0),
            ),
            shift: rows('shift'),
            meanP: rows('meanP'),
            rank: rows('meanP'),
            baseMeanP: Float32Array.from(params.ids, (id) => all[0]!.baseMeanP[id]!),
            baseRank: new Float32Array(params.ids.length),
          });
        }
        case 'runs.list':
          return answer({ runs: [] });
        default:
          return say({
            kind: 'response',
            id: request.id,
            ok: false,
            error: {
              kind: 'input',
              code: 'not-played',
              message: `${request.method} is not played`,
              hint: '',
            },
          });
      }
    });
  });
}
