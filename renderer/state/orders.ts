/** Does what the shell asks of the page: shows what its menu names, takes the files that the system hands to the app. */
import { badInput, type Order, Orders } from '../../engine/protocol';
import type { Shell } from '../engine/shell';
import { assertNever } from '../ui/assert-never';
import type { Evaluations } from './evaluations';
import { readText } from './imported-file';
import type { Models } from './models';
import type { Runs } from './runs';
import type { AppStore } from './store';
import type { Toasts } from './toasts';

interface Doers {
  readonly store: Pick<AppStore, 'setState'>;
  readonly models: Pick<Models, 'addHanded'>;
  readonly runs: Pick<Runs, 'import'>;
  readonly evaluations: Pick<Evaluations, 'import'>;
  readonly toasts: Pick<Toasts, 'attempt'>;
}

/** How an exported evaluation begins; any other text is for the import of runs to judge. */
const EVALUATION = '{"kind":"evaluation"';

export function followOrders({ orders }: Pick<Shell, 'orders'>, doers: Doers): void {
  if (orders === null) return;
  const follow = () =>
    void doers.toasts.attempt(async () => {
      for (const order of Orders.parse(await orders.take())) await obey(order, doers);
    });
  orders.onWaiting(follow);
  // Those that were given before this page was there.
  follow();
}

async function obey(order: Order, { store, models, runs, evaluations }: Doers): Promise<void> {
  switch (order.kind) {
    case 'show':
      return store.setState({ dialog: order.dialog });
    case 'add-model':
      return models.addHanded(order.path);
    case 'refuse':
      throw badInput('unreadable-file', order.message);
    case 'import': {
      const file = new File([new Uint8Array(order.bytes)], order.name);
      if (!(await readText(file)).startsWith(EVALUATION)) return runs.import(file);
      store.setState({ room: 'evaluate', dialog: null });
      return evaluations.import(file);
    }
    default:
      return assertNever(order);
  }
}
