/** Holds the engine at one place, so that what else happens meanwhile does so each time. */
import { vi } from 'vitest';
import { HeadRuntime } from '../../engine/onnx/runtime/head-runtime';
import { ViewSession } from '../../engine/onnx/runtime/session';

const create = ViewSession.create.bind(ViewSession);

export class Gate {
  /** Resolves once somebody waits. */
  readonly reached: Promise<void>;
  open!: () => void;
  private readonly opened: Promise<void>;
  private reach!: () => void;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.reach = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }

  pass(): Promise<void> {
    this.reach();
    return this.opened;
  }
}

/** Before the next token's product with the head's matrix. */
export function gateAtHead(): Gate {
  const gate = new Gate();
  const { projectDecoded } = HeadRuntime.prototype;
  vi.spyOn(HeadRuntime.prototype, 'projectDecoded').mockImplementationOnce(async function (
    this: HeadRuntime,
    hidden,
  ) {
    await gate.pass();
    return projectDecoded.call(this, hidden);
  });
  return gate;
}

/** After the first session of a model, which was opened by then. */
export function gateInOpening(): Gate {
  const gate = new Gate();
  vi.spyOn(ViewSession, 'create').mockImplementationOnce(async (...args) => {
    const session = await create(...args);
    await gate.pass();
    return session;
  });
  return gate;
}

/** Long enough for the engine to do whatever does not wait for a gate. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
