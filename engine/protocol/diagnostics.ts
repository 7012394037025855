/** What helps to find out why something went wrong. The user sees it and may copy it; it is sent nowhere. */
import { z } from 'zod';
import { Moment, Name, Path, Sentence } from './limits';

/** Something that went wrong, in a sentence without anything of a prompt or an answer. */
export const Incident = z.object({ at: Moment, text: Sentence });
export type Incident = z.infer<typeof Incident>;

/** The newest ones. */
export const MAX_INCIDENTS = 50;

/** The fact that tells how much memory the engine's process holds. */
export const ENGINE_MEMORY = 'Memory of the engine';

/** Of one process: the engine's, or the desktop shell's. */
export const Diagnostics = z.object({
  /** The user's own folder, which is written as ~ where anybody may read it. */
  home: Path,
  facts: z.array(z.object({ name: Name, value: Sentence })).max(100),
  folders: z.array(z.object({ name: Name, path: Path })).max(100),
  incidents: z.array(Incident).max(MAX_INCIDENTS),
});
export type Diagnostics = z.infer<typeof Diagnostics>;
