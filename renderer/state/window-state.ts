/** How the window shows itself, whatever it shows: density, explanations, the tour, figures of speed; and the edits at hand. */
import { z } from 'zod';

/** How much space there is around things. */
export const Density = z.enum(['compact', 'regular', 'roomy']);
export type Density = z.infer<typeof Density>;

/** The parts of the settings whose explanations can be folded away. */
export const SettingsPart = z.enum(['lanes', 'template', 'answer', 'vocabulary', 'window']);
export type SettingsPart = z.infer<typeof SettingsPart>;

/** What the next undo and the next redo would change, in words; null where there is none. */
interface EditsAtHand {
  readonly undo: string | null;
  readonly redo: string | null;
}

export const MARKS = ['model', 'prompt', 'lanes', 'answers', 'charts'] as const;
export type Mark = (typeof MARKS)[number];

/** From the first mark on, and never offered again. */
export const TOUR_BEGUN = { tour: MARKS[0], isTourOffered: false } as const;

export interface WindowState {
  readonly density: Density;
  /** Parts of the settings whose explanations were read and folded away. */
  readonly folded: readonly SettingsPart[];
  /** Where the tour is; null where none is on. */
  readonly tour: Mark | null;
  /** Nobody has taken the tour or declined it yet. */
  readonly isTourOffered: boolean;
  /** Whether the list of commands lies over the window. */
  readonly showsPalette: boolean;
  /** Whether speed, memory and times lie over the window. */
  readonly showsSpeed: boolean;
  /** Changes of lanes, groups and template variables. */
  readonly edits: EditsAtHand;
}

export const INITIAL_WINDOW: WindowState = {
  density: 'regular',
  folded: [],
  tour: null,
  isTourOffered: true,
  showsPalette: false,
  showsSpeed: false,
  edits: { undo: null, redo: null },
};

export const WINDOW_RULES = {
  density: { persists: Density },
  folded: { persists: z.array(SettingsPart).max(SettingsPart.options.length) },
  tour: { persists: null },
  isTourOffered: { persists: z.boolean() },
  showsPalette: { persists: null },
  showsSpeed: { persists: z.boolean() },
  edits: { persists: null },
} as const;
