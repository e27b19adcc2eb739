/** One run: its log. */
export default {
  'logs.previous': 'Previous match', 'logs.previousTitle': 'Previous match (N, Shift+Enter)', 'logs.next': 'Next match', 'logs.nextTitle': 'Next match (n, Enter)',
  'logs.atOf': '{i} of {n} lines', 'logs.atOfMore': '{i} of the first {n} lines', 'logs.only': 'only these', 'logs.wrap': 'wrap',
};
