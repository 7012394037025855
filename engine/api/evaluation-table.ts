/** The table of an evaluation's lanes, for shells that write text. */
export { COLUMNS, tableOf } from '../evaluate/table';
