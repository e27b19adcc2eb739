/** The table as a file: all runs that match, the columns that are shown. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { apiUrl, get, request } from '../../api.js';
import { toCsv } from '../../state/table/csv.js';
import { allRows, paramsOf } from '../../state/table/source.js';
import { attempt, toast } from '../feedback.js';
import { allPages } from '../../extend/registry.js';
import { navigate } from '../../router.js';
import { Menu } from '../menu.js';
import { useExports } from '../runs-export.js';
import { saveFile } from '../save-file.js';

/** Rows of one file: more, the server does not give at once. */
const MOST_ROWS = 10_000;

/** @param {{query: import('../../state/table/source.js').Query | null, columns: string[], project: string}} props */
export function ExportMenu({ query, columns, project }) {
  const csv = () => attempt(async () => {
    if (!query) return;
    const rows = await allRows({ ...query, columns: [...new Set([...columns, 'path'])] }, (done, total) => { if (done < total) toast(t('export.reading', { n: done, total })); });
    saveFile(new Blob(['\ufeff', toCsv([...columns, 'path'], rows)], { type: 'text/csv' }), `${project}.csv`);
  });
  const parquet = () => attempt(async () => {
    if (!query) return;
    const whole = { ...paramsOf({ ...query, columns: [...new Set([...columns, 'path'])] }), per_page: MOST_ROWS };
    const { total } = await get('v2/runs', { ...whole, columns: 'status', per_page: 1 });
    const files = Math.ceil(total / MOST_ROWS);
    for (let page = 1; page <= files; page += 1) {
      saveFile(await request(apiUrl('v2/runs', { ...whole, page }), { accept: 'application/vnd.apache.parquet' }), `${project}${files > 1 ? `-${page}` : ''}.parquet`);
    }
  });
  const others = useExports(async () => (query ? (await allRows({ ...query, columns: ['path'] }, () => {})).map((row) => row.path) : []));
  const page = allPages().find(({ part }) => part.path === '/import');
  return html`<${Menu} label=${t('export.title')} button=${html`${t('export.export')} <span aria-hidden="true">▾</span>`} align="right" items=${() => [{ label: t('export.csv'), action: csv }, { label: t('export.parquet'), action: parquet }, ...(others.length ? [{ label: '', separator: true }, ...others] : []), ...(page ? [{ label: '', separator: true }, { label: t('export.import'), action: () => navigate(page.part.path ?? '/') }] : [])]} />`;
}
