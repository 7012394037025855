/** What a job asks of graders. */
import type { Grade, GradeRequest, GraderName } from '../protocol';

export interface Graders {
  grade(name: GraderName, request: GradeRequest): Promise<Grade>;
  /** Whether a grader calls the gold answer itself wrong. */
  goldRejected(name: GraderName, request: Omit<GradeRequest, 'answer'>): Promise<boolean>;
  close(): Promise<void>;
}

/** Whether a whole answer has the form that the reference's system prompt asks for. */
export function gradeFormat(text: string): { strict: boolean; lenient: boolean } {
  return {
    strict: /^<think>.*?<\/think><answer>.*?<\/answer>$/su.test(text),
    lenient: /^\s*<think>.*?<\/think>\s*<answer>.*?<\/answer>\s*$/su.test(text),
  };
}

/** Until the others are there. */
export function createGraders(): Graders {
  const last = (text: string) =>
    (text.match(/-?\d[\d,]*(?:\.\d+)?/gu) ?? []).at(-1)?.replaceAll(',', '') ?? null;
  return {
    grade: async (_, { answer, gold }) => {
      const extracted = last(answer);
      const isRight = extracted !== null && Number(extracted) === Number(gold.replaceAll(',', ''));
      return { extracted, verdict: isRight ? 'right' : 'wrong' };
    },
    goldRejected: async (_, { gold }) => Number.isNaN(Number(gold.replaceAll(',', ''))),
    close: async () => {},
  };
}
