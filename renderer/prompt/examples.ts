/** Prompts to begin with: grade-school word problems, and the system prompt of the paper's first figure. */

export interface Example {
  readonly title: string;
  readonly system: string;
  readonly prompt: string;
}

const THINK_AND_ANSWER =
  'A conversation between User and Assistant. The user asks a question, and the Assistant solves it. ' +
  'The assistant first thinks about the reasoning process and then provides the answer. ' +
  'The reasoning process and answer are enclosed within <think> </think> and <answer> </answer> tags.';

export const EXAMPLES: readonly Example[] = [
  {
    title: 'Apples, one step',
    system: '',
    prompt: 'Tom has 3 apples and buys 5 more. How many apples does he have?',
  },
  {
    title: 'Pencils, two steps',
    system: '',
    prompt:
      'Mia has 4 boxes with 6 pencils in each box. She gives 5 pencils to her brother. ' +
      'How many pencils does she have left?',
  },
  {
    title: 'Savings, with a plain system prompt',
    system: 'Solve the problem step by step.',
    prompt:
      'Ben saves 7 dollars each week. After 6 weeks he buys a book for 18 dollars. How much money does he have left?',
  },
  {
    title: 'Marbles, in the think and answer form',
    system: THINK_AND_ANSWER,
    prompt:
      'Sara has 12 marbles. She finds 9 more and then loses 4 of them. How many marbles does Sara have now?',
  },
];
