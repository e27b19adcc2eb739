/** Rows of the runs table as CSV (RFC 4180), every value as it is and not as it is shown. */

/** @param {string[]} columns @param {Record<string, unknown>[]} rows */
export function toCsv(columns, rows) {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => line.map(field).join(',')).join('\r\n') + '\r\n';
}

/** @param {unknown} value */
function field(value) {
  if (value === null || value === undefined) return '';
  const text = Array.isArray(value) ? value.join(';') : typeof value === 'object' ? JSON.stringify(value) : String(value);
  // a spreadsheet runs what begins like a formula
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
