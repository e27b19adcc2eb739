/** One row of a grid. It is drawn again only when something that it shows has changed. */
import { Component } from 'preact';
import { html } from '../../html.js';

/**
 * @typedef {object} RowProps
 * @property {number} index among all rows, from 0
 * @property {any} item what the row shows; undefined: on its way
 * @property {import('./layout.js').Layout} layout
 * @property {number} first @property {number} last of the columns in sight
 * @property {boolean} selected
 * @property {number} active column that holds the grid's one tab stop, -1 for none
 * @property {boolean} [expanded]
 * @property {number} level in a tree of rows, from 1; 0: in none
 * @property {string} mark anything else that changes how cells look
 * @property {number} top px
 * @property {(item: any, cell: import('./layout.js').Placed, index: number) => any} cell
 * @property {string} [className]
 */

export class Row extends Component {
  /** @param {RowProps} next */
  shouldComponentUpdate(next) {
    const props = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (this.props));
    return Object.entries(next).some(([key, value]) => props[key] !== value);
  }

  render() {
    const { index, item, layout, first, last, selected, active, expanded, level, top, cell, className = '' } = /** @type {RowProps} */ (/** @type {unknown} */ (this.props));
    const { pinned, rest, pinnedWidth } = layout;
    /** @param {import('./layout.js').Placed} at @param {Record<string, string>} style */
    const draw = (at, style) => html`<div key=${at.id} role="gridcell" class=${at.pinned ? 'grid-cell pinned' : 'grid-cell'} aria-colindex=${at.index + 1} data-col=${at.index}
      tabindex=${active === at.index ? 0 : -1} style=${{ width: `${at.width}px`, ...style }}>${cell(item, at, index)}</div>`;
    return html`<div role="row" class=${`grid-row ${className}`} aria-rowindex=${index + 2} aria-selected=${selected} aria-expanded=${expanded} aria-level=${level || undefined} data-row=${index} style=${{ top: `${top}px`, width: `${layout.width}px` }}>
      ${pinned.map((at) => draw(at, { left: `${at.left}px` }))}
      ${rest.slice(first, last + 1).map((at, i) => draw(at, i === 0 ? { marginLeft: `${at.left - pinnedWidth}px` } : {}))}
    </div>`;
  }
}
