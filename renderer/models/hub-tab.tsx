/** The hub: a search, and while nothing is searched for, models whose layout is known to open here. */
import { useState } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { count } from '../ui/text/format';
import { CuratedRow, FoundRow } from './hub-rows';
import { moveBetweenNames } from './move-between-names';

export function HubTab() {
  const { models } = useStudio();
  const search = useAppState((state) => state.models.search);
  const [text, setText] = useState(search.query);
  const { query, isAsking, found, failure } = search;
  const type = (next: string) => {
    setText(next);
    models.search(next);
  };

  return (
    <>
      <search className="hub-search">
        <input
          type="search"
          data-testid="hub-search"
          value={text}
          maxLength={200}
          placeholder="Search: qwen, smollm, gemma…"
          aria-label="Search the Hugging Face hub"
          spellCheck={false}
          autoComplete="off"
          onChange={({ target }) => type(target.value)}
          // Ends the search; a second time closes the manager.
          data-own-escape={text === '' ? undefined : ''}
          onKeyDown={(event) => event.key === 'Escape' && type('')}
        />
        {query !== '' && (
          <button type="button" className="button button--quiet" onClick={() => type('')}>
            {isAsking ? 'Cancel' : 'Clear'}
          </button>
        )}
      </search>
      <HubFacts />
      <p className="models__said" role="status">
        {query !== '' && (isAsking ? 'Asking the hub…' : found && `${count(found.length, 'model')} found`)}
      </p>
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="search-error">
          <button type="button" className="button" onClick={() => models.searchAgain()}>
            Try again
          </button>
        </Problem>
      )}
      {query === '' ? <Curated /> : found && <Found isAsking={isAsking} />}
    </>
  );
}

function Found({ isAsking }: { isAsking: boolean }) {
  const found = useAppState((state) => state.models.search.found) ?? [];
  if (found.length === 0 && !isAsking) {
    return (
      <p className="sheet__empty muted">
        No text-generation model in ONNX, safetensors or GGUF has this in its name. Try fewer letters.
      </p>
    );
  }
  return (
    <ul className="models__list" aria-label="Found models" aria-busy={isAsking} onKeyDown={moveBetweenNames}>
      {found.map((model) => (
        <FoundRow key={model.id} model={model} />
      ))}
    </ul>
  );
}

function Curated() {
  const curated = useAppState((state) => state.models.curated) ?? [];
  return (
    <section aria-label="Models to begin with">
      <p className="models__said">
        Models to begin with, small to large. Their published layout is known to open here; sizes are
        estimates until a card is read.
      </p>
      <ul className="models__list" onKeyDown={moveBetweenNames}>
        {curated.map((model) => (
          <CuratedRow key={model.id} model={model} />
        ))}
      </ul>
    </section>
  );
}

/** Where models come from and where they go. */
function HubFacts() {
  const hub = useAppState((state) => state.models.hub);
  if (!hub) return null;
  return (
    <p className="models__said" data-testid="hub-facts">
      {hub.isOffline && (
        <strong className="down">
          HF_HUB_OFFLINE is set: nothing is asked of the hub. Unset it and start again.{' '}
        </strong>
      )}
      From <span className="mono">{hub.endpoint}</span> into <span className="mono">{hub.cacheFolder}</span>
      {hub.hasToken ? ', with your token.' : ', without a token (gated models need one).'}
    </p>
  );
}
