/** Steps through the themes: as the system has it, light, dark. */
import { useAppState, useStudio } from '../../state/studio-context';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const SIGN = { auto: '◐', light: '☀', dark: '☾' } as const;
const NAME = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const;

export function ThemeToggle() {
  const { store } = useStudio();
  const theme = useAppState((state) => state.theme);
  return (
    <button
      type="button"
      className="button button--quiet"
      data-testid="theme"
      title={`Theme: ${NAME[theme]}. Change to ${NAME[NEXT[theme]]}.`}
      aria-label={`Theme: ${NAME[theme]}`}
      onClick={() => store.setState({ theme: NEXT[theme] })}
    >
      <span aria-hidden="true">{SIGN[theme]}</span>
      <span className="theme-toggle__name">{NAME[theme]}</span>
    </button>
  );
}
