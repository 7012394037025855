/** An engine process that has nothing to compute: a run sends a recorded run's events, at once or at a pace. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { createEngine, type Engine } from '../../engine/api/engine';
import { runEngineProcess } from '../../engine/process/run-process';
import { decodeJson, type RunEvent } from '../../engine/protocol';

const { SLOT_BENCH_EVENTS, SLOT_BENCH_PACE } = process.env;
const events = decodeJson(readFileSync(SLOT_BENCH_EVENTS ?? '', 'utf8')) as RunEvent[];
const pace = Number(SLOT_BENCH_PACE ?? 0);
const real = createEngine();

const replay: Engine = {
  query: (method, params, signal) => real.query(method, params, signal),
  async run(runId, _config, emit) {
    for (const event of events) {
      if (event.type === 'token' && pace > 0) await setTimeout(pace);
      emit(event.type === 'run.started' ? { ...event, runId } : event);
    }
  },
  cancel() {},
  stopLane() {},
  watchPulls: (listener) => real.watchPulls(listener),
  watchPreparing: (listener) => real.watchPreparing(listener),
  watchEvaluations: (listener) => real.watchEvaluations(listener),
  setServerKey: () => {},
  dispose: () => real.dispose(),
};
runEngineProcess(replay);
