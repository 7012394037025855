/** Says in a toast what was done or went wrong. */
import { asFailure } from '../failure';
import type { Toast } from '../library-state';
import type { AppStore } from '../store';

export interface Notices {
  say(text: string, action?: Toast['action']): void;
  complain(thrown: unknown): void;
  /** Toasts what went wrong. */
  attempt(work: () => Promise<void>): Promise<void>;
}

export function createNotices({ setState }: Pick<AppStore, 'setState'>): Notices {
  let last = 0;
  const toast = (kind: Toast['kind'], text: string, action: Toast['action'] = null) => {
    last += 1;
    setState({ toast: { id: `toast-${last}`, kind, text, action } });
  };
  const complain = (thrown: unknown) => {
    const { message, hint } = asFailure(thrown);
    toast('problem', [message, hint].filter(Boolean).join('. '));
  };
  return {
    say: (text, action = null) => toast('done', text, action),
    complain,
    async attempt(work) {
      try {
        await work();
      } catch (thrown) {
        complain(thrown);
      }
    },
  };
}
