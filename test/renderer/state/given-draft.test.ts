/** Deltas that a lane is given, as they are chosen: averaged until the user says otherwise, looked up for another step. */
import { expect, it } from 'vitest';
import type { GivenDelta } from '../../../engine/protocol';
import {
  NO_GIVEN,
  readFileStep,
  readGivenDraft,
  withoutTerm,
  withStep,
  withTerm,
} from '../../../renderer/state/given-draft';

const vector = { values: 'AACAPw==', sha256: 'ab'.repeat(32) };
const ofRun = (lane: string): GivenDelta => ({
  source: { kind: 'run', runId: 'r-1', lane, step: 5 },
  vector,
});

it('takes the mean of several, as long as no factor was typed', () => {
  const factors = (draft: typeof NO_GIVEN) => draft.terms.map(({ factor }) => factor);
  const two = withTerm(withTerm(NO_GIVEN, ofRun('a')), ofRun('b'));
  expect(factors(two)).toEqual(['0.5', '0.5']);
  const three = withTerm(two, ofRun('c'));
  expect(factors(three)).toEqual(['0.333333', '0.333333', '0.333333']);
  expect(factors(withoutTerm(three, 1))).toEqual(['0.5', '0.5']);
  const typed = { ...two, terms: two.terms.map((term, i) => (i === 0 ? { ...term, factor: '-1' } : term)) };
  expect(factors(withTerm(typed, ofRun('c')))).toEqual(['-1', '0.5', '1']);
  expect(factors(withoutTerm(typed, 0))).toEqual(['0.5']);
});

it('drops the numbers of a run’s delta with its step, and keeps a file’s', () => {
  const [term] = withTerm(NO_GIVEN, ofRun('a')).terms;
  expect(withStep(term!, '2').given).toEqual({ source: { kind: 'run', runId: 'r-1', lane: 'a', step: 2 } });
  expect(withStep(term!, '').given).toEqual({ source: { kind: 'run', runId: 'r-1', lane: 'a' } });
  const file: GivenDelta = { source: { kind: 'file', file: 'x', tensor: 'delta' }, vector };
  expect(withStep(withTerm(NO_GIVEN, file).terms[0]!, '2').given).toEqual(file);
});

it('says what is missing or wrong', () => {
  const one = withTerm(NO_GIVEN, ofRun('a'));
  const problem = (part: Partial<(typeof one.terms)[number]>) => {
    const read = readGivenDraft({ ...one, terms: [{ ...one.terms[0]!, ...part }] });
    return 'problem' in read ? read.problem : null;
  };
  expect(readGivenDraft(NO_GIVEN)).toMatchObject({ problem: expect.stringContaining('Choose a delta') });
  expect(problem({})).toBeNull();
  expect(problem({ factor: 'x' })).toContain('−100 to 100');
  expect(problem({ factor: '' })).toContain('−100 to 100');
  expect(problem({ factor: '101' })).toContain('−100 to 100');
  expect(problem({ step: '0' })).toContain('1 to 1000');
  expect(problem({ step: '1.5' })).toContain('1 to 1000');
});

it('takes a file’s step as it is typed, and no other in its place', () => {
  const typed = ['3', ' 5 ', '', '13', '0', '1.5', '-1', 'last'];
  expect(typed.map((text) => readFileStep(text, 5))).toEqual([3, 5, null, null, null, null, null, null]);
});
