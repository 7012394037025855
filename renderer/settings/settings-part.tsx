/** One part of the settings, whose explanations fold away once they were read. */
import type { ReactNode } from 'react';
import { useAppState, useStudio } from '../state/studio-context';
import type { SettingsPart as Part } from '../state/window-state';

interface SettingsPartProps {
  readonly part: Part;
  readonly title: string;
  readonly className?: string;
  readonly testId?: string;
  /** Beside the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function SettingsPart({ part, title, className = '', testId, actions, children }: SettingsPartProps) {
  const isFolded = useAppState((state) => state.folded.includes(part));
  return (
    <fieldset
      className={`settings ${className}`}
      data-testid={testId}
      data-folded={isFolded || undefined}
      data-mark={part}
    >
      <legend>{title}</legend>
      <span className="settings__actions">
        {actions}
        <FoldButton part={part} title={title} isFolded={isFolded} />
      </span>
      {children}
    </fieldset>
  );
}

interface FoldButtonProps {
  readonly part: Part;
  readonly title: string;
  readonly isFolded: boolean;
}

function FoldButton({ part, title, isFolded }: FoldButtonProps) {
  const { store } = useStudio();
  const words = isFolded ? 'Show the explanations' : 'Fold the explanations away';
  return (
    <button
      type="button"
      className="button button--quiet"
      data-testid={`fold-${part}`}
      aria-expanded={!isFolded}
      title={words}
      onClick={() =>
        store.setState(({ folded }) => ({
          folded: isFolded ? folded.filter((each) => each !== part) : [...folded, part],
        }))
      }
    >
      <span aria-hidden={isFolded}>{isFolded ? '?' : 'Got it'}</span>
      <span className="visually-hidden">
        {words}: {title}
      </span>
    </button>
  );
}
