/** Runs and lanes that fail or are cancelled: what came before it stays, and nothing that follows undoes it. */
import { describe, expect, it } from 'vitest';
import { reduceEvents, reduceRun } from '../../../renderer/run/reduce-run';
import { EMPTY_RUN, requestedRun } from '../../../renderer/run/run-view';
import { COMPLETE_RUN, CONFIG, laneDone, RUN_ID, STARTED, slotStep, token } from '../run-events';

function lane(view: typeof EMPTY_RUN, name: string) {
  const found = view.lanes.find((each) => each.name === name);
  if (!found) throw new Error(`no lane ${name}`);
  return found;
}

describe('what goes wrong', () => {
  it('shows a failed run with what came before it', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      slotStep(0, 3),
      { type: 'run.failed', kind: 'failure', code: 'engine-exited', message: 'killed', hint: 'Run again.' },
    ]);
    expect(view.phase).toBe('failed');
    expect(view.failure?.message).toBe('killed');
    expect(lane(view, 'slot')).toMatchObject({ state: 'stopped', steps: [{ loss: 3 }] });
  });

  it('shows a run that failed before it started', () => {
    const view = reduceRun(requestedRun(RUN_ID, CONFIG), {
      type: 'run.failed',
      kind: 'input',
      code: 'prompt-too-long',
      message: 'too long',
      hint: '',
    });
    expect(view).toMatchObject({ phase: 'failed', failure: { kind: 'input', code: 'prompt-too-long' } });
    expect(view.lanes).toHaveLength(2);
  });

  it('stops one lane with its step and lets the other go on', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      {
        type: 'lane.failed',
        lane: 'slot',
        code: 'not-finite',
        message: 'no number',
        hint: 'Lower lr.',
        step: 0,
      },
      token('baseline', 0, 10, 'It'),
      laneDone('baseline', 'It', [10]),
      { type: 'run.done', ms: { load: 0, prefill: 1, slot: 1, decode: 1 } },
    ]);
    expect(lane(view, 'slot')).toMatchObject({ state: 'failed', failure: { step: 0, message: 'no number' } });
    expect(lane(view, 'baseline').state).toBe('done');
    expect(view.phase).toBe('done');
  });

  it('leaves a failed lane failed, whatever is still said of its end', () => {
    const failed = { type: 'lane.failed', lane: 'slot', code: 'x', message: 'no number', hint: '' } as const;
    for (const reason of ['eos', 'length', 'cancelled'] as const) {
      const view = reduceEvents(EMPTY_RUN, [
        STARTED,
        token('slot', 0, 10, 'It'),
        failed,
        laneDone('slot', 'It', [10], reason),
      ]);
      expect(lane(view, 'slot')).toMatchObject({ state: 'failed', failure: { message: 'no number' } });
      expect(lane(reduceRun(view, { type: 'run.cancelled' }), 'slot').state).toBe('failed');
    }
  });

  it('keeps what a cancelled run had written', () => {
    const view = reduceEvents(EMPTY_RUN, [
      STARTED,
      token('baseline', 0, 10, 'It'),
      laneDone('baseline', 'It', [10], 'cancelled'),
      { type: 'run.cancelled' },
    ]);
    expect(view.phase).toBe('cancelled');
    expect(lane(view, 'baseline')).toMatchObject({ state: 'stopped', tokens: [{ text: 'It' }] });
    expect(lane(view, 'slot').state).toBe('stopped');
  });

  it('ignores events after the end and of lanes that do not exist', () => {
    const ended = reduceEvents(EMPTY_RUN, COMPLETE_RUN);
    expect(reduceRun(ended, slotStep(2, 1))).toBe(ended);
    const stray = reduceEvents(EMPTY_RUN, [STARTED, token('__proto__', 0, 1, 'x')]);
    expect(stray.lanes.every((each) => each.tokens.length === 0)).toBe(true);
  });
});
