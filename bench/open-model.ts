/** Child process of the bench: opens one model and prints what that took, with the runtime already loaded. */

import { Model } from '../engine/model/model';
import { DataType } from '../engine/onnx/data-type';
import { GraphBuilder } from '../engine/onnx/graph-builder';
import { Session } from '../engine/onnx/session';
import { privateMemory } from './measure';

const [folder, setting] = process.argv.slice(2);
if (!folder) throw new Error('usage: open-model.ts <folder> fast|memory-saver');

const trivial = new GraphBuilder();
trivial.node('Identity', [trivial.input('x', DataType.FLOAT, [1])], {}, 'y');
trivial.output('y', DataType.FLOAT, [1]);
await Session.create('trivial', trivial.finish(), { folder, prepack: false });

const before = privateMemory() ?? 0;
const started = performance.now();
const model = await Model.open({ folder, dtype: null, memorySaver: setting === 'memory-saver' });
const ms = performance.now() - started;
console.log(JSON.stringify({ ms, privateMiB: (privateMemory() ?? 0) - before, layers: model.layers }));
