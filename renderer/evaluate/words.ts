/** What the Evaluate view writes of jobs, lanes and figures. */
import {
  type DatasetName,
  describeLearning,
  type EvaluationConfig,
  type EvaluationLane,
  type JobInfo,
  type Rate,
} from '../../engine/protocol';
import type { Subject } from '../export/file-name';
import { count, duration, grouped, number } from '../ui/text/format';

export const DATA_NAMES: Readonly<Record<DatasetName, { readonly title: string; readonly about: string }>> = {
  starter: { title: 'Starter', about: 'Word problems that the starter model was not trained on; bundled.' },
  gsm8k: { title: 'GSM8K', about: '1,319 grade-school word problems (openai/gsm8k, test), MIT.' },
  math500: { title: 'MATH-500', about: '500 competition problems (HuggingFaceH4/MATH-500), MIT.' },
  aime2024: { title: 'AIME 2024', about: '30 competition problems (HuggingFaceH4/aime_2024).' },
  'gpqa-diamond': {
    title: 'GPQA Diamond',
    about: '198 questions of four choices; the hub gives it to those who agree to its terms.',
  },
  ceval: { title: 'C-Eval', about: 'Chinese exams of four choices in 52 subjects (ceval/ceval-exam).' },
};

export function dataName({ dataset }: Pick<EvaluationConfig, 'dataset'>): string {
  if (dataset.kind === 'named') return DATA_NAMES[dataset.name].title;
  return dataset.path.split(/[/\\]/).at(-1) ?? dataset.path;
}

export function jobName({ title, config }: Pick<JobInfo, 'title' | 'config'>): string {
  if (title !== '') return title;
  const kind = config.sweep ? 'sweep of' : '·';
  return config.sweep
    ? `${dataName(config)}: ${kind} ${count(config.lanes.length - 1, 'cell')}`
    : `${dataName(config)} ${kind} ${count(config.lanes.length, 'lane')}`;
}

/** What exported files are named after. */
export function jobSubject(folder: string | null, at: string): Subject {
  return { model: folder?.split(/[/\\]/).at(-1) || 'starter', at };
}

export const STATES: Readonly<
  Record<JobInfo['state'], { readonly sign: string; readonly word: string; readonly why: string }>
> = {
  waiting: { sign: '…', word: 'waiting', why: 'Another evaluation is worked on first.' },
  running: { sign: '▶', word: 'running', why: 'It is worked on now.' },
  paused: { sign: '‖', word: 'paused', why: 'Resume it: what is answered is kept.' },
  interrupted: {
    sign: '‖',
    word: 'interrupted',
    why: 'The engine ended while it ran. Resume it: nothing is lost and nothing is asked twice.',
  },
  done: { sign: '✓', word: 'done', why: 'Every answer is there.' },
  failed: { sign: '!', word: 'failed', why: 'It stopped at an error. Resume it once that is mended.' },
};

export function progressWords({ done, total, secondsLeft }: JobInfo): string {
  const left = secondsLeft === null ? '' : `, ${timeLeft(secondsLeft)} left`;
  return `${grouped(done)} of ${grouped(total)} answers${left}`;
}

function timeLeft(seconds: number): string {
  if (seconds >= 5400) return `about ${Math.round(seconds / 3600)} h`;
  return seconds >= 90
    ? `about ${Math.round(seconds / 60)} min`
    : `about ${duration(Math.ceil(seconds) * 1000).replace('.0', '')}`;
}

/** Per cent to one digit. */
export function share(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

export function shareOf({ of, rate }: Rate): string {
  return of === 0 ? '' : share(rate);
}

export function interval(lower: number, upper: number): string {
  return `${(100 * lower).toFixed(1)}–${(100 * upper).toFixed(1)}`;
}

/** Percentage points with their sign. */
export function pointsOf(difference: number): string {
  return `${difference >= 0 ? '+' : '−'}${(100 * Math.abs(difference)).toFixed(1)}`;
}

export function pValue(p: number): string {
  if (p >= 0.0995) return p.toFixed(2);
  return p >= 0.001 ? p.toFixed(3) : p.toExponential(1).replace('-', '−');
}

/** A count that may be a mean over samples. */
export function countOf(value: number): string {
  return Number.isInteger(value) ? grouped(value) : number(value, 1);
}

/** In a few words what a lane is. */
export function laneAbout(lane: EvaluationLane): string {
  const { steps, lr, preset, origin } = lane;
  if (steps === 0) return 'the model as it is';
  const learning = [`lr ${lr}`, preset, ...describeLearning(lane)].join(', ');
  return `${ORIGINS[origin.kind]}; ${count(steps, 'step')}, ${learning}`;
}

const ORIGINS: Readonly<Record<EvaluationLane['origin']['kind'], string>> = {
  own: "SLOT: learned from the problem's own prompt",
  minus: 'minus its delta',
  scaled: 'a multiple of its delta',
  centred: 'its delta without the mean shift',
  given: 'a delta learned before, the same for all problems',
  random: 'a random delta of the same norm',
  other: "another problem's delta",
  template: 'a delta of the template alone',
  mean: 'the mean delta of held-out problems',
  temperature: "no delta, drawn at the temperature of SLOT's entropy",
};

/** What so many problems can show. */
export function detectableWords(problems: number, detectable: number | null): string {
  if (detectable === null)
    return `With ${count(problems, 'problem')} no difference can be seen, however large.`;
  return `With ${count(problems, 'problem')} nothing below ${Math.round(100 * detectable)} points can be seen (80 % power, one in five problems answered differently).`;
}
