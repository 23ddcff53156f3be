import type { Block, DataSet } from './data-set.ts';

/** Blocks of one body: 5,000 lines, which is what InfluxDB's handbook recommends. */
const BLOCKS_PER_BODY = 20;

/** A message of the backfill: `{"samples": […]}`. Numbers are written as JSON writes them, in their shortest form. */
export function toPayload({ fromMs, rows, values }: Block, { parameters, stepMs }: DataSet): string {
  let text = '{"samples":[';
  for (let row = 0, at = 0; row < rows; row++) {
    text += `${row === 0 ? '' : ','}{"timestamp":${fromMs + row * stepMs},"metrics":{`;
    for (const [index, parameter] of parameters.entries()) {
      text += `${index === 0 ? '' : ','}"${parameter}":${values[at++]}`;
    }
    text += '}}';
  }
  return `${text}]}`;
}

function toLines({ device, fromMs, rows, values }: Block, { parameters, stepMs }: DataSet): string {
  let text = '';
  for (let row = 0, at = 0; row < rows; row++) {
    text += `bench,device=${device} `;
    for (const [index, parameter] of parameters.entries()) {
      text += `${index === 0 ? '' : ','}${parameter}=${values[at++]}`;
    }
    text += ` ${fromMs + row * stepMs}\n`;
  }
  return text;
}

/** Bodies of InfluxDB's line protocol, with stamps in milliseconds. */
export function* toBodies(set: DataSet): Generator<string> {
  let [text, blocks] = ['', 0];
  for (const block of set.blocks()) {
    text += toLines(block, set);
    if (++blocks < BLOCKS_PER_BODY) continue;
    yield text;
    [text, blocks] = ['', 0];
  }
  if (text !== '') yield text;
}
