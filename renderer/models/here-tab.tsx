/** The models on this machine by who keeps them, and the way to add one to them. */

import { useId } from 'react';
import type { ModelEntry } from '../../engine/protocol';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { AddFolder } from './add-folder';
import { EntryRow } from './entry-row';
import { moveBetweenNames } from './move-between-names';
import { PreparedSection } from './prepared-section';
import { ServersSection } from './servers-section';

export function HereTab() {
  const { models } = useStudio();
  const entries = useAppState((state) => state.models.entries);
  const failure = useAppState((state) => state.models.listFailure);
  return (
    <>
      <AddFolder />
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code}>
          <button type="button" className="button" onClick={() => void models.refresh()}>
            Try again
          </button>
        </Problem>
      )}
      {entries === null && !failure && <p className="sheet__empty muted">Looking for models…</p>}
      {entries && <Sections entries={entries} />}
      <ServersSection />
      <PreparedSection />
      {entries?.every(({ source }) => source === 'starter') && <OnlyTheStarter />}
    </>
  );
}

const SECTIONS = [
  ['starter', 'Comes with the app'],
  ['cache', 'Hugging Face cache'],
  ['lmstudio', 'LM Studio'],
  ['ollama', 'Ollama'],
  ['llamacpp', 'llama.cpp'],
  ['folder', 'Added'],
] as const satisfies readonly (readonly [ModelEntry['source'], string])[];

function Sections({ entries }: { entries: readonly ModelEntry[] }) {
  return (
    <section aria-label="Models on this machine" onKeyDown={moveBetweenNames}>
      {SECTIONS.map(([source, title]) => (
        <Section key={source} title={title} entries={entries.filter((entry) => entry.source === source)} />
      ))}
    </section>
  );
}

function Section({ title, entries }: { title: string; entries: readonly ModelEntry[] }) {
  const id = useId();
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="models__source">
        {title}
      </h3>
      <ul className="models__list">
        {entries.map((entry) => (
          <EntryRow key={`${entry.model} ${entry.folder}`} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function OnlyTheStarter() {
  const { models } = useStudio();
  return (
    <div className="models__empty" data-testid="only-starter">
      <p>
        <strong>Only the starter model is here.</strong> It shows the mechanism in a second. To see what SLOT
        does to a real model, download one, or add one that you have. What other tools put into the Hugging
        Face cache, and the models of LM Studio, Ollama and llama.cpp, appear here by themselves.
      </p>
      <button type="button" className="button" onClick={() => models.showTab('hub')}>
        Find a model on the hub
      </button>
    </div>
  );
}
