// @ts-check
/** What a run logged beside numbers, one panel for each kind. */
import { Annotated, isAnnotated } from './image.js';
import { Sound } from './audio.js';
import { Moving } from './video.js';
import { Rows } from './table.js';
import { Distribution } from './histogram.js';
import { Chart } from './figure.js';
import { Words } from './text.js';
import { Framed } from './page.js';
import { panel } from './gallery.js';
import { words } from './words.js';

/** @type {import('runicorn').Plugin} */
export default {
  apiVersion: 1,
  panels: [
    panel('media.image', 'image', Annotated, { test: isAnnotated, instead: true }),
    panel('media.audio', 'audio', Sound),
    panel('media.video', 'video', Moving),
    panel('media.table', 'table', Rows, { grid: 'list' }),
    panel('media.histogram', 'histogram', Distribution, { history: true }),
    panel('media.figure', 'figure', Chart, { grid: 'large' }),
    panel('media.text', 'text', Words, { grid: 'list' }),
    panel('media.html', 'html', Framed, { grid: 'list' }),
  ],
  i18n: words,
};
