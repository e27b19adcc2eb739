/** The colours and names of a project's runs, given once and in one order, whichever page is opened first. */
import { get } from '../../api.js';
import { assignColors } from '../../charts/palette.js';
import { noteNames } from '../experiments.js';

/** @type {Set<string>} */
const known = new Set();

/** @param {string} project @param {boolean} [again] there are runs that it did not know */
export async function knowColours(project, again = false) {
  if (!project || (known.has(project) && !again)) return;
  /** @type {any[]} */
  const rows = [];
  for (let page = 1; ; page += 1) {
    const answer = await get('v2/runs', { project, columns: 'run,path,project,name,created_at', order_by: 'created_at', page, per_page: 10000 }, { quiet: true });
    assignColors(answer.rows.map((/** @type {any} */ row) => ({ ...row, id: row.run })));
    rows.push(...answer.rows);
    if (!answer.has_next) break;
  }
  noteNames(rows);
  known.add(project);
}
