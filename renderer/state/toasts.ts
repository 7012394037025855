/** Says in a toast what was done or went wrong. */
import { toFailure } from '../../engine/protocol';
import type { AppStore } from './store';
import { newToast, type Toast } from './toast';

export interface Toasts {
  say(text: string, action?: Toast['action']): void;
  complain(thrown: unknown): void;
  /** Toasts what went wrong. */
  attempt(work: () => Promise<void>): Promise<void>;
}

export function createToasts({ setState }: Pick<AppStore, 'setState'>): Toasts {
  const complain = (thrown: unknown) => {
    const { message, hint, code } = toFailure(thrown);
    setState({ toast: newToast('problem', [message, hint].filter(Boolean).join('. '), { code }) });
  };
  return {
    say: (text, action = null) => setState({ toast: newToast('done', text, { action }) }),
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
