/** The table as a file: all runs that match, the columns that are shown. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { toCsv } from '../../state/table/csv.js';
import { allRows } from '../../state/table/source.js';
import { attempt, toast } from '../feedback.js';
import { Menu } from '../menu.js';
import { saveFile } from '../save-file.js';

/** @param {{query: import('../../state/table/source.js').Query | null, columns: string[], project: string}} props */
export function ExportMenu({ query, columns, project }) {
  const csv = () => attempt(async () => {
    if (!query) return;
    const rows = await allRows({ ...query, columns: [...new Set([...columns, 'path'])] }, (done, total) => { if (done < total) toast(t('export.reading', { n: done, total })); });
    saveFile(new Blob(['\ufeff', toCsv([...columns, 'path'], rows)], { type: 'text/csv' }), `${project}.csv`);
  });
  return html`<${Menu} label=${t('export.title')} button=${html`${t('export.export')} <span aria-hidden="true">▾</span>`} align="right" items=${() => [{ label: t('export.csv'), action: csv }]} />`;
}
