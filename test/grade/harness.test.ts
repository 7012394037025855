/** Every extraction and every verdict of lm-evaluation-harness and of the reference's grader, on stored answers. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { gradeAime } from '../../engine/grade/aime';
import { gradeFormat } from '../../engine/grade/format';
import {
  gradeGpqaFlexible,
  gradeGpqaStrict,
  gradeGsm8kCotStrict,
  gradeGsm8kFlexible,
  gradeGsm8kStrict,
  minervaAnswer,
} from '../../engine/grade/harness';
import { gradeAsPaper } from '../../engine/grade/paper';
import type { Grade } from '../../engine/protocol';
import { lines } from './fixtures';

/** What Python took of the answer, and whether it scored. */
const Told = z.tuple([z.string().nullable(), z.boolean()]);
const Line = z.union([
  z.tuple([z.literal('gsm8k'), z.string(), z.string(), Told, Told, Told, Told, z.boolean()]),
  z.tuple([z.literal('gpqa'), z.string(), z.string(), z.array(z.string()), Told, Told]),
  z.tuple([z.literal('aime'), z.string(), z.string(), z.boolean()]),
  z.tuple([z.literal('minerva'), z.string(), z.string(), z.string()]),
]);
type Line = z.infer<typeof Line>;

const stored = lines('harness.jsonl', Line);

function of<K extends Line[0]>(kind: K): Extract<Line, [K, ...unknown[]]>[] {
  return stored.filter((line): line is Extract<Line, [K, ...unknown[]]> => line[0] === kind);
}

/** As Python tells it: no match is the text "[invalid]". */
function told({ extracted, verdict }: Grade): [string, boolean] {
  return [extracted ?? '[invalid]', verdict === 'right'];
}

it('takes and scores as gsm8k and gsm8k_cot do, strict and flexible', () => {
  for (const [, gold, answer, strict, flexible, cot] of of('gsm8k')) {
    expect([answer, told(gradeGsm8kStrict(gold, answer))]).toEqual([answer, strict]);
    expect([answer, told(gradeGsm8kFlexible(gold, answer))]).toEqual([answer, flexible]);
    expect([answer, told(gradeGsm8kCotStrict(gold, answer))]).toEqual([answer, cot]);
  }
  expect(of('gsm8k').length).toBeGreaterThan(300);
});

it("takes and scores as the reference's own grader does, and knows its form", () => {
  for (const [, gold, answer, , , , paper, format] of of('gsm8k')) {
    const { extracted, verdict } = gradeAsPaper(gold, answer);
    expect([answer, extracted, verdict === 'right']).toEqual([answer, ...paper]);
    expect([answer, gradeFormat(answer).strict]).toEqual([answer, format]);
  }
});

it('takes and scores as the gpqa chains of thought do', () => {
  for (const [, gold, answer, choices, strict, flexible] of of('gpqa')) {
    expect([answer, told(gradeGpqaStrict(gold, answer))]).toEqual([answer, strict]);
    expect([answer, told(gradeGpqaFlexible(gold, answer, choices))]).toEqual([answer, flexible]);
  }
  expect(of('gpqa')).toHaveLength(130);
});

it('scores as aime24 does, leading zeros and failures of its cleaning included', () => {
  for (const [, gold, answer, right] of of('aime')) {
    expect([gold, answer, gradeAime(gold, answer).verdict]).toEqual([
      gold,
      answer,
      right ? 'right' : 'wrong',
    ]);
  }
  expect(of('aime')).toHaveLength(80);
});

it("takes minerva_math's sentence", () => {
  for (const [, , answer, taken] of of('minerva')) {
    expect([answer, minervaAnswer(answer) ?? '[invalidanswer]']).toEqual([answer, taken]);
  }
  expect(of('minerva')).toHaveLength(40);
});
