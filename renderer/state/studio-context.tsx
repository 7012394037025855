/** Gives every component the store, the actions and the shell without passing them down by hand. */
import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { Shell } from '../engine/shell';
import type { VectorReader } from '../run/vocabulary/vector-reader';
import type { AppState } from './app-state';
import type { Chat } from './chat';
import type { Report } from './diagnostics';
import type { Edits } from './edits';
import type { EngineControl } from './engine-control';
import type { Evaluations } from './evaluations';
import type { Models } from './models';
import type { Prompts } from './prompts';
import type { Runs } from './runs';
import type { AppStore } from './store';
import type { Toasts } from './toasts';

export interface Studio {
  readonly shell: Shell;
  readonly store: AppStore;
  readonly control: EngineControl;
  readonly runs: Runs;
  readonly toasts: Toasts;
  readonly models: Models;
  readonly vectors: VectorReader;
  readonly chat: Chat;
  readonly evaluations: Evaluations;
  readonly edits: Edits;
  readonly prompts: Prompts;
  readonly readReport: () => Promise<Report>;
}

const StudioContext = createContext<Studio | null>(null);

export function StudioProvider({ studio, children }: { studio: Studio; children: ReactNode }) {
  return <StudioContext value={studio}>{children}</StudioContext>;
}

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error('no StudioProvider above this component');
  return studio;
}

export function useAppState<T>(select: (state: AppState) => T): T {
  return useStore(useStudio().store, select);
}

/** Whether this is a page that carries what it shows: there is no engine, and nothing to change. */
export function useIsPage(): boolean {
  return useStudio().shell.readViewer === null;
}
