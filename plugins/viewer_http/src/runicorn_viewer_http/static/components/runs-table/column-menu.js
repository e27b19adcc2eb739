/** What can be done with a column: sort, group, another figure, pin, move, hide. */
import { html } from '../../html.js';
import { t } from '../../i18n/index.js';
import { setQuery } from '../../router.js';
import { FIGURES, FIRST, partsOf, titleOfColumn, withFigure } from '../../state/table/columns.js';
import * as shown from '../../state/table/shown.js';
import { icons } from '../icons.js';
import { Menu } from '../menu.js';

/** @param {{id: string}} props */
export function ColumnMenu({ id }) {
  const items = () => {
    const all = shown.columns.peek();
    const at = all.findIndex((column) => column.id === id);
    const { kind, figure } = partsOf(id);
    const sort = shown.order.peek().find((one) => one.id === id);
    const grouped = shown.groupBy.peek() === id;
    const line = { label: '', separator: true };
    return [
      { label: t('table.ascending'), checked: sort?.down === false, action: () => shown.sortBy(id, false, false) },
      { label: t('table.descending'), checked: sort?.down === true, action: () => shown.sortBy(id, false, true) },
      ...(id === FIRST || kind === 'metrics' ? [] : [{ label: t(grouped ? 'table.ungroup' : 'table.groupByThis'), action: () => setQuery({ group: grouped ? null : id }, { push: true }) }]),
      ...(kind === 'metrics' ? [line, ...FIGURES.map((one) => ({ label: t(`metric.${one}`), checked: one === figure, action: () => replace(id, withFigure(id, one)) }))] : []),
      line,
      ...(id === FIRST ? [] : [{ label: t(all[at].pinned ? 'table.unpin' : 'table.pin'), action: () => shown.changeColumn(id, { pinned: !all[at].pinned }) }]),
      { label: t('table.moveLeft'), disabled: at <= 0, action: () => move(id, -1) },
      { label: t('table.moveRight'), disabled: at >= all.length - 1, action: () => move(id, 1) },
      ...(id === FIRST ? [] : [{ label: t('table.hideColumn'), action: () => shown.setColumns(all.filter((column) => column.id !== id)) }]),
    ];
  };
  return html`<${Menu} inGrid=${true} className="ghost" align="right" label=${t('table.columnMenu', { name: titleOfColumn(id) })} button=${icons.down()} items=${items} />`;
}

/** @param {string} id @param {string} next */
function replace(id, next) {
  const all = shown.columns.peek();
  if (all.some((column) => column.id === next)) return;
  shown.setColumns(all.map((column) => (column.id === id ? { ...column, id: next } : column)));
}

/** @param {string} id @param {number} by */
export function move(id, by) {
  const all = [...shown.columns.peek()];
  const at = all.findIndex((column) => column.id === id);
  const to = Math.max(0, Math.min(all.length - 1, at + by));
  const [column] = all.splice(at, 1);
  all.splice(to, 0, column);
  shown.setColumns(all);
}

/** @param {string} id @param {string} before */
export function moveBefore(id, before) {
  const all = shown.columns.peek();
  const target = all.find((column) => column.id === before);
  const column = all.find((one) => one.id === id);
  if (!column || !target) return;
  const rest = all.filter((one) => one.id !== id);
  // among pinned columns it becomes one of them
  rest.splice(rest.indexOf(target), 0, { ...column, pinned: target.pinned });
  shown.setColumns(rest);
}
