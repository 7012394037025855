/** Prompts to begin with, each with what to look for once it has run. */

export interface Example {
  readonly title: string;
  /** On the starter model with the settings as they are at first, unless it says otherwise. */
  readonly look: string;
  readonly system: string;
  readonly prompt: string;
}

/** The system prompt of the reference's eval_only_slot.py, byte for byte: spaces are missing where it has none. */
const REFERENCE_SYSTEM =
  'You are a helpful assistant. A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The Assistant first thinks about the reasoning process in the mind and then provides the user with the answer.The reasoning process and answer are enclosed within <think> </think> and<answer> </answer> tags, respectively, i.e., <think> reasoning process here </think><answer> answer here </answer>.';

export const EXAMPLES: readonly Example[] = [
  {
    title: 'Cards: SLOT thinks first, and is right',
    look: 'The baseline answers 1. SLOT begins with “I should think about the reasoning first” and finds 7. Open Vocabulary: the prompt’s own words rose most.',
    system: 'First think inside <think> </think> tags, then give the answer inside <answer> </answer> tags.',
    prompt: 'Daniel must pack 23 cards. 8 cards fit in a basket. How many cards are left over?',
  },
  {
    title: 'Photos: “step by step”',
    look: 'Both are right. SLOT says first that it can be solved step by step: see where the lanes part.',
    system: 'Answer the question and explain the steps.',
    prompt: 'Tina has 7 trays with 12 photos in each tray. How many photos is that altogether?',
  },
  {
    title: 'Toys: the asked form is lost',
    look: 'The baseline writes the tags that it was asked for. SLOT leaves them out, and is wrong: 1 instead of 2.',
    system:
      'You should show your reasoning between <think> and </think> and the answer between <answer> and </answer>.',
    prompt: 'James has 19 toys. Liam has 17 toys. How many more toys does James have than Liam?',
  },
  {
    title: 'Carrots: SLOT makes it worse',
    look: 'The baseline finds 29, SLOT 39. A lower prompt loss is no proof of a better answer.',
    system: '',
    prompt: 'Theo has 3 crates with 8 carrots each and 5 more carrots. How many carrots does he have?',
  },
  {
    title: "The reference's prompt, on GSM8K's first problem",
    look: 'For a model of your own: the starter is too small for it. Right is 18.',
    system: REFERENCE_SYSTEM,
    prompt:
      "Janet’s ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes muffins for her friends every day with four. She sells the remainder at the farmers' market daily for $2 per fresh duck egg. How much in dollars does she make every day at the farmers' market?",
  },
];

/** The example that stands in the form as it is; undefined once anything of it was changed. */
export function exampleOf(system: string, prompt: string): Example | undefined {
  return EXAMPLES.find((example) => example.system === system && example.prompt === prompt);
}
