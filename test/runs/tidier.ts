/** Starts a store on a data folder, as one of several processes, when told to. */
import { RunStore } from '../../engine/runs/store';

const [data = ''] = process.argv.slice(2);
process.once('message', () => {
  new RunStore(data).tidy();
  process.disconnect();
});
process.send?.('ready');
