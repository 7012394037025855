/** What public templates are rendered with: conversations of every awkward sort. */
import type { ChatMessage, TemplateVariables } from '../../engine/protocol';
import type { Conversation } from './oracle';

/** The moment that templates are told, as in `oracle.py`. */
export const NOW = new Date(2024, 6, 6, 9, 5, 3, 250);
export const SPECIAL_TOKENS = { bos_token: '<s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>' };

const turn = (role: ChatMessage['role']) => (content: string) => ({ role, content }) as const;
const [s, u, a] = [turn('system'), turn('user'), turn('assistant')];

const THOUGHT = '<think>\nFive and 3.\n</think>\n\nEight.';
const MESSAGES: readonly (readonly ChatMessage[])[] = [
  [u('How many apples?')],
  [s('Think step by step.'), u('How many apples?')],
  [u('  How many\n\n apples? ')],
  [s('  Be brief. \n'), u('One?'), a(' Two.'), u('Sure?')],
  [u('One?'), a('\n\n  Eight.'), u('Sure?\nQuite <b>sure</b>, “12 €”?')],
  [u('One?'), a('\u00a0\tEight.\u3000'), u('More')],
  [s('S'), u('One?'), a(THOUGHT), u('Größe?'), a(THOUGHT), u('Sure?')],
  [u('One?'), a(THOUGHT)],
  [u('One?'), a('</think>'), u('Two?'), a('<think></think>x'), u('Three?')],
  [u('One?'), a('<think>\n no end'), u('Two?')],
  [u('😀😀 naïve 𝕏'), a('👩‍👩‍👧 🏳️‍🌈'), u('数学')],
  [u('\ufeffmark\ufeff'), a('\ufeff\u0085x\u001f'), u('\u001fx\u0085\u2028')],
  [s('\u0085\ufeffsystem\u001c'), u('\u200bzero width\u200b')],
  [u('carriage\r\nreturn\r'), a('\r\nbegins\r\n'), u('a\vb\fc')],
  [s(''), u('x')],
  [s('S'), u(''), a(''), u('x')],
  [u('One'), u('Two')],
  [u('One'), a('Two'), a('Three'), u('Four')],
  [a('I begin.'), u('One')],
  [u('One'), s('In the middle.'), u('Two')],
  [s('First.'), s('Second.'), u('x')],
  [u('One'), a('Two')],
  [s('alone')],
  [u('{{ messages }} {% raw %} <|im_end|> </s> [INST] "quoted" \\n \\ \'')],
  [u('/no_think hi'), a('x'), u('/think hi')],
  [s('/no_think'), u('hi')],
  [s('<|im_start|>{"json": [1, 2]}'), u('null'), a('true'), u('1.0')],
];
const VARIABLES: readonly TemplateVariables[] = [
  {},
  { enable_thinking: true },
  { enable_thinking: false },
  { thinking: true, reasoning_effort: 'low', date_string: '26 Jul 2024' },
  { enable_thinking: 5, reasoning_effort: 0.5, model_identity: { 'a"b': [null, true, 1e20] } },
];

export const CONVERSATIONS: readonly Conversation[] = MESSAGES.flatMap((messages) =>
  [true, false].flatMap((addGenerationPrompt) =>
    VARIABLES.map((variables) => ({ messages, addGenerationPrompt, variables })),
  ),
);
